package io.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import io.slipway.process.LocalCommandRunner;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Machines without their own kernel: namespaces in which real daemons of this computer run, on a bridge of their own. What is
 * below /etc, /var/lib, /var/log and /usr/lib is a box's own copy, which outlasts a power cut.
 */
public final class Boxes implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration TIME = Duration.ofSeconds(30);
    private static final List<String> OWN = List.of("/etc", "/var/lib", "/var/log", "/usr/lib");
    /** Process 1: what daemons leave behind is reaped, as on a machine. */
    private static final String INIT = """
            set -e
            mount --make-rprivate /
            for place in /etc /var/lib /var/log /usr/lib; do
              own="$1$place"
              mkdir -p "$own/upper" "$own/work"
              mount -t overlay overlay -o "lowerdir=$place,upperdir=$own/upper,workdir=$own/work" "$place"
            done
            mount -t proc proc /proc
            mount -t tmpfs tmpfs /run
            hostname "$2"
            trap : CHLD
            : > "$1/up"
            while :; do sleep 1000 & wait "$!"; done
            """;

    private final Path directory;
    private final CommandRunner local = new LocalCommandRunner();
    private final String hub = "box-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final Map<String, Box> boxes = new LinkedHashMap<>();

    public Boxes(Path directory) {
        Witness.requireRoot("machines in namespaces");
        this.directory = directory;
        ip("netns", "add", hub);
        ip("-n", hub, "link", "add", "bridge", "type", "bridge");
        ip("-n", hub, "link", "set", "bridge", "up");
    }

    private void ip(String... words) {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Witness.run(directory, command.toArray(String[]::new));
    }

    /** A new machine on the bridge, switched on. */
    public Box add(String name, String address, int prefix) {
        String namespace = hub + "-" + name;
        ip("netns", "add", namespace);
        String port = "p" + boxes.size();
        ip("-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", hub);
        ip("-n", hub, "link", "set", port, "master", "bridge", "up");
        ip("-n", namespace, "addr", "add", address + "/" + prefix, "dev", "eth0");
        ip("-n", namespace, "link", "set", "eth0", "up");
        ip("-n", namespace, "link", "set", "lo", "up");
        var box = new Box(name, namespace, directory.resolve(name));
        boxes.put(name, box);
        box.start();
        return box;
    }

    public Box box(String name) {
        Box box = boxes.get(name);
        if (box == null) {
            throw new IllegalArgumentException("no box " + name);
        }
        return box;
    }

    /** Also for a test that was interrupted. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        boxes.values().forEach(Box::cut);
        for (Box box : boxes.values()) {
            ip("netns", "del", box.namespace);
        }
        ip("netns", "del", hub);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One machine. */
    public final class Box implements CommandRunner {
        private final String name;
        private final String namespace;
        private final Path own;
        private volatile long first;

        private Box(String name, String namespace, Path own) {
            this.name = name;
            this.namespace = namespace;
            this.own = own;
        }

        /** Switches it on. */
        public void start() {
            try {
                Files.createDirectories(own);
                Files.deleteIfExists(own.resolve("up"));
                Process outer = new ProcessBuilder(
                                "ip",
                                "netns",
                                "exec",
                                namespace,
                                "unshare",
                                "--mount",
                                "--pid",
                                "--fork",
                                "--uts",
                                "--ipc",
                                "--kill-child",
                                "bash",
                                "-c",
                                INIT,
                                "init",
                                own.toString(),
                                name)
                        .redirectErrorStream(true)
                        .redirectOutput(own.resolve("init.log").toFile())
                        .redirectInput(new File("/dev/null"))
                        .start();
                long deadline = System.nanoTime() + TIME.toNanos();
                while (!Files.exists(own.resolve("up"))) {
                    assertThat(outer.isAlive() && System.nanoTime() < deadline)
                            .as(Files.readString(own.resolve("init.log")))
                            .isTrue();
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                first = outer.children().findFirst().orElseThrow().pid();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** The power fails: all that runs there ends at once. */
        public void cut() {
            long pid = first;
            first = 0;
            if (pid > 1) {
                var init = ProcessHandle.of(pid);
                init.ifPresent(ProcessHandle::destroyForcibly);
                init.ifPresent(process -> process.onExit().join());
            }
        }

        public boolean isOn() {
            return first != 0;
        }

        /** What it had written is gone, as after an installation. */
        public void wipe() {
            assertThat(isOn()).isFalse();
            for (String place : OWN) {
                Witness.run(directory, "rm", "-rf", own + place);
            }
        }

        /** A file on it. */
        public void write(String path, String text) {
            var result = run(TIME, "mkdir -p \"$(dirname \"$1\")\" && cat > \"$1\" && chmod 755 \"$1\"", text, path);
            assertThat(result.succeeded()).as(result.error()).isTrue();
        }

        private CommandResult run(Duration time, String script, String input, String... arguments) {
            var words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
            words.addAll(List.of(arguments));
            try {
                return run(Command.of(time, words).withInput(Command.Input.of(input)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** A shell's script there, which must succeed. */
        public String shell(String script) {
            return shell(script, TIME);
        }

        public String shell(String script, Duration time) {
            var result = run(time, script, "");
            assertThat(result.succeeded())
                    .as(script + "\n" + result.output() + result.error())
                    .isTrue();
            return result.output();
        }

        @Override
        public CommandResult run(Command command, Consumer<String> line) throws InterruptedException {
            long pid = first;
            if (pid == 0) {
                throw Problem.of(ProblemKind.UNREACHABLE, name + " does not answer.", "Switch it on.")
                        .asException();
            }
            var words = new ArrayList<>(List.of(
                    "nsenter", "--target", "" + pid, "--mount", "--pid", "--uts", "--ipc", "--net", "--", "env"));
            words.add("PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");
            command.environment().forEach((key, value) -> words.add(key + "=" + value));
            words.addAll(command.arguments());
            return local.run(
                    new Command(
                            words,
                            null,
                            command.environment(),
                            command.input(),
                            command.timeout(),
                            command.outputLimit()),
                    line);
        }
    }
}
