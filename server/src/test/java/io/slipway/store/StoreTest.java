package io.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private static final String HELLO_SHA = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    private static final String HELLO_MD5 = "b1946ac92492d2347c6235b4d2611184";
    private static final byte[] HELLO = "hello\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    @Test
    void contentIsFiledUnderItsSumAndBothSumsAreTakenInOnePass() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        var stored = store.ingest(new ByteArrayInputStream(HELLO), true, part -> {});
        assertThat(stored).isEqualTo(new ContentStore.Stored(new Sha256(HELLO_SHA), 6, HELLO_MD5));
        assertThat(directory.resolve("store/58/" + HELLO_SHA)).hasBinaryContent(HELLO);
        assertThat(Files.getPosixFilePermissions(store.path(stored.sha256())))
                .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
        assertThat(store.contains(stored.sha256(), 6)).isTrue();
        assertThat(store.contains(stored.sha256(), 7)).isFalse();
    }

    @Test
    void downloadsAreAdoptedWithoutACopy() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        Path download = Files.write(directory.resolve("part"), HELLO);
        Object inode = Files.getAttribute(download, "unix:ino");
        var stored = store.adopt(download, true, part -> {});
        assertThat(stored.md5()).isEqualTo(HELLO_MD5);
        assertThat(download).doesNotExist();
        assertThat(Files.getAttribute(store.path(stored.sha256()), "unix:ino")).isEqualTo(inode);
    }

    @Test
    void linksShareTheContent() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        var stored = store.ingest(HELLO);
        store.link(Map.of("sub/other", stored.sha256()), directory);
        assertThat(Files.isSameFile(directory.resolve("sub/other"), store.path(stored.sha256())))
                .isTrue();
        assertThat(store.removeUnlinked()).isZero();
        Files.delete(directory.resolve("sub/other"));
        assertThat(store.removeUnlinked()).isEqualTo(6);
        assertThat(store.contains(stored.sha256(), 6)).isFalse();
    }

    @Test
    void theSameContentTwiceIsOneFile() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        var stored = store.ingest(HELLO);
        Object inode = Files.getAttribute(store.path(stored.sha256()), "unix:ino");
        store.ingest(new ByteArrayInputStream(HELLO), true, part -> {});
        store.adopt(Files.write(directory.resolve("part"), HELLO), true, part -> {});
        assertThat(Files.getAttribute(store.path(stored.sha256()), "unix:ino")).isEqualTo(inode);
        assertThat(store.list()).hasSize(1);
        assertThat(directory.resolve("store")).isDirectoryNotContaining("glob:**/.aside-*");
    }

    @Test
    void aFailingSourceLeavesNothing() {
        var store = new ContentStore(directory.resolve("store"));
        var failing = new InputStream() {
            private int left = 3;

            @Override
            public int read() throws IOException {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (left-- == 0) {
                    throw new IOException("the cable was pulled");
                }
                return length;
            }
        };
        assertThatThrownBy(() -> store.ingest(failing, true, part -> {})).hasMessage("the cable was pulled");
        assertThat(directory.resolve("store")).isDirectoryNotContaining(path -> !path.endsWith("unsynced"));
    }

    @Test
    void leftoversOfAKilledRunGoAway() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        Files.writeString(directory.resolve("store/.aside-x"), "half");
        recover(store);
        assertThat(directory.resolve("store/.aside-x")).doesNotExist();
    }

    @Test
    void afterAPowerFailureTornContentGoesAway() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        var good = store.ingest(HELLO);
        var torn = store.ingest("torn\n".getBytes(StandardCharsets.UTF_8));
        tear(store.path(torn.sha256()));
        Files.writeString(directory.resolve("store/unsynced"), "another-boot");

        var after = new ContentStore(directory.resolve("store"));
        recover(after);
        assertThat(after.contains(good.sha256(), 6)).isTrue();
        assertThat(after.path(torn.sha256())).doesNotExist();
        after.sync();
        assertThat(directory.resolve("store/unsynced")).doesNotExist();
    }

    @Test
    void whatWasSyncedIsNotReadAgain() throws IOException {
        var store = new ContentStore(directory.resolve("store"));
        var stored = store.ingest(HELLO);
        store.sync();
        tear(store.path(stored.sha256()));
        recover(new ContentStore(directory.resolve("store")));
        assertThat(store.path(stored.sha256())).exists();
    }

    private void recover(ContentStore store) {
        try (var lock = StateLock.acquire(directory.resolve("state"), "build", "a test")) {
            store.recover(lock);
        }
    }

    private static void tear(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.write(file, new byte[0]);
    }

    @Test
    void filesAreWrittenWholeWithTheirMode() throws IOException {
        Path file = directory.resolve("secret");
        AtomicFiles.write(file, "rw-------", out -> out.write(HELLO));
        assertThat(file).hasBinaryContent(HELLO);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aFailedWriteKeepsTheOldFile() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "old");
        assertThatThrownBy(() -> AtomicFiles.write(file, "rw-r--r--", out -> {
                    out.write(HELLO);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.ENVIRONMENT))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("file system is full")
                .hasMessageContaining("image gc");
        assertThat(file).hasContent("old");
        assertThat(directory).isDirectoryNotContaining("glob:**/.aside-*");
    }

    @Test
    void directoriesArePublishedOnce() throws IOException {
        Path place = directory.resolve("snapshots/one");
        Path first = AtomicFiles.directoryAside(place);
        Files.createDirectory(first.resolve("tree"));
        assertThat(AtomicFiles.publish(first, place)).isTrue();
        assertThat(place.resolve("tree")).isDirectory();
        Path second = AtomicFiles.directoryAside(place);
        assertThat(AtomicFiles.publish(second, place)).isFalse();
        AtomicFiles.removeLeftovers(directory.resolve("snapshots"));
        assertThat(directory.resolve("snapshots")).isDirectoryContaining("glob:**/one");
        assertThat(second).doesNotExist();
    }

    @Test
    void linksAreSwitched() throws IOException {
        Path link = directory.resolve("current");
        AtomicFiles.switchLink(link, Path.of("a"));
        AtomicFiles.switchLink(link, Path.of("b"));
        assertThat(Files.readSymbolicLink(link)).hasToString("b");
    }

    @Test
    void removingATreeDoesNotFollowLinks() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("keep"), "");
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        AtomicFiles.removeTree(tree);
        assertThat(tree).doesNotExist();
        assertThat(outside.resolve("keep")).exists();
    }

    @Test
    void oneThreadHoldsTheLock() throws IOException {
        Path state = directory.resolve("state");
        try (var held = StateLock.acquire(state, "build", "slipway mirror sync")) {
            assertThat(held).isNotNull();
            assertThat(Files.getPosixFilePermissions(state)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThatThrownBy(() -> StateLock.acquire(state, "build", "slipway image build"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.CONFLICT))
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " (slipway mirror sync)");
            StateLock.acquire(state, "serve", "slipway serve").close();
        }
        StateLock.acquire(state, "build", "slipway image build").close();
    }
}
