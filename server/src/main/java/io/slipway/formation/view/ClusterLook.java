package io.slipway.formation.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.slipway.formation.NodeScript;
import io.slipway.formation.NodeScript.Answers;
import io.slipway.formation.Nodes;
import io.slipway.formation.SideBySide;
import io.slipway.formation.ovn.RaftStatus;
import io.slipway.formation.view.ClusterView.IncusMember;
import io.slipway.formation.view.ClusterView.IncusNetwork;
import io.slipway.formation.view.ClusterView.Member;
import io.slipway.formation.view.ClusterView.Pool;
import io.slipway.formation.view.ClusterView.Raft;
import io.slipway.formation.view.ClusterView.Space;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the nodes what stands, each in one round trip, all at the same time. */
public final class ClusterLook {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * Arguments: where LINSTOR's controller would listen, the local pool of Incus, the root directory, anything if Incus
     * is to be asked what is the same on all members (it asks them all, which takes long), and its networks: a list of
     * all that it has takes an emulated machine ten seconds, each by name less than one.
     */
    private static final String LOOK = """
            root=$3
            for database in nb:OVN_Northbound sb:OVN_Southbound; do
              short=${database%:*}
              control=${root}var/run/ovn/ovn${short}_db.ctl
              [ ! -e "$control" ] \\
                || ovs-appctl -T 5 -t "$control" cluster/status "${database#*:}" 2>/dev/null | sed "s/^/$short=/"
            done
            for control in "${root}var/run/ovn"/ovn-northd.*.ctl; do
              [ ! -e "$control" ] || ovs-appctl -T 5 -t "$control" status 2>/dev/null | sed 's/^Status: /northd=/'
            done
            for control in "${root}var/run/ovn"/ovn-controller.*.ctl; do
              [ ! -e "$control" ] || ovs-appctl -T 5 -t "$control" connection-status 2>/dev/null | sed 's/^/chassis=/'
            done
            if [ -e "${root}var/lib/incus/cluster.crt" ]; then
              incus=http://incus/1.0
              ask() {
                key=$1
                shift
                curl -s -m 20 -w '\\n' --unix-socket "${root}var/lib/incus/unix.socket" "$@" | sed "s/^/$key=/"
              }
              ask incus "$incus/cluster/members?recursion=1" "$incus/storage-pools/$2/resources"
              if [ -n "$4" ]; then
                ask pools "$incus/storage-pools?recursion=1"
                for network in $5; do ask network "$incus/networks/$network"; done
              fi
            fi
            if [ -e "${root}var/lib/linstor/linstordb.mv.db" ]; then
              curl -s -f -m 5 -w '\\n' "http://$1:3370/v1/nodes" | sed 's/^/linstor=/'
            fi
            true
            """;

    private final Cluster cluster;
    private final Nodes nodes;

    private ClusterLook(Cluster cluster, Nodes nodes) {
        this.cluster = cluster;
        this.nodes = nodes;
    }

    /**
     * @param nodes reaches the cluster's nodes
     * @param at the time that the picture shows
     */
    public static ClusterView at(Instant at, Cluster cluster, Nodes nodes) throws InterruptedException {
        return new ClusterLook(cluster, nodes).view(at);
    }

    /** What a node said, or why it said nothing. */
    private record Heard(Answers said, String silence) {}

    private Heard ask(String name, boolean whole) throws InterruptedException {
        Node node = cluster.getNode(name);
        try {
            return new Heard(
                    new NodeScript(name, nodes)
                            .ask(
                                    "It cannot be seen what stands on " + name,
                                    LOOK,
                                    cluster.clusterAddress(node).toString(),
                                    cluster.incus().localPool().name(),
                                    "/",
                                    whole ? "whole" : "",
                                    String.join(" ", networks())),
                    "");
        } catch (ProblemException silence) {
            return new Heard(new Answers(Map.of()), silence.problems().get(0).summary());
        }
    }

    private ClusterView view(Instant at) throws InterruptedException {
        String spokesman = cluster.listNodes(Role.INCUS_MEMBER).stream()
                .map(Node::name)
                .findFirst()
                .orElse("");
        Map<String, Heard> heard = SideBySide.ask(
                cluster.nodes().stream().map(Node::name).toList(), node -> ask(node, node.equals(spokesman)));
        List<Heard> all = List.copyOf(heard.values());
        JsonNode members = first(all, "incus", 0);
        if (!first(all, "pools", 0).isArray()) {
            all = other(heard, spokesman);
        }
        JsonNode pools = first(all, "pools", 0);
        Map<String, String> linstor = linstor(heard);
        var out = new ArrayList<Member>();
        for (Node node : cluster.nodes()) {
            Heard own = heard.getOrDefault(node.name(), new Heard(new Answers(Map.of()), "It was not asked."));
            out.add(member(node, own, members, linstor));
        }
        var seenPools = new ArrayList<Pool>();
        for (JsonNode each : pools) {
            seenPools.add(new Pool(text(each, "name"), text(each, "driver"), text(each, "status")));
        }
        var seenNetworks = new ArrayList<IncusNetwork>();
        for (Heard each : all) {
            for (String answer : each.said().all("network")) {
                JsonNode network = json(answer).path("metadata");
                if (network.has("name")) {
                    seenNetworks.add(network(network));
                }
            }
        }
        return new ClusterView(cluster, at, out, seenPools, seenNetworks);
    }

    /** Those of cluster.yaml. */
    private List<String> networks() {
        var out = new ArrayList<String>();
        Incus.Uplink uplink = cluster.incus().uplink();
        Incus.OvnNetwork own = cluster.incus().network();
        if (uplink != null) {
            out.add(uplink.name());
        }
        if (own != null) {
            out.add(own.name());
        }
        return out;
    }

    private static IncusNetwork network(JsonNode said) {
        JsonNode config = said.path("config");
        String own = text(config, "ipv4.address");
        String parent = text(config, "network");
        return new IncusNetwork(
                text(said, "name"),
                text(said, "type"),
                own.isEmpty() ? text(config, "ipv4.gateway") : own,
                parent.isEmpty() ? text(config, "parent") : parent,
                text(said, "status"));
    }

    /** Where the one who was to speak for all does not: the next who is a member. */
    private List<Heard> other(Map<String, Heard> heard, String spokesman) throws InterruptedException {
        for (Map.Entry<String, Heard> each : heard.entrySet()) {
            if (!each.getKey().equals(spokesman)
                    && answer(each.getValue().said(), "incus", 0).isArray()) {
                return List.of(ask(each.getKey(), true));
            }
        }
        return List.of();
    }

    private Member member(Node node, Heard heard, JsonNode members, Map<String, String> linstor) {
        Answers said = heard.said();
        IncusMember incus = null;
        for (JsonNode each : members) {
            if (text(each, "server_name").equals(node.name())) {
                incus = new IncusMember(text(each, "status"), text(each, "message"), databaseRole(each.path("roles")));
            }
        }
        var spaces = new HashMap<String, Space>();
        JsonNode space = answer(said, "incus", 1).path("space");
        if (space.path("total").asLong() > 0) {
            spaces.put(
                    cluster.incus().localPool().name(),
                    new Space(space.path("total").asLong(), space.path("used").asLong()));
        }
        return new Member(
                node,
                heard.silence(),
                raft(said.all("nb")),
                raft(said.all("sb")),
                said.one("northd"),
                node.has(Role.OVN_HOST) ? said.one("chassis") : "",
                incus,
                spaces,
                linstor.getOrDefault(node.name(), ""));
    }

    private static @Nullable Raft raft(List<String> lines) {
        RaftStatus status = RaftStatus.parse(lines);
        return status == null
                ? null
                : new Raft(status.role(), status.isMember(), status.servers().size());
    }

    private static String databaseRole(JsonNode roles) {
        String role = "";
        for (JsonNode each : roles) {
            switch (each.asText()) {
                case "database-leader" -> role = "leader";
                case "database" -> role = role.isEmpty() ? "voter" : role;
                case "database-standby" -> role = "standby";
                default -> {
                    // A role that has nothing to do with the database.
                }
            }
        }
        return role;
    }

    /** Incus's answer to the question with this number, of the first node that gave one. */
    private static JsonNode first(List<Heard> heard, String key, int number) {
        for (Heard each : heard) {
            JsonNode answer = answer(each.said(), key, number);
            if (answer.isArray()) {
                return answer;
            }
        }
        return MissingNode.getInstance();
    }

    private static JsonNode answer(Answers said, String key, int number) {
        List<String> all = said.all(key);
        return all.size() <= number
                ? MissingNode.getInstance()
                : json(all.get(number)).path("metadata");
    }

    private static Map<String, String> linstor(Map<String, Heard> heard) {
        var out = new LinkedHashMap<String, String>();
        for (Heard each : heard.values()) {
            for (JsonNode node : json(each.said().one("linstor"))) {
                out.put(text(node, "name"), text(node, "connection_status"));
            }
        }
        return out;
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }

    /** What is no JSON says nothing: a picture is drawn of what can be seen. */
    private static JsonNode json(String text) {
        try {
            JsonNode read = text.isEmpty() ? null : MAPPER.readTree(text);
            return read == null ? MissingNode.getInstance() : read;
        } catch (JsonProcessingException strange) {
            return MissingNode.getInstance();
        }
    }
}
