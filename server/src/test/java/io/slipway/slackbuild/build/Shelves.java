package io.slipway.slackbuild.build;

import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** Puts packages where builds keep theirs. */
public final class Shelves {
    private Shelves() {}

    /**
     * @param item of what it is to be the package
     * @param file the package, under its name
     */
    public static KeptPackage keep(Path state, BuildPlan.Item item, Path file) throws IOException {
        var cache = new PackageCache(state);
        PackageFileName name = PackageFileName.parse(String.valueOf(file.getFileName()));
        Path aside = cache.begin(item.name());
        Files.copy(file, aside.resolve(name.fileName()));
        Files.writeString(aside.resolve(PackageCache.LOG), "");
        return cache.keep(
                aside,
                new PackageRecord(
                        item.name(),
                        name,
                        Files.size(file),
                        1,
                        Sha256.of(file),
                        item.digest(),
                        List.of(),
                        List.of(new PackageRecord.Source(
                                item.name() + "-1.0.tar.gz",
                                "https://example.org/" + item.name() + "-1.0.tar.gz",
                                Sha256.of(file))),
                        List.of("MIT"),
                        List.of(),
                        Instant.EPOCH,
                        Duration.ZERO,
                        OptionalLong.empty()));
    }
}
