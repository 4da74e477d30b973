package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Network;
import io.slipway.inventory.yaml.ClusterYamlReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples with more than one network: installed, started, and traffic at the planned MTU on every network. */
class ExamplesE2E {
    /** A bridge with spanning tree passes nothing before it has listened and learned. */
    private static final Duration SETTLED = Duration.ofMinutes(3);
    /** IPv4 and ICMP headers. */
    private static final int HEADERS = 28;

    @RegisterExtension
    final Trial trial = new Trial();

    private static Path example(String name) {
        return Repository.root().resolve("server/examples/" + name + ".yaml");
    }

    @Test
    void vlansBesideABootNetworkWhoseAddressesTheApplianceGives() throws Exception {
        trial.slipway(
                Trial.INSTALLATION,
                "up",
                "--yes",
                "-f",
                example("vlans").toString(),
                "--dhcp",
                "server",
                "--nodes",
                "2");
        assertTraffic("vlans", 2);
    }

    @Test
    void bondsBelowVlansWithUefiAndApproval() throws Exception {
        var up = trial.start("up", "--yes", "-f", example("bonds").toString(), "--firmware", "uefi", "--nodes", "2");
        for (String node : List.of("blade1", "blade2")) {
            trial.await("the request for approval of " + node, Trial.INSTALLATION, () -> {
                assertThat(up.process().isAlive()).as(up.text()).isTrue();
                return trial.phase(node).equals("awaiting-approval");
            });
            assertThat(trial.node(node).path("fingerprint").asText()).isNotEmpty();
            trial.slipway(Duration.ofMinutes(1), "run", "node", "approve", node);
        }
        assertThat(up.await(Trial.INSTALLATION))
                .as("%s%n%s", up.text(), trial.screens())
                .isZero();
        assertTraffic("bonds", 2);
        assertThat(trial.onNode("blade1", "findmnt", "-n", "-o", "SOURCE,FSTYPE", "/"))
                .contains("/dev/mapper/vg_system-root", "xfs");
    }

    @Test
    void aTriangleWithoutASwitch() throws Exception {
        trial.slipway(
                Trial.INSTALLATION, "up", "--yes", "-f", example("triangle").toString());
        assertTraffic("triangle", 3);
        assertThat(trial.onNode("alpha", "findmnt", "-n", "-o", "FSTYPE", "/")).contains("btrfs");
    }

    /** A packet that fills the MTU, unfragmented, from the first node to each other one on every network. */
    private void assertTraffic(String name, int count) throws Exception {
        Cluster cluster = ClusterYamlReader.read(example(name));
        var nodes = cluster.nodes().subList(0, count);
        int number = 0;
        for (Network network : cluster.networks()) {
            number++;
            var addresses = new ArrayList<String>();
            for (int i = 0; i < nodes.size(); i++) {
                var node = nodes.get(i);
                var planned = node.addresses().get(network.name());
                if (planned != null) {
                    addresses.add(planned.toString());
                } else {
                    // A network of bridges only: an address for this test.
                    String address = "198.18." + number + "." + (i + 1);
                    trial.onNode(node.name(), "sudo", "ip", "address", "add", address + "/24", "dev", network.bridge());
                    addresses.add(address);
                }
            }
            for (String address : addresses.subList(1, addresses.size())) {
                trial.await(
                        network.mtu() + " bytes to " + address + " on " + network.name(),
                        SETTLED,
                        () -> trial.start(
                                                "ssh",
                                                nodes.get(0).name(),
                                                "sudo",
                                                "ping",
                                                "-c",
                                                "1",
                                                "-W",
                                                "2",
                                                "-M",
                                                "do",
                                                "-s",
                                                Integer.toString(network.mtu() - HEADERS),
                                                address)
                                        .await(SETTLED)
                                == 0);
            }
        }
    }
}
