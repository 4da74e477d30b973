package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Serve;
import io.slipway.inventory.yaml.ClusterYamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabClusterFileTest {
    private static final Path EXAMPLES =
            Path.of(System.getProperty("slipway.root")).resolve("server/examples");
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHcbQ1UTkqUfNrq8oBZ0mXk7Jm0Yc1nEwZ0r3S1l2k5p slipway-lab";

    @TempDir
    private Path directory;

    @Test
    void onlyTreeKeyAndDhcpChange() throws IOException {
        for (String name : new String[] {"lab", "vlans", "bonds", "triangle"}) {
            Path example = EXAMPLES.resolve(name + ".yaml");
            var before = ClusterYamlReader.read(example);
            var pool = Lab.freeRange(before, Lab.lanAddress(before), 32);
            String derived = LabClusterFile.derive(
                    Files.readString(example),
                    EXAMPLES,
                    Path.of("/trees/one"),
                    "A".repeat(40),
                    Serve.DhcpMode.SERVER,
                    pool,
                    KEY);
            var after = ClusterYamlReader.read(Files.writeString(directory.resolve(name + ".yaml"), derived));
            assertThat(after.slackware().mirror()).isEqualTo("/trees/one");
            assertThat(after.slackware().fingerprint()).isEqualTo("A".repeat(40));
            assertThat(after.serve().dhcp().mode()).isEqualTo(Serve.DhcpMode.SERVER);
            assertThat(after.identity().admin().keys()).contains(KEY);
            assertThat(after.nodes()).isEqualTo(before.nodes());
            assertThat(after.networks()).isEqualTo(before.networks());
        }
    }

    @Test
    void withoutATreeTheFilesOwnMirrorStays() throws IOException {
        Path example = EXAMPLES.resolve("triangle.yaml");
        String derived = LabClusterFile.derive(
                Files.readString(example),
                EXAMPLES,
                null,
                null,
                Serve.DhcpMode.PROXY,
                Ipv4Range.parse("10.0.0.1-10.0.0.2"),
                KEY);
        var after = ClusterYamlReader.read(Files.writeString(directory.resolve("cluster.yaml"), derived));
        assertThat(after.slackware()).isEqualTo(ClusterYamlReader.read(example).slackware());
    }

    @Test
    void pathsMeanTheSameAsBefore() throws IOException {
        Path example = directory.resolve("user.yaml");
        Files.writeString(
                example,
                Files.readString(EXAMPLES.resolve("lab.yaml"))
                                .replace("snapshot: lab", "snapshot: lab\n  tagfiles: tags")
                        + """

                        packages:
                          stacks: [ovn]
                          slackbuilds: [own, /srv/own]
                          local: [../ready]
                          sources: [tarballs, "https://mirror.example.net/sources"]
                        """);
        String derived = LabClusterFile.derive(
                Files.readString(example),
                directory,
                null,
                null,
                Serve.DhcpMode.PROXY,
                Ipv4Range.parse("10.0.0.1-10.0.0.2"),
                KEY);
        Path elsewhere = Files.createDirectories(directory.resolve("lab")).resolve("cluster.yaml");
        var after = ClusterYamlReader.read(Files.writeString(elsewhere, derived));
        var before = ClusterYamlReader.read(example);
        assertThat(after.packages()).isEqualTo(before.packages());
        assertThat(after.slackware()).isEqualTo(before.slackware());
    }

    @Test
    void theApplianceIsQuotedAsItSpeaks() throws IOException {
        var nodes = ApplianceView.parse(new ObjectMapper()
                .readTree("{\"nodes\":[{\"name\":\"node1\",\"phase\":\"installing\",\"stage\":\"packages\","
                        + "\"percent\":45,\"waitsFor\":\"\",\"silence\":\"\",\"reason\":\"\"},"
                        + "{\"name\":\"node2\",\"phase\":\"failed\",\"reason\":\"no disk\",\"silence\":\"x\"},"
                        + "{\"name\":\"node3\",\"phase\":\"ready\"}]}"));
        assertThat(nodes)
                .extracting(ApplianceView.NodeView::text)
                .containsExactly("installing packages 45%", "failed: no disk", "ready");
        assertThat(nodes).extracting(ApplianceView.NodeView::isReady).containsExactly(false, false, true);
        assertThat(nodes).extracting(ApplianceView.NodeView::hasFailed).containsExactly(false, true, false);
    }
}
