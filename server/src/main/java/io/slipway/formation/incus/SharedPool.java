package io.slipway.formation.incus;

import io.slipway.formation.linstor.LinstorSteps;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Linstor;
import org.jspecify.annotations.Nullable;

/**
 * The pool whose volumes every member reaches, made of LINSTOR's.
 *
 * @param name in Incus
 * @param source LINSTOR's resource group, which says where copies go and how many
 */
record SharedPool(String name, String source) {
    /** Incus's driver, and the extension of its API that says it is there. */
    static final String DRIVER = "linstor";

    static final String EXTENSION = "storage_driver_linstor";

    /** Null for a cluster without LINSTOR. */
    static @Nullable SharedPool of(Cluster cluster) {
        Linstor linstor = cluster.linstor();
        if (linstor == null) {
            return null;
        }
        String name = linstor.poolName();
        // LINSTOR's name is good enough, unless the local pool has it.
        return new SharedPool(
                name.equals(cluster.incus().localPool().name()) ? name + "-shared" : name,
                LinstorSteps.resourceGroup(linstor));
    }

    /** What is said where this Incus cannot make it. */
    static String without(Member member) {
        return "not made: Incus " + member.version() + " has no driver for LINSTOR";
    }
}
