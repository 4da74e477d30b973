package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.yaml.ClusterYamlReader;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bare virtual machines, installed over the network by the program as users run it. Needs root and a quarter of an hour. */
class InstallE2E {
    private static final List<String> NODES = List.of("node1", "node2");
    private static final Duration BOOT = Duration.ofMinutes(8);

    @RegisterExtension
    final Trial trial = new Trial();

    private static Machine stranger() {
        return new Machine(
                "stranger",
                "0f0e0d0c-0000-4000-8000-000000000099",
                "",
                List.of(new Machine.Card("eth0", MacAddress.parse("52:54:00:77:00:99"), "stranger0", true)),
                List.of(new Machine.Disk(Machine.Transport.VIRTIO, "stranger", "", 8L << 30)));
    }

    /** The third node of the file, whose disk is another than the file says. */
    private static Machine misfit() {
        var cluster = ClusterYamlReader.read(Repository.root().resolve("server/examples/lab.yaml"));
        var node = Topology.of(cluster, 3).machine("node3");
        return new Machine(
                node.name(),
                node.uuid(),
                node.serial(),
                node.cards(),
                List.of(new Machine.Disk(Machine.Transport.SATA, "MISFIT", "", 8L << 30)));
    }

    @Test
    void machinesInstallThemselvesAndThenStartFromTheirDisks() throws Exception {
        String[] words = {"up", "--yes", "--firmware", "mixed", "--nodes", "2"};
        var up = trial.start(words);
        trial.await("both machines on", Trial.INSTALLATION, () -> {
            assertThat(up.process().isAlive()).as(up.text()).isTrue();
            return Files.exists(trial.places().record()) && NODES.stream().allMatch(trial::isOn);
        });
        trial.add(stranger());
        trial.add(misfit());
        trial.await(
                "the stranger's request", BOOT, () -> trial.status().toString().contains("52:54:00:77:00:99"));

        // The appliance is killed in the middle of an installation. Its command says so, and continues.
        trial.await("packages", Trial.INSTALLATION, () -> {
            assertThat(up.process().isAlive()).as(up.text()).isTrue();
            return NODES.stream().anyMatch(this::isAtPackages);
        });
        trial.killAppliance();
        assertThat(up.await(BOOT)).as(up.text()).isNotZero();
        assertThat(up.text()).contains("appliance has ended");
        assertThat(trial.slipway(Trial.INSTALLATION, words)).contains("continuing", "all nodes are ready");

        assertThat(trial.phase("node3")).isEqualTo("failed");
        assertThat(trial.node("node3").path("reason").asText())
                .contains("no disk matches disks.system", "nothing was changed", "MISFIT");
        trial.assertUntouched(misfit());
        trial.assertUntouched(stranger());
        for (String node : NODES) {
            assertThat(trial.phase(node)).isEqualTo("ready");
            assertThat(trial.node(node).path("report").toString()).contains("kernel=", "package=openssh-");
            assertThat(trial.onNode(node, "uname", "-n").strip()).endsWith(node);
        }
        // The network's own server gave the addresses.
        assertThat(Files.readString(trial.places().dnsmasqLog())).contains("DHCPACK");
        assertThat(trial.onNode("node1", "ls", "/sys/firmware")).doesNotContain("efi");
        assertThat(trial.onNode("node2", "ls", "/sys/firmware")).contains("efi");

        // Twice more, the network first in the boot order: asked, and sent to the disk.
        for (int boot = 1; boot <= 2; boot++) {
            var before =
                    Map.of("node1", trial.count("node1", "SentToDisk"), "node2", trial.count("node2", "SentToDisk"));
            for (String node : NODES) {
                trial.slipway(BOOT, "power", node, "reset");
            }
            for (String node : NODES) {
                trial.await(
                        "an answer of local disk to " + node,
                        BOOT,
                        () -> trial.count(node, "SentToDisk") > before.getOrDefault(node, 0L));
                trial.await(
                        "a login on " + node,
                        BOOT,
                        () -> trial.start("ssh", node, "cat", "/proc/uptime").await(BOOT) == 0);
            }
        }
        for (String node : NODES) {
            assertThat(trial.count(node, "Claimed")).isEqualTo(1);
            assertThat(trial.count(node, "CalledBack")).isEqualTo(1);
            assertThat(trial.phase(node)).isEqualTo("ready");
            assertThat(trial.onNode(node, "sudo", "ls", "/etc/slipway")).doesNotContain("session");
        }
    }

    private boolean isAtPackages(String node) {
        try {
            var shown = trial.node(node);
            return shown.path("stage").asText().equals("packages")
                    && shown.path("percent").asInt() >= 20;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
