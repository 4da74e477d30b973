package io.slipway.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Serve;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The user's {@code cluster.yaml} with the few things changed that a lab decides: tree, DHCP mode, serial console,
 * who forms it, one more key. */
final class LabClusterFile {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private LabClusterFile() {}

    /**
     * @param text the user's file, which has been read and found right
     * @param directory where the user's file lies, which its relative paths begin at
     * @param tree the Slackware tree, or null to keep what the file says
     * @param fingerprint who signed the tree, or null to keep what the file says
     * @param dhcp who gives addresses
     * @param pool addresses for unknown machines, used in mode server unless the file has its own
     * @param key a line of {@code authorized_keys} for the admin user
     * @return the lab's file
     */
    static String derive(
            String text,
            Path directory,
            @Nullable Path tree,
            @Nullable String fingerprint,
            Serve.DhcpMode dhcp,
            Ipv4Range pool,
            String key) {
        try {
            JsonNode root = YAML.readTree(text);
            if (!(root instanceof ObjectNode file)) {
                throw unreadable("it is not a mapping", null);
            }
            absolute(file.path("slackware"), "mirror", directory);
            absolute(file.path("slackware"), "tagfiles", directory);
            List.of("slackbuilds", "local", "sources")
                    .forEach(name -> absolute(file.path("packages"), name, directory));
            absolute(file.path("serve"), "ipxe", directory);
            if (tree != null) {
                file.withObjectProperty("slackware").put("mirror", tree.toString());
                file.withObjectProperty("slackware").put("snapshot", "lab");
            }
            if (fingerprint != null) {
                file.withObjectProperty("slackware").put("fingerprint", fingerprint);
            }
            // The lab forms the cluster itself, where one sees it.
            file.withObjectProperty("serve").put("formation", "manual");
            ObjectNode dhcpPart = file.withObjectProperty("serve").withObjectProperty("dhcp");
            dhcpPart.put("mode", dhcp.name().toLowerCase(Locale.ROOT));
            if (dhcp == Serve.DhcpMode.SERVER && !dhcpPart.has("pool")) {
                dhcpPart.put("pool", pool.toString());
            }
            ObjectNode clusterPart = file.withObjectProperty("cluster");
            // The serial port is the lab's console.
            clusterPart.put("serialConsole", true);
            clusterPart.withObjectProperty("admin").withArrayProperty("keys").add(key);
            return YAML.writeValueAsString(file);
        } catch (IOException failure) {
            throw unreadable(String.valueOf(failure.getMessage()), failure);
        }
    }

    /** The same path, or the same paths, in a file that lies elsewhere. */
    private static void absolute(JsonNode parent, String key, Path directory) {
        JsonNode value = parent.path(key);
        if (value.isTextual()) {
            ((ObjectNode) parent).put(key, absolute(value.asText(), directory));
        } else if (value.isArray()) {
            var list = ((ObjectNode) parent).putArray(key);
            value.forEach(each -> list.add(absolute(each.asText(), directory)));
        }
    }

    private static String absolute(String path, Path directory) {
        return path.contains("://") ? path : directory.resolve(path).normalize().toString();
    }

    private static ProblemException unreadable(String why, @Nullable IOException failure) {
        var problem = Problem.of(
                        ProblemKind.INVALID_INPUT, "The cluster's file cannot be read.", "Run \"slipway check\" on it.")
                .because(why);
        return failure == null ? problem.asException() : new ProblemException(problem, failure);
    }
}
