package io.slipway.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name the trees which users change. */
final class TreeOptions {
    @Option(names = "--templates", paramLabel = "DIR", description = "Templates (default: beside the program).")
    private @Nullable Path templates;

    @Option(names = "--overlays", paramLabel = "DIR", description = "Overlays (default: beside the program).")
    private @Nullable Path overlays;

    Path templates() {
        return templates == null ? Installation.templates() : templates;
    }

    Path overlays() {
        return overlays == null ? Installation.overlays() : overlays;
    }
}
