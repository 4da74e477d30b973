package io.slipway.formation.linstor;

import io.slipway.formation.NodeScript;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Linstor;
import io.slipway.linstor.LinstorApi;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The partition that the installer left for storage, and what is on it.
 *
 * @param device its path
 * @param state what it can be used for
 * @param group the volume group on it, or empty
 */
record PoolPartition(String device, State state, String group) {
    /** The name that the installer gives it. */
    private static final String LABEL = "slipway-pool";

    /** What can be done with it. */
    enum State {
        /** Nothing is on it: it may be given away. */
        FREE,
        /** Our volume group or ZFS pool is there, whole. */
        READY,
        /** Our ZFS pool is there, and not imported. */
        ASLEEP,
        /** LVM has marked it and no volume is there: somebody was stopped in the middle of making one. */
        HALF_MADE
    }

    /**
     * The kernel says what the partition table calls a partition, without udev; {@code blkid -p} reads the partition
     * itself, not a cache.
     */
    private static final String LOOK = """
            for file in "$2"/*/uevent; do
              grep -qx "PARTNAME=$1" "$file" || continue
              directory=${file%/uevent}
              device=/dev/${directory##*/}
              echo "device=$device"
              type=$(blkid -p -s TYPE -o value "$device")
              [ $? -ne 8 ] || type=ambiguous
              echo "type=$type"
              for holder in "$directory"/holders/*; do
                [ ! -e "$holder" ] || echo "holder=${holder##*/}"
              done
              case $type in
                LVM2_member)
                  # What cannot be asked for is not the same as nothing.
                  group=$(pvs --noheadings -o vg_name "$device") || exit 5
                  group=$(echo $group)
                  echo "group=$group"
                  if [ -n "$group" ]; then
                    volumes=$(lvs --noheadings -o lv_name "$group") || exit 5
                    pools=$(lvs --noheadings -o lv_name --select segtype=thin-pool "$group") || exit 5
                    for volume in $volumes; do echo "volume=$volume"; done
                    for pool in $pools; do echo "thin=$pool"; done
                  fi
                  ;;
                zfs_member)
                  echo "zpool=$(blkid -p -s LABEL -o value "$device")"
                  pools=$(zpool list -H -o name) || exit 5
                  for pool in $pools; do echo "imported=$pool"; done
                  ;;
              esac
            done
            """;

    /**
     * @throws io.slipway.problem.ProblemException if there is not exactly one such partition, or something is on it that
     *     is not ours
     */
    static PoolPartition of(String node, Linstor linstor, Nodes nodes) throws InterruptedException {
        var said = new NodeScript(node, nodes)
                .ask("It cannot be seen what is on the storage partition of " + node, LOOK, LABEL, "/sys/class/block");
        List<String> devices = said.all("device");
        if (devices.size() != 1) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "Expected one partition called " + LABEL + " on " + node + ", but found "
                                    + (devices.isEmpty() ? "none" : String.join(", ", devices)) + ".",
                            devices.isEmpty()
                                    ? "The installer makes it where disks.layout.poolPartition or disks.pool says so: set"
                                            + " one and install the node again."
                                    : "Rename the others, with sgdisk -c NUMBER:NAME DISK. Nothing was changed.")
                    .asException();
        }
        String device = devices.get(0);
        String type = said.one("type");
        String group = said.one("group");
        State state = state(said, linstor, type, group);
        if (state != null) {
            return new PoolPartition(device, state, group);
        }
        String content = describe(said, type, group);
        throw Problem.of(
                        ProblemKind.CONFLICT,
                        "Expected the storage partition " + device + " of " + node + " to be empty, or to hold "
                                + LinstorApi.backing(linstor.provider(), linstor.volumeGroup()) + ", but found "
                                + content + ".",
                        "Look what that is. If it is not needed, erase it on " + node + " with wipefs -a " + device
                                + ", and run this again. Nothing was changed.")
                .asException();
    }

    private static @Nullable State state(NodeScript.Answers said, Linstor linstor, String type, String group) {
        if (type.isEmpty()) {
            return said.all("holder").isEmpty() ? State.FREE : null;
        }
        String name = linstor.volumeGroup();
        return switch (linstor.provider()) {
            case LVM_THIN -> {
                if (!type.equals("LVM2_member")) {
                    yield null;
                }
                boolean ours =
                        LinstorApi.backing(Linstor.Provider.LVM_THIN, name).equals(group + "/" + name);
                if (ours && said.all("thin").contains(name)) {
                    yield State.READY;
                }
                yield (ours || group.isEmpty()) && said.all("volume").isEmpty() ? State.HALF_MADE : null;
            }
            case ZFS_THIN -> {
                if (!type.equals("zfs_member") || !said.one("zpool").equals(name)) {
                    yield null;
                }
                yield said.all("imported").contains(name) ? State.READY : State.ASLEEP;
            }
            case FILE_THIN -> null;
        };
    }

    private static String describe(NodeScript.Answers said, String type, String group) {
        if (type.isEmpty()) {
            return "it in use by " + String.join(", ", said.all("holder"));
        }
        if (!group.isEmpty()) {
            return "the volume group " + group + " with " + said.all("volume").size() + " volumes";
        }
        String zpool = said.one("zpool");
        return zpool.isEmpty() ? type : "the ZFS pool " + zpool;
    }
}
