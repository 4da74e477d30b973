package io.slipway.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option that names the state directory. */
final class StateOption {
    private static final String DEFAULT = "/var/lib/slipway";

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = DEFAULT,
            // On a group of commands: before or behind the name of what to do.
            scope = ScopeType.INHERIT,
            description = "The state directory (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of(DEFAULT);

    Path directory() {
        return directory.toAbsolutePath();
    }

    boolean isDefault() {
        return directory().equals(Path.of(DEFAULT));
    }
}
