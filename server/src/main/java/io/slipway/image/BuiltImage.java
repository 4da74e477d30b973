package io.slipway.image;

import io.slipway.store.Sha256;
import java.nio.file.Path;
import java.util.List;

/**
 * What a build ended with.
 *
 * @param digest the image's name
 * @param directory where it lies
 * @param isNew false if an image of exactly this content was there already
 * @param files number of files in the manifest
 * @param bytes their length
 * @param notes what a person should know, such as a local package that takes the place of Slackware's
 */
public record BuiltImage(Sha256 digest, Path directory, boolean isNew, int files, long bytes, List<String> notes) {
    public BuiltImage {
        notes = List.copyOf(notes);
    }
}
