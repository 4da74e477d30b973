package io.slipway.slackbuild.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.ChildJvm;
import io.slipway.ControlGroups;
import io.slipway.Leftovers;
import io.slipway.Witness;
import io.slipway.problem.ProblemException;
import io.slipway.process.LocalCommandRunner;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real scripts, most of them bad, in real sandboxes. */
class SandboxIT {
    private static final long MIB = 1 << 20;
    private static final SandboxLimits LIMITS =
            new SandboxLimits(512 * MIB, 2, 200, 64 * MIB, Duration.ofMinutes(5), MIB);

    @TempDir
    private Path directory;

    private Path state;
    private Path output;
    private SandboxRoot root;
    private Sandbox sandbox;
    /** Somebody else may build on this machine, or have been killed there. */
    private Set<Path> groupsOfOthers = Set.of();
    /** In the command line of everything that the test starts. */
    private final String marker = "marker-" + UUID.randomUUID();

    @BeforeEach
    void make() throws IOException {
        Witness.requireRoot("making namespaces and mounts");
        state = directory.resolve("state");
        output = Files.createDirectory(directory.resolve("output"));
        root = HostRoot.make(directory.resolve("root"));
        sandbox = new Sandbox(state, new LocalCommandRunner());
        groupsOfOthers = groups();
    }

    static SandboxRequest request(SandboxRoot root, List<String> command) {
        var environment = new HashMap<>(SandboxRequest.fixedEnvironment(Instant.ofEpochSecond(1_700_000_000), 2));
        environment.put("NAME", "a b$c");
        return new SandboxRequest(root, command, "/build/here", environment, LIMITS, false);
    }

    private SandboxRequest script(String text) {
        return request(root, List.of("/bin/bash", "-c", text, marker));
    }

    private SandboxResult run(SandboxRequest request) throws InterruptedException {
        return sandbox.run(request, directory.resolve("log"), output, line -> {});
    }

    private static SandboxRequest with(SandboxRequest request, SandboxLimits limits) {
        return new SandboxRequest(
                request.root(), request.command(), request.directory(), request.environment(), limits, false);
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    /** Whatever a script did: no process, mount, loop device, control group or directory. */
    @AfterEach
    void nothingIsLeft() throws Exception {
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws Exception {
        assertThat(processes()).isEmpty();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(state.toString());
        assertThat(groups()).isSubsetOf(groupsOfOthers);
        if (Files.isDirectory(state.resolve("sandboxes"))) {
            try (var left = Files.list(state.resolve("sandboxes"))) {
                assertThat(left.map(path -> path.getFileName().toString())).containsExactly("all.lock");
            }
        }
        // The kernel frees the device a moment after the last mount.
        while (Witness.run(directory, "losetup", "-a").contains(state.toString())) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static Set<Path> groups() throws IOException {
        return Set.copyOf(ControlGroups.find(name -> name.startsWith("slipway-")));
    }

    private List<String> processes() throws IOException {
        return Leftovers.find(marker, "SandboxChild");
    }

    @Test
    void aScriptSeesAFixedEnvironmentAndLeavesWhatItMade() throws Exception {
        var lines = new ArrayList<String>();
        var result = sandbox.run(script("""
                        echo "$NAME|$HOME|$(umask)|$(pwd)|$SOURCE_DATE_EPOCH|$MAKEFLAGS|$(uname -n)|$(id -u)"
                        env | cut -d= -f1 | sort | tr '\\n' ' '; echo
                        echo to-stderr >&2
                        [ ! -t 0 ] && ! read -r word && echo no input
                        echo made > /output/x-1-noarch-1.txz; mkdir /output/d; ln -s /etc/shadow /output/link
                        [ -c /dev/null ] && [ -d /dev/shm ] && echo x > /dev/shm/x && echo devices
                        true & wait; echo $$
                        """), directory.resolve("log"), output, lines::add);
        assertThat(result.succeeded()).as(log()).isTrue();
        assertThat(lines)
                .startsWith("a b$c|/root|0022|/build/here|1700000000|-j2|slipway-build|0")
                .contains("to-stderr", "no input", "devices");
        assertThat(lines.get(1).split(" ", -1))
                .contains("PATH", "LC_ALL", "TZ")
                .noneMatch(name -> name.startsWith("SLIPWAY"));
        assertThat(log().lines().toList()).isEqualTo(lines);
        assertThat(result.tail()).isEqualTo(lines);
        assertThat(result.produced()).containsExactly(output.resolve("x-1-noarch-1.txz"));
        assertThat(output.resolve("x-1-noarch-1.txz")).hasContent("made");
        result.peakMemory().ifPresent(peak -> assertThat(peak).isBetween(1L, LIMITS.memory()));
        assertThat(result.peakMemory().isPresent() || !result.unbounded().isEmpty())
                .isTrue();
    }

    @Test
    void aScriptThatFailsSaysWithWhat() throws Exception {
        var result = run(script("seq 100; echo half > /output/half; exit 3"));
        assertThat(result.succeeded()).isFalse();
        assertThat(result.end()).isEqualTo(SandboxResult.End.EXITED);
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.tail()).hasSize(40).endsWith("99", "100");
        assertThat(run(script("kill -SEGV $$")).status()).isEqualTo(128 + 11);
        assertThat(run(request(root, List.of("/no/such/program", marker))).status())
                .isEqualTo(127);
    }

    @Test
    void aScriptThatHangsIsEndedWithAllItsChildren() throws Exception {
        var request = script("trap '' TERM INT HUP; (trap '' TERM; sleep 1000) & echo began; sleep 1000; wait");
        var result = run(with(request, LIMITS.withTime(Duration.ofSeconds(2))));
        assertThat(result.end()).isEqualTo(SandboxResult.End.TIMED_OUT);
        assertThat(result.produced()).isEmpty();
    }

    @Test
    void whatForksAwayEndsWithTheScript() throws Exception {
        var result = run(script("""
                for i in 1 2 3; do
                  setsid -f bash -c 'setsid -f bash -c "trap : TERM HUP; while :; do sleep 1; done" "$0"' "$0"
                done
                until [ "$(grep -c "while :" /proc/[0-9]*/cmdline 2>/dev/null | grep -c :[1-9])" -ge 3 ]; do :; done
                echo away
                """));
        assertThat(result.succeeded()).as(log()).isTrue();
        assertThat(result.tail()).containsExactly("away");
    }

    @Test
    void nothingOutsideTheRootCanBeChanged() throws Exception {
        String device = Witness.run(directory, "stat", "-c", "%Hd %Ld", directory.toString())
                .strip();
        var result = run(script("""
                echo changed > /etc/passwd; echo new > /etc/new; rm -rf /root
                touch /usr/x 2>&1 | grep -o 'Read-only'
                mount -t tmpfs none /mnt 2>/dev/null || mount -t tmpfs none /tmp 2>/dev/null || echo no mount
                mknod /disk b %s && { head -c 1 /disk >/dev/null 2>&1 || echo no device; }
                mknod /dev/disk b %s; { head -c 1 /dev/disk >/dev/null 2>&1 || echo no device; }
                echo h > /proc/sysrq-trigger || echo no sysrq
                echo 1 > /proc/sys/vm/drop_caches || echo no sysctl
                ls /proc/1/root/ >/dev/null 2>&1 || echo no outside
                echo "$(ls -d /proc/[0-9]* | wc -l) processes" | grep -E '^[1-9] '
                unshare -m true 2>/dev/null || echo no namespace
                hostname other 2>/dev/null; kill -KILL 1; echo alive
                """.formatted(device, device)));
        assertThat(result.tail())
                .as(log())
                .contains(
                        "Read-only",
                        "no mount",
                        "no device",
                        "no sysrq",
                        "no sysctl",
                        "no outside",
                        "no namespace",
                        "alive");
        assertThat(result.tail().stream().filter("no device"::equals)).hasSize(2);
        assertThat(directory.resolve("root/etc/passwd")).hasContent("root:x:0:0::/root:/bin/sh\n");
        assertThat(directory.resolve("root/etc/new")).doesNotExist();
        assertThat(directory.resolve("root/root")).exists();
        assertThat(Path.of("/usr/x")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(Sandbox.Disk.class)
    void aScriptThatFillsItsDiskFillsNothingElse(Sandbox.Disk disk) throws Exception {
        for (String place : List.of("/tmp/x", "/output/x", "/x", "/dev/shm/x")) {
            var result = sandbox.run(
                    script("head -c 200M /dev/zero > " + place + " || exit 9"),
                    null,
                    disk,
                    directory.resolve("log"),
                    output,
                    line -> {});
            assertThat(result.end()).as(place + log()).isEqualTo(SandboxResult.End.DISK_FULL);
            assertThat(result.status()).isEqualTo(9);
        }
    }

    @Test
    void thereIsNoNetworkButLo() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var result = run(script("tail -n +3 /proc/net/dev | cut -d: -f1; tail -n +2 /proc/net/route\n"
                    + "(exec 3<>/dev/tcp/127.0.0.1/" + server.getLocalPort() + ") 2>&1 | grep -o refused | head -n 1\n"
                    + "(exec 3<>/dev/tcp/192.0.2.1/80) 2>&1 | grep -o unreachable | head -n 1"));
            assertThat(result.tail().stream().map(String::strip))
                    .as("lo is up, and is not the machine's")
                    .containsExactly("lo", "refused", "unreachable");
        }
    }

    @Test
    void memoryAndProcessesAreBoundedOrItIsSaid() throws Exception {
        var limits = new SandboxLimits(64 * MIB, 1, 30, 64 * MIB, Duration.ofMinutes(5), MIB);
        var hungry = run(with(script("x=$(head -c 300M /dev/zero | tr '\\0' x); echo ${#x}"), limits));
        if (hungry.unbounded().stream().noneMatch(said -> said.startsWith("memory"))) {
            assertThat(hungry.end()).as(log()).isEqualTo(SandboxResult.End.OUT_OF_MEMORY);
        }
        var many = run(with(script("for i in $(seq 60); do sleep 100 & done 2>/dev/null; jobs -r | wc -l"), limits));
        if (many.unbounded().stream().noneMatch(said -> said.startsWith("pids"))) {
            assertThat(log()).doesNotContain("60\n");
        }
    }

    @Test
    void outputIsKeptWithinBoundsAndItsEndInAnyCase() throws Exception {
        var result = run(script("yes 0123456789 | head -n 300000; echo last"));
        assertThat(result.tail()).endsWith("last");
        assertThat(Files.size(directory.resolve("log"))).isBetween(MIB - 100, MIB + 1000);
        assertThat(log()).contains("lines were left out").endsWith("0123456789\nlast\n");
    }

    @Test
    void aRunThatIsInterruptedEndsTheScript() throws Exception {
        var began = new CountDownLatch(1);
        var interrupted = new AtomicBoolean();
        var thread = new Thread(() -> {
            try {
                sandbox.run(
                        script("trap '' TERM; echo began; while :; do sleep 1; done"),
                        directory.resolve("log"),
                        output,
                        line -> began.countDown());
            } catch (InterruptedException asked) {
                interrupted.set(true);
            }
        });
        thread.start();
        began.await();
        thread.interrupt();
        thread.join();
        assertThat(interrupted).isTrue();
    }

    @Test
    void upperLayersHideLowerOnesAndManyFit() throws Exception {
        var layers = new ArrayList<>(root.layers());
        for (int i = 0; i < 60; i++) {
            Path layer = Files.createDirectories(directory.resolve("a layer: with, odd names/" + i));
            Files.writeString(layer.resolve("top"), "" + i);
            Files.writeString(layer.resolve("only" + i), "");
            layers.add(layer);
        }
        var result = run(new SandboxRequest(
                new SandboxRoot(layers, root.binds()),
                List.of("/bin/sh", "-c", "cat /top; ls / | grep -c only", marker),
                "/",
                SandboxRequest.fixedEnvironment(Instant.EPOCH, 1),
                LIMITS,
                false));
        assertThat(result.tail()).as(log()).containsExactly("5960");
    }

    @Test
    void twoAtATimeDoNotKnowOfEachOther() throws Exception {
        var both = new CountDownLatch(2);
        var runs = Stream.of("a", "b")
                .map(name -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return sandbox.run(
                                script("echo " + name + " > /tmp/x; echo began; sleep 1; cat /tmp/x"),
                                directory.resolve("log-" + name),
                                output,
                                line -> both.countDown());
                    } catch (InterruptedException impossible) {
                        throw new IllegalStateException(impossible);
                    }
                }))
                .toList();
        both.await();
        assertThat(runs.get(0).join().tail()).containsExactly("began", "a");
        assertThat(runs.get(1).join().tail()).containsExactly("began", "b");
    }

    @Test
    void aRootThatIsNoneIsSaid() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThat(run(request(SandboxRoot.of(List.of(empty)), List.of("/bin/true", marker)))
                        .status())
                .isEqualTo(127);
        assertThatThrownBy(() -> run(
                        request(SandboxRoot.of(List.of(directory.resolve("absent"))), List.of("/bin/true", marker))))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("A sandbox could not be made");
    }

    /** Nobody can clean up after kill -9: the kernel and the next run do. */
    @Test
    void aProgramThatIsKilledLeavesNothing() throws Exception {
        String forks = "setsid -f bash -c 'trap : TERM HUP; while :; do sleep 1; done' " + marker
                + "; echo began; while :; do sleep 1; done # " + marker;
        for (int round = 0; round < 3; round++) {
            Process child = ChildJvm.start(
                    SandboxChild.class.getName(),
                    state.toString(),
                    directory.resolve("root" + round).toString(),
                    directory.resolve("output" + round).toString(),
                    forks);
            try (BufferedReader said = child.inputReader()) {
                assertThat(said.readLine()).isEqualTo("began");
            }
            assertThat(processes()).isNotEmpty();
            child.destroyForcibly().waitFor();
            // By themselves, before anybody cleans up.
            while (!processes().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        assertThat(state.resolve("sandboxes")).isNotEmptyDirectory();
        assertThat(run(script("echo next")).succeeded()).isTrue();
        assertNothingIsLeft();
    }

    /** Killed before it could leave word of anything but its directory. */
    @Test
    void controlGroupsAreFoundByTheirNames() throws Exception {
        String id = UUID.randomUUID().toString().substring(0, 8);
        Files.createDirectories(state.resolve("sandboxes").resolve(id));
        ControlGroups.make("slipway-" + id);
        sandbox.removeLeftovers();
        assertThat(ControlGroups.find(name -> name.endsWith(id))).isEmpty();
    }

    @Test
    void aSandboxThatLivesIsNotCleanedAway() throws Exception {
        Process child = ChildJvm.start(
                SandboxChild.class.getName(),
                state.toString(),
                directory.resolve("other").toString(),
                directory.resolve("other-output").toString(),
                "echo began; until [ -e /etc/go ]; do sleep 0.1; done # " + marker);
        try (BufferedReader said = child.inputReader()) {
            assertThat(said.readLine()).isEqualTo("began");
            assertThat(run(script("echo next")).succeeded()).isTrue();
            assertThat(child.isAlive()).isTrue();
            assertThat(processes()).isNotEmpty();
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(run(script("echo next")).succeeded()).isTrue();
    }
}
