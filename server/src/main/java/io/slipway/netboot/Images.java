package io.slipway.netboot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The images in the state directory, {@code images/<digest>/}, and which of them is current.
 *
 * @param directory {@code <state>/images}
 */
public record Images(Path directory) {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** The digest that {@code current} points at; read anew each time, so that a new image is served at once. */
    public Optional<String> current() {
        try {
            Path target = Files.readSymbolicLink(directory.resolve("current")).getFileName();
            return Optional.ofNullable(target).map(Path::toString).filter(this::exists);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether an image of that digest can be booted. */
    public boolean exists(String digest) {
        return DIGEST.matcher(digest).matches()
                && Files.isRegularFile(directory.resolve(digest).resolve("manifest.json"));
    }
}
