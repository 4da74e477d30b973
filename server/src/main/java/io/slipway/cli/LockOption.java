package io.slipway.cli;

import io.slipway.slackbuild.source.SourcesLock;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the file with the sums of sources. */
final class LockOption {
    @Option(
            names = "--lock",
            paramLabel = "FILE",
            description =
                    "Where the sums of sources are kept (default: sources.lock beside the SlackBuilds of Slipway).")
    private @Nullable Path lock;

    /** {@code sources.lock}. */
    Path file() {
        Path given = lock;
        return given == null ? Installation.slackbuilds().resolve(SourcesLock.FILE) : given.toAbsolutePath();
    }

    boolean isGiven() {
        return lock != null;
    }
}
