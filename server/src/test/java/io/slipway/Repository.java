package io.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the tests find the trees that are shipped. */
public final class Repository {
    private Repository() {}

    public static Path root() {
        return Path.of(System.getProperty("slipway.root", ".."))
                .toAbsolutePath()
                .normalize();
    }

    public static Path example(String name) {
        return root().resolve("server/examples").resolve(name + ".yaml");
    }

    /** Every example's name, sorted. */
    public static List<String> examples() {
        try (var files = Files.list(root().resolve("server/examples"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - 5))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
