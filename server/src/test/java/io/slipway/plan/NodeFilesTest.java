package io.slipway.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Golden;
import io.slipway.Repository;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.ProblemException;
import io.slipway.template.TemplateTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeFilesTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFRoZSBhcHBsaWFuY2UncyBvd24ga2V5IGluIHRlc3Rz slipway";

    static List<String> examples() {
        return Repository.examples();
    }

    private static NodeFiles files(Cluster cluster) {
        return new NodeFiles(cluster, new TemplateTree(Repository.root().resolve("templates")), KEY);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyNodeOfEveryExampleGetsExactlyTheGoldenFiles(String example) {
        Cluster cluster = ClusterYamlReader.read(Repository.example(example));
        var actual = new TreeMap<String, String>();
        for (Node node : cluster.nodes()) {
            for (NodeFile file : files(cluster).files(node)) {
                actual.put(node.name() + "/package/" + file.path(), file.text());
                if (file.mode() != 0644) {
                    actual.put(
                            node.name() + "/package/" + file.path() + ".mode",
                            Integer.toOctalString(file.mode()) + "\n");
                }
            }
            for (NodeFile file : files(cluster).instructions(node)) {
                actual.put(node.name() + "/installer/" + file.path(), file.text());
            }
        }
        Golden.check(example, actual);
    }

    @Test
    void oneAddressChangesOnlyWhatNamesIt() {
        Cluster before = ClusterYamlReader.read(Repository.example("lab"));
        Cluster after = moved();
        Node stays = before.getNode("node1");
        assertThat(files(after).files(after.getNode("node1")))
                .filteredOn(file -> !files(before).files(stays).contains(file))
                .extracting(NodeFile::path)
                .containsExactly("etc/default/ovn-central", "etc/hosts", "etc/ntp.conf");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyPortComesBeforeWhatIsMadeOfIt(String example) {
        Cluster cluster = ClusterYamlReader.read(Repository.example(example));
        for (Node node : cluster.nodes()) {
            var devices = NetworkPlan.of(cluster, node).devices();
            var known = new java.util.HashSet<String>();
            node.interfaces().forEach(card -> known.add(card.name()));
            for (int i = 0; i < devices.size(); i++) {
                assertThat(devices.get(i).index()).isEqualTo(i);
                assertThat(known).containsAll(devices.get(i).ports());
                known.add(devices.get(i).name());
            }
        }
    }

    @Test
    void valueThatWouldBecomeACommandIsRefused(@TempDir Path directory) throws IOException {
        Files.createDirectories(directory.resolve("node"));
        Files.writeString(
                directory.resolve("node/a.sh.ftl"), "<#ftl output_format=\"Shell\">X=\"[=value]\" ${untouched}\n");
        var tree = new TemplateTree(directory);
        assertThat(tree.render("node/a.sh", Map.of("value", "plain")).text()).isEqualTo("X=\"plain\" ${untouched}\n");
        for (String hostile : List.of("$(reboot)", "`reboot`", "a\"b", "a\nb", "a;b", "a\\b", "a\u2028b")) {
            assertThatThrownBy(() -> tree.render("node/a.sh", Map.of("value", hostile)))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("a.sh.ftl");
        }
        assertThatThrownBy(() -> tree.render("node/a.sh", Map.of()))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("value");
    }

    private static Cluster moved() {
        try {
            String text = Files.readString(Repository.example("lab"));
            return ClusterYamlReader.read(
                    text.replace("lan: 10.77.0.13", "lan: 10.77.0.33"),
                    "lab.yaml",
                    Repository.root().resolve("server/examples"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
