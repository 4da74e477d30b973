package io.slipway.cli;

import io.slipway.bench.HttpBench;
import io.slipway.bench.TftpBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code slipway bench}. */
@Command(
        name = "bench",
        description = "Measures parts of slipway against other programs on this machine.",
        footer = {"", "Example: slipway bench http"})
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private interface Bench {
        void run(Path directory) throws IOException, InterruptedException;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name what to measure: http, tftp.");
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

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private static int in(Bench bench) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("slipway-bench");
        try {
            bench.run(directory);
            return 0;
        } finally {
            try (var files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
