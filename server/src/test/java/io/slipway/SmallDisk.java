package io.slipway;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A real file system of a few MiB that can be full: a tmpfs. */
public final class SmallDisk implements AutoCloseable {
    private final Path place;

    private SmallDisk(Path place) {
        this.place = place;
    }

    /**
     * Mounts one. Skips the test, loudly, where that is not allowed; fails it where CI=true.
     *
     * @param size such as {@code 6m}
     */
    public static SmallDisk mount(Path place, String size) throws IOException {
        Witness.requireRoot("mounting a small file system");
        Files.createDirectories(place);
        Witness.run(
                place, "mount", "-t", "tmpfs", "-o", "size=" + size + ",mode=700", "slipway-test", place.toString());
        return new SmallDisk(place);
    }

    public void resize(String size) {
        Witness.run(place, "mount", "-o", "remount,size=" + size, place.toString());
    }

    /** Leaves so many bytes to others, by a file of its own. */
    public void leave(long bytes) throws IOException {
        Path ballast = place.resolve("ballast");
        Files.deleteIfExists(ballast);
        long fill = Files.getFileStore(place).getUsableSpace() - bytes;
        byte[] block = new byte[4096];
        try (var out = FileChannel.open(ballast, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long written = 0; written + block.length <= fill; written += block.length) {
                out.write(java.nio.ByteBuffer.wrap(block));
            }
        }
    }

    /** Takes the ballast away. */
    public void makeRoom() throws IOException {
        Files.deleteIfExists(place.resolve("ballast"));
    }

    @Override
    public void close() {
        Witness.run(place.resolveSibling("."), "umount", place.toString());
    }
}
