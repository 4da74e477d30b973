package io.slipway.cli;

import java.nio.file.Path;

/** Where the program and the trees beside it are. */
final class Installation {
    private Installation() {}

    /** The directory with {@code templates/}, {@code overlays/} and {@code slackbuilds/}; the launcher says which. */
    static Path root() {
        String given = System.getProperty("slipway.root");
        return given == null ? Path.of("").toAbsolutePath() : Path.of(given);
    }

    static Path templates() {
        return root().resolve("templates");
    }

    static Path slackbuilds() {
        return root().resolve("slackbuilds");
    }

    static Path overlays() {
        return root().resolve("overlays");
    }
}
