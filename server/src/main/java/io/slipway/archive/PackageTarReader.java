package io.slipway.archive;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Reads Slackware packages ({@code .txz}, {@code .tgz}, {@code .tbz}, {@code .tlz}) that come from anywhere. Understands
 * what GNU tar and bsdtar write (POSIX.1-1988 ustar, GNU long names and base-256 numbers, pax headers; see
 * {@code tar(5)}). Refuses, as {@link ProblemKind#UNTRUSTED}, whatever could do harm when it is unpacked as root: names
 * that are absolute or go up, device nodes and sockets, links out of the root, entries below a link, control characters,
 * and archives that are truncated, damaged or expand without end.
 *
 * <p>A reader of its own rather than a library's because the length of long names and pax headers must be bounded before
 * they are read.
 */
public final class PackageTarReader {
    private static final int BLOCK = 512;
    /** Longest GNU long name or pax header: a path of 4,095 bytes and some attributes. */
    private static final int LONGEST_HEADER = 1 << 16;
    /** Seconds since 1970 that ext4 can hold, with 256-byte inodes. */
    private static final long LATEST = 15_000_000_000L;

    /** Memory for a decoder's dictionary; {@code xz -9} needs 65 MiB. */
    private static final int DECODER_KIB = 100 << 10;

    private final BoundedReading reading;
    private final EntryVisitor visitor;
    /** When the entry that is being shown was modified. */
    private Instant time = Instant.EPOCH;

    private PackageTarReader(BoundedReading reading, TimedVisitor visitor) {
        this.reading = reading;
        this.visitor = entry -> visitor.visit(entry, time);
    }

    /** Is shown each member, and when it was modified. */
    @FunctionalInterface
    public interface TimedVisitor {
        /**
         * @param entry as for {@link EntryVisitor#visit}
         * @param time in whole seconds
         * @throws IOException likewise
         */
        void visit(ArchiveEntry entry, Instant time) throws IOException;
    }

    /**
     * Shows every entry but the root's own ({@code ./}) to the visitor. Paths come without {@code ./} and without final
     * {@code /}.
     *
     * @param in the compressed archive; read to its end and not closed
     * @param name file name, which says how it is compressed and stands in messages
     * @throws io.slipway.problem.ProblemException if the archive is refused; what was visited by then must be thrown
     *     away
     * @throws IOException what the visitor throws
     */
    public static void read(InputStream in, String name, ReadLimits limits, EntryVisitor visitor) throws IOException {
        readTimed(in, name, limits, (entry, time) -> visitor.visit(entry));
    }

    /** The same for whom it matters when the files were modified. */
    public static void readTimed(InputStream in, String name, ReadLimits limits, TimedVisitor visitor)
            throws IOException {
        String lower = name.toLowerCase(Locale.ROOT);
        var reading = new BoundedReading(new BufferedInputStream(in, 1 << 16), name, limits);
        if (lower.endsWith(".txz")) {
            reading.from(raw -> new XZInputStream(raw, DECODER_KIB));
        } else if (lower.endsWith(".tlz")) {
            reading.from(raw -> new LzipInputStream(raw, DECODER_KIB));
        } else if (lower.endsWith(".tgz")) {
            reading.from(raw -> new GZIPInputStream(raw, 1 << 16));
        } else if (lower.endsWith(".tbz")) {
            reading.from(raw -> new BZip2CompressorInputStream(raw, true));
        } else {
            throw notAPackage(name);
        }
        new PackageTarReader(reading, visitor).readAll();
    }

    /**
     * The same for a tar archive that is not compressed.
     *
     * @param name stands in messages
     */
    public static void readTar(InputStream in, String name, ReadLimits limits, EntryVisitor visitor)
            throws IOException {
        var reading = new BoundedReading(new BufferedInputStream(in, 1 << 16), name, limits);
        reading.from(raw -> raw);
        new PackageTarReader(reading, (entry, time) -> visitor.visit(entry)).readAll();
    }

    private static ProblemException notAPackage(String name) {
        return Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "\"" + EntryPath.shown(name) + "\" is not the name of a Slackware package.",
                        "Packages end in .txz, .tgz, .tbz or .tlz.")
                .asException();
    }

    private void readAll() throws IOException {
        var block = new byte[BLOCK];
        var pax = new TreeMap<String, String>();
        String longName = "";
        String longLink = "";
        boolean any = false;
        while (true) {
            int count = reading.read(block, 0, BLOCK);
            if (count == 0 && !any) {
                throw reading.refuse("there is no tar archive in it");
            }
            if (count < BLOCK) {
                throw reading.refuse("it is truncated: the end of the tar archive is missing");
            }
            if (allZero(block)) {
                break;
            }
            any = true;
            checkSum(block);
            char type = (char) (block[156] & 0xff);
            long size = number(block, 124, 12, "size");
            switch (type) {
                case 'L' -> longName = longText(size);
                case 'K' -> longLink = longText(size);
                case 'x' -> parsePax(header(size), pax);
                case 'g' -> header(size);
                default -> {
                    reading.countEntry();
                    String name = pax.getOrDefault("path", longName.isEmpty() ? ustarName(block) : longName);
                    String link = pax.getOrDefault("linkpath", longLink.isEmpty() ? text(block, 157, 100) : longLink);
                    time = Instant.ofEpochSecond(seconds(block, pax));
                    entry(type, name, link, block, pax.containsKey("size") ? paxNumber(pax, "size") : size);
                    pax.clear();
                    longName = "";
                    longLink = "";
                }
            }
        }
        reading.drain();
    }

    private void entry(char type, String rawName, String link, byte[] block, long size) throws IOException {
        String name = rawName;
        while (name.startsWith("./")) {
            name = name.substring(2);
        }
        boolean directory = type == '5' || ((type == '0' || type == '\0') && name.endsWith("/"));
        if (name.endsWith("/")) {
            name = name.substring(0, name.length() - 1);
        }
        if (directory && (name.isEmpty() || name.equals("."))) {
            reading.skip(padded(size));
            return;
        }
        String path = reading.checkedPath(name);
        var mode = new FileMode((int) (number(block, 100, 8, "mode") & 07777));
        if (directory) {
            reading.skip(padded(size));
            visitor.visit(new ArchiveEntry.Directory(path, mode, owner(block, path)));
            return;
        }
        switch (type) {
            case '0', '\0', '7' -> {
                if (size < 0) {
                    throw reading.refuse("\"" + EntryPath.shown(path) + "\" has a negative length");
                }
                reading.visitFile(visitor, path, mode, owner(block, path), size);
                reading.skip(padded(size) - size);
            }
            case '1' -> {
                String target = link;
                while (target.startsWith("./")) {
                    target = target.substring(2);
                }
                visitor.visit(new ArchiveEntry.HardLink(path, reading.checkedPath(target)));
                reading.skip(padded(size));
            }
            case '2' -> {
                if (link.startsWith("/")) {
                    throw reading.refuse("the link \"" + EntryPath.shown(path) + "\" points to \""
                            + EntryPath.shown(link)
                            + "\", which leaves the root while it is unpacked; makepkg -l y puts links into doinst.sh");
                }
                visitor.visit(reading.symlink(path, link));
                reading.skip(padded(size));
            }
            case '3', '4' -> throw reading.refuse("\"" + EntryPath.shown(path) + "\" is a device node");
            default ->
                throw reading.refuse("\"" + EntryPath.shown(path) + "\" is of a kind (" + (int) type
                        + ") that has no place in a package");
        }
    }

    private Owner owner(byte[] block, String path) {
        long uid = number(block, 108, 8, "owner");
        long gid = number(block, 116, 8, "group");
        if (uid < 0 || gid < 0 || uid > 07777777 || gid > 07777777) {
            throw reading.refuse("\"" + EntryPath.shown(path) + "\" has the owner " + uid + ":" + gid);
        }
        return new Owner((int) uid, (int) gid);
    }

    private byte[] header(long size) {
        if (size < 0 || size > LONGEST_HEADER) {
            throw reading.refuse("it has a header of " + size + " bytes");
        }
        var bytes = new byte[(int) padded(size)];
        reading.readFully(bytes, bytes.length);
        return Arrays.copyOf(bytes, (int) size);
    }

    private String longText(long size) {
        byte[] bytes = header(size);
        return text(bytes, 0, bytes.length);
    }

    /** Records of {@code "<length> <key>=<value>\n"}; lengths count bytes, see {@code pax(1)}. */
    private void parsePax(byte[] bytes, Map<String, String> into) {
        int at = 0;
        while (at < bytes.length) {
            int space = at;
            while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9' && space - at < 6) {
                space++;
            }
            int length =
                    space == at ? 0 : Integer.parseInt(new String(bytes, at, space - at, StandardCharsets.US_ASCII));
            int end = at + length;
            if (space >= bytes.length || bytes[space] != ' ' || end > bytes.length || end <= space + 1) {
                throw reading.refuse("it has a malformed pax header");
            }
            String record = new String(bytes, space + 1, end - space - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals < 1 || bytes[end - 1] != '\n') {
                throw reading.refuse("it has a malformed pax header");
            }
            String key = record.substring(0, equals);
            if (key.startsWith("GNU.sparse.")) {
                throw reading.refuse("it has a sparse file");
            }
            into.put(key, record.substring(equals + 1));
            at = end;
        }
    }

    /** Of the years that file systems know; whatever else somebody wrote is the beginning of time. */
    private long seconds(byte[] block, Map<String, String> pax) {
        String precise = pax.getOrDefault("mtime", "");
        long seconds = precise.matches("[0-9]{1,11}(\\.[0-9]*)?")
                ? Long.parseLong(precise.replaceFirst("\\..*", ""))
                : number(block, 136, 12, "time");
        return seconds < 0 || seconds > LATEST ? 0 : seconds;
    }

    private long paxNumber(Map<String, String> pax, String key) {
        String value = pax.getOrDefault(key, "");
        if (!value.matches("[0-9]{1,18}")) {
            throw reading.refuse("its pax header has the " + key + " \"" + EntryPath.shown(value) + "\"");
        }
        return Long.parseLong(value);
    }

    private long padded(long size) {
        if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
            throw reading.refuse("it has an entry of " + size + " bytes");
        }
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    private void checkSum(byte[] block) {
        long expected = number(block, 148, 8, "checksum");
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
        }
        if (sum != expected) {
            throw reading.refuse("the checksum of a tar header is wrong");
        }
    }

    /** Octal digits, or base 256 when the first bit is set (GNU). */
    private long number(byte[] block, int offset, int length, String what) {
        if ((block[offset] & 0x80) != 0) {
            long value = (block[offset] & 0x40) != 0 ? -1 : 0;
            for (int i = 0; i < length; i++) {
                int part = i == 0 ? block[offset] & 0x3f : block[offset + i] & 0xff;
                if (value > (Long.MAX_VALUE >> 8) || value < (Long.MIN_VALUE >> 8)) {
                    throw reading.refuse("a tar header has a " + what + " beyond all bounds");
                }
                value = (value << 8) | part;
            }
            return value;
        }
        String digits = text(block, offset, length).strip();
        if (digits.isEmpty()) {
            return 0;
        }
        if (!digits.matches("[0-7]{1,20}")) {
            throw reading.refuse("a tar header has a " + what + " that is no number");
        }
        return Long.parseLong(digits, 8);
    }

    private static String ustarName(byte[] block) {
        String name = text(block, 0, 100);
        // GNU's own format has other things where POSIX has the prefix.
        boolean posix = new String(block, 257, 6, StandardCharsets.ISO_8859_1).equals("ustar\0");
        String prefix = posix ? text(block, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] block, int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return new String(block, offset, end - offset, StandardCharsets.UTF_8);
    }

    private static boolean allZero(byte[] block) {
        return Arrays.equals(block, new byte[BLOCK]);
    }
}
