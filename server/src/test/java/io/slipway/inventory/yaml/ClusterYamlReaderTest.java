package io.slipway.inventory.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.slipway.Repository;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Role;
import io.slipway.inventory.Slackware;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterYamlReaderTest {
    /** The least that is a cluster. */
    private static final String SMALL = """
            cluster: {name: small}
            slackware: {mirror: /srv/slackware64-current}
            serve: {address: 10.0.0.2}
            networks:
              lan: {interfaces: [eth0], subnet: 10.0.0.0/24}
            nodes:
              - name: one
                interfaces: {eth0: {mac: "52:54:00:00:00:01"}}
                addresses: {lan: 10.0.0.11}
            """;

    static List<String> examples() {
        return Repository.examples();
    }

    private static Cluster read(String text) {
        return ClusterYamlReader.read(text, "cluster.yaml", Path.of("/etc/slipway"));
    }

    private static List<Problem> problems(String text) {
        try {
            read(text);
        } catch (ProblemException e) {
            return e.problems();
        }
        return List.of();
    }

    private static String small(String from, String to) {
        assertThat(SMALL).contains(from);
        return SMALL.replace(from, to);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsValid(String name) {
        assertThat(ClusterYamlReader.read(Repository.example(name)).nodes()).hasSizeGreaterThanOrEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleSatisfiesThePublishedSchema(String name) throws IOException {
        var schema =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(ClusterSchema.json());
        var document = new YAMLMapper().readTree(Files.readString(Repository.example(name)));
        assertThat(schema.validate(document)).isEmpty();
    }

    @Test
    void schemaRefusesWhatTheReaderRefuses() throws IOException {
        var schema =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(ClusterSchema.json());
        var json = new ObjectMapper();
        for (String text : List.of(
                small("52:54:00:00:00:01", "52:54"),
                small("name: small", "name: Small"),
                small("lan: {interfaces", "lan-: {interfaces"),
                small("name: one", "name: one-"),
                small("mirror:", "miror:"),
                small("subnet: 10.0.0.0/24", "subnet: 10.0.0.0"),
                small("[eth0]", "eth0"))) {
            assertThat(problems(text)).isNotEmpty();
            assertThat(schema.validate(json.valueToTree(new YAMLMapper().readTree(text))))
                    .isNotEmpty();
        }
    }

    @Test
    void defaultsAreDerived() {
        Cluster cluster = read(SMALL);
        assertThat(cluster.identity().domain()).isEqualTo("small.internal");
        assertThat(cluster.serve().subnet()).hasToString("10.0.0.0/24");
        assertThat(cluster.slackware().verify()).isEqualTo(Slackware.Verify.SIGNATURE);
        assertThat(cluster.traffic().tunnel()).isEqualTo("lan");
        assertThat(cluster.nodes().get(0).roles()).contains(Role.OVN_CENTRAL, Role.OVN_HOST, Role.INCUS_MEMBER);
        assertThat(cluster.nodes().get(0).bootInterface().name()).isEqualTo("eth0");
        assertThat(cluster.clusterAddress(cluster.getNode("one"))).isEqualTo(Ipv4Address.parse("10.0.0.11"));
        assertThat(cluster.ovn().tls()).isTrue();
    }

    @Test
    void theApplianceReachesANodeWhereBothAre() {
        Cluster triangle = ClusterYamlReader.read(Repository.example("triangle"));
        assertThat(triangle.clusterAddress(triangle.getNode("beta"))).hasToString("10.99.0.2");
        assertThat(triangle.loginAddress(triangle.getNode("beta"))).hasToString("192.168.50.12");
        Cluster routed = read(SMALL.replace("{address: 10.0.0.2}", "{address: 192.0.2.5, subnet: 192.0.2.0/24}"));
        assertThat(routed.loginAddress(routed.getNode("one"))).hasToString("10.0.0.11");
    }

    @Test
    void relativePathsStartAtTheFilesDirectory() {
        assertThat(read(small("/srv/slackware64-current", "./tree")).slackware().mirror())
                .isEqualTo("/etc/slipway/tree");
    }

    @Test
    void otherVersionsAreTextWhateverTheyLookLike() {
        assertThat(read(small("serve:", "packages: {set: {raft: 0.22, 'ovn:OVSVERSION': 3.7.1}}\nserve:"))
                        .packages()
                        .set())
                .containsOnly(Map.entry("raft", "0.22"), Map.entry("ovn:OVSVERSION", "3.7.1"));
        assertThat(read(SMALL).packages().set()).isEmpty();
    }

    @Test
    void firstThreeNodesVote() {
        Cluster rack = ClusterYamlReader.read(Repository.example("bonds"));
        assertThat(rack.listNodes(Role.OVN_CENTRAL)).extracting("name").containsExactly("blade1", "blade2", "blade3");
        assertThat(rack.listNodes(Role.OVN_HOST)).hasSize(4);
    }

    @Test
    void allProblemsAreReportedAtOnceInTheFilesOrder() {
        List<Problem> found = problems(SMALL.replace("name: small", "nmae: small")
                .replace("10.0.0.0/24", "10.0.0.7/24")
                .replace("52:54:00:00:00:01", "52:54:00:00:00:0g"));
        assertThat(found).hasSize(4);
        assertThat(found.get(0).summary()).startsWith("cluster.yaml:1:");
        assertThat(found.get(2).summary()).startsWith("cluster.yaml:5:").contains("10.0.0.0/24");
        assertThat(found.get(3).summary()).startsWith("cluster.yaml:8:").contains("nodes[0].interfaces.eth0.mac");
    }

    @Test
    void unknownKeySaysWhereItStandsAndWhatWasMeant() {
        assertThat(problems(small("mirror:", "miror:"))).anySatisfy(problem -> {
            assertThat(problem.summary()).startsWith("cluster.yaml:2:13: slackware.miror");
            assertThat(problem.correction()).isEqualTo("Did you mean \"mirror\"?");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "0.0.0.0", "128.0.0.1", "126.255.255.255"})
    void adminApiIsRefusedOffLoopbackWhileItHasNoTls(String address) {
        assertThat(problems(small("{address: 10.0.0.2}", "{address: 10.0.0.2, adminAddress: " + address + "}")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.summary()).startsWith("cluster.yaml:3:42: serve.adminAddress " + address);
                    assertThat(problem.correction()).contains("ssh -L 8443:127.0.0.1:8443 root@10.0.0.2");
                });
    }

    @Test
    void adminApiMayListenOnEveryLoopbackAddress() {
        assertThat(read(small("{address: 10.0.0.2}", "{address: 10.0.0.2, adminAddress: 127.0.0.5}"))
                        .serve()
                        .adminAddress())
                .isEqualTo("127.0.0.5");
    }

    @Test
    void absentRequiredKeyIsNamed() {
        assertThat(problems(small("serve: {address: 10.0.0.2}\n", "")))
                .anySatisfy(problem -> assertThat(problem.summary()).contains("serve is missing"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: one | name: ../../etc | nodes[0].name",
                "name: one | name: \"a;reboot\" | nodes[0].name",
                "name: one | name: $(reboot) | nodes[0].name",
                "name: one | name: \"${node}\" | nodes[0].name",
                "name: one | name: \"o\\nne\" | control character",
                "name: one | name: \"o\\u0085ne\" | control character",
                "name: one | name: localhost | localhost",
                "name: one | name: [one] | is a list",
                "name: one | name: | has no value",
                "name: one | name: !!java.io.File one | tag",
                "10.0.0.11 | 10.0.1.11 | nodes[0].addresses.lan",
                "10.0.0.11 | 10.0.0.0 | nodes[0].addresses.lan",
                "10.0.0.11 | 10.0.0.255 | nodes[0].addresses.lan",
                "10.0.0.11 | 010.0.0.11 | not an IPv4 address",
                "10.0.0.11 | 10.0.0.2 | appliance's own address",
                "52:54:00:00:00:01 | 01:00:5e:00:00:01 | group or empty",
                "address: 10.0.0.2 | address: 10.9.0.2 | serve.address",
                "address: 10.0.0.2 | address: 10.0.0.2, bootPort: 70000 | bootPort",
                "address: 10.0.0.2 | address: 10.0.0.2, bootPort: 8443 | adminPort",
                "address: 10.0.0.2 | address: 10.0.0.2, dhcp: {mode: server} | has no pool",
                "address: 10.0.0.2 | address: 10.0.0.2, dhcp: {mode: sever} | Did you mean \"server\"",
                "address: 10.0.0.2 | 'address: 10.0.0.2, dhcp: {mode: server, pool: 10.0.0.9-10.0.0.20}' | contains 10.0.0.11",
                "serve: | 'packages: {set: {raft: ../../etc}}\nserve:' | packages.set.raft is not a version",
                "serve: | 'packages: {set: {raft: a/b}}\nserve:' | packages.set.raft is not a version",
                "serve: | 'packages: {set: {\"raft:VERSION\": a/b}}\nserve:' | packages.set.raft:VERSION is not a version",
                "serve: | 'packages: {set: {\"ovn:OVSVERSION\": $(reboot)}}\nserve:' | packages.set.ovn:OVSVERSION is not text",
                "serve: | 'packages: {set: {../raft: 1.0}}\nserve:' | packages.set.../raft has the name",
                "serve: | 'packages: {set: {\"ovn:lower\": 1.0}}\nserve:' | packages.set.ovn:lower has the name",
                "name: small | name: small, gateway: 192.168.0.1 | cluster.gateway",
                "[eth0] | [eth1] | lacks eth1",
                "interfaces: [eth0] | 'interfaces: [eth0], mtu: 1300' | inside OVN's tunnels",
                "interfaces: [eth0] | 'interfaces: [eth0], stp: true' | without a bridge",
                "interfaces: [eth0] | 'interfaces: [eth0], bridge: br_x' | device name",
            })
    void mistakesAreNamed(String from, String to, String expected) {
        assertThat(problems(small(from, to)))
                .isNotEmpty()
                .anySatisfy(problem -> assertThat(problem.text()).contains(expected))
                .allSatisfy(problem -> assertThat(problem.correction()).isNotEmpty());
    }

    private static String lab(String from, String to) {
        try {
            String text = Files.readString(Repository.example("lab"));
            assertThat(text).contains(from);
            return text.replace(from, to);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.77.0.12 | 10.77.0.11 | is node1's already",
                "52:54:00:77:00:12 | 52:54:00:77:00:11 | is node1's already",
                "name: node2 | name: node1 | unique",
                "10.77.0.100-10.77.0.149 | 10.77.0.1-10.77.0.9 | the gateway",
                "10.77.0.100-10.77.0.149 | 10.77.0.5-10.77.0.20 | node1's address",
                "10.77.0.100-10.77.0.149 | 10.77.0.3-10.77.0.254 | 10.77.0.11",
                "10.77.0.100-10.77.0.149 | 10.77.0.160-10.77.0.170 | overlaps",
                "10.77.0.100-10.77.0.149 | 10.78.0.160-10.78.0.170 | not inside",
                "10.77.0.150-10.77.0.199 | 10.77.0.12-10.77.0.20 | node2's address",
                "uplink: lan | uplink: lna | Did you mean \"lan\"",
            })
    void clusterWideMistakesAreNamed(String from, String to, String expected) {
        assertThat(problems(lab(from, to)))
                .anySatisfy(problem -> assertThat(problem.text()).contains(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void evenNumberOfVotersIsAnErrorThatNamesTheFix(int voters) {
        StringBuilder text = new StringBuilder(SMALL.substring(0, SMALL.indexOf("nodes:")) + "nodes:\n");
        for (int i = 1; i <= 4; i++) {
            text.append(
                    "  - {name: n%d, interfaces: {eth0: {mac: '52:54:00:00:00:0%d'}}, addresses: {lan: 10.0.0.1%d}, roles: [ovn-host%s]}%n"
                            .formatted(i, i, i, i <= voters ? ", ovn-central" : ""));
        }
        assertThat(problems(text.toString()))
                .anySatisfy(problem -> assertThat(problem.text())
                        .contains(voters + " Raft voters")
                        .contains("take it from n" + voters));
    }

    /** LINSTOR refuses two characters, and only when the pool is made. */
    @Test
    void aStoragePoolsNameHasThreeCharactersAtLeast() {
        assertThat(problems(SMALL + "linstor: {replicas: 1, pool: zf}\n"))
                .anySatisfy(problem ->
                        assertThat(problem.text()).contains("linstor.pool").contains("3 characters"));
    }

    @Test
    void aLocalPoolNeedsAPartitionOfItsOwn() {
        String zfs = "incus: {localPool: {driver: zfs}}\n";
        assertThat(problems(SMALL + zfs + "disks: {layout: {poolPartition: false}}\n"))
                .anySatisfy(problem -> assertThat(problem.text())
                        .contains("leaves nothing for Incus's local pool")
                        .contains("poolPartition"));
        assertThat(problems(SMALL + zfs)).isEmpty();
        assertThat(problems(SMALL + zfs + "linstor: {replicas: 1}\n"))
                .anySatisfy(problem -> assertThat(problem.text())
                        .contains("incus.localPool.driver")
                        .contains("LINSTOR")
                        .contains("Take dir"));
    }

    @Test
    void anIncusMemberWithANetworkIsAChassis() {
        String roles = "addresses: {lan: 10.0.0.11}\n    roles: [ovn-central, incus-member]";
        String text = small("addresses: {lan: 10.0.0.11}", roles);
        assertThat(problems(text)).isEmpty();
        assertThat(problems(text + "incus: {network: {name: ovn0}}\n"))
                .anySatisfy(problem ->
                        assertThat(problem.text()).contains("ovn-host").contains("no network"));
    }

    @Test
    void moreReplicasThanSatellitesIsAnError() {
        assertThat(problems(SMALL + "linstor: {replicas: 2}\n"))
                .anySatisfy(problem ->
                        assertThat(problem.text()).contains("linstor.replicas").contains("to 1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\t",
                "[]",
                "just text",
                "cluster: [",
                "a: &a [*a]",
                "cluster: &c {name: *c}",
                "? [x]\n: y",
                "cluster: {name: x}\ncluster: {name: y}",
                "%YAML 9.9\n---\na: b",
                "--- a\n--- b",
                "\u0000",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
            })
    void brokenTextIsAProblemAndNothingElse(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cluster.yaml");
    }

    @Test
    void hugeFileIsRefused() {
        assertThatThrownBy(() -> read("#".repeat(2_000_001)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void manyMistakesAreBounded() {
        StringBuilder text = new StringBuilder(SMALL);
        for (int i = 0; i < 5000; i++) {
            text.append("unknown").append(i).append(": 1\n");
        }
        assertThat(problems(text.toString())).hasSizeLessThanOrEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void damagedExamplesNeverEndInAnythingButProblems(long seed) throws IOException {
        var random = new SplittableRandom(seed);
        String text = Files.readString(Repository.example(
                Repository.examples().get(random.nextInt(Repository.examples().size()))));
        for (int round = 0; round < 100; round++) {
            var broken = new StringBuilder(text);
            for (int i = random.nextInt(6); i >= 0; i--) {
                int at = random.nextInt(broken.length());
                switch (random.nextInt(3)) {
                    case 0 -> broken.deleteCharAt(at);
                    case 1 -> broken.insert(at, (char) (32 + random.nextInt(96)));
                    default -> broken.setLength(Math.max(10, at));
                }
            }
            try {
                read(broken.toString());
            } catch (ProblemException expected) {
                assertThat(expected.problems()).isNotEmpty();
            }
        }
    }
}
