package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopologyTest {
    private static final Path EXAMPLES =
            Path.of(System.getProperty("slipway.root")).resolve("server/examples");

    @TempDir
    private Path directory;

    @Test
    void aFlatNetworkIsOneSwitch() {
        var topology = Topology.of(example("lab"), 3);
        assertThat(topology.segments()).hasSize(1);
        assertThat(topology.boot().taps()).containsExactly("tap0-0", "tap1-0", "tap2-0");
        assertThat(topology.machines()).extracting(Machine::name).containsExactly("node1", "node2", "node3");
        assertThat(topology.machine("node2").cards().get(0).boot()).isTrue();
    }

    @Test
    void aTriangleIsThreeCablesAndASwitch() {
        var topology = Topology.of(example("triangle"), 3);
        assertThat(topology.segments()).hasSize(4);
        assertThat(topology.boot().taps()).containsExactly("tap0-0", "tap1-0", "tap2-0");
        assertThat(topology.segments().subList(1, 4))
                .extracting(Segment::taps)
                .containsExactly(
                        java.util.List.of("tap0-1", "tap1-2"),
                        java.util.List.of("tap1-1", "tap2-2"),
                        java.util.List.of("tap2-1", "tap0-2"));
        assertThat(topology.segments().get(1).mtu()).isEqualTo(9004);
    }

    @Test
    void aBondByLacpHasAPartner() {
        var topology = Topology.of(example("bonds"), 3);
        var trunks = topology.segments().stream()
                .flatMap(segment -> segment.trunks().stream())
                .toList();
        assertThat(trunks).hasSize(3);
        assertThat(trunks.get(0).taps()).containsExactly("tap0-1", "tap0-2");
        assertThat(trunks)
                .allSatisfy(trunk -> assertThat(trunk.device().length()).isLessThan(16));
    }

    @Test
    void everyCardOfEveryExampleIsOnExactlyOneWire() {
        for (String name : new String[] {"lab", "vlans", "bonds", "triangle"}) {
            var topology = Topology.of(example(name), 99);
            var wired = topology.segments().stream()
                    .flatMap(segment -> Stream.concat(
                            segment.taps().stream(), segment.trunks().stream().flatMap(trunk -> trunk.taps().stream())))
                    .toList();
            var cards = topology.machines().stream()
                    .flatMap(machine -> machine.cards().stream())
                    .map(Machine.Card::tap)
                    .toList();
            assertThat(wired).as(name).containsExactlyInAnyOrderElementsOf(cards);
            assertThat(new HashSet<>(wired)).as(name).hasSameSizeAs(wired);
        }
    }

    @Test
    void disksFitTheirSelectors() {
        var disk = Topology.of(example("lab"), 1).machines().get(0).disks().get(0);
        assertThat(disk.transport()).isEqualTo(Machine.Transport.VIRTIO);
        assertThat(disk.bytes()).isGreaterThanOrEqualTo(7L << 30);
        assertThat(disk.serial()).isEqualTo("lab-node1-system").hasSizeLessThan(21);
        assertThat(Topology.of(example("triangle"), 1)
                        .machines()
                        .get(0)
                        .disks()
                        .get(0)
                        .transport())
                .isEqualTo(Machine.Transport.NVME);
    }

    @Test
    void aDiskThatCannotBeImitatedIsSaid() throws IOException {
        var text = Files.readString(EXAMPLES.resolve("lab.yaml")).replace("transport: virtio", "transport: sas");
        var file = Files.writeString(directory.resolve("cluster.yaml"), text);
        assertThatThrownBy(() -> Topology.of(ClusterYamlReader.read(file), 3))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("system disk of node1")
                .hasMessageContaining("sas");
    }

    @Test
    void theDhcpServerGivesOnlyWhatNobodyHas() {
        var cluster = example("lab");
        var lan = Lab.lanAddress(cluster);
        assertThat(lan).hasToString("10.77.0.1");
        var range = Lab.freeRange(cluster, lan, 32);
        assertThat(range).hasToString("10.77.0.223-10.77.0.254");
        assertThat(cluster.nodes())
                .allSatisfy(
                        node -> assertThat(range.contains(node.address("lan"))).isFalse());
        assertThatThrownBy(() -> Lab.freeRange(cluster, lan, 200)).hasMessageContaining("free addresses");
    }

    private static Cluster example(String name) {
        return ClusterYamlReader.read(EXAMPLES.resolve(name + ".yaml"));
    }
}
