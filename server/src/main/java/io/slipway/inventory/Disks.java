package io.slipway.inventory;

import org.jspecify.annotations.Nullable;

/**
 * How the installer finds the disk that it erases, and what it makes of it.
 *
 * @param system which disk; exactly one must match
 * @param layout partitions of that disk
 * @param pool a whole second disk for the storage pool, or null where the rest of the system disk serves
 */
public record Disks(
        Selector system, Layout layout, @Nullable Selector pool) {

    /**
     * All conditions that are given must hold; an empty selector matches every fixed disk. Removable disks never match.
     *
     * @param transport {@code nvme}, {@code sata}, {@code sas}, {@code virtio}, or empty for any
     * @param model shell pattern over the model, or empty
     * @param serial exact serial number, or empty
     * @param path device path below {@code /dev}, preferably {@code /dev/disk/by-path/…}, or empty
     * @param minSize smallest size, or null
     * @param maxSize largest size, or null
     */
    public record Selector(
            String transport,
            String model,
            String serial,
            String path,
            @Nullable DataSize minSize,
            @Nullable DataSize maxSize) {}

    /**
     * @param firmware which boot partitions are made
     * @param espSize size of the EFI system partition
     * @param rootSize size of the root file system, or null for all that is left (then no pool partition on this disk)
     * @param rootFilesystem what the root file system is
     * @param volumeGroup name of the LVM volume group that holds root, or empty for a plain partition
     * @param swapSize swap, or null for none
     * @param poolPartition whether what is left becomes a partition for the storage pool
     */
    public record Layout(
            Firmware firmware,
            DataSize espSize,
            @Nullable DataSize rootSize,
            Filesystem rootFilesystem,
            String volumeGroup,
            @Nullable DataSize swapSize,
            boolean poolPartition) {}

    /** What the disk must boot under. */
    public enum Firmware {
        /** Whatever the installer itself was booted with. */
        AUTO,
        BIOS,
        UEFI
    }

    /** Root file systems that the stock kernel has built in. */
    public enum Filesystem {
        EXT4,
        XFS,
        BTRFS
    }
}
