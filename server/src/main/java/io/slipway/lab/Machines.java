package io.slipway.lab;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The virtual machines of a lab: their disks, and whether they run. */
final class Machines {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path OVMF = Path.of("/usr/share/OVMF");

    private final CommandRunner runner;
    private final Places places;
    private final LabRecord record;

    Machines(CommandRunner runner, Places places, LabRecord record) {
        this.runner = runner;
        this.places = places;
        this.record = record;
    }

    /** A machine that is none of the lab's nodes has the firmware of the first. */
    private QemuArguments qemu(Machine machine) {
        Firmware firmware = record.firmware().of(Math.max(0, record.nodes().indexOf(machine.name())));
        // Emulated, one processor may run into a breakpoint that the other has just taken out of the kernel's own code.
        int processors = record.accelerator().equals("kvm") ? 2 : 1;
        return new QemuArguments(record.accelerator(), firmware, OVMF, record.memoryMib(), processors);
    }

    /** Makes empty disks, and a private copy of the firmware's variables. */
    void create(Machine machine) throws InterruptedException {
        Path directory = places.node(machine.name());
        try {
            Files.createDirectories(directory);
            if (qemu(machine).firmware() == Firmware.UEFI && !Files.exists(directory.resolve("vars.fd"))) {
                Files.copy(OVMF.resolve("OVMF_VARS_4M.fd"), directory.resolve("vars.fd"));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        int number = 0;
        for (Machine.Disk disk : machine.disks()) {
            Path file = directory.resolve("disk" + number++ + ".qcow2");
            if (!Files.exists(file)) {
                makeDisk(file, disk.bytes());
            }
        }
    }

    void makeDisk(Path file, long bytes) throws InterruptedException {
        runner.run(Command.of(SOON, "qemu-img", "create", "-q", "-f", "qcow2", file.toString(), Long.toString(bytes)))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The disk " + file + " could not be made",
                        "Check the space in " + places.directory() + ".");
    }

    /**
     * Powers a machine on.
     *
     * @return whether it was off
     */
    boolean start(Machine machine) throws InterruptedException {
        if (isRunning(machine.name())) {
            return false;
        }
        var arguments = new ArrayList<String>(List.of("ip", "netns", "exec", places.namespace()));
        arguments.addAll(qemu(machine).of(machine, places));
        runner.run(Command.of(SOON, arguments))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The virtual machine " + machine.name() + " did not start",
                        "Run \"slipway lab down\" and try again with less --memory or fewer --nodes.");
        return true;
    }

    boolean isRunning(String name) {
        return Processes.find(places.pid(name), "-name " + name).isPresent();
    }

    /** As if the power button were held, or the reset button pressed. */
    void stop(String name) throws InterruptedException {
        var process = Processes.find(places.pid(name), "-name " + name);
        if (process.isPresent()) {
            Processes.end(List.of(process.get().pid()));
        }
    }

    void reset(String name) {
        if (!isRunning(name)) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            name + " is off, so it cannot be reset.",
                            "Run \"slipway lab power " + name + " on\".")
                    .asException();
        }
        QmpClient.execute(places.qmpSocket(name), "system_reset");
    }
}
