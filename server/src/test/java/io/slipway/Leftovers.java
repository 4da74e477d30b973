package io.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a test's programs have left running. */
public final class Leftovers {
    private Leftovers() {}

    /**
     * Command lines of processes.
     *
     * @param marker a word in their arguments that nobody else has
     * @param except whose arguments have it too, and who is not meant
     */
    public static List<String> find(String marker, String except) throws IOException {
        var found = new ArrayList<String>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .toList()) {
                try {
                    String line = Files.readString(process.resolve("cmdline"));
                    if (line.contains(marker) && !line.contains(except)) {
                        found.add(line.replace('\0', ' '));
                    }
                } catch (IOException | UncheckedIOException ended) {
                    // Between the two looks.
                }
            }
        }
        return found;
    }
}
