package io.slipway.archive;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What both readers share: counts of entries, uncompressed and compressed bytes against limits, names against the
 * rules, links that later entries would be written through, content that can be opened once.
 */
final class BoundedReading {
    private final String archive;
    private final ReadLimits limits;
    private final Counted compressed;
    private final Set<String> links = new HashSet<>();
    private long uncompressed;
    private int entries;
    private InputStream in = InputStream.nullInputStream();

    BoundedReading(InputStream raw, String archive, ReadLimits limits) {
        this.archive = archive;
        this.limits = limits;
        this.compressed = new Counted(raw);
    }

    /** Makes the stream that members are read from out of the archive's own bytes. */
    interface Decoder {
        InputStream decode(InputStream raw) throws IOException;
    }

    /** Members are read through {@code decoder}. */
    void from(Decoder decoder) {
        try {
            in = decoder.decode(compressed);
        } catch (IOException | RuntimeException failure) {
            throw damaged(failure);
        }
    }

    /** As many bytes as asked, fewer only at the end. */
    int read(byte[] into, int offset, int length) {
        int count;
        try {
            count = in.readNBytes(into, offset, length);
        } catch (IOException | RuntimeException failure) {
            // Decoders answer to some damage with exceptions that are no IOException.
            throw damaged(failure);
        }
        count(count);
        return count;
    }

    private ProblemException damaged(Exception failure) {
        String message = failure.getMessage();
        return new ProblemException(
                refusal(
                        archive,
                        "it is damaged or truncated ("
                                + (message == null || message.isBlank()
                                        ? failure.getClass().getSimpleName()
                                        : message)
                                + ")"),
                failure);
    }

    void readFully(byte[] into, int length) {
        if (read(into, 0, length) != length) {
            throw refuse("it is truncated: it ends in the middle of an entry");
        }
    }

    private void count(long more) {
        uncompressed += more;
        if (uncompressed > limits.bytes()) {
            throw refuse("it expands to more than " + limits.bytes() + " bytes");
        }
        if (uncompressed > ReadLimits.RATIO_FROM && uncompressed / Math.max(1, compressed.count) > limits.ratio()) {
            throw refuse("it expands to more than " + limits.ratio() + " times its length");
        }
    }

    void skip(long length) {
        var buffer = new byte[(int) Math.min(1 << 16, Math.max(length, 1))];
        for (long left = length; left > 0; ) {
            int part = (int) Math.min(left, buffer.length);
            readFully(buffer, part);
            left -= part;
        }
    }

    /** Reads to the end, so that the decompressor checks its own checksum. */
    void drain() {
        var buffer = new byte[1 << 16];
        while (read(buffer, 0, buffer.length) == buffer.length) {
            // the limits end it
        }
    }

    void countEntry() {
        if (++entries > limits.entries()) {
            throw refuse("it has more than " + limits.entries() + " entries");
        }
    }

    String checkedPath(String path) {
        Optional<String> objection = EntryPath.objection(path);
        if (objection.isPresent()) {
            throw refuse("the name \"" + EntryPath.shown(path) + "\" " + objection.get());
        }
        for (int slash = path.indexOf('/'); slash > 0 && !links.isEmpty(); slash = path.indexOf('/', slash + 1)) {
            if (links.contains(path.substring(0, slash))) {
                throw refuse("\"" + EntryPath.shown(path) + "\" would be written through the link \""
                        + EntryPath.shown(path.substring(0, slash)) + "\"");
            }
        }
        links.remove(path);
        return path;
    }

    ArchiveEntry.Symlink symlink(String path, String target) {
        Optional<String> objection = EntryPath.objectionToTarget(path, target);
        if (objection.isPresent()) {
            throw refuse("the link \"" + EntryPath.shown(path) + "\" points to \"" + EntryPath.shown(target)
                    + "\", which " + objection.get());
        }
        links.add(path);
        return new ArchiveEntry.Symlink(path, target);
    }

    /** Shows a file to the visitor and goes on behind its content, however much of it was read. */
    void visitFile(EntryVisitor visitor, String path, FileMode mode, Owner owner, long size) throws IOException {
        var content = new Content(size);
        visitor.visit(new ArchiveEntry.File(path, mode, owner, content));
        content.expire();
    }

    ProblemException refuse(String cause) {
        return refusal(archive, cause).asException();
    }

    static Problem refusal(String archive, String cause) {
        return Problem.of(
                        ProblemKind.UNTRUSTED,
                        "The archive " + EntryPath.shown(archive) + " is refused.",
                        "Fetch it again or ask whoever made it.")
                .because(Character.toUpperCase(cause.charAt(0)) + cause.substring(1) + ".");
    }

    private final class Content implements ByteSource {
        private final long size;
        private long left;
        private boolean opened;

        Content(long size) {
            this.size = size;
            this.left = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public InputStream open() {
            if (opened) {
                throw new IllegalStateException("the content of an entry that is being read can be opened only once");
            }
            opened = true;
            return new InputStream() {
                @Override
                public int read() {
                    var one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) {
                    if (length == 0) {
                        return 0;
                    }
                    if (left == 0) {
                        return -1;
                    }
                    int part = (int) Math.min(length, left);
                    if (BoundedReading.this.read(into, offset, part) != part) {
                        throw refuse("it is truncated: it ends in the middle of an entry");
                    }
                    left -= part;
                    return part;
                }
            };
        }

        void expire() {
            opened = true;
            long rest = left;
            left = 0;
            skip(rest);
        }
    }

    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                count++;
            }
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            if (read > 0) {
                count += read;
            }
            return read;
        }
    }
}
