package io.slipway.slackbuild.build;

import java.nio.file.Path;

/**
 * A package in the cache.
 *
 * @param directory where it, its record and its log are
 */
public record KeptPackage(PackageRecord record, Path directory) {
    /** The package itself. */
    public Path file() {
        return directory.resolve(record.file().fileName());
    }

    /** What its build said. */
    public Path log() {
        return directory.resolve(PackageCache.LOG);
    }
}
