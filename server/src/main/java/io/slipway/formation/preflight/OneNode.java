package io.slipway.formation.preflight;

import io.slipway.formation.Finding;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.linstor.LinstorApi;
import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must be so on each node by itself. Each method judges what the node said. */
final class OneNode {
    private static final long GIB = 1L << 30;

    /** Databases, logs and an image need this much to begin with. */
    private static final long ROOM = GIB;

    private static final long INODES = 10_000;

    private static final String PACKAGE = "slipway-node-";

    private OneNode() {}

    static Finding login(Node node, NodeFacts facts) {
        String name = node.name();
        return facts.hostname().equals(name)
                ? Finding.done(name + " answers with its own key, and sudo works")
                : Finding.wrong(
                        name + " to call itself " + name,
                        "that it calls itself " + facts.hostname(),
                        "OVN, LINSTOR, DRBD and Incus take a node's own name. Correct /etc/HOSTNAME there and restart it,"
                                + " or the name or address in cluster.yaml.");
    }

    static Finding installed(Node node, NodeFacts facts) {
        String wanted = PACKAGE + node.name();
        var others = new ArrayList<String>();
        for (String entry : facts.system().packages()) {
            String name = PackageFileName.find(entry + ".txz")
                    .map(PackageFileName::name)
                    .orElse("");
            if (name.equals(wanted)) {
                return Finding.done(entry);
            }
            if (name.startsWith(PACKAGE)) {
                others.add(name);
            }
        }
        return Finding.wrong(
                "the package " + wanted + " on " + node.name() + ", which the installation leaves",
                others.isEmpty() ? "none of that kind" : String.join(", ", others),
                "The machine was not installed as this node. Install it (slipway node reinstall " + node.name()
                        + "), or correct its name or address in cluster.yaml.");
    }

    static Finding room(Node node, NodeFacts facts) {
        var full = new ArrayList<String>();
        long least = Long.MAX_VALUE;
        for (NodeFacts.Room room : facts.rooms()) {
            least = Math.min(least, room.bytes());
            if (room.bytes() < ROOM) {
                full.add(mib(room.bytes()) + " free on " + room.path());
            } else if (room.countsInodes() && room.inodes() < INODES) {
                full.add(room.inodes() + " free inodes on " + room.path());
            }
        }
        return full.isEmpty()
                ? Finding.done(String.format(Locale.ROOT, "%.1f GiB free", (double) least / GIB))
                : Finding.wrong(
                        mib(ROOM) + " and " + INODES + " inodes free on " + node.name(),
                        String.join(", ", full),
                        "Make room on " + node.name() + " (du -xh -d 2 / shows what takes it), then run this again. A"
                                + " database that finds no room stops in the middle.");
    }

    private static String mib(long bytes) {
        return bytes / (1 << 20) + " MiB";
    }

    /**
     * A port that the cluster takes on a node.
     *
     * @param protocol {@code tcp} or {@code udp}
     * @param program who may hold it already, or empty for the kernel
     * @param purpose what it is for
     */
    record Port(String protocol, int number, String program, String purpose) {}

    /** The ports that a node's roles take. */
    static List<Port> ports(Cluster cluster, Node node) {
        var out = new ArrayList<Port>();
        if (node.has(Role.OVN_CENTRAL)) {
            out.add(new Port("tcp", 6641, "ovsdb-server", "OVN's Northbound database"));
            out.add(new Port("tcp", 6642, "ovsdb-server", "OVN's Southbound database"));
            out.add(new Port("tcp", 6643, "ovsdb-server", "Raft of OVN's Northbound database"));
            out.add(new Port("tcp", 6644, "ovsdb-server", "Raft of OVN's Southbound database"));
        }
        if (node.has(Role.OVN_HOST)) {
            boolean geneve = cluster.ovn().encapsulation().equals("geneve");
            out.add(new Port("udp", geneve ? 6081 : 4789, "", "OVN's tunnels"));
        }
        if (node.has(Role.INCUS_MEMBER)) {
            out.add(new Port("tcp", cluster.incus().port(), "incusd", "Incus"));
        }
        if (node.has(Role.LINSTOR_SATELLITE)) {
            out.add(new Port("tcp", 3366, "java", "LINSTOR's satellite"));
        }
        if (node.has(Role.LINSTOR_CONTROLLER)) {
            out.add(new Port("tcp", 3370, "java", "LINSTOR's controller"));
        }
        return out;
    }

    static Finding ports(Cluster cluster, Node node, NodeFacts facts) {
        String own = cluster.clusterAddress(node).toString();
        var taken = new ArrayList<String>();
        List<Port> wanted = ports(cluster, node);
        for (Port port : wanted) {
            for (NodeFacts.Listener listener : facts.listeners()) {
                boolean same = listener.port() == port.number()
                        && listener.protocol().equals(port.protocol())
                        && Set.of("0.0.0.0", "::", "*", own).contains(listener.address());
                if (same && !listener.program().equals(port.program())) {
                    String holder = listener.program().isEmpty() ? "the kernel" : listener.program();
                    taken.add(port.protocol().toUpperCase(Locale.ROOT) + " port " + port.number() + " ("
                            + port.purpose() + ") held by " + holder);
                }
            }
        }
        return taken.isEmpty()
                ? Finding.done(wanted.size() + " ports are free or ours")
                : Finding.wrong(
                        "the cluster's ports on " + node.name() + " free",
                        String.join(", ", taken.stream().distinct().toList()),
                        "End that program on " + node.name()
                                + " or give it another port (ss -lntup shows its process).");
    }

    /**
     * What the pool partition of a node is for.
     *
     * @param type what {@code blkid} finds there once it is ours
     * @param group the volume group or ZFS pool that is made there
     */
    record PoolUse(String type, String group) {}

    /** Who takes the partition that the installer left, or null if nobody does. */
    static @Nullable PoolUse poolUse(Cluster cluster, Node node) {
        Linstor linstor = cluster.linstor();
        if (linstor != null && node.has(Role.LINSTOR_SATELLITE)) {
            String backing = LinstorApi.backing(linstor.provider(), linstor.volumeGroup());
            return switch (linstor.provider()) {
                case LVM_THIN -> new PoolUse("LVM2_member", backing.substring(0, backing.indexOf('/')));
                case ZFS_THIN -> new PoolUse("zfs_member", backing);
                case FILE_THIN -> null;
            };
        }
        Incus.LocalPool local = cluster.incus().localPool();
        return !node.has(Role.INCUS_MEMBER)
                ? null
                : switch (local.driver()) {
                    case LVM -> new PoolUse("LVM2_member", local.name());
                    case ZFS -> new PoolUse("zfs_member", local.name());
                    case DIR -> null;
                };
    }

    static Finding disks(Cluster cluster, Node node, NodeFacts facts) {
        List<NodeFacts.Pool> pools = facts.pools();
        List<String> devices = pools.stream().map(NodeFacts.Pool::device).toList();
        boolean planned = node.disks().layout().poolPartition() || node.disks().pool() != null;
        PoolUse use = poolUse(cluster, node);
        if (!planned && use == null) {
            return Finding.done("no storage partition is planned");
        }
        if (pools.size() != 1) {
            return Finding.wrong(
                    "one partition called slipway-pool on " + node.name(),
                    devices.isEmpty() ? "none" : String.join(", ", devices),
                    devices.isEmpty()
                            ? "The installer makes it where disks.layout.poolPartition or disks.pool says so: install the"
                                    + " node again (slipway node reinstall " + node.name()
                                    + "), or name a partition so:"
                                    + " sgdisk -c NUMBER:slipway-pool DISK."
                            : "Rename the others: sgdisk -c NUMBER:NAME DISK. Nothing was changed.");
        }
        NodeFacts.Pool pool = pools.get(0);
        if (use == null) {
            return Finding.done(pool.device() + " is there, and not used");
        }
        if (pool.type().isEmpty() && pool.holders().isEmpty()) {
            return Finding.done(pool.device() + " is empty");
        }
        boolean half = pool.type().equals("LVM2_member") && pool.group().isEmpty();
        if (pool.type().equals(use.type()) && (pool.group().equals(use.group()) || half)) {
            return Finding.done(pool.device() + " is ours");
        }
        return Finding.wrong(
                "the partition " + pool.device() + " of " + node.name() + " empty, or with " + use.group() + " on it",
                content(pool),
                "Look what that is. If it is not needed, erase it on " + node.name() + ": wipefs -a " + pool.device()
                        + ". Nothing was changed.");
    }

    private static String content(NodeFacts.Pool pool) {
        if (pool.type().isEmpty()) {
            return "it in use by " + String.join(", ", pool.holders());
        }
        return switch (pool.type()) {
            case "LVM2_member" -> "the volume group " + pool.group();
            case "zfs_member" -> "the ZFS pool " + pool.group();
            default -> pool.type();
        };
    }
}
