package io.slipway.formation.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.formation.incus.Clusters;
import io.slipway.formation.incus.Members;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image as a real shell makes it of a real BusyBox, and what is understood of ping. */
class ProofScriptsTest {
    private static final Duration SOON = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private static CommandResult sh(String script, Object... arguments) throws InterruptedException {
        var argv = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        for (Object argument : arguments) {
            argv.add(argument.toString());
        }
        return new LocalCommandRunner().run(Command.of(SOON, argv));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.createDirectories(directory.resolve("bin")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Nodes nodes() {
        var local = new LocalCommandRunner();
        return node -> (command, line) -> {
            var argv = new ArrayList<>(command.arguments());
            argv.set(
                    2,
                    "PATH=" + directory.resolve("bin") + ":$PATH; export PATH\n"
                            + argv.get(2)
                                    .replace("/usr/share/mkinitrd/", directory.resolve("mkinitrd") + "/")
                                    .replace(
                                            "/tmp/slipway-proof",
                                            directory.resolve("scratch").toString()));
            return local.run(Command.of(SOON, argv), line);
        };
    }

    @BeforeEach
    void anIncusThatKeepsWhatItIsGiven() throws IOException {
        program("incus", """
                case $* in
                  'image import '*) n=$(ls %1$s/image* 2>/dev/null | wc -l); cp "$3" "%1$s/image$n.tar.gz" ;;
                  *recursion*) printf '{"type":"sync","metadata":[]}' ;;
                  *) printf '{"type":"sync","metadata":{"config":{},"environment":{"server_clustered":true}}}' ;;
                esac
                """.formatted(directory));
    }

    /** As Slackware's package has it: a tree in which bin/busybox is one file of many. */
    private void tree(String content) throws Exception {
        assumeThat(Path.of("/bin/busybox")).exists();
        String script = "mkdir -p \"$1/mkinitrd\" \"$1/tree/bin\" \"$1/tree/etc\" && cd \"$1/tree\" && " + content
                + " && tar -czf ../mkinitrd/initrd-tree.tar.gz .";
        CommandResult made = sh(script, directory);
        assertThat(made.succeeded()).as(made.error()).isTrue();
    }

    @Test
    void theImageIsTheSameEveryTimeAndRunsByItself() throws Exception {
        tree("cp /bin/busybox bin/busybox && ln -s busybox bin/sh && echo x > etc/x");
        var members = new Members(Clusters.lab(), nodes());

        var first = new ProofImage(new Trial(members, false));
        first.act();
        new ProofImage(new Trial(members, true)).act();

        assertThat(first.verify().text()).matches("an image of \\d+ KiB");
        assertThat(directory).isDirectoryNotContaining("glob:**scratch*");
        assertThat(Files.readAllBytes(directory.resolve("image0.tar.gz")))
                .isEqualTo(Files.readAllBytes(directory.resolve("image1.tar.gz")));
        CommandResult root = sh("""
                mkdir "$1/i" && tar -xzf "$1/image0.tar.gz" -C "$1/i" && cat "$1/i/metadata.yaml" && ls "$1/i/rootfs/bin"
                sh -n "$1/i/rootfs/sbin/init" && sh -n "$1/i/rootfs/bin/dhcp" && stat -c %a "$1/i/rootfs/sbin/init"
                """, directory);
        assertThat(root.output())
                .contains("architecture: x86_64", "slipway.proof: \"true\"", "busybox", "udhcpc", "ping", "755");
        assertThat(Files.size(directory.resolve("image0.tar.gz"))).isLessThan(4_000_000);
        // With its libraries, whatever of them this BusyBox needs.
        CommandResult inside =
                sh("chroot \"$1/i/rootfs\" /bin/sh -c 'echo it runs; ip help 2>&1 | head -n 1'", directory);
        if (!inside.error().contains("Operation not permitted")) {
            assertThat(inside.output()).contains("it runs");
        }
    }

    @Test
    void aTreeWithoutBusyBoxIsSaid() throws Exception {
        tree("echo x > etc/x");
        assertThatThrownBy(() -> new ProofImage(new Trial(new Members(Clusters.lab(), nodes()), false)).act())
                .hasMessageContaining("no bin/busybox in")
                .hasMessageContaining("mkinitrd");
    }

    @Test
    void anImageThatCouldNotBePackedIsNotTakenForOneThatIsThere() throws Exception {
        tree("cp /bin/busybox bin/busybox");
        program("gzip", "cat >/dev/null; exit 1");
        assertThatThrownBy(() -> new ProofImage(new Trial(new Members(Clusters.lab(), nodes()), false)).act())
                .hasMessageContaining("cannot be made on node1");
    }

    /** The instances' shell and ping are ours here; what Incus does is to run them. */
    @Test
    void pingIsUnderstood() throws Exception {
        var ping = new ProofPing(new Trial(new Members(Clusters.lab(), nodes()), false));
        var ways = List.of(new ProofPing.Way("one", "10.0.0.2"), new ProofPing.Way("two", "10.0.0.1"));
        program("incus", """
                if [ "$1" = exec ]; then
                  export INSTANCE=$2
                  shift 5
                  exec sh -c "$(printf '%s' "$1" | sed "s,/bin/ping,ping,")" "$2" "$3" "$4" $5
                fi
                printf '{"type":"sync","metadata":{"environment":{"server_clustered":true}}}'
                """);
        String answer = "echo PING; echo; echo 'round-trip min/avg/max = 0.411/1.250/2.0 ms'\n";
        program("ping", answer);
        Finding all = ping.all(ways, "both");
        assertThat(all.text()).isEqualTo("both in 1.250 ms, packets of 1442 bytes too");
        assertThat(all.state()).isEqualTo(Finding.State.DONE);

        program("ping", "[ $INSTANCE = one ] || exit 1\n" + answer);
        assertThat(ping.all(ways, "both").text()).isEqualTo("no answer yet from two to 10.0.0.1");

        program("ping", "case \"$*\" in *'-s 1414'*) exit 1 ;; esac\n" + answer);
        assertThat(ping.all(ways, "both").text())
                .isEqualTo("small packets pass, packets of 1442 bytes do not: one to 10.0.0.2, two to 10.0.0.1");

        program("ping", "case \"$*\" in *192.0.2.9) exit 1 ;; esac\n" + answer);
        assertThat(ping.all(ways, "both", List.of(new ProofPing.Way("one", "192.0.2.9")), "the world")
                        .text())
                .isEqualTo("both in 1.250 ms, packets of 1442 bytes too; the world does not answer");
    }
}
