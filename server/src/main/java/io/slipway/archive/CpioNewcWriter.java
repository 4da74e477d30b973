package io.slipway.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.zip.Deflater;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * Writes newc cpio ({@code cpio(5)}; Linux Documentation/driver-api/early-userspace/buffer-format.rst) for the kernel to
 * unpack over the installer's own initrd. Inodes count from 1 and every link count is 1, because cpio readers join files
 * of one inode; parents are explicit, because the kernel drops a file without one; there is no entry for the root,
 * because it would change the mode of {@code /}.
 */
public final class CpioNewcWriter {
    private static final int TYPE_DIRECTORY = 0040000;
    private static final int TYPE_CHARACTER = 0020000;
    private static final int TYPE_BLOCK = 0060000;
    private static final int TYPE_FILE = 0100000;
    private static final int TYPE_LINK = 0120000;
    private static final long LARGEST = 0xFFFF_FFFFL;

    private final OutputStream out;
    private final long time;
    private long written;

    private CpioNewcWriter(OutputStream out, Instant time) {
        this.out = out;
        this.time = time.getEpochSecond();
        if (this.time < 0 || this.time > LARGEST) {
            throw new IllegalArgumentException("time " + time + " does not fit into newc");
        }
    }

    /**
     * Writes an archive compressed with gzip without time and name; {@code out} is flushed and stays open.
     *
     * @param entries in any order; missing parents are added
     * @param time modification time of every entry, in whole seconds
     * @throws IOException if a source cannot be read or {@code out} not be written
     */
    public static void writeGzip(OutputStream out, Collection<? extends ArchiveEntry> entries, Instant time)
            throws IOException {
        var parameters = new GzipParameters();
        parameters.setCompressionLevel(Deflater.BEST_COMPRESSION);
        @SuppressWarnings("resource") // out belongs to the caller; finish() ends the member
        var gzip = new GzipCompressorOutputStream(out, parameters);
        write(gzip, entries, time);
        gzip.finish();
        out.flush();
    }

    /** Writes the archive without compression; otherwise as {@link #writeGzip}. */
    public static void write(OutputStream out, Collection<? extends ArchiveEntry> entries, Instant time)
            throws IOException {
        var writer = new CpioNewcWriter(out, time);
        int inode = 0;
        for (ArchiveEntry entry : EntryTree.complete(entries)) {
            writer.entry(entry, ++inode);
        }
        writer.header(0, 0, Owner.ROOT, 0, 0, 0, 0, "TRAILER!!!");
        out.flush();
    }

    private void entry(ArchiveEntry entry, int inode) throws IOException {
        if (entry instanceof ArchiveEntry.Directory directory) {
            header(inode, TYPE_DIRECTORY | directory.mode().bits(), directory.owner(), time, 0, 0, 0, entry.path());
        } else if (entry instanceof ArchiveEntry.File file) {
            long size = file.content().size();
            if (size > LARGEST) {
                throw new IllegalArgumentException(
                        "\"" + file.path() + "\" has " + size + " bytes, more than newc holds");
            }
            header(inode, TYPE_FILE | file.mode().bits(), file.owner(), time, size, 0, 0, entry.path());
            PackageTarWriter.copy(file, out);
            pad(size);
        } else if (entry instanceof ArchiveEntry.Symlink link) {
            byte[] target = link.target().getBytes(StandardCharsets.UTF_8);
            header(inode, TYPE_LINK | 0777, Owner.ROOT, time, target.length, 0, 0, entry.path());
            out.write(target);
            pad(target.length);
        } else if (entry instanceof ArchiveEntry.Device device) {
            int type = device.type() == ArchiveEntry.DeviceType.BLOCK ? TYPE_BLOCK : TYPE_CHARACTER;
            int mode = type | device.mode().bits();
            header(inode, mode, device.owner(), time, 0, device.major(), device.minor(), entry.path());
        } else {
            throw new IllegalArgumentException("\"" + entry.path() + "\" is a hard link, which is not written");
        }
    }

    private void header(int inode, int mode, Owner owner, long mtime, long size, int major, int minor, String name)
            throws IOException {
        byte[] bytes = (name + '\0').getBytes(StandardCharsets.UTF_8);
        String fields = String.format(
                "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
                inode, mode, owner.uid(), owner.gid(), 1, mtime, size, 0, 0, major, minor, bytes.length, 0);
        out.write(fields.getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        written += 110 + bytes.length;
        pad(0);
    }

    /** Fills up to a multiple of four after {@code more} bytes were written. */
    private void pad(long more) throws IOException {
        written += more;
        while (written % 4 != 0) {
            out.write(0);
            written++;
        }
    }
}
