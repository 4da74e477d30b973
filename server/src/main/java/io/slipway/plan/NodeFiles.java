package io.slipway.plan;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.template.TemplateTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that depends on the cluster or the node, rendered: the content of the package {@code slipway-node-NAME}
 * and the instructions for the installer.
 *
 * <p>Templates lie under {@code node/} for every node and under {@code ROLE/} for nodes with that role, by target path.
 * {@code node/install/doinst.sh} becomes the package's own script. {@code install/NAME} are the installer's texts.
 */
public final class NodeFiles {
    private static final String EVERY_NODE = "node";
    private static final String INSTALLER = "install";

    /** Stands for the admin user's name in a template's path. */
    private static final String ADMIN = "@admin";

    private final Cluster cluster;
    private final TemplateTree templates;
    private final String applianceKey;

    /**
     * @param applianceKey the appliance's own SSH public key, one line of {@code authorized_keys}
     */
    public NodeFiles(Cluster cluster, TemplateTree templates, String applianceKey) {
        this.cluster = cluster;
        this.templates = templates;
        this.applianceKey = applianceKey;
    }

    /** The files of the node's package, sorted by path. */
    public List<NodeFile> files(Node node) {
        Map<String, Object> model = model(node);
        var out = new TreeMap<String, NodeFile>();
        render(EVERY_NODE, model, out);
        Arrays.stream(Role.values())
                .filter(node::has)
                .sorted(Comparator.comparing(Role::text))
                .forEach(role -> render(role.text(), model, out));
        return List.copyOf(out.values());
    }

    /** What the installer reads, below {@code nodes/NAME/}: {@code plan}, {@code rescue_keys}. */
    public List<NodeFile> instructions(Node node) {
        var out = new TreeMap<String, NodeFile>();
        render(INSTALLER, model(node), out);
        return List.copyOf(out.values());
    }

    private void render(String directory, Map<String, Object> model, Map<String, NodeFile> out) {
        for (String path : templates.list(directory)) {
            TemplateTree.Rendered rendered = templates.render(directory + '/' + path, model);
            // A template that renders to nothing is a file that this node does not have.
            if (rendered.text().isBlank()) {
                continue;
            }
            String target = path.replace(ADMIN, cluster.identity().admin().name());
            NodeFile other = out.put(target, new NodeFile(target, rendered.mode(), rendered.text()));
            if (other != null) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "Two templates make /" + target + ".",
                                "Keep one of them; templates/" + directory + "/" + path + ".ftl is the second.")
                        .asException();
            }
        }
    }

    private Map<String, Object> model(Node node) {
        var model = new HashMap<String, Object>();
        model.put("cluster", cluster);
        model.put("node", node);
        model.put("clusterAddress", cluster.clusterAddress(node).toString());
        model.put("storageAddress", node.address(cluster.traffic().storage()).toString());
        model.put("tunnelAddress", node.address(cluster.traffic().tunnel()).toString());
        model.put("network", NetworkPlan.of(cluster, node));
        model.put("hosts", hosts());
        model.put("roles", node.roles().stream().map(Role::text).sorted().toList());
        model.put("voters", addresses(Role.OVN_CENTRAL));
        model.put("controllers", addresses(Role.LINSTOR_CONTROLLER));
        model.put("applianceKey", applianceKey);
        model.put("services", services(node));
        model.put(
                "images",
                "http://" + cluster.serve().address() + ":" + cluster.serve().bootPort() + "/images");
        return Map.copyOf(model);
    }

    private List<String> addresses(Role role) {
        return cluster.listNodes(role).stream()
                .map(cluster::clusterAddress)
                .map(Ipv4Address::toString)
                .toList();
    }

    /** Address to names; a node's names stand on its cluster address and on no other. */
    private Map<String, String> hosts() {
        var out = new LinkedHashMap<String, String>();
        for (Node node : cluster.nodes()) {
            out.put(
                    cluster.clusterAddress(node).toString(),
                    node.name() + '.' + cluster.identity().domain() + ' ' + node.name());
        }
        return out;
    }

    /** Our own services in starting order; stopping goes the other way. */
    private List<String> services(Node node) {
        var out = new ArrayList<String>();
        boolean storage = node.has(Role.LINSTOR_SATELLITE) || node.has(Role.LINSTOR_CONTROLLER);
        boolean central = node.has(Role.OVN_CENTRAL);
        boolean host = node.has(Role.OVN_HOST);
        if (central || host) {
            out.add("openvswitch");
        }
        if (central) {
            out.add("ovn-central");
        }
        if (host) {
            out.add("ovn-host");
        }
        if (storage) {
            out.add("drbd");
        }
        if (storage || cluster.incus().localPool().driver() == io.slipway.inventory.Incus.Driver.ZFS) {
            out.add("zfs");
        }
        if (node.has(Role.LINSTOR_SATELLITE)) {
            out.add("linstor-satellite");
        }
        if (node.has(Role.LINSTOR_CONTROLLER)) {
            out.add("linstor-controller");
        }
        if (node.has(Role.INCUS_MEMBER)) {
            out.add("incusd");
        }
        return out;
    }
}
