package io.slipway.formation.linstor;

import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.linstor.LinstorApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The steps of a cluster with LINSTOR. */
public final class LinstorSteps {
    /** TCP port of the controller's REST API; it listens on its node's cluster address only. */
    public static final int CONTROLLER_PORT = 3370;

    /** The last step: when it is done, volumes can be placed. */
    public static final String LAST = "linstor.group";

    /** Emulated machines take most of these; the conditions are awaited, so real ones do not. */
    private static final Duration DAEMON = Duration.ofMinutes(8);

    private static final Duration ONLINE = Duration.ofMinutes(6);
    private static final Duration POOL = Duration.ofMinutes(8);

    private LinstorSteps() {}

    /** The node that the controller runs on. */
    public static Node controller(Cluster cluster) {
        return cluster.listNodes(Role.LINSTOR_CONTROLLER).get(0);
    }

    /** Name of the resource group that volumes are spawned from; Incus calls it a pool's source. */
    public static String resourceGroup(Linstor linstor) {
        return linstor.poolName();
    }

    /**
     * @param nodes reaches the cluster's nodes
     * @param api the controller's API; it need not answer before the controller runs
     * @param before ids of steps that must be done before the first of these
     * @return nothing for a cluster without LINSTOR
     */
    public static List<Step> of(Cluster cluster, Nodes nodes, LinstorApi api, List<String> before) {
        Linstor linstor = cluster.linstor();
        if (linstor == null) {
            return List.of();
        }
        var out = new ArrayList<Step>();
        Node controller = controller(cluster);
        List<Node> satellites = cluster.listNodes(Role.LINSTOR_SATELLITE);
        for (Node node : satellites) {
            String name = node.name();
            out.add(Step.of(
                            "linstor.tools." + name,
                            name,
                            name + " has the kernel modules and programs that LINSTOR needs",
                            new StorageTools(name, linstor.provider(), nodes))
                    .waiting("waiting for kernel modules on " + name)
                    .after(before));
            out.add(Step.of(
                            "linstor.satellite." + name,
                            name,
                            name + " runs LINSTOR's satellite",
                            LinstorDaemon.satellite(name, nodes))
                    .waiting("waiting until LINSTOR's satellite listens on " + name)
                    .within(DAEMON)
                    .after("linstor.tools." + name));
        }
        out.add(Step.of(
                        "linstor.controller",
                        controller.name(),
                        controller.name() + " runs LINSTOR's controller",
                        LinstorDaemon.controller(controller.name(), nodes, api))
                .waiting("waiting until LINSTOR's controller answers")
                .within(DAEMON)
                .after(before));
        for (Node node : satellites) {
            String name = node.name();
            out.add(Step.of(
                            "linstor.node." + name,
                            name,
                            name + " is ONLINE in LINSTOR and can make " + linstor.provider() + " pools",
                            new SatelliteNode(cluster, node, linstor.provider(), api))
                    .waiting("waiting until " + name + " is ONLINE in LINSTOR")
                    .within(ONLINE)
                    .after("linstor.controller", "linstor.satellite." + name));
            out.add(Step.of(
                            "linstor.pool." + name,
                            name,
                            name + " has the storage pool " + linstor.poolName(),
                            new NodePool(name, linstor, nodes, api))
                    .waiting("waiting until the storage pool of " + name + " shows its capacity")
                    .within(POOL)
                    .after("linstor.node." + name));
        }
        List<String> names = satellites.stream().map(Node::name).toList();
        out.add(Step.of(
                        "linstor.capacity",
                        "",
                        "the storage pool " + linstor.poolName() + " has room on every satellite",
                        new PoolCapacity(names, linstor.poolName(), api))
                .waiting("waiting until every storage pool shows its capacity")
                .occupying(Set.of(controller.name()))
                .after(names.stream().map(name -> "linstor.pool." + name).toList()));
        out.add(Step.of(
                        LAST,
                        "",
                        "LINSTOR places " + linstor.replicas() + " copies of each volume",
                        new ReplicaGroup(linstor, api))
                .waiting("waiting for LINSTOR's resource group")
                .occupying(Set.of(controller.name()))
                .after("linstor.capacity"));
        return out;
    }
}
