package io.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whole files under {@code src/test/resources/golden}. With {@code -Dgolden.update=true} they are written anew, and the
 * test still fails once, so that somebody reads the difference.
 */
public final class Golden {
    private Golden() {}

    /** Compares a whole directory: its files are exactly {@code actual}'s, with exactly these texts. */
    public static void check(String directory, Map<String, String> actual) {
        Path root =
                Repository.root().resolve("server/src/test/resources/golden").resolve(directory);
        Map<String, String> expected = read(root);
        boolean same = expected.equals(actual);
        if (!same && Boolean.getBoolean("golden.update")) {
            write(root, expected, actual);
        }
        assertThat(actual.keySet()).as("files under golden/%s", directory).isEqualTo(expected.keySet());
        actual.forEach((path, text) ->
                assertThat(text).as("golden/%s/%s", directory, path).isEqualTo(expected.get(path)));
    }

    private static Map<String, String> read(Path root) {
        var out = new TreeMap<String, String>();
        if (!Files.isDirectory(root)) {
            return out;
        }
        try (var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.put(root.relativize(file).toString(), Files.readString(file));
            }
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path root, Map<String, String> old, Map<String, String> actual) {
        try {
            for (String path : old.keySet()) {
                if (!actual.containsKey(path)) {
                    Files.delete(root.resolve(path));
                }
            }
            for (var entry : actual.entrySet()) {
                Path file = root.resolve(entry.getKey());
                Files.createDirectories(file.getParent());
                Files.writeString(file, entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
