package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;

/** A network of the whole cluster: the uplink after each member has defined its part, or one of OVN's own. */
final class ClusterNetwork extends ClusterWork {
    private static final Duration CREATE = Duration.ofMinutes(4);

    private final String name;
    private final String type;
    private final Map<String, String> identity;
    private final Map<String, String> settings;

    /**
     * @param identity keys that make it what it is: with other values it is another network
     * @param settings keys that are corrected where they differ
     */
    ClusterNetwork(
            String name, String type, Map<String, String> identity, Map<String, String> settings, Members members) {
        super(members, Members.network(name));
        this.name = name;
        this.type = type;
        this.identity = new TreeMap<>(identity);
        this.settings = new TreeMap<>(settings);
    }

    private boolean hasParts() {
        return type.equals("physical");
    }

    @Override
    Finding judge(Member speaker) {
        JsonNode network = speaker.findNetwork(name);
        if (network == null && !speaker.get(Members.network(name)).isAbsent()) {
            return Finding.unknown("Incus on " + speaker.node() + " does not say whether there is a network " + name);
        }
        if (network == null) {
            return hasParts()
                    ? Finding.unknown("no member has defined the network " + name)
                    : Finding.toDo("there is no network " + name);
        }
        if (!network.path("type").asText().equals(type)) {
            return wrong("of type " + type, "type " + network.path("type").asText());
        }
        String status = network.path("status").asText();
        if (!status.equals("Created")) {
            return Finding.toDo("the network " + name + " is " + status);
        }
        for (var entry : identity.entrySet()) {
            String found = value(network, entry.getKey());
            if (!found.equals(entry.getValue())) {
                return wrong("with " + entry.getKey() + " " + entry.getValue(), found.isEmpty() ? "none" : found);
            }
        }
        var differing = new ArrayList<String>();
        settings.forEach((key, value) -> {
            if (!value(network, key).equals(value)) {
                differing.add(key);
            }
        });
        return differing.isEmpty()
                ? Finding.done("the network " + name + " is there")
                : Finding.toDo("the network " + name + " differs from cluster.yaml in " + String.join(", ", differing));
    }

    private Finding wrong(String expected, String found) {
        return Finding.wrong(
                "the network " + name + " of Incus " + expected,
                found,
                "Instances may use it, so it is not touched. Give incus.network or incus.uplink another name in"
                        + " cluster.yaml, or delete the network if nothing uses it: incus network delete " + name
                        + ".");
    }

    private static String value(JsonNode network, String key) {
        return network.path("config").path(key).asText("");
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        JsonNode network = speaker.findNetwork(name);
        String status = network == null ? "" : network.path("status").asText();
        if (status.equals("Created")) {
            ObjectNode body = IncusApi.object();
            body.set("config", IncusApi.object(settings));
            api.require("The network " + name + " cannot be changed", CREATE, "PATCH", "/1.0/networks/" + name, body);
            return;
        }
        var config = new TreeMap<String, String>();
        // One that was cut off half made has its keys already, and is gone on with by a request without any.
        if (!status.equals("Errored")) {
            config.putAll(identity);
            config.putAll(settings);
        }
        ObjectNode body = IncusApi.object().put("name", name).put("type", type);
        body.set("config", IncusApi.object(config));
        api.require("The network " + name + " cannot be made", CREATE, "POST", "/1.0/networks", body);
    }
}
