package io.slipway.formation.incus;

import io.slipway.formation.NodeScript;
import io.slipway.inventory.Incus;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.List;
import java.util.Map;

/**
 * What a node's local pool is made on: for LVM and ZFS the partition that the installer left for storage, if nothing is on
 * it.
 *
 * @param node the node's name
 * @param members all daemons
 */
record LocalSource(String node, Members members) {
    /** The name that the installer gives the partition. */
    private static final String LABEL = "slipway-pool";

    /** The kernel says what the partition table calls a partition; {@code blkid -p} reads the partition, not a cache. */
    private static final String LOOK = """
            for file in "$2"/*/uevent; do
              grep -qx "PARTNAME=$1" "$file" || continue
              directory=${file%/uevent}
              device=/dev/${directory##*/}
              echo "device=$device"
              type=$(blkid -p -s TYPE -o value "$device")
              [ $? -ne 8 ] || type=ambiguous
              [ -z "$type" ] || echo "holds=$type $(blkid -p -s LABEL -o value "$device")"
              for holder in "$directory"/holders/*; do
                [ ! -e "$holder" ] || echo "holds=${holder##*/}"
              done
            done
            """;

    /**
     * The pool's keys that are this node's own.
     *
     * @throws io.slipway.problem.ProblemException of kind CONFLICT if there is nothing to make it on
     */
    Map<String, String> config() throws InterruptedException {
        if (members.cluster().incus().localPool().driver() == Incus.Driver.DIR) {
            return Map.of();
        }
        var said = new NodeScript(node, members.nodes())
                .ask("It cannot be seen what is on the storage partition of " + node, LOOK, LABEL, "/sys/class/block");
        List<String> devices = said.all("device");
        if (devices.size() != 1) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "Expected one partition called " + LABEL + " on " + node + ", but found "
                                    + (devices.isEmpty() ? "none" : String.join(", ", devices)) + ".",
                            devices.isEmpty()
                                    ? "The installer makes it where disks.layout.poolPartition or disks.pool says so: set"
                                            + " one and install the node again, or set incus.localPool.driver: dir."
                                    : "Rename the others, with sgdisk -c NUMBER:NAME DISK. Nothing was changed.")
                    .asException();
        }
        String device = devices.get(0);
        List<String> content = said.all("holds");
        if (!content.isEmpty()) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "Expected the storage partition " + device + " of " + node + " to be empty, but found "
                                    + String.join(", ", content) + ".",
                            "Look what that is. If it is not needed, erase it on " + node + " with wipefs -a " + device
                                    + " (for LVM vgremove first, for ZFS zpool destroy), and run this again. Nothing was"
                                    + " changed.")
                    .asException();
        }
        return Map.of("source", device);
    }
}
