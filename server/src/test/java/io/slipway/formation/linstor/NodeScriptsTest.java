package io.slipway.formation.linstor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Linstor;
import io.slipway.process.Command;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts as a real shell understands them; shell functions stand in for the programs of a node. */
class NodeScriptsTest {
    private static final Linstor LVM = new Linstor(Linstor.Provider.LVM_THIN, 2, "pool", "tank");
    private static final Linstor ZFS = new Linstor(Linstor.Provider.ZFS_THIN, 2, "pool", "tank");

    @TempDir
    private Path sys;

    private String programs = "";

    @BeforeEach
    void onePartition() throws IOException {
        partition("vda3", "slipway-root");
        partition("vda4", "slipway-pool");
    }

    private void partition(String device, String name) throws IOException {
        Files.createDirectories(sys.resolve(device).resolve("holders"));
        Files.writeString(
                sys.resolve(device).resolve("uevent"),
                "DEVNAME=" + device + "\nDEVTYPE=partition\nPARTNAME=" + name + "\n");
    }

    /** The same command with these programs, looking at our directory instead of the kernel's. */
    private Nodes nodes() {
        var local = new LocalCommandRunner();
        return node -> (command, line) -> {
            var argv = new ArrayList<>(command.arguments());
            argv.set(2, programs + argv.get(2));
            argv.replaceAll(each -> each.equals("/sys/class/block") ? sys.toString() : each);
            return local.run(Command.of(command.timeout(), argv), line);
        };
    }

    private PoolPartition look(Linstor linstor) throws InterruptedException {
        return PoolPartition.of("node1", linstor, nodes());
    }

    @Test
    void anEmptyPartitionIsFree() throws Exception {
        programs = "blkid() { return 2; }\n";
        assertThat(look(LVM)).isEqualTo(new PoolPartition("/dev/vda4", PoolPartition.State.FREE, ""));
    }

    @Test
    void aHolderOrAnUnclearMarkMeansInUse() throws Exception {
        programs = "blkid() { return 8; }\n";
        assertThatThrownBy(() -> look(LVM)).hasMessageContaining("ambiguous");
        programs = "blkid() { return 2; }\n";
        Files.createFile(sys.resolve("vda4/holders/dm-3"));
        assertThatThrownBy(() -> look(LVM)).hasMessageContaining("in use by dm-3");
    }

    @Test
    void lvmSaysWhatIsInTheGroup() throws Exception {
        String marked = "blkid() { echo LVM2_member; }\n";
        programs = marked
                + "pvs() { echo '  linstor_tank'; }\n"
                + "lvs() { case \"$*\" in *segtype=thin-pool*) echo '  tank';; *) printf '  tank\\n  vol_00000\\n';; esac; }\n";
        assertThat(look(LVM).state()).isEqualTo(PoolPartition.State.READY);
        programs = marked + "pvs() { echo '  linstor_tank'; }\nlvs() { :; }\n";
        assertThat(look(LVM)).isEqualTo(new PoolPartition("/dev/vda4", PoolPartition.State.HALF_MADE, "linstor_tank"));
        programs = marked + "pvs() { echo '  '; }\n";
        assertThat(look(LVM)).isEqualTo(new PoolPartition("/dev/vda4", PoolPartition.State.HALF_MADE, ""));
        programs = marked + "pvs() { echo '  data'; }\nlvs() { echo '  a'; }\n";
        assertThatThrownBy(() -> look(LVM)).hasMessageContaining("volume group data with 1 volumes");
        assertThatThrownBy(() -> look(ZFS)).hasMessageContaining("volume group data");
    }

    @Test
    void whatCannotBeAskedForIsNotNothing() throws Exception {
        String marked = "blkid() { echo LVM2_member; }\n";
        programs = marked + "pvs() { echo busy >&2; return 5; }\n";
        assertThatThrownBy(() -> look(LVM))
                .hasMessageContaining("storage partition of node1")
                .hasMessageContaining("busy");
        programs = marked + "pvs() { echo linstor_tank; }\nlvs() { return 5; }\n";
        assertThatThrownBy(() -> look(LVM)).hasMessageContaining("status 5");
        programs = "blkid() { echo zfs_member; }\nzpool() { return 1; }\n";
        assertThatThrownBy(() -> look(ZFS)).hasMessageContaining("status 5");
    }

    @Test
    void zfsSaysWhichPoolsAreAwake() throws Exception {
        String marked = "blkid() { case \"$*\" in *LABEL*) echo tank;; *) echo zfs_member;; esac; }\n";
        programs = marked + "zpool() { printf 'other\\ntank\\n'; }\n";
        assertThat(look(ZFS).state()).isEqualTo(PoolPartition.State.READY);
        programs = marked + "zpool() { echo other; }\n";
        assertThat(look(ZFS).state()).isEqualTo(PoolPartition.State.ASLEEP);
        programs = "blkid() { case \"$*\" in *LABEL*) echo data;; *) echo zfs_member;; esac; }\nzpool() { :; }\n";
        assertThatThrownBy(() -> look(ZFS)).hasMessageContaining("ZFS pool data");
    }

    @Test
    void partitionsAreCounted() throws Exception {
        programs = "blkid() { return 2; }\n";
        partition("vdb1", "slipway-pool");
        assertThatThrownBy(() -> look(LVM)).hasMessageContaining("/dev/vda4, /dev/vdb1");
        Files.delete(sys.resolve("vda4/uevent"));
        Files.delete(sys.resolve("vdb1/uevent"));
        assertThatThrownBy(() -> look(LVM)).hasMessageContaining("found none");
    }

    @Test
    void toolsAreLookedFor() throws Exception {
        String modinfo =
                "modinfo() { case \"$*\" in '-F version drbd') echo 9.3.3;; *nosuch*|*dm_thin*) return 1;; esac; }\n";
        programs = modinfo + "uname() { echo 6.12.1; }\n";
        Finding found = new StorageTools("node1", Linstor.Provider.LVM_THIN, nodes()).probe();

        assertThat(found.state()).isEqualTo(Finding.State.WRONG);
        assertThat(found.text()).contains("kernel module dm_thin_pool", "drbdadm", "/usr/share/linstor-server/lib");
        programs = "modinfo() { return 1; }\nuname() { echo 6.12.1; }\n";
        assertThat(new StorageTools("node1", Linstor.Provider.FILE_THIN, nodes())
                        .probe()
                        .text())
                .contains("no DRBD in its kernel 6.12.1");
    }
}
