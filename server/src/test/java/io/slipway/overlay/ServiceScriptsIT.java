package io.slipway.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rc scripts of the overlays, run in a root of their own: this machine's, with a layer over it. */
class ServiceScriptsIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path root = Path.of("");

    @BeforeEach
    void root() throws Exception {
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root, for a root of its own");
        }
        for (String part : List.of("upper", "work", "merged")) {
            Files.createDirectories(directory.resolve(part));
        }
        root = directory.resolve("upper");
        Path base = Repository.root().resolve("overlays/base/rootfs");
        copy(base.resolve("usr/lib/slipway/rc-functions"), "usr/lib/slipway/rc-functions");
        copy(base.resolve("etc/rc.d/rc.slipway"), "etc/rc.d/rc.slipway");
    }

    private void copy(Path from, String to) throws IOException {
        Path target = root.resolve(to);
        Files.createDirectories(target.resolveSibling("."));
        Files.copy(from, target);
    }

    private void script(String path, String text, boolean executable) throws IOException {
        Path target = root.resolve(path);
        Files.createDirectories(target.resolveSibling("."));
        Files.writeString(target, text);
        if (executable) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private void services(String... names) throws IOException {
        script("etc/slipway/services", "# comment\n" + String.join("\n", names) + "\n", false);
        for (String name : names) {
            script("etc/rc.d/rc." + name, "#!/bin/sh\necho " + name + " $1 >> /log\n", true);
        }
    }

    private String log() throws IOException {
        Path log = root.resolve("log");
        String text = Files.exists(log) ? Files.readString(log) : "";
        Files.deleteIfExists(log);
        return text;
    }

    private int chroot(String command) throws Exception {
        String mount = "mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work merged"
                + " && mount -t proc proc merged/proc && mount --rbind /dev merged/dev && exec chroot merged /bin/sh -c \"$0\"";
        Process process = new ProcessBuilder(
                        "unshare", "--mount", "--propagation", "private", "sh", "-c", mount, command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(out).isTrue();
        Files.writeString(root.resolve("out"), out);
        return process.exitValue();
    }

    @Test
    void servicesStartInOrderAndStopInReverse() throws Exception {
        services("openvswitch", "ovn-host", "incusd");
        assertThat(chroot("/etc/rc.d/rc.slipway start")).isZero();
        assertThat(log()).isEqualTo("openvswitch start\novn-host start\nincusd start\n");
        assertThat(chroot("/etc/rc.d/rc.slipway stop")).isZero();
        assertThat(log()).isEqualTo("incusd stop\novn-host stop\nopenvswitch stop\n");
        assertThat(chroot("/etc/rc.d/rc.slipway restart")).isZero();
        assertThat(log()).startsWith("incusd stop\n").endsWith("incusd start\n");
    }

    @Test
    void serviceThatFailsIsSaidAndTheOthersRun() throws Exception {
        services("a", "b", "c");
        script("etc/rc.d/rc.b", "#!/bin/sh\nexit 1\n", true);
        assertThat(chroot("/etc/rc.d/rc.slipway start")).isEqualTo(1);
        assertThat(log()).isEqualTo("a start\nc start\n");
        assertThat(Files.readString(root.resolve("out"))).contains("rc.b start failed");
    }

    @Test
    void serviceThatIsNotExecutableIsNotEnabled() throws Exception {
        services("a", "b");
        Files.setPosixFilePermissions(root.resolve("etc/rc.d/rc.b"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(chroot("/etc/rc.d/rc.slipway start")).isZero();
        assertThat(log()).isEqualTo("a start\n");
    }

    @Test
    void stopWaitsForTheProcessAndKillsOneThatDoesNotListen() throws Exception {
        script("daemon", "#!/bin/sh\ntrap '' TERM\necho $$ > /run/daemon.pid\nwhile :; do sleep 1; done\n", true);
        assertThat(chroot(". /usr/lib/slipway/rc-functions; /daemon & await 5 start test -s /run/daemon.pid;"
                        + " pid=$(cat /run/daemon.pid); stop_pid /run/daemon.pid daemon TERM 2;"
                        + " [ ! -e /run/daemon.pid ] && ! grep -q State:.[RS] /proc/$pid/status 2>/dev/null"))
                .as(Files.readString(root.resolve("out")))
                .isZero();
    }

    @Test
    void pidOfAnotherProgramIsNotKilled() throws Exception {
        // From a file: with sh -c the name that is looked for would stand on the shell's own command line.
        script("try", """
                . /usr/lib/slipway/rc-functions
                sleep 30 &
                other=$!
                echo $other > /run/x.pid
                stop_pid /run/x.pid incusd TERM 2
                kill -0 $other
                alive=$?
                kill $other
                exit $alive
                """, false);
        assertThat(chroot("sh /try")).isZero();
    }

    @Test
    void conditionThatDoesNotComeAboutIsNamed() throws Exception {
        assertThat(chroot(". /usr/lib/slipway/rc-functions; await 1 'the moon' false"))
                .isEqualTo(1);
        assertThat(Files.readString(root.resolve("out"))).contains("the moon did not come about in time");
    }
}
