package io.slipway.formation.preflight;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Repository;
import io.slipway.formation.Finding;
import io.slipway.formation.Finding.State;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What follows from what nodes say. */
class JudgementTest {
    private static final Cluster LAB = ClusterYamlReader.read(Repository.example("lab"));
    private static final Node NODE2 = LAB.getNode("node2");

    private final Map<String, Said> said = new LinkedHashMap<>(
            Map.of("node1", Said.by("node1"), "node2", Said.by("node2"), "node3", Said.by("node3")));

    private Said node(String name) {
        return requireNonNull(said.get(name));
    }

    private Map<String, NodeFacts> facts() {
        var out = new LinkedHashMap<String, NodeFacts>();
        for (String node : List.of("node1", "node2", "node3")) {
            out.put(node, node(node).facts());
        }
        return out;
    }

    private static Problem problem(Finding finding) {
        assertThat(finding.state()).as(finding.text()).isEqualTo(State.WRONG);
        return requireNonNull(finding.problem());
    }

    private static void isDone(Finding finding, String text) {
        assertThat(finding.state()).as(finding.text()).isEqualTo(State.DONE);
        assertThat(finding.text()).contains(text);
    }

    @Test
    void aFreshClusterIsFine() {
        isDone(Sameness.kernel(facts()), "6.12.107");
        isDone(Sameness.processor(facts()), "QEMU");
        isDone(Sameness.packages(facts()), "2 packages");
        isDone(FormerCluster.judge(LAB, facts()), "no node was formed before");
        NodeFacts facts = node("node2").facts();
        isDone(OneNode.login(NODE2, facts), "node2 answers");
        isDone(OneNode.installed(NODE2, facts), "slipway-node-node2-303699a67aa9-noarch-1");
        isDone(OneNode.room(NODE2, facts), "4.2 GiB");
        isDone(OneNode.ports(LAB, NODE2, facts), "6 ports");
        isDone(OneNode.disks(LAB, NODE2, facts), "/dev/vda4 is there");
        assertThat(NetworkPaths.devices(LAB, LAB.getNetwork("lan"), facts())).isNull();
    }

    @Test
    void whatTellsNothingIsNotTakenForNothing() {
        for (String part : List.of("socket", "links", "room")) {
            assertThatThrownBy(() -> Said.by("node2").without(part).facts())
                    .as(part)
                    .hasMessageContaining("node2")
                    .hasMessageContaining("ss -H -lntup");
        }
        assertThatThrownBy(() -> Said.by("node2")
                        .without("links")
                        .with("links=Usage: ip")
                        .facts())
                .hasMessageContaining("not JSON");
    }

    @Test
    void anotherNodeAnswers() {
        node("node2").without("name").with("name=node7");
        assertThat(problem(OneNode.login(NODE2, node("node2").facts())).summary())
                .contains("node2")
                .contains("node7");
        node("node2").without("package").with("package=slipway-node-node7-1-noarch-1");
        assertThat(problem(OneNode.installed(NODE2, node("node2").facts())).summary())
                .contains("slipway-node-node2")
                .contains("slipway-node-node7");
        node("node2").without("package").with("package=slipway-node-node2-x-1-noarch-1");
        assertThat(problem(OneNode.installed(NODE2, node("node2").facts())).summary())
                .contains("slipway-node-node2-x");
    }

    @Test
    void kernelsAndProcessorsDiffer() {
        node("node3").without("kernel").with("kernel=5.15.1");
        assertThat(problem(Sameness.kernel(facts())).summary())
                .contains("6.12.107 on node1, node2 and 5.15.1 on node3");
        node("node2").without("flags").with("flags=fpu sse2");
        node("node3").without("flags").with("flags=vaes sse2 fpu amx");
        assertThat(problem(Sameness.processor(facts())).summary())
                .contains("no amx on node1")
                .contains("no amx vaes on node2")
                .doesNotContain("node3");
        node("node2").without("cpu").with("cpu=EPYC");
        assertThat(problem(Sameness.processor(facts())).summary())
                .contains("EPYC on node2")
                .contains("node1, node3");
    }

    @Test
    void onlyTheClustersProgramsMustBeAlike() {
        node("node3")
                .without("package")
                .with("package=openvswitch-3.5.0-x86_64-1")
                .with("package=vim-9.0-x86_64-1");
        isDone(Sameness.packages(facts()), "");
        node("node3").with("package=ovn-25.03.0-x86_64-2_SBo").with("absent=incusd");
        assertThat(problem(Sameness.packages(facts())).summary())
                .contains("ovn 25.03.0-1 on node1, node2 and 25.03.0-2_SBo on node3")
                .contains("no incusd on node3")
                .doesNotContain("vim");
    }

    @Test
    void aFullDiskIsFound() {
        node("node2").with("room=1000 4096 322171 327680 /var");
        assertThat(problem(OneNode.room(NODE2, node("node2").facts())).summary())
                .contains("node2")
                .contains("3 MiB free on /var");
        Said inodes = Said.by("node2").with("room=1099629 4096 3 327680 /srv/a b");
        assertThat(problem(OneNode.room(NODE2, inodes.facts())).summary()).contains("3 free inodes on /srv/a b");
        // Btrfs has no number of inodes.
        isDone(
                OneNode.room(
                        NODE2, Said.by("node2").with("room=1099629 4096 0 0 /b").facts()),
                "GiB");
    }

    @Test
    void portsAreFreeOrOurs() {
        node("node2")
                .with("socket=tcp LISTEN 0 10 10.77.0.12:6641 0.0.0.0:* users:((\"ovsdb-server\",pid=9,fd=1))")
                .with("socket=tcp LISTEN 0 10 [::]:8443 [::]:* users:((\"incusd\",pid=9,fd=1))")
                .with("socket=tcp LISTEN 0 10 127.0.0.1:6642 0.0.0.0:* users:((\"nc\",pid=9,fd=1))")
                .with("socket=udp UNCONN 0 0 0.0.0.0:8443 0.0.0.0:* users:((\"nc\",pid=9,fd=1))")
                .with("socket=udp UNCONN 0 0 0.0.0.0:6081 0.0.0.0:*");
        isDone(OneNode.ports(LAB, NODE2, node("node2").facts()), "6 ports");
        node("node2")
                .with("socket=tcp LISTEN 0 10 *:6644 *:* users:((\"nc\",pid=9,fd=1))")
                .with("socket=udp UNCONN 0 0 [::]%eth0:6081 [::]:* users:((\"wg\",pid=9,fd=1))");
        assertThat(problem(OneNode.ports(LAB, NODE2, node("node2").facts())).summary())
                .contains("node2")
                .contains("TCP port 6644 (Raft of OVN's Southbound database) held by nc")
                .contains("UDP port 6081 (OVN's tunnels) held by wg");
    }

    @Test
    void storagePartitionIsEmptyOrOurs() {
        var cluster = withLinstor(Linstor.Provider.LVM_THIN);
        isDone(disks(cluster, "/dev/vda4|||"), "empty");
        isDone(disks(cluster, "/dev/vda4|LVM2_member|linstor_tank| dm-0 dm-1"), "ours");
        isDone(disks(cluster, "/dev/vda4|LVM2_member||"), "ours");
        assertThat(problem(disks(cluster, "/dev/vda4|LVM2_member|data| dm-0")).summary())
                .contains("the volume group data")
                .contains("linstor_tank");
        assertThat(problem(disks(cluster, "/dev/vda4|||dm-3")).summary()).contains("in use by dm-3");
        assertThat(problem(disks(cluster, "/dev/vda4|ext4||")).summary()).contains("found ext4");
        assertThat(problem(disks(cluster, "/dev/vda4|zfs_member|tank|")).summary())
                .contains("ZFS pool tank");
        isDone(disks(withLinstor(Linstor.Provider.ZFS_THIN), "/dev/vda4|zfs_member|tank|"), "ours");
        isDone(disks(withLinstor(Linstor.Provider.FILE_THIN), "/dev/vda4|ext4||"), "not used");
        Said two = Said.by("node2").with("pool=/dev/sdb1|||");
        assertThat(problem(OneNode.disks(cluster, NODE2, two.facts())).summary())
                .contains("/dev/vda4, /dev/sdb1");
        assertThat(problem(OneNode.disks(
                                cluster, NODE2, Said.by("node2").without("pool").facts()))
                        .summary())
                .contains("found none");
    }

    private static Finding disks(Cluster cluster, String pool) {
        return OneNode.disks(
                cluster,
                cluster.getNode("node2"),
                Said.by("node2").without("pool").with("pool=" + pool).facts());
    }

    private static Cluster withLinstor(Linstor.Provider provider) {
        return new Cluster(
                LAB.identity(),
                LAB.slackware(),
                LAB.packages(),
                LAB.serve(),
                LAB.bonds(),
                LAB.networks(),
                LAB.traffic(),
                LAB.nodes().stream().map(JudgementTest::satellite).toList(),
                LAB.ovn(),
                new Linstor(provider, 2, "pool", "tank"),
                LAB.incus(),
                null,
                null);
    }

    private static Node satellite(Node node) {
        var roles = new HashSet<>(node.roles());
        roles.add(Role.LINSTOR_SATELLITE);
        if (node.name().equals("node1")) {
            roles.add(Role.LINSTOR_CONTROLLER);
        }
        return new Node(
                node.name(), node.interfaces(), node.addresses(), node.uuid(), node.serial(), roles, node.disks());
    }

    private static final String RAFT = """
            ovn.nb=CLUSTER
            ovn.nb.said=Cluster ID: 5e1b (%s)
            ovn.nb.said=Address: ssl:10.77.0.12:6643
            ovn.nb.said=    e3ad (e3ad at ssl:10.77.0.11:6643) (self)
            ovn.nb.said=    8b2c (8b2c at ssl:%s:6643) last msg 500 ms ago""";

    private static final String ONE = "5e1b7f4c-0000-4000-8000-000000000001";

    private void add(String node, String text) {
        text.lines().forEach(line -> node(node).with(line));
    }

    private static String incus(String... members) {
        var out = new StringBuilder("incus.members={\"metadata\":[");
        for (String member : members) {
            out.append(out.toString().endsWith("[") ? "" : ",")
                    .append("{\"server_name\":\"")
                    .append(member, 0, member.indexOf(' '))
                    .append("\",\"url\":\"https://")
                    .append(member.substring(member.indexOf(' ') + 1))
                    .append("\"}");
        }
        return out + "]}";
    }

    @Test
    void thisClusterFormedBeforeIsFine() {
        add("node1", RAFT.formatted(ONE, "10.77.0.12"));
        add("node2", RAFT.formatted(ONE, "10.77.0.13"));
        add("node2", "ovn.remote=\"ssl:10.77.0.11:6642,ssl:10.77.0.12:6642\"");
        add("node1", "incus=CERT\n" + incus("node1 10.77.0.11:8443", "node2 10.77.0.12:8443"));
        // Incus is starting: its database speaks for it.
        add("node2", "incus=CERT\nincus.address=10.77.0.11:8443\nincus.address=0.0.0.0:8443");
        isDone(FormerCluster.judge(LAB, facts()), "node1, node2 is this cluster");
    }

    @Test
    void anotherRaftClusterIsSaidAndNotTouched() {
        add("node2", RAFT.formatted(ONE, "10.9.9.9"));
        assertThat(problem(FormerCluster.judge(LAB, facts())).text())
                .contains("node2 has OVN's Northbound database in a Raft cluster with 10.9.9.9")
                .contains("Nothing of it was touched")
                .contains("slipway node reinstall node2");
    }

    @Test
    void aNodeOfTheSameAddressesMayBeOfAnEarlierCluster() {
        add("node1", RAFT.formatted(ONE, "10.77.0.12"));
        add("node3", RAFT.formatted("99887766-0000-4000-8000-000000000002", "10.77.0.12"));
        assertThat(problem(FormerCluster.judge(LAB, facts())).summary())
                .contains("Northbound database is not the same one")
                .contains("5e1b7f4c on node1; 99887766 on node3");
    }

    @Test
    void databasesOfAnotherKindAreFound() {
        add("node1", "ovn.sb=JSON");
        add("node2", "ovn.remote=tcp:10.9.9.9:6642");
        assertThat(problem(FormerCluster.judge(LAB, facts())).summary())
                .contains("node1 has OVN's Southbound database standing alone")
                .contains("node2 has Open vSwitch told to follow OVN at 10.9.9.9");
    }

    @Test
    void otherIncusClustersAreFound() {
        add("node1", "incus=A\n" + incus("node1 10.77.0.11:8443", "old 10.77.0.12:8443"));
        add("node2", "incus=B\nincus.address=10.9.9.9:8443\nincus.address=10.77.0.12:8443\nincus.address=10.1.1.1:53");
        add("node3", "incus=A\n");
        assertThat(problem(FormerCluster.judge(LAB, facts())).summary())
                .contains("node1 has Incus in a cluster with old (10.77.0.12)")
                .contains("node2 has Incus in a cluster with 10.9.9.9;")
                .contains("node3 has Incus in a cluster, and it does not say in which")
                .contains("Incus's cluster is not the same one on all nodes")
                .contains("on node1, node3");
    }

    @Test
    void linstorOfOthersIsFound() {
        var cluster = withLinstor(Linstor.Provider.LVM_THIN);
        String known = "linstor=controller\nlinstor.nodes=[{\"name\":\"node1\",\"net_interfaces\":[{\"address\":"
                + "\"10.77.0.11\"}]}%s]";
        add("node1", known.formatted(""));
        add("node2", "resource=node1\nresource=node2");
        isDone(FormerCluster.judge(cluster, facts()), "node1, node2");
        add("node2", "linstor=controller\nresource=old");
        said.put("node1", Said.by("node1"));
        add("node1", known.formatted(",{\"name\":\"node3\",\"net_interfaces\":[{\"address\":\"10.9.9.9\"}]}"));
        assertThat(problem(FormerCluster.judge(cluster, facts())).summary())
                .contains("node1 has LINSTOR with node3 (10.9.9.9)")
                .contains("node2 has a database of LINSTOR's controller")
                .contains("node2 has LINSTOR with old");
    }

    private static Clocks.Offset offset(double atLeast, double atMost) {
        return new Clocks.Offset(
                Duration.ofMillis(Math.round(atLeast * 1000)), Duration.ofMillis(Math.round(atMost * 1000)));
    }

    private static Finding clocks(double... ranges) {
        return clocks(Set.of(), ranges);
    }

    private static Finding clocks(Set<String> settling, double... ranges) {
        var offsets = new LinkedHashMap<String, Clocks.Offset>();
        for (int i = 0; i < ranges.length; i += 2) {
            offsets.put("node" + (i / 2 + 1), offset(ranges[i], ranges[i + 1]));
        }
        return Clocks.judge(offsets, new TreeSet<>(List.of("node3")), settling, List.of("10.77.0.1"));
    }

    @Test
    void aClockOfANodeThatWasJustSwitchedOnIsNotJudgedYet() {
        Finding soon = clocks(Set.of("node2"), -0.1, 0.1, -1.6, -1.2, -0.1, 0.1);
        assertThat(soon.state()).isEqualTo(Finding.State.UNKNOWN);
        assertThat(soon.text()).contains("node2 1.40 s behind").contains("ntpd may still set it");
        assertThat(clocks(Set.of("node1"), 0.7, 0.8, -0.8, -0.7).state()).isEqualTo(Finding.State.UNKNOWN);
        // What is wrong with others is waited for as little as without it.
        assertThat(problem(clocks(Set.of("node1"), -0.1, 0.1, -1.6, -1.2, -0.1, 0.1))
                        .summary())
                .contains("node2");
        isDone(clocks(Set.of("node2"), -0.1, 0.1, -0.1, 0.1), "node2");
    }

    @Test
    void halfOfTheRoundTripIsSubtracted() {
        Instant asked = Instant.parse("2026-01-01T00:00:00Z");
        var read = Clocks.Offset.of(asked, asked.plusMillis(3200), asked.plusMillis(400));
        assertThat(read.middle()).isEqualTo(Duration.ofSeconds(3));
        assertThat(read.error()).isEqualTo(Duration.ofMillis(200));
        assertThat(read.tells()).isTrue();
    }

    @Test
    void whatWasSaidFirstAndLastNarrowsTheRange() {
        Instant asked = Instant.ofEpochSecond(1000);
        // Three seconds until the first word, two more until the last; each came a tenth of a second after it was said.
        var read = Clocks.Offset.of(
                "node1",
                asked,
                List.of("1003.000000", "1005.000000000"),
                List.of(asked.plusMillis(3100), asked.plusMillis(5050)));
        assertThat(read).isEqualTo(offset(-0.05, 3));
        assertThatThrownBy(() -> Clocks.Offset.of("node1", asked, List.of("%s.%N"), List.of(asked)))
                .hasMessageContaining("clock of node1 cannot be read");
        assertThatThrownBy(() -> Clocks.Offset.of("node1", asked, List.of(), List.of()))
                .hasMessageContaining("clock of node1 cannot be read");
    }

    @Test
    void slowAnswersNarrowEachOtherDown() {
        assertThat(offset(-3, 0.5).tells()).isFalse();
        assertThat(offset(-3, 0.5).and(offset(-0.4, 2))).isEqualTo(offset(-0.4, 0.5));
        assertThat(offset(1.1, 9).tells()).isTrue();
        // Set between the two questions.
        assertThat(offset(3600, 3601).and(offset(-0.1, 0.1))).isEqualTo(offset(-0.1, 0.1));
    }

    @Test
    void aClockThatIsOffIsNamed() {
        isDone(clocks(-0.1, 0.3, -0.9, 0.9, -3, 0.5), "node1 0.10 s ahead (± 0.20 s)");
        Problem ahead = problem(clocks(-0.1, 0.1, 3599.9, 3600.1, -0.1, 0.1));
        assertThat(ahead.summary()).contains("found node2 60 min 0 s ahead").doesNotContain("node1");
        assertThat(ahead.correction()).contains("on node2").contains("ntpq -p").contains("10.77.0.1");
        Problem behind = problem(clocks(-0.1, 0.1, -0.1, 0.1, -1.6, -1.2));
        assertThat(behind.summary()).contains("node3 1.40 s behind");
        assertThat(behind.correction()).contains("Start ntpd on node3");
    }

    @Test
    void clocksOfNodesAreComparedWithEachOther() {
        assertThat(problem(clocks(0.7, 0.8, -0.8, -0.7)).summary()).contains("node1 and node2 1.40 s apart");
        assertThat(problem(clocks(60, 60.1, 60.2, 60.3)).correction()).contains("set the clock of the appliance");
    }

    private static NetworkPaths.Reached reached(String text) {
        return NetworkPaths.reached(Said.answers(text));
    }

    private static Finding paths(String from1, String from2) {
        var reached = new LinkedHashMap<String, NetworkPaths.Reached>();
        reached.put("node1", reached(from1));
        reached.put("node2", reached(from2));
        return NetworkPaths.judge(LAB.getNetwork("lan"), reached);
    }

    @Test
    void whatPassesIsSaid() {
        isDone(paths("whole=node2", "whole=node1"), "1500 bytes");
        Problem less = problem(paths("part=node2 1400", "whole=node1"));
        assertThat(less.summary())
                .contains("network lan with packets of 1500 bytes")
                .contains("less passes: node1 to node2 1400 bytes")
                .doesNotContain("node2 to node1");
        assertThat(less.correction()).contains("networks.lan.mtu to 1400");
        Problem none = problem(paths("none=node2 FAILED", "none=node1 REACHABLE"));
        assertThat(none.summary())
                .contains("node1 to node2 (nobody says whose address it is), node2 to node1")
                .doesNotContain("node2 to node1 (");
        assertThat(paths("none=node2\nstate=3\nstate=2", "whole=node1").state()).isEqualTo(State.UNKNOWN);
    }

    @Test
    void devicesAreAsPlanned() {
        node("node2").without("links").with("links=" + Said.links("node2", 1400));
        node("node3").without("links").with("links=" + Said.links("node1", 1500));
        var network = LAB.getNetwork("lan");
        assertThat(problem(requireNonNull(NetworkPaths.devices(LAB, network, facts())))
                        .summary())
                .contains("MTU 1400 on node2")
                .contains("no 10.77.0.13 on node3");
        node("node2").without("links").with("links=[]");
        assertThat(problem(requireNonNull(NetworkPaths.devices(LAB, network, facts())))
                        .summary())
                .contains("found none on node2");
        node("node2")
                .without("links")
                .with("links=[{\"ifname\":\"cluster-br\",\"mtu\":1500,\"master\":\"ovs-system\",\"flags\":[]}]");
        isDone(requireNonNull(NetworkPaths.devices(LAB, network, facts())), "not checked");
    }
}
