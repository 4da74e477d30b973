package io.slipway.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.inventory.Slackware;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandRunner;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorSyncTest {
    /** Fails on any program: nothing here needs one. */
    private static final CommandRunner NO_PROGRAMS = (command, line) -> {
        throw new AssertionError("unexpected command " + command.shown());
    };

    @TempDir
    private static Path keys;

    @TempDir
    private Path directory;

    private Path state;
    private SmallMirror mirror;

    @BeforeEach
    void makeMirror() {
        state = directory.resolve("state");
        mirror = new SmallMirror(directory.resolve("mirror"), keys);
    }

    private MirrorSync.Outcome sync(Slackware wanted) throws InterruptedException {
        return new MirrorSync(state, NO_PROGRAMS, MirrorProgress.NONE).sync(wanted);
    }

    @Test
    void whatTheClusterNeedsIsKeptAndNothingElse() throws Exception {
        var outcome = sync(mirror.wanted("one"));
        assertThat(outcome.made()).isTrue();
        Snapshot snapshot = outcome.snapshot();
        assertThat(snapshot.files().keySet())
                .containsExactlyInAnyOrder(
                        "CHECKSUMS.md5",
                        "CHECKSUMS.md5.asc",
                        "ChangeLog.txt",
                        "FILELIST.TXT",
                        "GPG-KEY",
                        "PACKAGES.TXT",
                        "isolinux/initrd.img",
                        "kernels/VERSIONS.TXT",
                        "kernels/generic.s/bzImage",
                        "kernels/generic.s/config",
                        "slackware64/FILE_LIST",
                        "slackware64/MANIFEST.bz2",
                        "slackware64/a/aaa_base-15.1-x86_64-2.txt",
                        "slackware64/a/aaa_base-15.1-x86_64-2.txz",
                        "slackware64/a/aaa_base-15.1-x86_64-2.txz.asc",
                        "slackware64/a/kernel-generic-6.18.45-x86_64-1.txt",
                        "slackware64/a/kernel-generic-6.18.45-x86_64-1.txz",
                        "slackware64/a/kernel-generic-6.18.45-x86_64-1.txz.asc",
                        "slackware64/a/tagfile",
                        "slackware64/n/openssh-10.0p1-x86_64-1.txt",
                        "slackware64/n/openssh-10.0p1-x86_64-1.txz",
                        "slackware64/n/openssh-10.0p1-x86_64-1.txz.asc",
                        "slackware64/n/tagfile",
                        "slackware64/xap/vim-gvim-9.1-x86_64-1.txt",
                        "slackware64/xap/vim-gvim-9.1-x86_64-1.txz",
                        "slackware64/xap/vim-gvim-9.1-x86_64-1.txz.asc");
        assertThat(snapshot.kernel()).isEqualTo("kernels/generic.s/bzImage");
        assertThat(snapshot.initrd()).isEqualTo("isolinux/initrd.img");
        for (SnapshotFile file : snapshot.files().values()) {
            byte[] original = Files.readAllBytes(mirror.root.resolve(file.path()));
            assertThat(snapshot.path(file)).hasBinaryContent(original);
            assertThat(file.size()).isEqualTo(original.length);
            assertThat(file.md5()).isEqualTo(SmallMirror.md5(original));
        }
        assertThat(Files.readSymbolicLink(snapshot.tree().resolve("slackware64/PACKAGES.TXT")))
                .hasToString("../PACKAGES.TXT");
        assertThat(snapshot.packages().stream().map(entry -> entry.file().name()))
                .containsExactly("aaa_base", "kernel-generic", "openssh", "vim-gvim");
        assertThat(Snapshot.list(state)).containsExactly(snapshot);
        assertThat(state.resolve("sync/one")).doesNotExist();
        assertThat(state.resolve("store/unsynced")).doesNotExist();
    }

    @Test
    void theSameAgainReadsNothingButChecksums() throws Exception {
        sync(mirror.wanted("one"));
        for (String path : List.of("PACKAGES.TXT", "GPG-KEY", "CHECKSUMS.md5.asc", "kernels/generic.s/bzImage")) {
            mirror.delete(path);
        }
        assertThat(sync(mirror.wanted("one")).made()).isFalse();
    }

    @Test
    void anotherContentUnderTheSameNameIsRefused() throws Exception {
        sync(mirror.wanted("one"));
        mirror.write("ChangeLog.txt", "tomorrow\n");
        mirror.publish();
        refused(mirror.wanted("one"), ProblemKind.CONFLICT, "another content", "slackware.snapshot");
        assertThat(sync(mirror.wanted("two")).made()).isTrue();
    }

    @Test
    void moreSeriesUnderTheSameNameAreRefusedAndFewerAreFine() throws Exception {
        sync(mirror.wanted("one"));
        refused(
                SmallMirror.with(mirror.wanted("one"), List.of("a", "n", "xap"), List.of()),
                ProblemKind.CONFLICT,
                "fewer series");
        assertThat(sync(SmallMirror.with(mirror.wanted("one"), List.of("a"), List.of()))
                        .made())
                .isFalse();
    }

    @Test
    void aSecondSnapshotReadsOnlyWhatChanged() throws Exception {
        sync(mirror.wanted("one"));
        mirror.write("slackware64/n/openssh-10.0p1-x86_64-1.txz", "a newer package\n");
        mirror.publish();
        byte[] unreadable = Files.readAllBytes(mirror.root.resolve("kernels/generic.s/bzImage"));
        mirror.delete("kernels/generic.s/bzImage");
        Snapshot second = sync(mirror.wanted("two")).snapshot();
        assertThat(second.path(second.getFile("kernels/generic.s/bzImage"))).hasBinaryContent(unreadable);
        assertThat(second.path(second.getFile("slackware64/n/openssh-10.0p1-x86_64-1.txz")))
                .hasContent("a newer package");
    }

    @Test
    void withoutGenericTheOtherKernelIsTaken() throws Exception {
        mirror.delete("kernels/generic.s/bzImage");
        mirror.delete("kernels/generic.s/config");
        mirror.publish();
        Snapshot snapshot = sync(mirror.wanted("one")).snapshot();
        assertThat(snapshot.kernel()).isEqualTo("kernels/huge.s/bzImage");
    }

    @Test
    void aMirrorWithoutKernelInitrdOrSeriesIsRefusedWithAllThatIsMissing() {
        mirror.delete("kernels/generic.s/bzImage");
        mirror.delete("kernels/huge.s/bzImage");
        mirror.delete("isolinux/initrd.img");
        mirror.publish();
        refused(
                SmallMirror.with(mirror.wanted("one"), List.of("a", "nosuch"), List.of("nopackage")),
                ProblemKind.INVALID_INPUT,
                "kernels/*.s/bzImage",
                "isolinux/initrd.img",
                "series \"nosuch\"",
                "package \"nopackage\"");
    }

    @Test
    void aDamagedFileIsRefusedAndNothingIsPublished() {
        mirror.write("slackware64/a/aaa_base-15.1-x86_64-2.txz", "damaged\n");
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "slackware64/a/aaa_base-15.1-x86_64-2.txz");
        assertThat(Snapshot.list(state)).isEmpty();
        assertThat(state.resolve("snapshots")).doesNotExist();
    }

    @Test
    void aMissingFileIsNamed() {
        mirror.delete("isolinux/initrd.img");
        refused(mirror.wanted("one"), ProblemKind.NOT_FOUND, "isolinux/initrd.img");
    }

    @Test
    void aMirrorThatListsPackagesItDoesNotHaveIsRefused() throws Exception {
        mirror.delete("slackware64/a/kernel-generic-6.18.45-x86_64-1.txz");
        mirror.resum();
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "PACKAGES.TXT lists slackware64/a/kernel-generic");
        mirror.write("slackware64/a/kernel-generic-7.0-x86_64-1.txz", "not listed\n");
        mirror.resum();
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "CHECKSUMS.md5 lists slackware64/a/kernel-generic-7.0");
    }

    @Test
    void aMirrorThatChangesUnderTheSyncIsRefused() throws Exception {
        var once = new AtomicBoolean();
        var sync = new MirrorSync(state, NO_PROGRAMS, (phase, done, total) -> {
            if (phase == MirrorProgress.Phase.INGEST && !once.getAndSet(true)) {
                mirror.write("ChangeLog.txt", "tomorrow\n");
                mirror.write("extra/x/x-1-noarch-1.txz", "changed\n");
                try {
                    mirror.resum();
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
                mirror.write("ChangeLog.txt", "today\n");
            }
        });
        assertThatThrownBy(() -> sync.sync(mirror.wanted("one")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                .hasMessageContaining("not what it was at the beginning");
        assertThat(Snapshot.list(state)).isEmpty();
    }

    @Test
    void withoutSignatureOnlyAnExplicitWishIsObeyed() throws Exception {
        mirror.delete("CHECKSUMS.md5.asc");
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "no CHECKSUMS.md5.asc", "slackware.verify: checksums");
        var careless = SmallMirror.with(mirror.wanted("one"), mirror.root.toString(), Slackware.Verify.CHECKSUMS);
        assertThat(sync(careless).snapshot().verify()).isEqualTo(Slackware.Verify.CHECKSUMS);
        refused(mirror.wanted("one"), ProblemKind.CONFLICT, "without looking at the mirror's signature");
    }

    @Test
    void aForgedListIsRefused() throws Exception {
        Path list = mirror.root.resolve("CHECKSUMS.md5");
        Files.writeString(list, Files.readString(list) + "0".repeat(32) + "  ./evil\n");
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "does not match");
    }

    @Test
    void aHostileListIsRefused() throws Exception {
        Path list = mirror.root.resolve("CHECKSUMS.md5");
        Files.writeString(list, Files.readString(list) + "0".repeat(32) + "  ./slackware64/a/../../../etc/x\n");
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "CHECKSUMS.md5, line", "\"..\"");
    }

    @Test
    void hostileSnapshotNamesAreRefused() {
        for (String name : List.of("", "..", "../x", "a/b", ".hidden", "a\nb", "x".repeat(65))) {
            refused(mirror.wanted(name), ProblemKind.INVALID_INPUT, "name of a snapshot");
        }
    }

    @Test
    void anUnfinishedRunIsGoneOnWith() throws Exception {
        mirror.write("slackware64/n/openssh-10.0p1-x86_64-1.txz", "damaged\n");
        refused(mirror.wanted("one"), ProblemKind.UNTRUSTED, "openssh");
        String journal = Files.readString(state.resolve("sync/one/journal"));
        List<String> taken = journal.lines().filter(line -> !line.isEmpty()).toList();
        assertThat(taken).isNotEmpty();
        // What was taken is not read again: it could not be.
        for (String line : taken) {
            String path = line.split(" ", 4)[3];
            if (!path.contains("GPG-KEY")) {
                mirror.delete(path);
            }
        }
        mirror.write(
                "slackware64/n/openssh-10.0p1-x86_64-1.txz", "package slackware64/n/openssh-10.0p1-x86_64-1.txz\n");
        assertThat(sync(mirror.wanted("one")).made()).isTrue();
    }

    @Test
    void aTornJournalIsHarmless() throws Exception {
        Files.createDirectories(state.resolve("sync/one"));
        Files.writeString(state.resolve("sync/one/journal"), "0123 garbage\n" + "a".repeat(32) + " " + "b".repeat(40));
        assertThat(sync(mirror.wanted("one")).made()).isTrue();
    }

    @Test
    void overHttpTheSameSnapshotIsMade() throws Exception {
        Snapshot local = sync(mirror.wanted("local")).snapshot();
        AtomicFiles.removeTree(state);
        try (var server = new FileServer(mirror.root)) {
            Snapshot remote = sync(SmallMirror.with(
                            mirror.wanted("remote"), server.address(), Slackware.Verify.SIGNATURE))
                    .snapshot();
            assertThat(remote.files()).isEqualTo(local.files());
        }
    }

    @Test
    void interruptedDownloadsGoOnWhereTheyStopped() throws Exception {
        mirror.addLarge(1, 3_000_000);
        try (var server = new FileServer(mirror.root)) {
            server.cutAfter = 1_000_000;
            assertThat(fetchLarge(server)).isEqualTo(3_000_000);
            // What came last before the connection broke may be lost with it, so the places are not exact.
            var places = server.ranges.stream()
                    .map(range -> Long.parseLong(range.substring("bytes=".length(), range.length() - 1)))
                    .toList();
            assertThat(places).hasSizeGreaterThanOrEqualTo(2).isSorted().doesNotHaveDuplicates();
            assertThat(places.get(0)).isBetween(1L, 1_000_000L);
        }
    }

    @Test
    void aServerWithoutRangesIsGivenUpAfterSomeTriesAndStartsAgainNextTime() throws Exception {
        mirror.addLarge(1, 3_000_000);
        try (var server = new FileServer(mirror.root)) {
            server.cutAfter = 1_000_000;
            server.knowsRanges = false;
            assertThatThrownBy(() -> fetchLarge(server))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNREACHABLE))
                    .hasMessageContaining("5 tries")
                    .hasMessageContaining("1000000");
            server.cutAfter = Integer.MAX_VALUE;
            assertThat(fetchLarge(server)).isEqualTo(3_000_000);
        }
    }

    /** Length of what came; its content is checked. */
    private long fetchLarge(FileServer server) throws Exception {
        String path = "slackware64/a/large0-1-noarch-1.txz";
        String md5 = SmallMirror.md5(Files.readAllBytes(mirror.root.resolve(path)));
        try (var source = new HttpSource(server.address(), directory.resolve("scratch"), Duration.ofMillis(1))) {
            var stored = source.fetch(path, md5, new ContentStore(directory.resolve("store")), bytes -> {});
            assertThat(stored.md5()).isEqualTo(md5);
            return stored.size();
        }
    }

    @Test
    void webPagesInPlaceOfFilesAreNamed() throws Exception {
        try (var server = new FileServer(mirror.root)) {
            server.html = true;
            refused(
                    SmallMirror.with(mirror.wanted("remote"), server.address(), Slackware.Verify.SIGNATURE),
                    ProblemKind.UNTRUSTED,
                    "sends a web page");
        }
    }

    @Test
    void anAddressWithoutTreeIsNamed() throws Exception {
        try (var server = new FileServer(mirror.root)) {
            refused(
                    SmallMirror.with(mirror.wanted("remote"), server.address() + "nowhere", Slackware.Verify.SIGNATURE),
                    ProblemKind.NOT_FOUND,
                    "nowhere/ has no file CHECKSUMS.md5");
        }
        refused(
                SmallMirror.with(mirror.wanted("x"), "ftp://server/x", Slackware.Verify.SIGNATURE),
                ProblemKind.INVALID_INPUT,
                "unknown kind");
        refused(
                SmallMirror.with(mirror.wanted("x"), "/no/such/directory", Slackware.Verify.SIGNATURE),
                ProblemKind.NOT_FOUND,
                "/no/such/directory");
    }

    private void refused(Slackware wanted, ProblemKind kind, String... messages) {
        assertThatThrownBy(() -> sync(wanted))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .satisfies(failure -> assertThat(failure.getMessage()).contains(messages));
    }

    /** Files over HTTP, with the faults of real servers. */
    private static final class FileServer implements AutoCloseable {
        private final HttpServer server;
        private final Path root;
        private final ConcurrentLinkedQueue<String> ranges = new ConcurrentLinkedQueue<>();
        private volatile boolean knowsRanges = true;

        private volatile int cutAfter = Integer.MAX_VALUE;
        private volatile boolean html;

        FileServer(Path root) throws IOException {
            this.root = root;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/mirror/", this::answer);
            server.start();
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/mirror/";
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                String raw = exchange.getRequestURI().getRawPath().substring("/mirror/".length());
                Path file = root.resolve(URLDecoder.decode(raw, StandardCharsets.UTF_8));
                if (html) {
                    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write("<html>Please log in".getBytes(StandardCharsets.UTF_8));
                    return;
                }
                if (!Files.isRegularFile(file)) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                byte[] bytes = Files.readAllBytes(file);
                int from = 0;
                String range = exchange.getRequestHeaders().getFirst("Range");
                if (range != null && knowsRanges) {
                    ranges.add(range);
                    from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
                    exchange.getResponseHeaders()
                            .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
                }
                exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
                int to = (int) Math.min(bytes.length, (long) from + cutAfter);
                exchange.getResponseBody().write(Arrays.copyOfRange(bytes, from, to));
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
