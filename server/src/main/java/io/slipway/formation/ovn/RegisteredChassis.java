package io.slipway.formation.ovn;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Southbound database knows every host, by its name and with its tunnels' end, and nobody else.
 *
 * @param node the voter that is asked
 * @param hosts who is expected
 */
record RegisteredChassis(Voters voters, Node node, List<Node> hosts) implements Step.Check {
    @Override
    public Finding probe() throws InterruptedException {
        var tables = new LinkedHashMap<String, List<String>>();
        tables.put("Chassis", List.of("name", "hostname", "encaps"));
        tables.put("Encap", List.of("_uuid", "ip", "type"));
        var asked = new Rows.Ask(Database.SOUTHBOUND.socket(), Database.SOUTHBOUND.schema(), tables);
        var said = new NodeScript(node.name(), voters.nodes())
                .ask(
                        "The Southbound database on " + node.name() + " cannot be looked at",
                        Rows.SCRIPT,
                        Rows.arguments(asked));
        var rows = Rows.of(said, 0, asked);
        if (rows == null) {
            return Finding.unknown("the Southbound database on " + node.name() + " does not answer");
        }
        var encaps = new HashMap<String, String>();
        for (JsonNode row : rows.get(1)) {
            encaps.put(
                    row.path("_uuid").path(1).asText(),
                    row.path("type").asText() + " " + row.path("ip").asText());
        }
        var registered = new HashMap<String, List<String>>();
        for (JsonNode row : rows.get(0)) {
            registered.put(
                    row.path("name").asText(),
                    Rows.set(row.path("encaps")).stream()
                            .map(each -> encaps.getOrDefault(each.path(1).asText(), "none"))
                            .toList());
        }
        return judge(registered);
    }

    /** @param registered chassis by name, each with its encapsulations: type and address */
    Finding judge(Map<String, List<String>> registered) {
        var open = new ArrayList<String>();
        for (Node host : hosts) {
            String encap = voters.cluster().ovn().encapsulation() + " "
                    + host.address(voters.cluster().traffic().tunnel());
            List<String> has = registered.get(host.name());
            if (has == null) {
                open.add(host.name() + " is not registered");
            } else if (!has.contains(encap)) {
                open.add(host.name() + " has " + String.join(", ", has));
            }
        }
        var names = hosts.stream().map(Node::name).toList();
        var strangers = registered.keySet().stream()
                .filter(name -> !names.contains(name))
                .sorted()
                .toList();
        if (!strangers.isEmpty()) {
            return Finding.wrong(
                    "only the hosts of cluster.yaml in the Southbound database",
                    "also " + String.join(", ", strangers),
                    "If it will not come back, remove it on a voter: ovn-sbctl chassis-del " + strangers.get(0));
        }
        return open.isEmpty() ? Finding.done(hosts.size() + " chassis") : Finding.toDo(String.join(", ", open));
    }
}
