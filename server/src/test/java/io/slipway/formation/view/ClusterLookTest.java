package io.slipway.formation.view;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Golden;
import io.slipway.Repository;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What nodes say, as real ones said it, and the pictures that come of it. */
class ClusterLookTest {
    private static final Instant AT = Instant.parse("2026-11-23T02:20:00Z");
    private static final Cluster LAB = ClusterYamlReader.read(Repository.example("lab"));

    private final Map<String, String> said = new ConcurrentHashMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    private final Nodes nodes = node -> (command, line) -> {
        List<String> arguments = command.arguments();
        boolean whole = !arguments.get(7).isEmpty();
        asked.add(node + (whole ? " whole" : ""));
        String answer = said.get(node);
        if (answer == null) {
            throw Problem.of(ProblemKind.UNREACHABLE, node + " cannot be reached within 10 s.", "Look at it.")
                    .asException();
        }
        return new CommandResult(command, 0, false, answer + (whole ? WHOLE : ""), "");
    };

    private static final String WHOLE = """
            pools={"metadata":[{"name":"local","driver":"dir","status":"Created"}]}
            network={"metadata":{"config":{"ipv4.gateway":"10.77.0.1/24"},"name":"UPLINK","type":"physical","status":"Created"}}
            network={"metadata":{"config":{"ipv4.address":"10.234.0.1/24","network":"UPLINK"},"name":"ovn0","type":"ovn","status":"Created"}}
            network={"type":"error","error_code":404,"metadata":null}
            """;

    private static String raft(String key, String role) {
        return """
                K=Name: OVN
                K=Cluster ID: 76e3 (76e33760-d37f-44c3-a5b8-cb3c7c7f7e3f)
                K=Server ID: f9ca (f9ca3a48-8149-4cfe-a913-7f5e55b52c90)
                K=Status: cluster member
                K=Role: ROLE
                K=Leader: f9ca
                K=Servers:
                K=    832e (832e at ssl:10.77.0.13:6643) last msg 1220 ms ago
                K=    f9ca (f9ca at ssl:10.77.0.11:6643) (self)
                K=    a33b (a33b at ssl:10.77.0.12:6643) last msg 1192 ms ago
                """.replace("K=", key + "=").replace("ROLE", role);
    }

    private static String incus(String status3) {
        return """
                incus={"metadata":[{"roles":["database-leader","database"],"server_name":"node1","status":"Online","message":"Fully operational"},\
                {"roles":["database-standby"],"server_name":"node2","status":"Online","message":"Fully operational"},\
                {"roles":["database"],"server_name":"node3","status":"%s","message":"No heartbeat for 12 s"}]}
                incus={"metadata":{"space":{"used":409391104,"total":5196382208}}}
                """.formatted(status3);
    }

    private void formed() {
        said.put(
                "node1",
                raft("nb", "leader") + raft("sb", "follower") + "northd=active\nchassis=connected\n" + incus("Online"));
        said.put(
                "node2",
                raft("nb", "follower") + raft("sb", "leader") + "northd=standby\nchassis=connected\n"
                        + incus("Online"));
        said.put(
                "node3",
                raft("nb", "follower") + raft("sb", "follower") + "northd=standby\nchassis=connected\n"
                        + incus("Online"));
    }

    private ClusterView look(Cluster cluster) throws InterruptedException {
        return ClusterLook.at(AT, cluster, nodes);
    }

    private static Map<String, String> pictures(ClusterView view) {
        return new TreeMap<>(Map.of(
                "cluster.txt", ViewText.of(view),
                "cluster.json", ViewJson.of(view).toPrettyString() + "\n",
                "cluster.svg", ViewSvg.of(view)));
    }

    private static Document parsed(String svg) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document svg) {
        NodeList all = svg.getElementsByTagNameNS("http://www.w3.org/2000/svg", "text");
        var out = new ArrayList<String>();
        for (int i = 0; i < all.getLength(); i++) {
            out.add(((Element) all.item(i)).getTextContent());
        }
        return out;
    }

    @Test
    void aFormedClusterIsAskedOnceAndShown() throws Exception {
        formed();
        ClusterView view = look(LAB);

        assertThat(view.concerns()).isEmpty();
        assertThat(asked).containsExactlyInAnyOrder("node1 whole", "node2", "node3");
        Golden.check("view/formed", pictures(view));
        assertThat(texts(parsed(ViewSvg.of(view)))).contains("★ leads Northbound", "★ leads Incus", "10.77.0.13");
    }

    @Test
    void aNodeThatDoesNotAnswerIsPartOfThePicture() throws Exception {
        formed();
        said.remove("node1");
        said.put("node2", requireNonNull(said.get("node2")).replace("connected", "not connected"));
        ClusterView view = look(LAB);

        assertThat(asked).contains("node2 whole");
        assertThat(view.concerns())
                .contains("node1 does not answer: node1 cannot be reached within 10 s.")
                .contains("Nobody who answers leads OVN's Northbound database.")
                .contains("2 of 3 voters of OVN's Southbound database are there.")
                .contains("ovn-controller on node2 does not reach the Southbound database.");
        assertThat(ViewText.of(view)).contains("https://10.77.0.12:8443");
        Golden.check("view/node-down", pictures(view));
    }

    @Test
    void nodesThatWereNotFormedYetAreShown() throws Exception {
        Cluster vlans = ClusterYamlReader.read(Repository.example("vlans"));
        vlans.nodes().forEach(node -> said.put(node.name(), ""));
        ClusterView view = look(vlans);

        assertThat(view.isFormed()).isFalse();
        assertThat(view.concerns()).isEmpty();
        Golden.check("view/not-formed", pictures(view));
    }

    @Test
    void whatIsOffIsSaid() throws Exception {
        formed();
        said.put("node1", requireNonNull(said.get("node1")).replace(incus("Online"), incus("Offline")));
        said.put("node2", requireNonNull(said.get("node2")).replace("Role: follower", "Role: leader"));
        said.put("node3", requireNonNull(said.get("node3")).replace("chassis=connected\n", ""));
        assertThat(look(LAB).concerns())
                .contains("node1 and node2 both say that they lead OVN's Northbound database.")
                .contains("node3 is Offline in Incus: No heartbeat for 12 s")
                .contains("ovn-controller does not run on node3.");
    }

    @Test
    void whatNodesSayCannotBreakThePicture() throws Exception {
        formed();
        String hostile = "</text><script>\\\"&amp;\\u0001\\ud800]]>";
        said.put(
                "node1",
                requireNonNull(said.get("node1"))
                        .replace("Fully operational", hostile)
                        .replace("\"Online\"", "\"" + hostile + "\""));
        Document svg = parsed(ViewSvg.of(look(LAB)));

        assertThat(svg.getElementsByTagName("script").getLength()).isZero();
        assertThat(texts(svg)).anyMatch(text -> text.contains("</text><script>\"&amp;\ufffd"));
        said.put("node1", "incus=no JSON\nnb=nonsense\n");
        assertThat(look(LAB).members().get(0).northbound()).isNull();
    }

    @Test
    void theScriptIsUnderstoodByAShell(@TempDir Path root) throws Exception {
        for (String path : List.of(
                "var/run/ovn/ovnnb_db.ctl",
                "var/run/ovn/ovn-northd.77.ctl",
                "var/run/ovn/ovn-controller.78.ctl",
                "var/lib/incus/cluster.crt",
                "var/lib/linstor/linstordb.mv.db")) {
            Files.createDirectories(requireNonNull(root.resolve(path).getParent()));
            Files.createFile(root.resolve(path));
        }
        program(root, "ovs-appctl", """
                case "$4 $5 $6" in
                  */ovnnb_db.ctl' cluster/status OVN_Northbound') echo 'Status: cluster member'; echo 'Server ID: a (a)'
                    echo 'Role: leader'; echo 'Cluster ID: b (b)';;
                  */ovn-northd.77.ctl' status ') echo 'Status: standby';;
                  */ovn-controller.78.ctl' connection-status ') echo 'not connected';;
                  *) exit 1;;
                esac""");
        program(root, "curl", """
                while [ "${1#http}" = "$1" ]; do shift; done
                for url; do
                  case $url in
                    */members*) echo '{"metadata":[{"server_name":"node1","status":"Online","roles":[]}]}';;
                    */local/resources) echo '{"metadata":{"space":{"used":1,"total":2}}}';;
                    */storage-pools*) echo '{"metadata":[{"name":"local"}]}';;
                    */networks/*) echo "{\\"metadata\\":{\\"name\\":\\"${url##*/}\\"}}";;
                    http://10.77.0.11:3370/v1/nodes) echo '[{"name":"node1","connection_status":"ONLINE"}]';;
                    *) echo '{"metadata":null}';;
                  esac
                done""");
        var local = new LocalCommandRunner();
        Nodes shell = node -> (command, line) -> {
            var argv = new ArrayList<>(command.arguments());
            argv.set(2, "PATH=" + root.resolve("bin") + ":$PATH\n" + argv.get(2));
            argv.replaceAll(each -> each.equals("/") ? root + "/" : each);
            return local.run(Command.of(command.timeout(), argv), line);
        };
        ClusterView view = ClusterLook.at(AT, LAB, shell);
        ClusterView.Member node1 = view.members().get(0);

        assertThat(node1.northbound()).isEqualTo(new ClusterView.Raft("leader", true, 0));
        assertThat(node1.southbound()).isNull();
        assertThat(node1.northd()).isEqualTo("standby");
        assertThat(node1.chassis()).isEqualTo("not connected");
        assertThat(requireNonNull(node1.incus()).online()).isTrue();
        assertThat(node1.spaces()).isEqualTo(Map.of("local", new ClusterView.Space(2, 1)));
        assertThat(node1.linstor()).isEqualTo("ONLINE");
        assertThat(view.pools()).extracting(ClusterView.Pool::name).containsExactly("local");
        assertThat(view.networks()).extracting(ClusterView.IncusNetwork::name).containsExactly("UPLINK", "ovn0");
    }

    private static void program(Path root, String name, String script) throws IOException {
        Path file = root.resolve("bin").resolve(name);
        Files.createDirectories(requireNonNull(file.getParent()));
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
