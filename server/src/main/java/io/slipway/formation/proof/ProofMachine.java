package io.slipway.formation.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.SideBySide;
import io.slipway.formation.incus.IncusApi;
import io.slipway.formation.incus.Members;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A small virtual machine: the node's own kernel and BusyBox, put into one EFI program by GRUB, on a disk that
 * has a file system and no partitions. It runs where Incus has QEMU with KVM.
 */
final class ProofMachine extends ProofWork {
    private static final Duration START = Duration.ofMinutes(6);

    /**
     * Mounts nothing that could stay: the mount namespace ends with its process, and the loop device with the mount. The
     * modules are those that the kernel does not have built in.
     */
    private static final String MAKE_IMAGE = BusyBoxImage.FUNCTIONS + """
            for program in grub-mkstandalone mkfs.vfat qemu-img cpio unshare; do
              command -v $program >/dev/null || lacks "no program $program"
            done
            [ -d /usr/lib/grub/x86_64-efi ] || lacks "no directory /usr/lib/grub/x86_64-efi"
            release=$(uname -r)
            kernel=
            for file in "/boot/vmlinuz-$release" "/boot/vmlinuz-$release"-* /boot/vmlinuz-*"-$release"; do
              [ -n "$kernel" ] || [ ! -f "$file" ] || kernel=$file
            done
            [ -n "$kernel" ] || lacks "no kernel /boot/vmlinuz-$release"
            busybox_root initrd
            mkdir initrd/modules || exit 1
            : > initrd/modules/order
            for driver in virtio_pci virtio_net; do
              modprobe --show-depends $driver > depends || lacks "no module $driver"
              while read -r word file options; do
                [ "$word" = insmod ] || continue
                name=${file##*/}
                name=${name%%.ko*}.ko
                grep -qxF "$name" initrd/modules/order && continue
                case $file in
                  *.xz) xz -dc "$file" ;;
                  *.zst) zstd -dc "$file" ;;
                  *.gz) gzip -dc "$file" ;;
                  *) cat "$file" ;;
                esac > "initrd/modules/$name" || exit 1
                echo "$name" >> initrd/modules/order
              done < depends
            done
            cat > initrd/init <<'END'
            #!/bin/sh
            PATH=/bin
            export PATH
            mount -t proc proc /proc
            mount -t sysfs sysfs /sys
            mount -t devtmpfs dev /dev
            while read -r module; do
              insmod "/modules/$module"
            done < /modules/order
            ip link set lo up
            until [ -e /sys/class/net/eth0 ]; do
              sleep 1
            done
            exec udhcpc -f -i eth0 -s /bin/dhcp -T 1 -A 1
            END
            chmod 755 initrd/init
            (cd initrd && find . | LC_ALL=C sort | cpio -o -H newc --quiet) | gzip -n9 > initrd.gz || exit 1
            cat > grub.cfg <<'END'
            linux (memdisk)/vmlinuz rdinit=/init console=tty0 console=ttyS0 panic=5
            initrd (memdisk)/initrd.gz
            boot
            END
            grub-mkstandalone -O x86_64-efi -o boot.efi --install-modules='linux normal configfile memdisk tar minicmd' \\
              --modules='linux normal memdisk tar' --locales= --fonts= --themes= \\
              boot/grub/grub.cfg=grub.cfg "vmlinuz=$kernel" initrd.gz=initrd.gz || exit 1
            truncate -s "$(($(stat -c %s boot.efi) / 1048576 + 8))M" disk && mkfs.vfat disk >/dev/null && mkdir mounted || exit 1
            unshare -m /bin/sh -c '
              mount -o loop disk mounted && mkdir -p mounted/EFI/BOOT && cp boot.efi mounted/EFI/BOOT/BOOTX64.EFI &&
                umount mounted' || exit 1
            qemu-img convert -f raw -O qcow2 disk image/rootfs.img || exit 1
            import_image "$1" rootfs.img
            """;

    private static final String LAUNCH = "exec incus query --wait -X POST -d \"$2\" \"$1\" </dev/null >/dev/null";

    private static final String LOOK = """
            [ ! -c /dev/kvm ] || echo kvm=yes
            """;

    ProofMachine(Trial trial) {
        super(trial);
    }

    @Override
    String before(String live) {
        return live.isEmpty() ? super.before(live) : live;
    }

    @Override
    Finding look() throws InterruptedException {
        if (!trial.live().isEmpty()) {
            return Finding.done(trial.live());
        }
        if (!trial.isImported() || trial.machines().isEmpty()) {
            return Finding.unknown("there are no instances yet");
        }
        String place = trial.machines().get(0);
        JsonNode state = trial.ask(Trial.MACHINE + "/state");
        if (!state.path("status").asText().equals("Running")) {
            return Finding.toDo(Trial.MACHINE + " on " + place + " does not run yet");
        }
        if (trial.network() == null) {
            return Finding.done(Trial.MACHINE + " runs on " + place);
        }
        String address = Trial.address(state);
        if (address.isEmpty()) {
            return Finding.toDo(Trial.MACHINE + " on " + place + " has no address from OVN yet");
        }
        trial.address(Trial.MACHINE, address);
        return new ProofPing(trial)
                .all(List.of(new ProofPing.Way(Trial.instance(2), address)), address + " on " + place);
    }

    @Override
    void attempt() throws InterruptedException {
        String obstacle = obstacle();
        if (!obstacle.isEmpty()) {
            trial.live("not checked: " + obstacle);
            return;
        }
        String node = trial.machines().get(0);
        var image = BusyBoxImage.make(trial, node, MAKE_IMAGE);
        if (!image.lacking().isEmpty()) {
            trial.live("not checked: there is " + image.lacking() + " on " + node);
            return;
        }
        trial.script(node, START, LAUNCH, "/1.0/instances?target=" + node, body(image.fingerprint(), pool(node)))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The proof's virtual machine cannot be started on " + node,
                        "Look into /var/log/incus/incusd.log there, and at incus info --show-log " + Trial.MACHINE
                                + ".");
    }

    /** Why no virtual machine can be moved, or empty; then it is known between which members. */
    private String obstacle() throws InterruptedException {
        if (!trial.hasTwoMembers()) {
            return "Incus has one member only";
        }
        var able = new ArrayList<String>();
        var without = new ArrayList<String>();
        var unfit = new ArrayList<String>();
        SideBySide.ask(trial.members.names(), node -> !hasKvm(node) ? without : runsMachines(node) ? able : unfit)
                .forEach((node, group) -> group.add(node));
        if (able.size() < 2) {
            return without.isEmpty()
                    ? "Incus has no QEMU that it can use on " + String.join(", ", unfit)
                    : "no KVM on " + String.join(", ", without);
        }
        trial.machines(able.subList(0, 2));
        return "";
    }

    private boolean hasKvm(String node) throws InterruptedException {
        try {
            return !new NodeScript(node, trial.members.nodes())
                    .ask("It cannot be seen whether " + node + " has KVM", LOOK)
                    .one("kvm")
                    .isEmpty();
        } catch (ProblemException silent) {
            if (silent.kind() != ProblemKind.UNREACHABLE) {
                throw silent;
            }
            return false;
        }
    }

    /** The daemon looks for a QEMU that works with KVM when it starts, and then calls it a driver. */
    private boolean runsMachines(String node) throws InterruptedException {
        return trial.members
                .api(node)
                .get(Members.SERVER)
                .text("environment", "driver")
                .contains("qemu");
    }

    /** The pool of the default profile's root disk: a device replaces the profile's as a whole. */
    private String pool(String node) throws InterruptedException {
        for (JsonNode device :
                trial.members.api(node).get(Members.PROFILE).metadata().path("devices")) {
            if (device.path("path").asText().equals("/")) {
                return device.path("pool").asText();
            }
        }
        throw Problem.of(
                        ProblemKind.CONFLICT,
                        "The default profile has no root disk.",
                        "Run slipway form --only incus.profile.")
                .asException();
    }

    /** {@code size.state} must hold the memory of a machine that may be moved while it runs. */
    private static String body(String fingerprint, String pool) {
        ObjectNode out = IncusApi.object();
        out.put("name", Trial.MACHINE).put("type", "virtual-machine").put("start", true);
        out.putObject("source").put("type", "image").put("fingerprint", fingerprint);
        out.putObject("config")
                .put(Trial.MARK, "true")
                .put("boot.autostart", "false")
                .put("limits.cpu", "1")
                .put("limits.memory", "512MiB")
                .put("security.secureboot", "false")
                .put("migration.stateful", "true");
        out.putObject("devices")
                .putObject("root")
                .put("type", "disk")
                .put("path", "/")
                .put("pool", pool)
                .put("size", "1GiB")
                .put("size.state", "1GiB");
        out.putArray("profiles").add("default");
        return out.toString();
    }
}
