package io.slipway.lab;

import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Whether KVM works here. The device may be there and every guest still crash, so a kernel is started for real: one
 * without a root file system says so and panics, and that sentence is what is waited for.
 */
final class Acceleration {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private Acceleration() {}

    /**
     * @param kernel a Linux kernel image
     * @return {@code kvm} or {@code tcg}
     */
    static String probe(CommandRunner runner, Path kernel) throws InterruptedException {
        if (!Files.isWritable(Path.of("/dev/kvm"))) {
            return "tcg";
        }
        var result = runner.run(Command.of(
                LONGEST,
                "qemu-system-x86_64",
                "-machine",
                "q35,accel=kvm",
                "-cpu",
                "host",
                "-m",
                "512M",
                "-display",
                "none",
                "-nodefaults",
                "-no-reboot",
                "-serial",
                "stdio",
                "-kernel",
                kernel.toString(),
                "-append",
                "console=ttyS0 panic=-1"));
        return result.output().contains("Unable to mount root fs") ? "kvm" : "tcg";
    }
}
