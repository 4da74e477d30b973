package io.slipway.archive;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/**
 * Writes the {@code .txz} of a Slackware package as {@code makepkg} does: first entry exactly {@code ./} with mode 755,
 * the others without leading {@code ./}, directories with a final {@code /}, sorted by the bytes of their paths, GNU tar
 * headers. Unlike makepkg, every entry has the same modification time and no name of a user of the machine that packs,
 * so that the same entries give the same bytes.
 */
public final class PackageTarWriter {
    /** What GNU tar pads an archive to. */
    private static final int RECORD = 10_240;

    private static final int SMALLEST_DICTIONARY = 1 << 16;

    private PackageTarWriter() {}

    /**
     * Writes a compressed archive; {@code out} is flushed and stays open.
     *
     * @param entries in any order; missing parents are added
     * @param time modification time of every entry, in whole seconds
     * @param preset LZMA2 preset, 0 (fast) to 9 (small)
     * @throws io.slipway.problem.ProblemException if there are links or devices among the entries, or two of one name
     * @throws IOException if a source cannot be read or {@code out} not be written
     */
    public static void writeXz(OutputStream out, Collection<? extends ArchiveEntry> entries, Instant time, int preset)
            throws IOException {
        List<ArchiveEntry> complete = complete(entries);
        long total = RECORD;
        for (ArchiveEntry entry : complete) {
            total += 1024
                    + (entry instanceof ArchiveEntry.File file ? file.content().size() : 0);
        }
        var options = new LZMA2Options(preset);
        // The encoder's memory is about 12 times its dictionary, and most of our packages are tiny.
        if (total < options.getDictSize()) {
            options.setDictSize(Math.max(SMALLEST_DICTIONARY, Integer.highestOneBit((int) total) << 1));
        }
        var xz = new XZOutputStream(out, options, XZ.CHECK_CRC64);
        writeTar(xz, complete, time);
        xz.finish();
        out.flush();
    }

    /** Writes the archive without compression; otherwise as {@link #writeXz}. */
    public static void writeTar(OutputStream out, Collection<? extends ArchiveEntry> entries, Instant time)
            throws IOException {
        List<ArchiveEntry> complete = complete(entries);
        @SuppressWarnings("resource") // out belongs to the caller; finish() ends the archive
        var tar = new TarArchiveOutputStream(out, RECORD, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
        put(tar, "./", TarConstants.LF_DIR, FileMode.OF_755, Owner.ROOT, 0, time);
        tar.closeArchiveEntry();
        for (ArchiveEntry entry : complete) {
            if (entry instanceof ArchiveEntry.Directory directory) {
                put(tar, directory.path() + "/", TarConstants.LF_DIR, directory.mode(), directory.owner(), 0, time);
            } else if (entry instanceof ArchiveEntry.File file) {
                long size = file.content().size();
                put(tar, file.path(), TarConstants.LF_NORMAL, file.mode(), file.owner(), size, time);
                copy(file, tar);
            } else {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "\"" + entry.path()
                                        + "\" is a link or a device, which a Slackware package does not hold.",
                                "Make it in install/doinst.sh.")
                        .asException();
            }
            tar.closeArchiveEntry();
        }
        tar.finish();
        out.flush();
    }

    private static List<ArchiveEntry> complete(Collection<? extends ArchiveEntry> entries) {
        return EntryTree.complete(entries);
    }

    private static void put(
            TarArchiveOutputStream tar, String name, byte type, FileMode mode, Owner owner, long size, Instant time)
            throws IOException {
        var header = new TarArchiveEntry(name, type);
        header.setMode(mode.bits());
        header.setUserId(owner.uid());
        header.setGroupId(owner.gid());
        header.setUserName(owner.uid() == 0 ? "root" : "");
        header.setGroupName(owner.gid() == 0 ? "root" : "");
        header.setSize(size);
        header.setModTime(time.getEpochSecond() * 1000);
        tar.putArchiveEntry(header);
    }

    /** Copies exactly as many bytes as the source promised: a file that changes meanwhile must not shift the archive. */
    static void copy(ArchiveEntry.File file, OutputStream out) throws IOException {
        try (InputStream in = file.content().open()) {
            var buffer = new byte[1 << 16];
            long left = file.content().size();
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                left -= count;
                if (left < 0) {
                    break;
                }
                out.write(buffer, 0, count);
            }
            if (left != 0) {
                throw new IOException("\"" + file.path() + "\" changed while it was read: "
                        + file.content().size() + " bytes were expected, "
                        + (left > 0 ? left + " fewer" : "more") + " came");
            }
        }
    }
}
