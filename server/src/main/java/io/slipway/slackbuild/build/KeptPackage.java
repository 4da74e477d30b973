package io.slipway.slackbuild.build;

import io.slipway.slackbuild.root.PackageFile;
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

    /** To be installed. */
    PackageFile toInstall() {
        return new PackageFile(record.file(), file(), record.sha256());
    }

    /** What its build said. */
    public Path log() {
        return directory.resolve(PackageCache.LOG);
    }
}
