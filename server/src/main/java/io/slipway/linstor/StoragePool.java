package io.slipway.linstor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node's share of a storage pool.
 *
 * @param node the node's name
 * @param name the pool's name
 * @param provider LINSTOR's kind, such as {@code ZFS_THIN}
 * @param backing volume group, ZFS pool or directory; empty for a diskless pool
 * @param capacity null for a diskless pool and while the satellite is not connected
 * @param reports what LINSTOR has to say of it
 */
public record StoragePool(
        String node,
        String name,
        String provider,
        String backing,
        @Nullable Capacity capacity,
        List<Report> reports) {

    /**
     * @param freeKib KiB that are free
     * @param totalKib KiB altogether; 0 where the pool is registered but cannot be used
     */
    public record Capacity(long freeKib, long totalKib) {}

    public StoragePool {
        reports = List.copyOf(reports);
    }

    /** Whether volumes can be placed here. */
    public boolean hasSpace() {
        return capacity != null && capacity.totalKib() > 0;
    }
}
