package io.slipway.inventory;

/**
 * @param provider what volumes are made of
 * @param replicas copies of each volume
 * @param poolName name of LINSTOR's storage pool
 * @param volumeGroup LVM volume group or ZFS pool that is made on the pool partition
 */
public record Linstor(Provider provider, int replicas, String poolName, String volumeGroup) {

    /** LINSTOR's provider kinds that we set up. */
    public enum Provider {
        ZFS_THIN,
        LVM_THIN,
        FILE_THIN
    }
}
