package io.slipway.slackbuild.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Whether a file that was fetched can be what its name says. Archives are known by how they begin, and followed to their
 * end far enough to see that they are whole: a cut one is refused here instead of by {@code tar} in the middle of a build.
 */
enum ArchiveShape {
    /** RFC 1952. */
    GZIP("1f8b"),
    /** The .xz file format 1.2.1, §2. */
    XZ("fd377a585a00"),
    BZIP2("425a68"),
    /** RFC 8878 §3.1. */
    ZSTANDARD("28b52ffd"),
    /** The lzip manual, "File format". */
    LZIP("4c5a4950"),
    /** Also jar and wheel. APPNOTE.TXT §4.3. */
    ZIP("504b0304"),
    TAR("");

    private static final List<String> NAMES = List.of(
            ".gz", ".tgz", ".xz", ".txz", ".bz2", ".tbz", ".tbz2", ".zst", ".tzst", ".lz", ".tlz", ".zip", ".jar",
            ".whl", ".tar", ".crate", ".gem");
    private static final int BLOCK = 512;
    /** What a compressed source may expand to before looking at it takes too long. */
    private static final long LONGEST = 64L << 30;

    private static final int LOOK = 1024;

    /** How it begins, in hexadecimal digits; empty where that does not tell. */
    private final String magic;

    ArchiveShape(String magic) {
        this.magic = magic;
    }

    /** Why a file is not whole, as the end of "it …", or empty. */
    private Optional<String> broken(FileChannel file, Path path) throws IOException {
        return switch (this) {
            case GZIP -> brokenGzip(path);
            case XZ -> brokenXz(file);
            case BZIP2 -> brokenBzip2(file);
            case ZSTANDARD -> brokenZstandard(file);
            case LZIP -> brokenLzip(file);
            case ZIP -> brokenZip(file);
            case TAR -> brokenTar(file);
        };
    }

    private boolean isAt(FileChannel file, long from) throws IOException {
        return begins(read(file, from, magic.length() / 2));
    }

    private boolean begins(byte[] bytes) {
        int length = magic.length() / 2;
        return length > 0
                && bytes.length >= length
                && HexFormat.of().formatHex(bytes, 0, length).equals(magic);
    }

    /**
     * Why a file cannot be the source of that name.
     *
     * @param name what it is to be called
     * @param type what a server calls it ({@code Content-Type}), or empty
     * @return as in "it is empty", or empty if nothing speaks against it
     */
    static Optional<String> objection(Path path, String name, String type) throws IOException {
        try (var file = FileChannel.open(path, StandardOpenOption.READ)) {
            if (file.size() == 0) {
                return Optional.of("is empty");
            }
            byte[] head = read(file, 0, LOOK);
            String lower = name.toLowerCase(Locale.ROOT);
            Optional<ArchiveShape> shape = of(head);
            boolean page = lower.endsWith(".html") || lower.endsWith(".htm") || lower.endsWith(".xhtml");
            if (shape.isEmpty() && !page && (looksLikePage(head) || isPage(type))) {
                return Optional.of("is a web page, not a file to build from");
            }
            if (NAMES.stream().noneMatch(lower::endsWith)) {
                return Optional.empty();
            }
            if (shape.isEmpty()) {
                return Optional.of("is no archive: it begins with " + shown(head));
            }
            return shape.get().broken(file, path);
        }
    }

    private static boolean isPage(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.startsWith("text/html") || lower.startsWith("application/xhtml");
    }

    private static boolean looksLikePage(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1)
                .replace("\u00ef\u00bb\u00bf", "")
                .stripLeading()
                .toLowerCase(Locale.ROOT);
        return text.startsWith("<!doctype html")
                || text.startsWith("<html")
                || text.startsWith("<head")
                || (text.startsWith("<?xml") && text.contains("<html"));
    }

    private static String shown(byte[] head) {
        String text = new String(head, 0, Math.min(head.length, 16), StandardCharsets.ISO_8859_1);
        return text.matches("[\\x20-\\x7e\\s]+")
                ? "\"" + text.replaceAll("\\s+", " ") + '"'
                : HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(head.length, 8));
    }

    private static Optional<ArchiveShape> of(byte[] head) {
        for (ArchiveShape shape : values()) {
            if (shape.begins(head)) {
                return Optional.of(shape);
            }
        }
        return head.length >= BLOCK && isHeader(head) ? Optional.of(TAR) : Optional.empty();
    }

    private static byte[] read(FileChannel file, long from, int length) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(length, file.size() - from)));
        while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) > 0) {
            // until it is full
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static final Optional<String> CUT = Optional.of("is cut off: the end of the archive is missing");

    /** Nothing marks its end, so all of it is decompressed. */
    private static Optional<String> brokenGzip(Path path) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(path), 1 << 16)) {
            var buffer = new byte[1 << 16];
            long length = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                length += count;
                if (length > LONGEST) {
                    return Optional.of("expands without end");
                }
            }
            return Optional.empty();
        } catch (EOFException cut) {
            return CUT;
        } catch (ZipException damaged) {
            return Optional.of("is damaged: " + damaged.getMessage());
        }
    }

    /** From the last stream to the first: each footer leads to its index, and the index to the stream's beginning. */
    private static Optional<String> brokenXz(FileChannel file) throws IOException {
        long end = file.size();
        while (end > 0) {
            byte[] footer = read(file, end - 12, 12);
            while (end > 0 && footer.length == 12 && Arrays.equals(footer, 8, 12, new byte[4], 0, 4)) {
                end -= 4;
                footer = end >= 12 ? read(file, end - 12, 12) : new byte[0];
            }
            if (footer.length < 12 || footer[10] != 'Y' || footer[11] != 'Z') {
                return CUT;
            }
            long indexLength = ((little(footer).getInt(4) & 0xffffffffL) + 1) * 4;
            if (indexLength > (64 << 20) || indexLength > end - 24) {
                return CUT;
            }
            byte[] index = read(file, end - 12 - indexLength, (int) indexLength);
            var crc = new CRC32();
            crc.update(index, 0, index.length - 4);
            if ((int) crc.getValue() != little(index).getInt(index.length - 4) || index[0] != 0) {
                return Optional.of("is damaged: its index is wrong");
            }
            long begin = end - 12 - indexLength - blocks(index) - 12;
            if (begin < 0 || !XZ.isAt(file, begin)) {
                return CUT;
            }
            end = begin;
        }
        return Optional.empty();
    }

    /** Length of all blocks that an xz index lists; more than any file has if it makes no sense. */
    private static long blocks(byte[] index) {
        int[] at = {1};
        long records = variable(index, at);
        long length = 0;
        for (long i = 0; i < records && at[0] < index.length; i++) {
            length += (variable(index, at) + 3) / 4 * 4;
            variable(index, at);
        }
        return length;
    }

    private static long variable(byte[] bytes, int[] at) {
        long value = 0;
        for (int shift = 0; shift < 63 && at[0] < bytes.length; shift += 7) {
            byte part = bytes[at[0]++];
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                break;
            }
        }
        return value;
    }

    /** The end of a stream is 48 known bits and a checksum, at any bit. */
    private static Optional<String> brokenBzip2(FileChannel file) throws IOException {
        byte[] tail = read(file, Math.max(0, file.size() - 11), 11);
        long marker = 0x177245385090L;
        for (int padding = 0; padding < 8; padding++) {
            long bits = 0;
            int from = tail.length * 8 - padding - 80;
            for (int bit = from; bit >= 0 && bit < from + 48; bit++) {
                bits = bits << 1 | (tail[bit / 8] >> (7 - bit % 8) & 1);
            }
            if (from >= 0 && bits == marker) {
                return Optional.empty();
            }
        }
        return CUT;
    }

    private static Optional<String> brokenZstandard(FileChannel file) throws IOException {
        long at = 0;
        while (at < file.size()) {
            byte[] head = read(file, at, 18);
            if (head.length < 8) {
                return CUT;
            }
            int magic = little(head).getInt(0);
            if ((magic & 0xfffffff0) == 0x184d2a50) {
                at += 8 + (little(head).getInt(4) & 0xffffffffL);
                continue;
            }
            if (magic != 0xfd2fb528) {
                return Optional.of("is damaged: something else follows the archive");
            }
            int descriptor = head[4] & 0xff;
            boolean single = (descriptor & 0x20) != 0;
            int[] dictionary = {0, 1, 2, 4};
            int[] content = {single ? 1 : 0, 2, 4, 8};
            at += 5 + (single ? 0 : 1) + dictionary[descriptor & 3] + content[descriptor >> 6];
            boolean last = false;
            while (!last) {
                byte[] block = read(file, at, 3);
                if (block.length < 3) {
                    return CUT;
                }
                int header = (block[0] & 0xff) | (block[1] & 0xff) << 8 | (block[2] & 0xff) << 16;
                last = (header & 1) != 0;
                int type = header >> 1 & 3;
                if (type == 3) {
                    return Optional.of("is damaged: a block of an unknown kind");
                }
                at += 3 + (type == 1 ? 1 : header >> 3);
            }
            at += (descriptor & 4) != 0 ? 4 : 0;
        }
        return at == file.size() ? Optional.empty() : CUT;
    }

    /** Each member ends with its own length. */
    private static Optional<String> brokenLzip(FileChannel file) throws IOException {
        long end = file.size();
        while (end > 0) {
            if (end < 36) {
                return CUT;
            }
            long length = little(read(file, end - 8, 8)).getLong();
            if (length < 36 || length > end || !LZIP.isAt(file, end - length)) {
                return CUT;
            }
            end -= length;
        }
        return Optional.empty();
    }

    /** The directory of members is at the end, behind it only a comment of known length. */
    private static Optional<String> brokenZip(FileChannel file) throws IOException {
        byte[] tail = read(file, Math.max(0, file.size() - 22 - 0xffff), 22 + 0xffff);
        ByteBuffer words = little(tail);
        for (int at = tail.length - 22; at >= 0; at--) {
            if (words.getInt(at) == 0x06054b50 && at + 22 + (words.getShort(at + 20) & 0xffff) == tail.length) {
                long directory = (words.getInt(at + 12) & 0xffffffffL) + (words.getInt(at + 16) & 0xffffffffL);
                boolean large = (words.getInt(at + 16) & 0xffffffffL) == 0xffffffffL;
                return large || directory <= file.size() - tail.length + at ? Optional.empty() : CUT;
            }
        }
        return CUT;
    }

    /** From header to header, as far as the block of zeros. */
    private static Optional<String> brokenTar(FileChannel file) throws IOException {
        long at = 0;
        while (true) {
            byte[] block = read(file, at, BLOCK);
            if (block.length < BLOCK) {
                return CUT;
            }
            if (Arrays.equals(block, new byte[BLOCK])) {
                return Optional.empty();
            }
            if (!isHeader(block)) {
                return Optional.of("is damaged: a header of its tar archive is wrong");
            }
            long size = number(block);
            if (size < 0 || size > file.size()) {
                return CUT;
            }
            at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
        }
    }

    /** Length of a member: octal digits, or base 256 where the first bit is set. */
    private static long number(byte[] block) {
        if ((block[124] & 0x80) != 0) {
            return ByteBuffer.wrap(block).getLong(128);
        }
        String digits = new String(block, 124, 12, StandardCharsets.ISO_8859_1)
                .replace('\0', ' ')
                .strip();
        return digits.isEmpty() ? 0 : digits.matches("[0-7]{1,12}") ? Long.parseLong(digits, 8) : -1;
    }

    private static boolean isHeader(byte[] block) {
        String digits = new String(block, 148, 8, StandardCharsets.ISO_8859_1)
                .replace('\0', ' ')
                .strip();
        if (!digits.matches("[0-7]{1,7}")) {
            return false;
        }
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
        }
        return sum == Long.parseLong(digits, 8);
    }
}
