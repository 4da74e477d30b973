package io.slipway.formation.linstor;

import io.slipway.inventory.Linstor;
import io.slipway.linstor.FakeLinstor;
import io.slipway.linstor.LinstorApi;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** A node's side of the story: what its shell, its rc scripts and LVM or ZFS answer. Any other command is a fault. */
final class StorageMachine implements CommandRunner {
    static final String DEVICE = "/dev/vda4";

    private final FakeLinstor.Machine linstor;
    private final Linstor wanted;
    private final List<String> changes = new ArrayList<>();
    private final Set<String> unloaded = new TreeSet<>();
    private final Set<String> absent = new TreeSet<>();
    String drbdLoaded = "9.3.3";
    String drbdFile = "9.3.3";
    int satellite;
    int controller;
    List<String> partitions = List.of(DEVICE);
    /** Lines that the shell prints of the partition's content, or null: what LINSTOR made of it. */
    List<String> content = new ArrayList<>();

    /** Counts changes down; at zero the program that forms the cluster dies before the command or after it. */
    static final class Death {
        int changesLeft = Integer.MAX_VALUE;
        boolean before;
    }

    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Death death;

    StorageMachine(FakeLinstor.Machine linstor, Linstor wanted, Death death) {
        this.linstor = linstor;
        this.wanted = wanted;
        this.death = death;
        linstor.device(DEVICE);
    }

    StorageMachine unloaded(String... modules) {
        unloaded.addAll(List.of(modules));
        return this;
    }

    StorageMachine absent(String... programs) {
        absent.addAll(List.of(programs));
        return this;
    }

    StorageMachine daemonsDown() {
        satellite = 3;
        controller = 3;
        linstor.stop();
        return this;
    }

    /** What is on the partition, as the shell says it, so that LINSTOR cannot have it. */
    StorageMachine content(String... lines) {
        content = new ArrayList<>(List.of(lines));
        linstor.inUse(DEVICE, "something");
        return this;
    }

    List<String> changes() {
        return List.copyOf(changes);
    }

    @Override
    public CommandResult run(Command command, Consumer<String> line) {
        List<String> argv = command.arguments();
        if (argv.get(0).equals("/bin/sh")) {
            String script = argv.get(2);
            return script.contains("drbd.loaded") ? said(command, tools(argv)) : said(command, partition());
        }
        String shown = String.join(" ", argv);
        if (shown.endsWith(" status")) {
            return new CommandResult(command, shown.contains("satellite") ? satellite : controller, false, "", "");
        }
        boolean dies = --death.changesLeft == 0;
        if (dies && death.before) {
            throw new Killed();
        }
        changes.add(shown);
        CommandResult result = change(command, shown);
        if (dies) {
            throw new Killed();
        }
        return result;
    }

    private List<String> tools(List<String> argv) {
        var out = new ArrayList<>(List.of(
                "kernel=6.12.1",
                "drbd.loaded=" + (unloaded.contains("drbd") ? "" : drbdLoaded),
                "drbd.file=" + drbdFile));
        for (String module : argv.get(4).split(" ")) {
            if (unloaded.contains(module)) {
                out.add("unloaded=" + module);
            }
        }
        for (String program : argv.get(5).split(" ")) {
            if (absent.contains(program)) {
                out.add("absent=" + program);
            }
        }
        return out;
    }

    private List<String> partition() {
        var out = new ArrayList<String>();
        for (String device : partitions) {
            out.add("device=" + device);
        }
        String made = linstor.useOf(DEVICE);
        if (made.isEmpty() || !content.isEmpty()) {
            out.addAll(content);
            return out;
        }
        if (wanted.provider() == Linstor.Provider.ZFS_THIN) {
            out.addAll(List.of("type=zfs_member", "zpool=" + made, "imported=" + made));
        } else {
            String group = made.split("/")[0];
            String thin = made.split("/")[1];
            out.addAll(List.of("type=LVM2_member", "group=" + group, "volume=" + thin, "thin=" + thin));
        }
        return out;
    }

    private CommandResult change(Command command, String shown) {
        switch (shown) {
            case "/etc/rc.d/rc.drbd start" -> unloaded.remove("drbd");
            case "/etc/rc.d/rc.zfs start" -> {
                unloaded.remove("zfs");
                linstor.gets("ZFS_THIN");
            }
            case "/sbin/modprobe dm_thin_pool" -> unloaded.remove("dm_thin_pool");
            case "/etc/rc.d/rc.linstor-satellite start" -> {
                satellite = 0;
                linstor.start();
            }
            case "/etc/rc.d/rc.linstor-controller start" -> controller = 0;
            case "/sbin/pvremove /dev/vda4" -> {
                content.clear();
                linstor.device(DEVICE);
            }
            default -> other(shown);
        }
        return said(command, List.of());
    }

    private void other(String shown) {
        String backing = LinstorApi.backing(wanted.provider(), wanted.volumeGroup());
        if (shown.equals("/bin/mkdir -p -m 0700 /var/lib/linstor-pools/" + wanted.volumeGroup())) {
            linstor.backing("/var/lib/linstor-pools/" + wanted.volumeGroup());
        } else if (shown.equals("/sbin/vgremove " + backing.split("/")[0])) {
            content = new ArrayList<>(List.of("type=LVM2_member", "group="));
        } else if (shown.equals("/sbin/zpool import -N -d " + DEVICE + " " + backing)) {
            linstor.backing(backing);
            content.add("imported=" + backing);
        } else {
            throw new AssertionError("nobody expected: " + shown);
        }
    }

    private static CommandResult said(Command command, List<String> lines) {
        return new CommandResult(command, 0, false, String.join("\n", lines), "");
    }
}
