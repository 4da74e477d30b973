package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slipway.ControlGroups;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import io.slipway.process.LocalCommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab's wires with real namespaces, a real DHCP server and a real client. Needs root. */
class LabNetworkIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private final CommandRunner runner = new LocalCommandRunner();
    private Lab lab = new Lab(runner, Path.of("/nonexistent"));
    private LabNetwork network = new LabNetwork(runner, new Places(Path.of("/nonexistent")));
    private Places places = new Places(Path.of("/nonexistent"));

    @BeforeEach
    void needsRootAndTools() {
        boolean able = "root".equals(System.getProperty("user.name"))
                && Tools.missing(true).isEmpty()
                && Files.exists(Path.of("/bin/busybox"));
        if (System.getenv("CI") != null) {
            assertThat(able).as("root, the lab's programs and busybox").isTrue();
        }
        assumeTrue(able, "needs root, the lab's programs (slipway doctor) and busybox");
        places = new Places(directory.resolve("lab"));
        lab = new Lab(runner, places.directory());
        network = new LabNetwork(runner, places);
    }

    @AfterEach
    void takeDown() throws InterruptedException {
        lab.down();
    }

    @Test
    void theNetworksServerGivesAnAddressAndDownLeavesNothing() throws Exception {
        var cluster = ClusterYamlReader.read(
                Path.of(System.getProperty("slipway.root")).resolve("server/examples/lab.yaml"));
        var topology = Topology.of(cluster, 3);
        Files.createDirectories(places.directory());
        var lan = Lab.lanAddress(cluster);
        network.create(topology, cluster.serve().subnet(), cluster.serve().address(), lan);
        network.serveAddresses(cluster.serve().subnet(), lan, Lab.freeRange(cluster, lan, 32));

        in("ip", "link", "add", "probe", "type", "veth", "peer", "name", "probe0");
        in("ip", "link", "set", "probe0", "master", "sw0", "up");
        in("ip", "link", "set", "probe", "up");
        String said =
                in("/bin/busybox", "udhcpc", "-i", "probe", "-n", "-q", "-f", "-t", "8", "-T", "1", "-s", "/bin/true");
        assertThat(said).containsPattern("lease of 10\\.77\\.0\\.2[2-5][0-9] obtained");
        assertThat(lab.lastLease()).contains("10.77.0.2");
        assertThat(in("ping", "-c", "1", "-W", "5", lan.toString())).contains("1 received");
        assertThat(in("ip", "-o", "link")).contains("tap0-0", "tap1-0", "tap2-0");

        lab.down();
        assertThat(network.exists(places.namespace())).isFalse();
        assertThat(network.exists(places.lanNamespace())).isFalse();
        assertThat(places.directory()).doesNotExist();
    }

    /** {@code kill -9} of {@code lab up} while it compiles: nobody looks into that state directory again. */
    @Test
    void downRemovesWhatAKilledCompilationLeft() throws Exception {
        String id = UUID.randomUUID().toString().substring(0, 8);
        Files.createDirectories(places.appliance().resolve("sandboxes").resolve(id));
        ControlGroups.make("slipway-" + id);
        lab.down();
        assertThat(ControlGroups.find(name -> name.endsWith(id))).isEmpty();
        assertThat(places.directory()).doesNotExist();
    }

    @Test
    void aBondsPortsAreWiredWithOrWithoutAPartner() throws Exception {
        var cluster = ClusterYamlReader.read(
                Path.of(System.getProperty("slipway.root")).resolve("server/examples/bonds.yaml"));
        Files.createDirectories(places.directory());
        var topology = Topology.of(cluster, 1);
        network.create(topology, cluster.serve().subnet(), cluster.serve().address(), Lab.lanAddress(cluster));
        var segment = topology.segments().stream()
                .filter(candidate -> !candidate.trunks().isEmpty())
                .findFirst()
                .orElseThrow();
        var trunk = segment.trunks().get(0);
        String expected = network.answersLacp(topology) ? trunk.device() : segment.bridge();
        for (String tap : trunk.taps()) {
            assertThat(in("ip", "-o", "link", "show", tap)).contains("master " + expected, "mtu " + segment.mtu());
        }
    }

    private String in(String... words) throws InterruptedException {
        var command = new ArrayList<String>(List.of("ip", "netns", "exec", places.namespace()));
        command.addAll(List.of(words));
        var result = runner.run(Command.of(SOON, command));
        assertThat(result.succeeded()).as(result.error()).isTrue();
        return result.output() + result.error();
    }
}
