package io.slipway.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.SmallDisk;
import io.slipway.Witness;
import io.slipway.inventory.Slackware;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real rsync daemon, a real full disk, and programs that are killed. */
class MirrorSyncIT {
    @TempDir
    private static Path keys;

    @TempDir
    private Path directory;

    private SmallMirror mirror;

    @BeforeEach
    void makeMirror() {
        mirror = new SmallMirror(directory.resolve("mirror"), keys);
    }

    private static MirrorSync sync(Path state) {
        return new MirrorSync(state, new LocalCommandRunner(), MirrorProgress.NONE);
    }

    @Test
    void md5sumAgreesWithTheSnapshot() throws Exception {
        Snapshot made =
                sync(directory.resolve("state")).sync(mirror.wanted("one")).snapshot();
        Witness.run(made.tree(), "md5sum", "--check", "--quiet", "--ignore-missing", "CHECKSUMS.md5");
        var sums = new StringBuilder();
        made.files()
                .values()
                .forEach(file -> sums.append(file.sha256())
                        .append("  ")
                        .append(file.path())
                        .append('\n'));
        Files.writeString(directory.resolve("sums"), sums);
        Witness.run(
                made.tree(),
                "sha256sum",
                "--check",
                "--quiet",
                directory.resolve("sums").toString());
    }

    @Test
    void fromARealRsyncDaemonTheSameSnapshotIsMade() throws Exception {
        Witness.require("rsync");
        mirror.addLarge(3, 500_000);
        Snapshot local =
                sync(directory.resolve("local")).sync(mirror.wanted("one")).snapshot();
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(directory.resolve("rsyncd.conf"), """
                use chroot = no
                uid = root
                gid = root
                [mirror]
                path = %s
                """.formatted(mirror.root));
        Process daemon = new ProcessBuilder(
                        "rsync",
                        "--daemon",
                        "--no-detach",
                        "--address=127.0.0.1",
                        "--port=" + port,
                        "--config=" + directory.resolve("rsyncd.conf"),
                        "--log-file=" + directory.resolve("rsyncd.log"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("rsyncd.out").toFile())
                .start();
        try {
            awaitPort(daemon, port);
            String address = "rsync://127.0.0.1:" + port + "/mirror";
            var wanted = SmallMirror.with(mirror.wanted("one"), address, Slackware.Verify.SIGNATURE);
            Snapshot remote = sync(directory.resolve("remote")).sync(wanted).snapshot();
            assertThat(remote.files()).isEqualTo(local.files());
            assertThat(sync(directory.resolve("remote")).sync(wanted).made()).isFalse();

            assertThatThrownBy(() -> sync(directory.resolve("remote"))
                            .sync(SmallMirror.with(
                                    mirror.wanted("two"), address + "/nowhere", Slackware.Verify.SIGNATURE)))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("nowhere");
        } finally {
            daemon.destroy();
            daemon.waitFor(10, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> sync(directory.resolve("other"))
                        .sync(SmallMirror.with(
                                mirror.wanted("one"),
                                "rsync://127.0.0.1:" + port + "/mirror",
                                Slackware.Verify.SIGNATURE)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNREACHABLE));
    }

    private static void awaitPort(Process daemon, int port) throws IOException, InterruptedException {
        while (true) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException notYet) {
                assertThat(daemon.waitFor(50, TimeUnit.MILLISECONDS))
                        .as("the daemon ended")
                        .isFalse();
            }
        }
    }

    @Test
    void aSyncThatIsKilledAtAnyPointIsGoneOnWithAndLeavesNothingHalfDone() throws Exception {
        mirror.addLarge(40, 2_000_000);
        Path state = directory.resolve("state");
        var random = new Random(9);
        boolean killedInTheMiddle = false;
        for (int round = 0; round < 12; round++) {
            Process child = start(state);
            boolean ended = awaitProgress(child, state.resolve("sync/one/journal"), round * 8 + random.nextInt(8));
            child.destroyForcibly();
            child.waitFor(10, TimeUnit.SECONDS);
            Path snapshots = state.resolve("snapshots");
            if (Files.isDirectory(snapshots)) {
                assertThat(Files.exists(snapshots.resolve("one")))
                        .as("a visible snapshot is a whole one")
                        .isEqualTo(Snapshot.find(state, "one").isPresent());
            }
            killedInTheMiddle |= !ended && Files.exists(state.resolve("sync/one/journal"));
            if (ended) {
                break;
            }
        }
        assertThat(killedInTheMiddle)
                .as("at least one kill came while files were taken")
                .isTrue();
        Snapshot made = sync(state).sync(mirror.wanted("one")).snapshot();
        for (SnapshotFile file : made.files().values()) {
            assertThat(made.path(file)).hasSameBinaryContentAs(mirror.root.resolve(file.path()));
        }
        try (var left = Files.walk(state)) {
            assertThat(left.filter(path -> String.valueOf(path.getFileName()).startsWith(".aside-")))
                    .isEmpty();
        }
        assertThat(state.resolve("sync/one")).doesNotExist();
    }

    /** Waits until the journal has so many lines, and returns whether the program has ended before. */
    private static boolean awaitProgress(Process child, Path journal, int lines)
            throws IOException, InterruptedException {
        while (!child.waitFor(1, TimeUnit.MILLISECONDS)) {
            if (Files.exists(journal)) {
                try (var all = Files.lines(journal)) {
                    if (all.count() >= lines) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private Process start(Path state) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ChildSync.class.getName(),
                mirror.root.toString(),
                keys.toString(),
                state.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("child.log").toFile())
                .start();
    }

    /** What the killed programs run. */
    static final class ChildSync {
        private ChildSync() {}

        public static void main(String[] arguments) throws InterruptedException {
            var mirror = SmallMirror.existing(Path.of(arguments[0]), Path.of(arguments[1]));
            sync(Path.of(arguments[2])).sync(mirror.wanted("one"));
        }
    }

    @Test
    void aFullDiskIsNamedAndAfterwardsTheSyncGoesOn() throws Exception {
        mirror.addLarge(4, 2_000_000);
        Path state = directory.resolve("small");
        try (var disk = SmallDisk.mount(state, "6m")) {
            assertThatThrownBy(() -> sync(state).sync(mirror.wanted("one")))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.ENVIRONMENT))
                    .hasMessageContaining(state.toString())
                    .hasMessageContaining("full")
                    .hasMessageContaining("image gc");
            assertThat(Snapshot.list(state)).isEmpty();
            disk.resize("64m");
            assertThat(sync(state).sync(mirror.wanted("one")).made()).isTrue();
        }
    }
}
