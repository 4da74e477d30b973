package io.slipway.slackbuild.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.ContentStore;
import io.slipway.store.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceFetcherTest {
    private static final SourceKey RAFT = new SourceKey("raft", "0.22.1", "raft-0.22.1.tar.gz");
    private static final FetchLimits LIMITS =
            new FetchLimits(1 << 20, Duration.ofSeconds(30), Duration.ofMinutes(5), 2, Duration.ZERO, 2);

    @TempDir
    private Path directory;

    private Path lockFile;
    private SourceServer server;
    private final ConcurrentLinkedQueue<String> obtained = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() throws IOException {
        lockFile = directory.resolve("sources.lock");
        server = new SourceServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static byte[] tarball(int seed) throws IOException {
        var bytes = new byte[200_000];
        new Random(seed).nextBytes(bytes);
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private SourceStore store() {
        return new SourceStore(directory.resolve("state"), new ContentStore(directory.resolve("state/store")));
    }

    private SourceFetcher fetcher(String... places) {
        return new SourceFetcher(store(), lockFile, List.of(places), LIMITS, new SourceProgress() {
            @Override
            public void at(long done, long total) {}

            @Override
            public void obtained(SourceKey key, String place, long size) {
                obtained.add(key.name() + " from " + place);
            }
        });
    }

    private WantedSource raft() {
        return new WantedSource(RAFT, List.of(server.address("/raft.tar.gz")), "");
    }

    private Problem onlyProblem(SourceFetcher.Outcome outcome) {
        assertThat(outcome.problems()).hasSize(1);
        return outcome.problems().values().iterator().next();
    }

    private void assertNothingHalfMade() throws IOException {
        assertThat(directory.resolve("state/sources/raft")).doesNotExist();
        assertThat(new ContentStore(directory.resolve("state/store")).list()).isEmpty();
    }

    @Test
    void aSourceIsFetchedOnceAndPinned() throws Exception {
        byte[] bytes = tarball(1);
        server.put("/raft.tar.gz", bytes, "\"1\"");
        var outcome = fetcher().fetch(List.of(raft())).orFail();
        assertThat(outcome.held().get(RAFT)).hasBinaryContent(bytes);
        assertThat(Files.readString(lockFile))
                .contains("raft 0.22.1 raft-0.22.1.tar.gz " + bytes.length + " sha256:" + Sha256.of(bytes) + " md5:");
        assertThat(store().state(RAFT, SourcesLock.read(lockFile))).isEqualTo(SourceState.HELD);
        assertThat(new ContentStore(directory.resolve("state/store")).removeUnlinked())
                .as("cleaning the store leaves it")
                .isZero();
        String lock = Files.readString(lockFile);
        assertThat(fetcher().fetch(List.of(raft())).orFail().held()).containsKey(RAFT);
        assertThat(server.asked).hasSize(1);
        assertThat(lockFile).hasContent(lock);
    }

    @Test
    void halfADownloadIsGoneOnWithInTheNextRun() throws Exception {
        byte[] bytes = tarball(1);
        server.put("/raft.tar.gz", bytes, "\"1\"");
        server.cutAfter = 50_000;
        Problem problem = onlyProblem(fetcher().fetch(List.of(raft())));
        assertThat(problem.kind()).isEqualTo(ProblemKind.UNREACHABLE);
        assertThat(problem.text()).contains("raft-0.22.1.tar.gz of raft 0.22.1").contains("goes on where it stopped");
        assertNothingHalfMade();
        assertThat(Files.readString(lockFile)).contains("raft 0.22.1 raft-0.22.1.tar.gz unpinned");
        server.cutAfter = Integer.MAX_VALUE;
        server.asked.clear();
        assertThat(fetcher().fetch(List.of(raft())).orFail().held().get(RAFT)).hasBinaryContent(bytes);
        assertThat(server.asked).hasSize(1).first().asString().matches("/raft.tar.gz bytes=[1-9][0-9]*- \"1\"");
        assertThat(SourcesLock.read(lockFile).pin(RAFT)).isPresent();
        try (var left = Files.list(directory.resolve("state/sources/.part"))) {
            assertThat(left).isEmpty();
        }
    }

    /** Where the server says that it is another one, and where it keeps the old tag so that the pieces do not fit. */
    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "\"1\""})
    void aFileThatWasReplacedMeanwhileIsTakenFromItsBeginning(String tag) throws Exception {
        server.put("/raft.tar.gz", tarball(1), "\"1\"");
        server.cutAfter = 50_000;
        fetcher().fetch(List.of(raft()));
        byte[] bytes = tarball(2);
        server.put("/raft.tar.gz", bytes, tag);
        server.cutAfter = Integer.MAX_VALUE;
        assertThat(fetcher().fetch(List.of(raft())).orFail().held().get(RAFT)).hasBinaryContent(bytes);
    }

    @Test
    void anotherContentThanThePinnedOneStopsWithBothSums() throws Exception {
        byte[] first = tarball(1);
        byte[] second = tarball(2);
        server.put("/raft.tar.gz", first, "");
        fetcher().fetch(List.of(raft())).orFail();
        String lock = Files.readString(lockFile);
        server.put("/raft.tar.gz", second, "");
        var elsewhere = new SourceStore(directory.resolve("other"), new ContentStore(directory.resolve("other/store")));
        Problem problem = onlyProblem(
                new SourceFetcher(elsewhere, lockFile, List.of(), LIMITS, SourceProgress.NONE).fetch(List.of(raft())));
        assertThat(problem.kind()).isEqualTo(ProblemKind.UNTRUSTED);
        assertThat(problem.text())
                .contains(Sha256.of(first).hex())
                .contains(Sha256.of(second).hex())
                .contains(lockFile.toString());
        assertThat(lockFile).hasContent(lock);
        assertThat(elsewhere.state(RAFT, SourcesLock.read(lockFile))).isEqualTo(SourceState.MISSING);
        assertThatThrownBy(() -> elsewhere.get(RAFT, SourcesLock.read(lockFile)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("raft 0.22.1 cannot be built: its source raft-0.22.1.tar.gz is not here");
    }

    @Test
    void md5sumIsCheckedBeforeTheFirstFetchIsPinnedAndAgainstThePin() throws Exception {
        server.put("/raft.tar.gz", tarball(1), "");
        var wrong = new WantedSource(RAFT, raft().addresses(), "0".repeat(32));
        assertThat(onlyProblem(fetcher().fetch(List.of(wrong))).text())
                .contains("MD5SUM is " + "0".repeat(32))
                .contains("gives has ");
        assertNothingHalfMade();
        assertThat(SourcesLock.read(lockFile).pin(RAFT)).isEmpty();
        fetcher().fetch(List.of(raft())).orFail();
        assertThat(onlyProblem(fetcher().fetch(List.of(wrong))).text())
                .contains("MD5SUM is " + "0".repeat(32))
                .contains("md5:");
        String right = SourcesLock.read(lockFile).pin(RAFT).orElseThrow().md5();
        fetcher()
                .fetch(List.of(new WantedSource(RAFT, raft().addresses(), right)))
                .orFail();
    }

    @Test
    void aPageIsNeverTakenForATarball() throws Exception {
        server.putPage("/login", "<!DOCTYPE html><title>Log in</title>");
        server.redirect("/raft.tar.gz", "/login");
        Problem problem = onlyProblem(fetcher().fetch(List.of(raft())));
        assertThat(problem.kind()).isEqualTo(ProblemKind.UNTRUSTED);
        assertThat(problem.text()).contains("is a web page");
        assertNothingHalfMade();
    }

    @Test
    void anEmptyAndATruncatedFileAreRefusedAndTheNextPlaceIsAsked() throws Exception {
        byte[] bytes = tarball(1);
        server.put("/empty", new byte[0], "");
        server.put("/cut", Arrays.copyOf(bytes, bytes.length - 100), "");
        var wanted = new WantedSource(RAFT, List.of(server.address("/empty"), server.address("/cut")), "");
        assertThat(onlyProblem(fetcher().fetch(List.of(wanted))).text())
                .contains("/empty gives a file that is empty")
                .contains("/cut gives a file that is cut off");
        assertNothingHalfMade();
        server.put("/whole", bytes, "");
        var more = new WantedSource(
                RAFT, List.of(server.address("/empty"), server.address("/cut"), server.address("/whole")), "");
        assertThat(fetcher().fetch(List.of(more)).orFail().held().get(RAFT)).hasBinaryContent(bytes);
    }

    @Test
    void directoriesAndMirrorsAreLookedAtFirst() throws Exception {
        byte[] bytes = tarball(1);
        Path shelf = Files.createDirectories(directory.resolve("shelf/raft"));
        Files.write(shelf.resolve(RAFT.file()), bytes);
        server.put("/mirror/swtpm/0.10.1/swtpm.tar.gz", tarball(2), "");
        var swtpm = new SourceKey("swtpm", "0.10.1", "swtpm.tar.gz");
        fetcher(directory.resolve("shelf").toString(), server.address("/mirror").toString())
                .fetch(List.of(raft(), new WantedSource(swtpm, List.of(), "")))
                .orFail();
        assertThat(server.asked).doesNotContain("/raft.tar.gz");
        assertThat(obtained)
                .containsExactlyInAnyOrder(
                        "raft from " + shelf.resolve(RAFT.file()),
                        "swtpm from " + server.address("/mirror/swtpm/0.10.1/swtpm.tar.gz"));
        assertThat(shelf.resolve(RAFT.file())).as("it stays where it was").hasBinaryContent(bytes);
    }

    @Test
    void whatCannotBeReachedStaysUnpinnedAndDoesNotKeepOthersFromComing() throws Exception {
        server.put("/raft.tar.gz", tarball(1), "");
        var incus = new SourceKey("incus", "7.3.0", "incus-7.3.0.tar.xz");
        var ftp = new SourceKey("lxc", "6", "lxc.tar.gz");
        var outcome = fetcher()
                .fetch(List.of(
                        new WantedSource(incus, List.of(server.address("/incus.tar.xz")), ""),
                        new WantedSource(ftp, List.of(URI.create("ftp://x/lxc.tar.gz")), ""),
                        raft()));
        assertThat(outcome.held()).containsOnlyKeys(RAFT);
        assertThat(outcome.problems()).containsOnlyKeys(incus, ftp);
        assertThat(outcome.problems())
                .hasEntrySatisfying(incus, said -> assertThat(said.text()).contains("has no such file (status 404)"))
                .hasEntrySatisfying(ftp, said -> assertThat(said.text()).contains("(ftp) that is not fetched"));
        SourcesLock lock = SourcesLock.read(lockFile);
        assertThat(lock.entries()).containsEntry(incus, Optional.empty()).containsKey(RAFT);
        assertThatThrownBy(() -> store().get(incus, lock))
                .hasMessageContaining("incus 7.3.0 cannot be built")
                .hasMessageContaining("unpinned");
    }

    @Test
    void aSourceLongerThanAllowedIsRefused() throws Exception {
        server.put("/raft.tar.gz", new byte[(1 << 20) + 1], "");
        assertThat(onlyProblem(fetcher().fetch(List.of(raft()))).text()).contains("more than the 1048576");
        assertNothingHalfMade();
    }

    @Test
    void aPinnedSourceThatCannotBeReachedStaysPinned() throws Exception {
        server.put("/raft.tar.gz", tarball(1), "");
        fetcher().fetch(List.of(raft())).orFail();
        String lock = Files.readString(lockFile);
        server.status = 503;
        var elsewhere = new SourceStore(directory.resolve("other"), new ContentStore(directory.resolve("other/store")));
        assertThat(onlyProblem(new SourceFetcher(elsewhere, lockFile, List.of(), LIMITS, SourceProgress.NONE)
                                .fetch(List.of(raft())))
                        .text())
                .contains("status 503");
        assertThat(lockFile).hasContent(lock);
    }
}
