package io.slipway.slackware;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/** {@code MANIFEST.bz2}: the files of every package of a tree. */
public final class ManifestBz2 {
    private static final String MARK = "||   Package:  ";
    private static final int MOST_FILES = 1_000_000;
    private static final long MOST_BYTES = 4L << 30;
    /** As much as a block of bzip2 -9 holds. */
    private static final int PART = 900_000;

    private ManifestBz2() {}

    /**
     * The files of one package.
     *
     * @param location path of the package as the file says it, without leading {@code ./}
     * @param files in the file's order
     */
    public record Listing(String location, List<FileListing> files) {
        public Listing {
            files = List.copyOf(files);
        }
    }

    /**
     * Shows the records one after the other; one of the whole mirror would not fit into memory.
     *
     * @param in compressed; not closed
     * @param file stands in messages
     * @throws io.slipway.problem.ProblemException if it is damaged or without bounds
     */
    public static void parse(InputStream in, String file, Consumer<Listing> record) {
        InputStream plain;
        try {
            plain = new Bounded(new BZip2CompressorInputStream(in, true), file);
        } catch (IOException failure) {
            throw Line.refuse(file, 1, "it is not bzip2");
        }
        var location = new ArrayList<String>();
        var files = new ArrayList<FileListing>();
        try {
            Line.each(new InputStreamReader(plain, StandardCharsets.UTF_8), file, (line, number) -> {
                if (line.startsWith(MARK)) {
                    flush(location, files, record);
                    String path = line.substring(MARK.length()).strip();
                    location.add(path.startsWith("./") ? path.substring(2) : path);
                } else if (!location.isEmpty()) {
                    FileListing.find(line).ifPresent(files::add);
                    if (files.size() > MOST_FILES) {
                        throw Line.refuse(file, number, "a package has more than " + MOST_FILES + " files");
                    }
                }
            });
        } catch (UncheckedIOException failure) {
            throw Line.refuse(file, 1, "it is damaged or truncated");
        }
        flush(location, files, record);
    }

    private static void flush(List<String> location, List<FileListing> files, Consumer<Listing> record) {
        if (!location.isEmpty()) {
            record.accept(new Listing(location.get(0), files));
        }
        location.clear();
        files.clear();
    }

    /** One record as the file has it. */
    public static String text(Listing record) {
        var out = new StringBuilder();
        out.append("++").append("=".repeat(40)).append('\n');
        out.append("||\n");
        out.append(MARK).append("./").append(record.location()).append('\n');
        out.append("||\n");
        out.append("++").append("=".repeat(40)).append('\n');
        for (FileListing file : record.files()) {
            out.append(file.text()).append('\n');
        }
        return out.append("\n\n").toString();
    }

    /**
     * Writes the file; the same records give the same bytes. It is a row of bzip2 streams, as parallel compressors write
     * it and every reader of bzip2 takes it (bzip2(1)): compressing is what a build from nothing takes longest for.
     *
     * @param records text by {@link #text(Listing)}, in the order of the file
     * @param out stays open
     */
    public static void write(OutputStream out, Iterable<String> records) throws IOException {
        var parts = new ArrayList<byte[]>();
        var part = new ByteArrayOutputStream();
        for (String record : records) {
            part.writeBytes(record.getBytes(StandardCharsets.UTF_8));
            if (part.size() >= PART) {
                parts.add(part.toByteArray());
                part.reset();
            }
        }
        // Also where there is none: nothing at all would not be bzip2.
        if (part.size() > 0 || parts.isEmpty()) {
            parts.add(part.toByteArray());
        }
        for (byte[] compressed :
                parts.parallelStream().map(ManifestBz2::compressed).toList()) {
            out.write(compressed);
        }
        out.flush();
    }

    private static byte[] compressed(byte[] plain) {
        var out = new ByteArrayOutputStream();
        try (var bzip2 = new BZip2CompressorOutputStream(out)) {
            bzip2.write(plain);
        } catch (IOException impossible) {
            throw new IllegalStateException("writing to memory failed", impossible);
        }
        return out.toByteArray();
    }

    /** The record of a package that was made here. */
    public static Listing of(String location, SlackwarePackage contents, Instant time) {
        return new Listing(location, FileListing.of(contents.members(), time));
    }

    private static final class Bounded extends FilterInputStream {
        private final String file;
        private long count;

        Bounded(InputStream in, String file) {
            super(in);
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read;
            try {
                read = super.read(into, offset, length);
            } catch (IndexOutOfBoundsException | IllegalArgumentException damage) {
                // The decoder answers so to some damage.
                throw new IOException(damage);
            }
            count += Math.max(0, read);
            if (count > MOST_BYTES) {
                throw Line.refuse(file, 1, "it expands to more than " + MOST_BYTES + " bytes");
            }
            return read;
        }
    }
}
