package io.slipway.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the state directory. */
final class StateOption {
    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "/var/lib/slipway",
            description = "The state directory (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("/var/lib/slipway");

    Path directory() {
        return directory.toAbsolutePath();
    }
}
