package io.slipway.cli;

import io.slipway.bench.FormationBench;
import io.slipway.bench.HttpBench;
import io.slipway.bench.ImageBench;
import io.slipway.bench.TftpBench;
import io.slipway.store.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code slipway bench}. */
@Command(
        name = "bench",
        description = "Measures parts of slipway against other programs on this machine.",
        footer = {"", "Example: slipway bench http"},
        subcommands = BenchPackagesCommand.class)
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Measures in an empty directory. */
    @FunctionalInterface
    interface Bench {
        void run(Path directory) throws IOException, InterruptedException;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name what to measure: form, http, image, packages, tftp.");
    }

    @Command(
            name = "http",
            description = "The boot listener against nginx; takes about a minute.",
            footer = {"", "Example: slipway bench http"})
    int http(@Option(names = "--nginx", defaultValue = "nginx", description = "The program nginx.") String nginx)
            throws IOException, InterruptedException {
        return in(directory -> HttpBench.run(directory, nginx, this::print));
    }

    @Command(
            name = "tftp",
            description = "The TFTP listener against dnsmasq; needs root.",
            footer = {"", "Example: slipway bench tftp"})
    int tftp(
            @Option(
                            names = "--ipxe",
                            defaultValue = "/usr/lib/ipxe",
                            description = "Where ipxe.efi is (default: ${DEFAULT-VALUE}).")
                    Path ipxe,
            @Option(names = "--dnsmasq", defaultValue = "dnsmasq", description = "The program dnsmasq.") String dnsmasq)
            throws IOException, InterruptedException {
        return in(directory -> TftpBench.run(ipxe, directory, dnsmasq, this::print));
    }

    @Command(
            name = "image",
            description = "A snapshot and an image of a tree of the official shape against sha256sum; then again after"
                    + " one address changed.",
            footer = {"", "Example: slipway bench image --scale 100 --in /var/tmp"})
    int image(
            @Option(
                            names = "--scale",
                            paramLabel = "PERCENT",
                            defaultValue = "10",
                            description = "Of the official sizes, 4.19 GB (default: ${DEFAULT-VALUE}).")
                    int percent,
            @Option(
                            names = "--in",
                            paramLabel = "DIR",
                            description = "Measure on this disk (default: where temporary files are).")
                    @Nullable
                    Path place)
            throws IOException, InterruptedException {
        if (percent < 1 || percent > 100) {
            throw new ParameterException(spec.commandLine(), "--scale: write a number from 1 to 100.");
        }
        return in(
                place,
                directory -> ImageBench.run(
                        directory, Installation.templates(), Installation.overlays(), percent, this::print));
    }

    @Command(
            name = "form",
            description = {
                "The formation of the lab's cluster, from ready to proven, and a second run over it.",
                "Brings the lab up first, which takes some ten minutes, unless its nodes are ready already; leaves it."
            },
            footer = {"", "Example: slipway bench form"})
    int form() throws IOException, InterruptedException {
        int up = Main.commandLine().execute("lab", "up", "--yes", "--no-form");
        if (up != 0) {
            return up;
        }
        List<String> command = LabCommand.against(List.of("form", "--json"));
        FormationBench.run(() -> {
                    Process process = new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
                    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    process.waitFor();
                    return said;
                })
                .forEach(this::print);
        return 0;
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private static int in(Bench bench) throws IOException {
        return in(null, bench);
    }

    /**
     * Runs it in a temporary directory, which is removed at the end, also after Ctrl-C.
     *
     * @param place where the directory is made, or null for where temporary files are
     * @return the exit status
     */
    static int in(@Nullable Path place, Bench bench) throws IOException {
        try (var stop = new StopOnSignal()) {
            Path directory = place == null
                    ? Files.createTempDirectory("slipway-bench")
                    : Files.createTempDirectory(place, "slipway-bench");
            try {
                bench.run(directory);
            } finally {
                stop.ended();
                Thread.interrupted();
                AtomicFiles.removeTree(directory);
            }
            return 0;
        } catch (InterruptedException stopped) {
            return StopOnSignal.EXIT_STATUS;
        }
    }
}
