package io.slipway.formation.view;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cluster at one moment.
 *
 * @param cluster as planned
 * @param at when it was looked at
 * @param members one for each node, in the order of cluster.yaml
 * @param pools Incus's storage pools, by what the first member that answered said
 * @param networks Incus's own networks likewise
 */
public record ClusterView(
        Cluster cluster, Instant at, List<Member> members, List<Pool> pools, List<IncusNetwork> networks) {
    public ClusterView {
        members = List.copyOf(members);
        pools = List.copyOf(pools);
        networks = List.copyOf(networks);
    }

    /**
     * One node.
     *
     * @param node as planned
     * @param silence why it did not answer, or empty
     * @param northbound its part in OVN's Northbound database, or null where it has none or does not say
     * @param southbound likewise
     * @param northd {@code active} or {@code standby}; empty where it does not run
     * @param chassis {@code connected} where ovn-controller follows the Southbound database, {@code not connected} where
     *     it does not; empty where it does not run
     * @param incus what Incus says of it, or null where Incus knows no such member
     * @param spaces room in the pools that are its own, by name
     * @param linstor what LINSTOR says of it: {@code ONLINE}, …; empty where LINSTOR says nothing
     */
    public record Member(
            Node node,
            String silence,
            @Nullable Raft northbound,
            @Nullable Raft southbound,
            String northd,
            String chassis,
            @Nullable IncusMember incus,
            Map<String, Space> spaces,
            String linstor) {
        public Member {
            spaces = Map.copyOf(spaces);
        }

        public String name() {
            return node.name();
        }

        public boolean answers() {
            return silence.isEmpty();
        }
    }

    /**
     * A server of a Raft cluster.
     *
     * @param role {@code leader}, {@code follower} or {@code candidate}
     * @param member whether it has joined
     * @param servers how many it knows, itself included
     */
    public record Raft(String role, boolean member, int servers) {
        public boolean leads() {
            return member && role.equals("leader");
        }
    }

    /**
     * @param status {@code Online}, {@code Offline}, {@code Evacuated}, …
     * @param message why
     * @param databaseRole {@code leader}, {@code voter}, {@code standby}, or empty
     */
    public record IncusMember(String status, String message, String databaseRole) {
        public boolean online() {
            return status.equalsIgnoreCase("online");
        }
    }

    /**
     * Room in a storage pool.
     *
     * @param total bytes; 0 where it is not known
     * @param used bytes
     */
    public record Space(long total, long used) {}

    /**
     * @param driver {@code dir}, {@code lvm}, {@code zfs}, {@code linstor}, …
     * @param status {@code Created}, {@code Pending}, …
     */
    public record Pool(String name, String driver, String status) {}

    /**
     * @param type {@code physical}, {@code ovn}, …
     * @param subnet its addresses as configured, or its gateway, or empty
     * @param parent the device or network that it leaves by, or empty
     */
    public record IncusNetwork(String name, String type, String subnet, String parent, String status) {}

    /** One of OVN's two databases. */
    public enum Database {
        NORTHBOUND("Northbound", 6641),
        SOUTHBOUND("Southbound", 6642);

        private final String text;
        private final int port;

        Database(String text, int port) {
            this.text = text;
            this.port = port;
        }

        /** As people call it. */
        public String text() {
            return text;
        }
    }

    static @Nullable Raft raft(Member member, Database database) {
        return database == Database.NORTHBOUND ? member.northbound() : member.southbound();
    }

    /** Names of the nodes that lead it: one if all is well. */
    public List<String> leaders(Database database) {
        return members.stream()
                .filter(member -> {
                    Raft raft = raft(member, database);
                    return raft != null && raft.leads();
                })
                .map(Member::name)
                .toList();
    }

    /** How many servers have joined it, of those that answer. */
    public long voters(Database database) {
        return members.stream()
                .map(member -> raft(member, database))
                .filter(Objects::nonNull)
                .filter(Raft::member)
                .count();
    }

    /** Where clients find it: {@code ssl:ADDRESS:PORT} of each voter, joined by commas. */
    public String endpoint(Database database) {
        String scheme = cluster.ovn().tls() ? "ssl:" : "tcp:";
        return String.join(
                ",",
                cluster.listNodes(Role.OVN_CENTRAL).stream()
                        .map(node -> scheme + cluster.clusterAddress(node) + ":" + database.port)
                        .toList());
    }

    /** Incus's API on a member. */
    public String incusUrl(Node node) {
        return "https://" + cluster.clusterAddress(node) + ":" + cluster.incus().port();
    }

    /**
     * The first member by which a client may reach Incus: one that Incus says is online, and that answered us. Null if
     * there is none.
     */
    public @Nullable Node incusEntry() {
        return members.stream()
                .filter(member -> {
                    IncusMember incus = member.incus();
                    return member.answers() && incus != null && incus.online();
                })
                .map(Member::node)
                .findFirst()
                .orElse(null);
    }

    /** Whether anything of a cluster was seen. */
    public boolean isFormed() {
        return members.stream().anyMatch(member -> member.northbound() != null || member.incus() != null);
    }

    /** What is not as planned, a sentence each. */
    public List<String> concerns() {
        var out = new ArrayList<String>();
        for (Member member : members) {
            if (!member.answers()) {
                out.add(member.name() + " does not answer: " + member.silence());
            }
        }
        if (!isFormed()) {
            return out;
        }
        int planned = cluster.listNodes(Role.OVN_CENTRAL).size();
        for (Database database : planned == 0 ? new Database[0] : Database.values()) {
            List<String> leaders = leaders(database);
            if (leaders.isEmpty()) {
                out.add("Nobody who answers leads OVN's " + database.text() + " database.");
            }
            if (leaders.size() > 1) {
                out.add(String.join(" and ", leaders) + " both say that they lead OVN's " + database.text()
                        + " database.");
            }
            if (voters(database) < planned) {
                out.add(voters(database) + " of " + planned + " voters of OVN's " + database.text()
                        + " database are there.");
            }
        }
        for (Member member : members) {
            concerns(member, out);
        }
        return out;
    }

    private static void concerns(Member member, List<String> out) {
        IncusMember incus = member.incus();
        if (member.node().has(Role.INCUS_MEMBER) && incus == null) {
            out.add("Incus knows no member " + member.name() + ".");
        }
        if (incus != null && !incus.online()) {
            out.add(member.name() + " is " + incus.status() + " in Incus: " + incus.message());
        }
        if (member.answers()
                && member.node().has(Role.OVN_HOST)
                && !member.chassis().equals("connected")) {
            out.add(
                    member.chassis().isEmpty()
                            ? "ovn-controller does not run on " + member.name() + "."
                            : "ovn-controller on " + member.name() + " does not reach the Southbound database.");
        }
        if (!member.linstor().isEmpty() && !member.linstor().equals("ONLINE")) {
            out.add(member.name() + " is " + member.linstor() + " in LINSTOR.");
        }
    }
}
