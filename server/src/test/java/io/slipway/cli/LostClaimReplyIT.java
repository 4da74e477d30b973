package io.slipway.cli;

import static io.slipway.cli.RunningAppliance.run;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.Witness;
import io.slipway.cli.RunningAppliance.Ran;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.NodeState;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The installer's own scripts with BusyBox's wget against the boot listener, over a network that loses the answer to a
 * claim after the appliance has granted it.
 */
class LostClaimReplyIT {
    private static final String CLAIM = "/nodes/node1/claim";

    /** What main does up to the claim; the kernel command line lies in a file. */
    private static final String HARNESS = """
            set -u -o pipefail
            LIB=$1 WORK=$2 SELF_PID=$$
            for part in report network claim; do . "$LIB/$part.sh"; done
            eval "$(sed -n '/^parameter() {$/,/^}$/p' "$LIB/main")"
            cat() { if [ "$*" = /proc/cmdline ]; then set -- "$WORK/cmdline"; fi; command cat "$@"; }
            # The clock of the machine that runs the test is not the installer's to set.
            date() { case "$*" in *-s*) return 1 ;; esac; command date "$@"; }
            xxd() { busybox xxd "$@"; }
            # Debian 12's BusyBox is built without -T, and dies of it. Nothing here lasts until the time limit.
            wget() {
              local words=()
              while [ $# -gt 0 ]; do
                if [ "$1" = -T ]; then shift 2; else words+=("$1"); shift; fi
              done
              busybox wget "${words[@]}"
            }
            URL=$(parameter url) || exit 90
            IMAGE=$(parameter image) || exit 91
            claim
            printf 'SESSION=%s\\n' "$SESSION"
            say 'the installer goes on'
            send_surely 'stage=disk' || exit 92
            """;

    @TempDir
    private Path directory;

    private RunningAppliance appliance;
    private LossyRelay relay;

    @BeforeEach
    void start() throws IOException {
        Witness.require("bash");
        Witness.require("busybox");
        Path state = Files.createDirectory(directory.resolve("state"));
        RunningAppliance.image(state, "tiny", "node1", "node2");
        appliance = RunningAppliance.start(state, "");
        relay = LossyRelay.start(appliance.bootPort, CLAIM);
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
        appliance.close();
    }

    private Ran node(String action) {
        return run("node", action, "node1", "--state", appliance.state.toString());
    }

    private NodeState state() {
        return appliance.registry.state("node1");
    }

    /** The kernel's command line from node1's boot script, with the relay in place of the appliance. */
    private String boot() throws IOException, InterruptedException {
        String script = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + appliance.bootPort
                                        + "/boot.ipxe?mac=52-54-00-77-00-11&arch=x86_64&platform=pcbios"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        return script.lines()
                .filter(line -> line.contains("slipway.token="))
                .findFirst()
                .orElseThrow(() -> new AssertionError(script))
                .replace(":" + appliance.bootPort + "/", ":" + relay.port() + "/");
    }

    /** One boot of the installer: memory of its own, and so a nonce of its own. */
    private Witness.Outcome install(String name, String commandLine) throws IOException {
        Path work = Files.createDirectory(directory.resolve(name));
        Files.writeString(work.resolve("cmdline"), commandLine);
        Files.writeString(work.resolve("harness"), HARNESS);
        return Witness.attempt(
                work,
                "bash",
                work.resolve("harness").toString(),
                Repository.root()
                        .resolve("overlays/installer/rootfs/usr/lib/slipway")
                        .toString(),
                work.toString());
    }

    private List<String> events() {
        return appliance.registry.journal().listEvents(0, 1000).stream()
                .map(entry -> entry.event())
                .filter(event -> event.node().equals("node1"))
                .map(event -> event.getClass().getSimpleName())
                .toList();
    }

    @Test
    void theClaimIsAskedAgainAndGrantedOnceAndASecondInstallerIsNot() throws Exception {
        assertThat(node("arm").status()).isZero();
        String commandLine = boot();
        var installer = install("first", commandLine);

        assertThat(installer.status()).as(installer.output()).isZero();
        assertThat(installer.output()).contains("does not answer; still trying").contains("== claimed (1 %)");
        var claims = relay.listExchanges(CLAIM);
        assertThat(claims).extracting(LossyRelay.Exchange::arrived).containsExactly(false, true);
        assertThat(claims.get(1).body())
                .as("the same nonce")
                .isEqualTo(claims.get(0).body());
        assertThat(claims.get(1).answerBody())
                .startsWith("status=ok\n")
                .isEqualTo(claims.get(0).answerBody());
        String session = requireNonNull(state().claim()).session();
        assertThat(installer.output()).contains("SESSION=" + session + "\n");
        assertThat(events()).containsExactly("Defined", "Armed", "ScriptServed", "Claimed");
        assertThat(state().phase()).isEqualTo(NodePhase.INSTALLING);
        assertThat(state().alarms()).isEmpty();
        assertThat(state().progress()).hasToString("Progress[seq=2, stage=DISK, percent=1]");
        assertThat(appliance.registry.state("node2").phase()).isEqualTo(NodePhase.KNOWN);

        var second = install("second", commandLine);
        assertThat(second.status()).as(second.output()).isNotZero();
        assertThat(second.output())
                .contains("*** Installation failed: the appliance refuses the claim: Another installer has claimed")
                .doesNotContain("SESSION=");
        assertThat(node("show").out())
                .containsPattern("(?m)^phase +quarantined$")
                .containsPattern("(?m)^waitsFor +.*slipway node disarm node1$")
                .containsPattern("(?m)^reason +A second installer \\(127.0.0.1\\)")
                .containsPattern("(?s)\nalarms\n  \\S+ A second installer");

        for (String tooEarly : List.of("arm", "reinstall")) {
            Ran refused = node(tooEarly);
            assertThat(refused.status()).isEqualTo(ProblemKind.CONFLICT.exitStatus());
            assertThat(refused.err()).contains("quarantined").contains("slipway node disarm node1");
        }
        assertThat(node("disarm").out()).isEqualTo("node1 is known\n");
        assertThat(node("arm").status()).isZero();
        var third = install("third", boot());
        assertThat(third.status()).as(third.output()).isZero();
        assertThat(requireNonNull(state().claim()).session()).isNotEqualTo(session);
        assertThat(third.output())
                .contains("SESSION=" + requireNonNull(state().claim()).session());
        assertThat(state().phase()).isEqualTo(NodePhase.INSTALLING);
    }
}
