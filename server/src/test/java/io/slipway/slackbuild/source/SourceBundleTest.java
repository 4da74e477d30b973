package io.slipway.slackbuild.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Witness;
import io.slipway.problem.ProblemException;
import io.slipway.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceBundleTest {
    private static final SourceKey RAFT = new SourceKey("raft", "0.22.1", "raft-0.22.1.tar.gz");
    private static final SourceKey PATCH = new SourceKey("raft", "0.22.1", "fix.patch");

    @TempDir
    private Path directory;

    private Path lockFile;
    private Path bundle;

    @BeforeEach
    void fetch() throws Exception {
        lockFile = directory.resolve("here.lock");
        bundle = directory.resolve("sources.tar");
        Path shelf = Files.createDirectories(directory.resolve("shelf"));
        Files.write(shelf.resolve(RAFT.file()), SourceFetcherTest.tarball(1));
        Files.writeString(shelf.resolve(PATCH.file()), "--- a\n+++ b\n");
        var limits = new FetchLimits(1 << 20, Duration.ofSeconds(9), Duration.ofMinutes(1), 1, Duration.ZERO, 2);
        new SourceFetcher(store("here"), lockFile, List.of(shelf.toString()), limits, SourceProgress.NONE)
                .fetch(List.of(new WantedSource(RAFT, List.of(), ""), new WantedSource(PATCH, List.of(), "")))
                .orFail();
    }

    private SourceStore store(String name) {
        Path state = directory.resolve(name);
        return new SourceStore(state, new ContentStore(state.resolve("store")));
    }

    private void assertNothingWasTaken(Path lock) throws IOException {
        assertThat(lock).doesNotExist();
        assertThat(directory.resolve("there/sources/raft")).doesNotExist();
        assertThat(new ContentStore(directory.resolve("there/store")).list()).isEmpty();
        try (var left = Files.list(directory.resolve("there/sources/.part"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatIsExportedIsImportedAndTwiceTheSameBytes() throws Exception {
        var lock = SourcesLock.read(lockFile).with(new SourceKey("incus", "7", "x.tar.xz"), Optional.empty());
        assertThat(SourceBundle.export(lock, store("here"), bundle)).isEqualTo(2);
        Path again = directory.resolve("again.tar");
        SourceBundle.export(lock, store("here"), again);
        assertThat(again).hasSameBinaryContentAs(bundle);
        assertThat(Witness.run(directory, "tar", "tf", "sources.tar").lines())
                .containsExactly(
                        "./",
                        "sources/",
                        "sources.lock",
                        "sources/raft/",
                        "sources/raft/0.22.1/",
                        "sources/raft/0.22.1/fix.patch",
                        "sources/raft/0.22.1/raft-0.22.1.tar.gz");
        Path there = directory.resolve("there.lock");
        assertThat(SourceBundle.importFrom(bundle, store("there"), there)).isEqualTo(2);
        assertThat(there).hasSameTextualContentAs(lockFile);
        assertThat(store("there").get(RAFT, SourcesLock.read(there))).hasBinaryContent(SourceFetcherTest.tarball(1));
        assertThat(SourceBundle.importFrom(bundle, store("there"), there))
                .as("again")
                .isEqualTo(2);
    }

    @Test
    void whatIsPinnedAndNotHereCannotBeExported() {
        assertThatThrownBy(() -> SourceBundle.export(SourcesLock.read(lockFile), store("there"), bundle))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("fix.patch")
                .hasMessageContaining("raft-0.22.1.tar.gz");
        assertThat(bundle).doesNotExist();
    }

    /** Bundles that a person with bad intentions, or a bad disk, has made. */
    @Test
    void hostileAndDamagedBundlesAreRefusedAndNothingOfThemIsTaken() throws Exception {
        SourceBundle.export(SourcesLock.read(lockFile), store("here"), bundle);
        var unpack = "rm -rf x; mkdir x; tar xf sources.tar -C x; cd x; ";
        var cases = List.of(
                List.of("echo y >> sources/raft/0.22.1/fix.patch", "bytes instead of"),
                List.of("sed -i s/a/b/ sources/raft/0.22.1/fix.patch", "has SHA-256"),
                List.of("ln -sf /etc/passwd sources/raft/0.22.1/fix.patch", "leaves the root"),
                List.of("ln -sf raft-0.22.1.tar.gz sources/raft/0.22.1/fix.patch", "is no plain file"),
                List.of("echo y > sources/raft/other", "is not in its list"),
                List.of("rm sources/raft/0.22.1/fix.patch", "not in the bundle"),
                List.of("rm sources.lock", "does not begin with sources.lock"),
                List.of("sed -i 's/ fix.patch / ..\\/..\\/fix.patch /' sources.lock", "is not understood"),
                List.of("mkfifo sources/fifo", "has no place in a package"));
        Path there = directory.resolve("there.lock");
        for (List<String> attack : cases) {
            String members = attack.get(0).startsWith("rm sources.lock") ? "sources" : "sources.lock sources";
            Witness.run(directory, "sh", "-ec", unpack + attack.get(0) + "; tar cf ../bad.tar " + members);
            assertThatThrownBy(() -> SourceBundle.importFrom(directory.resolve("bad.tar"), store("there"), there))
                    .as(attack.get(0))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining(attack.get(1));
            assertNothingWasTaken(there);
        }
        Witness.run(directory, "sh", "-ec", unpack + "tar cPf ../bad.tar sources.lock ../here.lock");
        assertThatThrownBy(() -> SourceBundle.importFrom(directory.resolve("bad.tar"), store("there"), there))
                .hasMessageContaining("has a component \"..\"");
        assertNothingWasTaken(there);
        Witness.run(directory, "sh", "-ec", "head -c 150000 sources.tar > bad.tar");
        assertThatThrownBy(() -> SourceBundle.importFrom(directory.resolve("bad.tar"), store("there"), there))
                .hasMessageContaining("truncated");
        assertNothingWasTaken(there);
    }

    @Test
    void aBundleThatContradictsWhatIsPinnedIsRefused() throws Exception {
        SourceBundle.export(SourcesLock.read(lockFile), store("here"), bundle);
        Path there = directory.resolve("there.lock");
        Files.writeString(there, Files.readString(lockFile).replaceAll("sha256:.", "sha256:0"));
        String before = Files.readString(there);
        assertThatThrownBy(() -> SourceBundle.importFrom(bundle, store("there"), there))
                .hasMessageContaining("is not the one that is pinned here");
        assertThat(there).hasContent(before);
    }
}
