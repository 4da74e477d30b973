package io.slipway.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU's command line for one machine.
 *
 * @param accelerator {@code kvm} or {@code tcg}
 * @param firmware what it starts with
 * @param ovmf directory with {@code OVMF_CODE_4M.fd}; the machine's directory has its own copy of the variables
 * @param memoryMib memory in MiB
 * @param processors virtual processors
 */
public record QemuArguments(String accelerator, Firmware firmware, Path ovmf, int memoryMib, int processors) {
    /**
     * QEMU 7.2 emulates cmpxchg16b in a way that makes guests' kernels fault at random. With erms and fsrm a kernel
     * clears and copies memory byte by byte, which took one of ours a minute for a page that had held code; a fifth level
     * of page tables, protection keys and AVX only cost time.
     */
    private static final String EMULATED =
            "max,cx16=off,erms=off,fsrm=off,la57=off,pku=off,smap=off,avx=off,avx2=off,f16c=off";

    /** The network comes first in the boot order, the first disk second. */
    public List<String> of(Machine machine, Places places) {
        Path directory = places.node(machine.name());
        var out = new ArrayList<String>(List.of("qemu-system-x86_64", "-name", machine.name()));
        out.addAll(List.of("-machine", "q35,accel=" + accelerator));
        out.addAll(List.of("-cpu", accelerator.equals("kvm") ? "host" : EMULATED));
        out.addAll(List.of("-smp", Integer.toString(processors), "-m", memoryMib + "M"));
        out.addAll(List.of("-display", "none", "-vga", "std", "-nodefaults", "-no-user-config"));
        out.addAll(List.of("-uuid", machine.uuid()));
        out.addAll(List.of(
                "-smbios",
                "type=1,manufacturer=Slipway,product=lab,uuid=" + machine.uuid()
                        + (machine.serial().isEmpty() ? "" : ",serial=" + quoted(machine.serial()))));
        if (firmware == Firmware.UEFI) {
            out.addAll(List.of(
                    "-drive",
                    "if=pflash,format=raw,unit=0,readonly=on,file=" + quoted(ovmf.resolve("OVMF_CODE_4M.fd")),
                    "-drive",
                    "if=pflash,format=raw,unit=1,file=" + quoted(directory.resolve("vars.fd"))));
            // At each start from the disk OVMF tries a card's other ways first; this one waits longest, for nobody.
            out.addAll(List.of("-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=no"));
        }
        cards(machine, out);
        disks(machine, directory, out);
        out.addAll(List.of("-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng"));
        out.addAll(List.of(
                "-chardev",
                "socket,id=serial,server=on,wait=off,logappend=on,path=" + quoted(places.serialSocket(machine.name()))
                        + ",logfile=" + quoted(places.serialLog(machine.name())),
                "-serial",
                "chardev:serial"));
        out.addAll(List.of("-qmp", "unix:" + quoted(places.qmpSocket(machine.name())) + ",server=on,wait=off"));
        out.addAll(List.of("-pidfile", places.pid(machine.name()).toString(), "-daemonize"));
        return out;
    }

    private static void cards(Machine machine, List<String> out) {
        int number = 0;
        for (Machine.Card card : machine.cards()) {
            String id = "net" + number++;
            out.addAll(List.of(
                    "-netdev",
                    "tap,id=" + id + ",script=no,downscript=no,ifname=" + card.tap(),
                    "-device",
                    // A speed, since bonding by LACP leaves out a port that tells none.
                    "virtio-net-pci,speed=10000,duplex=full,netdev=" + id + ",mac="
                            + card.mac()
                            + (card.boot() ? ",bootindex=1" : ",romfile=")));
        }
    }

    private static void disks(Machine machine, Path directory, List<String> out) {
        int number = 0;
        boolean sata = false;
        for (Machine.Disk disk : machine.disks()) {
            String id = "disk" + number;
            String boot = number == 0 ? ",bootindex=2" : "";
            out.addAll(List.of(
                    "-drive",
                    "if=none,format=qcow2,cache=unsafe,discard=unmap,id=" + id + ",file="
                            + quoted(directory.resolve(id + ".qcow2"))));
            String serial = ",serial=" + quoted(disk.serial());
            switch (disk.transport()) {
                case VIRTIO -> out.addAll(List.of("-device", "virtio-blk-pci,drive=" + id + serial + boot));
                case NVME -> out.addAll(List.of("-device", "nvme,drive=" + id + serial + boot));
                case SATA -> {
                    if (!sata) {
                        out.addAll(List.of("-device", "ich9-ahci,id=ahci"));
                        sata = true;
                    }
                    String model = disk.model().isEmpty() ? "" : ",model=" + quoted(disk.model());
                    out.addAll(
                            List.of("-device", "ide-hd,bus=ahci." + number + ",drive=" + id + serial + model + boot));
                }
            }
            number++;
        }
    }

    /** QEMU separates options by commas; a doubled one stands for itself. */
    private static String quoted(Object value) {
        return value.toString().replace(",", ",,");
    }
}
