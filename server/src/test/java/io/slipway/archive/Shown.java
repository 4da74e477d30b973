package io.slipway.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** An entry as one line. */
final class Shown {
    private Shown() {}

    static String of(ArchiveEntry entry) throws IOException {
        if (entry instanceof ArchiveEntry.File file) {
            try (var in = file.content().open()) {
                return "f " + file.mode() + " " + owner(file.owner()) + " " + file.path() + " = "
                        + new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        if (entry instanceof ArchiveEntry.Directory directory) {
            return "d " + directory.mode() + " " + owner(directory.owner()) + " " + directory.path();
        }
        if (entry instanceof ArchiveEntry.Symlink link) {
            return "l " + link.path() + " -> " + link.target();
        }
        if (entry instanceof ArchiveEntry.HardLink link) {
            return "h " + link.path() + " -> " + link.target();
        }
        var device = (ArchiveEntry.Device) entry;
        return "n " + device.mode() + " " + owner(device.owner()) + " " + device.path() + " " + device.type() + " "
                + device.major() + ":" + device.minor();
    }

    private static String owner(Owner owner) {
        return owner.uid() + ":" + owner.gid();
    }
}
