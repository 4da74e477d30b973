package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.StandIn;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Network;
import io.slipway.inventory.yaml.ClusterYamlReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples with more than one network: installed, started, and traffic at the planned MTU on every network; one of them
 * formed. And one with packages that are compiled here.
 */
class ExamplesE2E {
    /** A bridge with spanning tree passes nothing before it has listened and learned. */
    private static final Duration SETTLED = Duration.ofMinutes(3);

    private static final Duration FORMATION = Duration.ofMinutes(25);
    private static final Duration COMPILATION = Duration.ofMinutes(60);
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

    /** As the guides have it: OVN without TLS, VLANs on a second interface, and a machine that only hosts OVN's ports. */
    @Test
    void vlansFormAClusterWithoutTlsAndWithAFourthMachineThatIsNoVoter() throws Exception {
        String said = trial.slipway(
                Trial.INSTALLATION.plus(FORMATION),
                "up",
                "--yes",
                "-f",
                example("lab-vlans").toString());

        assertThat(said).contains("moved to node3 with its data", "nothing of the proof is left");
        assertThat(trial.onNode("node1", "sudo", "incus", "config", "get", "network.ovn.northbound_connection"))
                .contains("tcp:10.78.2.11:6641");
        assertThat(trial.onNode("node4", "sudo", "ovs-vsctl", "get", "open_vswitch", ".", "external_ids:ovn-remote"))
                .contains("tcp:10.78.2.11:6642", "tcp:10.78.2.13:6642");
        assertThat(trial.onNode("node4", "sudo", "ovs-vsctl", "get", "open_vswitch", ".", "external_ids:ovn-encap-ip"))
                .contains("10.78.3.14");
        assertThat(trial.onNode(
                        "node1",
                        "sudo",
                        "ovn-sbctl",
                        "--no-leader-only",
                        "--bare",
                        "--columns=hostname",
                        "list",
                        "chassis"))
                .contains("node1", "node2", "node3", "node4");
        assertThat(trial.onNode(
                        "node1",
                        "sudo",
                        "ovs-appctl",
                        "-t",
                        "/var/run/ovn/ovnsb_db.ctl",
                        "cluster/status",
                        "OVN_Southbound"))
                .contains("10.78.2.13")
                .doesNotContain("10.78.2.14");
        assertThat(trial.onNode("node1", "sudo", "incus", "cluster", "list", "--format", "csv"))
                .contains("node1,", "node2,", "node3,")
                .doesNotContain("node4", "OFFLINE");
        assertThat(trial.onNode("node4", "sudo", "sh", "-c", "'pgrep incusd || echo none'"))
                .contains("none");
        assertThat(trial.slipway(FORMATION, "run", "form")).contains("Nothing was to be done");
        for (String node : List.of("node1", "node2", "node3", "node4")) {
            assertThat(trial.phase(node)).isEqualTo("member");
        }
    }

    /** The network of nodes whose Open vSwitch and OVN were compiled here, pools of an OpenZFS that was compiled for their kernel. */
    @Test
    void compiledPackagesCarryTheNetworkAndThePools(@TempDir Path directory) throws Exception {
        StandIn standIn = StandIn.make(List.of("openvswitch", "ovn", "openzfs"));
        String lab = Files.readString(example("lab")).replace("\nincus:\n", "\nincus:\n  localPool: {driver: zfs}\n");
        Path file = Files.writeString(
                directory.resolve("cluster.yaml"), standIn.clusterFile(lab, List.of("ovn", "openzfs")));
        String said = trial.slipway(
                COMPILATION.plus(Trial.INSTALLATION).plus(FORMATION),
                "up",
                "--yes",
                "-f",
                file.toString(),
                "--lock",
                directory.resolve("sources.lock").toString());

        assertThat(said).contains("moved to node3 with its data", "nothing of the proof is left");
        for (String node : List.of("node1", "node2", "node3")) {
            assertThat(trial.onNode(node, "ls", "/var/log/packages"))
                    .contains(
                            "openvswitch-" + standIn.version("openvswitch") + "-x86_64-1_slipway",
                            "ovn-" + standIn.version("ovn") + "-x86_64-1_slipway",
                            "openzfs-" + standIn.version("openzfs") + "_");
            assertThat(trial.onNode(node, "sudo", "ovs-vsctl", "get", "open_vswitch", ".", "ovs_version"))
                    .contains(standIn.version("openvswitch"));
            assertThat(trial.onNode(node, "cat", "/sys/module/zfs/version")).contains(standIn.version("openzfs"));
            assertThat(trial.onNode(node, "sudo", "zpool", "list", "-H", "-o", "name,health"))
                    .contains("local", "ONLINE");
        }
        assertThat(trial.onNode("node1", "sudo", "ovn-appctl", "-t", "ovn-controller", "version"))
                .contains("ovn-controller " + standIn.version("ovn"));
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
