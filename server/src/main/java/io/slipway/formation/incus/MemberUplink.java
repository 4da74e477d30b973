package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;

/**
 * One member's part of the uplink: the device by which OVN's routers leave it.
 *
 * @param node the node's name
 * @param network the physical network's name in Incus
 * @param members all daemons
 */
record MemberUplink(String node, String network, Members members) implements Step.Work {
    /** The device of the network that carries the uplink; the same on every node. */
    static String device(Cluster cluster) {
        String uplink = cluster.traffic().uplink();
        return uplink == null ? "" : cluster.getNetwork(uplink).device();
    }

    @Override
    public Finding probe() throws InterruptedException {
        return judge(members.look(node, false, members.uplinkOf(node)));
    }

    @Override
    public Finding verify() throws InterruptedException {
        return judge(members.look(node, true, members.uplinkOf(node)));
    }

    private Finding judge(Member own) {
        if (!own.isClustered()) {
            return Finding.unknown(node + " is not a member of an Incus cluster");
        }
        Answer part = own.get(members.uplinkOf(node));
        String wanted = device(members.cluster());
        String found = part.text("config", "parent");
        if (!part.isSaid()) {
            return Finding.unknown("Incus does not answer on " + node);
        }
        if (part.isAbsent() || found.isEmpty()) {
            return Finding.toDo("the network " + network + " is not defined on " + node);
        }
        return found.equals(wanted)
                ? Finding.done(network + " is " + wanted)
                : Finding.wrong(
                        "the network " + network + " of Incus to be " + wanted + " on " + node,
                        found,
                        "If no network uses it, delete it (incus network delete " + network
                                + ") and run this again; otherwise correct traffic.uplink in cluster.yaml.");
    }

    @Override
    public void act() throws InterruptedException {
        try {
            ObjectNode body = IncusApi.object().put("name", network).put("type", "physical");
            body.putObject("config").put("parent", device(members.cluster()));
            members.api(node)
                    .require(
                            "The network " + network + " cannot be defined on " + node,
                            IncusApi.USUAL,
                            "POST",
                            "/1.0/networks?target=" + node,
                            body);
        } finally {
            members.forget();
        }
    }
}
