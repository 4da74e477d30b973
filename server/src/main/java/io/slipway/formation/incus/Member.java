package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one daemon said.
 *
 * @param node the node's name
 * @param said by path
 */
public record Member(String node, Map<String, Answer> said) {
    public Answer get(String path) {
        return said.getOrDefault(path, Answer.silence());
    }

    private Answer server() {
        return get(Members.SERVER);
    }

    public boolean answers() {
        return server().isOk();
    }

    boolean lacksProgram() {
        return server().code() == Answer.NO_PROGRAM;
    }

    public boolean isClustered() {
        return server().metadata().path("environment").path("server_clustered").asBoolean();
    }

    /** What it calls itself in its cluster. */
    String serverName() {
        return server().text("environment", "server_name");
    }

    /** Of its certificate, which all members of a cluster share. */
    String fingerprint() {
        return server().text("environment", "certificate_fingerprint");
    }

    String version() {
        return server().text("environment", "server_version");
    }

    /** A key of the server's configuration, or empty. */
    public String config(String key) {
        return server().text("config", key);
    }

    public boolean hasExtension(String name) {
        for (JsonNode extension : server().metadata().path("api_extensions")) {
            if (extension.asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** An entry of a list by its name, or null. */
    @Nullable
    JsonNode find(String list, String key, String name) {
        for (JsonNode entry : get(list).metadata()) {
            if (entry.path(key).asText().equals(name)) {
                return entry;
            }
        }
        return null;
    }

    @Nullable
    JsonNode findMember(String name) {
        return find(Members.MEMBERS, "server_name", name);
    }

    @Nullable
    JsonNode findPool(String name) {
        return find(Members.POOLS, "name", name);
    }

    @Nullable
    JsonNode findNetwork(String name) {
        Answer network = get(Members.network(name));
        return network.isOk() ? network.metadata() : null;
    }
}
