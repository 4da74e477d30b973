package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Linstor;
import io.slipway.linstor.LinstorApi;
import io.slipway.linstor.LinstorNode;
import io.slipway.linstor.Report;
import io.slipway.linstor.StoragePool;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One node's storage pool. LINSTOR makes volume group or ZFS pool and its own pool in one request; where it was stopped
 * between the two, what is there is taken over.
 */
final class NodePool extends ControllerWork<NodePool.Seen> {
    /** Where pools of files lie; not below /var/lib/linstor, which is LINSTOR's own. */
    private static final String DIRECTORY = "/var/lib/linstor-pools/";

    private static final Duration COMMAND = Duration.ofMinutes(2);

    private final String node;
    private final Linstor linstor;
    private final Nodes nodes;
    private final LinstorApi api;
    private final String backing;

    NodePool(String node, Linstor linstor, Nodes nodes, LinstorApi api) {
        this.node = node;
        this.linstor = linstor;
        this.nodes = nodes;
        this.api = api;
        this.backing = linstor.provider() == Linstor.Provider.FILE_THIN
                ? DIRECTORY + linstor.volumeGroup()
                : LinstorApi.backing(linstor.provider(), linstor.volumeGroup());
    }

    /**
     * @param known the node, or null where LINSTOR does not know it
     * @param pool its pool, or null where there is none
     */
    record Seen(@Nullable LinstorNode known, @Nullable StoragePool pool) {}

    @Override
    Seen ask() throws InterruptedException {
        LinstorNode known = api.findNode(node);
        return new Seen(known, known == null ? null : api.findStoragePool(node, linstor.poolName()));
    }

    @Override
    Finding judge(Seen seen) throws InterruptedException {
        // LINSTOR says 201 to what it asks of a satellite that is not there, and means nothing by it.
        if (seen.known() == null || !seen.known().online()) {
            return Finding.unknown(node + " is not ONLINE in LINSTOR");
        }
        StoragePool pool = seen.pool();
        if (pool != null
                && !(pool.provider().equals(linstor.provider().name())
                        && pool.backing().equals(backing))) {
            return Finding.wrong(
                    "LINSTOR's storage pool " + linstor.poolName() + " on " + node + " to be " + linstor.provider()
                            + " in " + backing,
                    pool.provider() + " in " + pool.backing(),
                    "Volumes can only be placed on pools of one kind. Give linstor.pool another name in cluster.yaml, or,"
                            + " if nothing is in it, delete it: linstor storage-pool delete " + node + " "
                            + linstor.poolName() + ".");
        }
        if (pool != null && pool.hasSpace()) {
            return Finding.done(gib(pool) + " in " + backing);
        }
        if (pool != null && !broken(pool)) {
            return Finding.toDo("the storage pool " + linstor.poolName() + " of " + node + " shows no capacity yet");
        }
        if (linstor.provider() != Linstor.Provider.FILE_THIN) {
            try {
                PoolPartition.of(node, linstor, nodes);
            } catch (ProblemException refused) {
                if (refused.kind() != ProblemKind.CONFLICT) {
                    throw refused;
                }
                return Finding.wrong(refused.problems().get(0));
            }
        }
        return Finding.toDo(
                pool == null
                        ? node + " has no storage pool " + linstor.poolName()
                        : "the storage pool " + linstor.poolName() + " of " + node + " cannot be used: "
                                + pool.reports().stream().map(Report::line).collect(Collectors.joining("; ")));
    }

    private static boolean broken(StoragePool pool) {
        return !pool.hasSpace()
                && pool.reports().stream().anyMatch(report -> report.code().isError());
    }

    private static String gib(StoragePool pool) {
        StoragePool.Capacity capacity = pool.capacity();
        return capacity == null
                ? "unknown space"
                : String.format(
                        Locale.ROOT,
                        "%.1f of %.1f GiB free",
                        capacity.freeKib() / 1048576.0,
                        capacity.totalKib() / 1048576.0);
    }

    @Override
    public void act() throws InterruptedException {
        StoragePool pool = api.findStoragePool(node, linstor.poolName());
        if (pool != null && !broken(pool)) {
            return;
        }
        if (pool != null) {
            // A pool that could not be made stays registered and stands in the way of the next try.
            api.deleteStoragePool(node, linstor.poolName());
        }
        if (linstor.provider() == Linstor.Provider.FILE_THIN) {
            run("The directory of LINSTOR's pool cannot be made on " + node, "mkdir", "-p", "-m", "0700", backing);
            api.createStoragePool(node, linstor.poolName(), linstor.provider(), backing);
            return;
        }
        PoolPartition partition = PoolPartition.of(node, linstor, nodes);
        switch (partition.state()) {
            case READY -> adopt();
            case ASLEEP -> {
                run(
                        "The ZFS pool " + backing + " cannot be imported on " + node,
                        "zpool",
                        "import",
                        "-N",
                        "-d",
                        partition.device(),
                        backing);
                adopt();
            }
            case HALF_MADE -> {
                if (!partition.group().isEmpty()) {
                    // Refuses by itself if a volume has come since.
                    run(
                            "The empty volume group " + partition.group() + " cannot be removed from " + node,
                            "vgremove",
                            partition.group());
                }
                run(
                        "LVM's mark cannot be removed from " + partition.device() + " of " + node,
                        "pvremove",
                        partition.device());
                give(partition.device());
            }
            case FREE -> give(partition.device());
        }
    }

    private void adopt() throws InterruptedException {
        api.createStoragePool(node, linstor.poolName(), linstor.provider(), backing);
    }

    private void give(String device) throws InterruptedException {
        api.createDevicePool(node, linstor.provider(), device, linstor.volumeGroup(), linstor.poolName());
    }

    private void run(String purpose, String... argv) throws InterruptedException {
        argv[0] = (argv[0].equals("mkdir") ? "/bin/" : "/sbin/") + argv[0];
        nodes.on(node)
                .run(Command.of(COMMAND, argv))
                .orFail(ProblemKind.ENVIRONMENT, purpose, "Log in to " + node + " and look why.");
    }
}
