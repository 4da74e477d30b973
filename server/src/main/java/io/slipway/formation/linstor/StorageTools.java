package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.inventory.Linstor;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernel modules and programs. A satellite looks for them when its controller connects, and silently does without those
 * that it does not find, so they come first.
 *
 * @param node the node's name
 * @param provider what its pool will be made of
 * @param nodes reaches it
 */
record StorageTools(String node, Linstor.Provider provider, Nodes nodes) implements Step.Work {
    /** The first major version that LINSTOR works with. Linux itself comes with version 8.4. */
    private static final int DRBD = 9;

    private static final String LOOK = """
            echo "kernel=$(uname -r)"
            echo "drbd.loaded=$(cat /sys/module/drbd/version 2>/dev/null)"
            echo "drbd.file=$(modinfo -F version drbd 2>/dev/null)"
            for module in $1; do
              if [ -d "/sys/module/$module" ] || [ "$(modinfo -F filename "$module" 2>/dev/null)" = "(builtin)" ]; then
                :
              elif modinfo "$module" >/dev/null 2>&1; then
                echo "unloaded=$module"
              else
                echo "absent=kernel module $module"
              fi
            done
            for program in $2; do
              command -v "$program" >/dev/null || echo "absent=$program"
            done
            for file in lib bin/Satellite; do
              [ -e "/usr/share/linstor-server/$file" ] || echo "absent=LINSTOR's /usr/share/linstor-server/$file"
            done
            JAVA_HOME=
            [ ! -r /etc/default/linstor ] || . /etc/default/linstor
            for java in "$JAVA_HOME" /opt/java* /usr/lib64/java* /usr/lib/jvm/*; do
              [ ! -x "$java/bin/java" ] || found=yes
            done
            [ -n "$found" ] || command -v java >/dev/null || echo "absent=java"
            """;

    private List<String> modules() {
        return switch (provider) {
            case LVM_THIN -> List.of("drbd", "dm_thin_pool");
            case ZFS_THIN -> List.of("drbd", "zfs");
            case FILE_THIN -> List.of("drbd");
        };
    }

    /** Among LVM's tools it is thin_check that LINSTOR asks for before it offers thin pools. */
    private List<String> programs() {
        var out = new ArrayList<>(List.of("drbdadm", "udevadm", "socat", "zstd"));
        switch (provider) {
            case LVM_THIN -> out.addAll(List.of("lvm", "thin_check"));
            case ZFS_THIN -> out.addAll(List.of("zfs", "zpool"));
            case FILE_THIN -> out.add("losetup");
        }
        return out;
    }

    @Override
    public Finding probe() throws InterruptedException {
        var said = new NodeScript(node, nodes)
                .ask(
                        "It cannot be seen which storage tools " + node + " has",
                        LOOK,
                        String.join(" ", modules()),
                        String.join(" ", programs()));
        String kernel = said.one("kernel");
        String loaded = said.one("drbd.loaded");
        String file = said.one("drbd.file");
        if (!loaded.isEmpty() && major(loaded) < DRBD && major(file) >= DRBD) {
            return drbd(
                    "DRBD " + loaded + " in use though DRBD " + file + " is installed",
                    "Restart " + node + ", so that its kernel takes the newer module.");
        }
        String version = loaded.isEmpty() ? file : loaded;
        if (version.isEmpty() || major(version) < DRBD) {
            return drbd(
                    (version.isEmpty() ? "no DRBD" : "DRBD " + version) + " in its kernel " + kernel,
                    "Build DRBD 9 for kernel " + kernel + " (Linux's own module is version 8.4), put its package into"
                            + " packages.local, build the image and install the node again: slipway node reinstall "
                            + node + ".");
        }
        List<String> absent = said.all("absent");
        if (!absent.isEmpty()) {
            return Finding.wrong(Problem.of(
                            ProblemKind.ENVIRONMENT,
                            node + " lacks what LINSTOR needs for " + provider + " pools: " + String.join(", ", absent)
                                    + ".",
                            "Put the packages into packages.local, build the image and install the node again: slipway"
                                    + " node reinstall " + node + ". Or install them there with installpkg.")
                    .because("Without them LINSTOR's satellite starts and does not offer such pools."));
        }
        List<String> unloaded = said.all("unloaded");
        return unloaded.isEmpty()
                ? Finding.done("DRBD " + version + " and the programs for " + provider + " are there")
                : Finding.toDo("the kernel modules " + String.join(", ", unloaded) + " are not loaded");
    }

    private Finding drbd(String found, String correction) {
        return Finding.wrong("DRBD " + DRBD + " on " + node + ", which LINSTOR needs", found, correction);
    }

    private static int major(String version) {
        String first = version.replaceAll("\\D.*", "");
        return first.isEmpty() || first.length() > 4 ? 0 : Integer.parseInt(first);
    }

    @Override
    public void act() throws InterruptedException {
        var runner = nodes.on(node);
        runner.run(Command.of(Duration.ofMinutes(1), "/etc/rc.d/rc.drbd", "start"))
                .orFail(ProblemKind.ENVIRONMENT, "DRBD cannot be loaded on " + node, "Look at dmesg there.");
        switch (provider) {
            case LVM_THIN ->
                runner.run(Command.of(Duration.ofMinutes(1), "/sbin/modprobe", "dm_thin_pool"))
                        .orFail(
                                ProblemKind.ENVIRONMENT,
                                "The kernel module dm_thin_pool cannot be loaded on " + node,
                                "Look at dmesg there.");
            case ZFS_THIN ->
                runner.run(Command.of(Duration.ofMinutes(2), "/etc/rc.d/rc.zfs", "start"))
                        .orFail(ProblemKind.ENVIRONMENT, "ZFS cannot be started on " + node, "Look at dmesg there.");
            case FILE_THIN -> {
                // DRBD is all that it needs.
            }
        }
    }
}
