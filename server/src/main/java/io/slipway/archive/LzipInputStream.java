package io.slipway.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import org.tukaani.xz.LZMAInputStream;

/**
 * Decompresses lzip, version 1, one or several members ({@code lzip(1)}, "File format"): a header of 6 bytes, an LZMA
 * stream with lc=3, lp=0, pb=2 and an end marker, a trailer of 20 bytes. The decoder is XZ for Java's, which knows LZMA
 * but not this container.
 */
final class LzipInputStream extends InputStream {
    /** {@code (pb * 5 + lp) * 9 + lc}. */
    private static final byte PROPERTIES = (2 * 5 + 0) * 9 + 3;

    private static final int TRAILER = 20;

    private final Counted in;
    private final int memoryKib;
    private final CRC32 crc = new CRC32();
    private LZMAInputStream member;
    private long memberBytes;
    private boolean ended;

    LzipInputStream(InputStream in, int memoryKib) throws IOException {
        this.in = new Counted(in);
        this.memoryKib = memoryKib;
        this.member = open(in.read());
    }

    private LZMAInputStream open(int first) throws IOException {
        in.count = 1;
        byte[] rest = in.readNBytes(5);
        if (first != 'L' || rest.length < 5 || rest[0] != 'Z' || rest[1] != 'I' || rest[2] != 'P') {
            throw new IOException("it is not lzip");
        }
        if (rest[3] != 1) {
            throw new IOException("lzip version " + rest[3] + " is unknown");
        }
        int base = 1 << (rest[4] & 0x1f);
        int dictionary = base - (base / 16) * ((rest[4] >> 5) & 7);
        if ((rest[4] & 0x1f) < 12
                || (rest[4] & 0x1f) > 29
                || LZMAInputStream.getMemoryUsage(dictionary, PROPERTIES) > memoryKib) {
            throw new IOException("its lzip dictionary is too large");
        }
        crc.reset();
        memberBytes = 0;
        return new LZMAInputStream(in, -1, PROPERTIES, dictionary);
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (!ended) {
            int count = member.read(into, offset, length);
            if (count >= 0) {
                crc.update(into, offset, count);
                memberBytes += count;
                return count;
            }
            checkTrailer();
            int next = in.in.read();
            if (next < 0) {
                ended = true;
            } else {
                member = open(next);
            }
        }
        return -1;
    }

    private void checkTrailer() throws IOException {
        byte[] trailer = in.readNBytes(TRAILER);
        if (trailer.length < TRAILER) {
            throw new IOException("the lzip trailer is missing");
        }
        if (littleEndian(trailer, 0, 4) != crc.getValue()
                || littleEndian(trailer, 4, 8) != memberBytes
                || littleEndian(trailer, 12, 8) != in.count) {
            throw new IOException("the lzip trailer does not agree with the data");
        }
    }

    private static long littleEndian(byte[] bytes, int offset, int length) {
        long value = 0;
        for (int i = length - 1; i >= 0; i--) {
            value = (value << 8) | (bytes[offset + i] & 0xff);
        }
        return value;
    }

    /** Counts what the decoder takes, for the member's size in the trailer. */
    private static final class Counted extends InputStream {
        private final InputStream in;
        private long count;

        Counted(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            if (value >= 0) {
                count++;
            }
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = in.read(into, offset, length);
            if (read > 0) {
                count += read;
            }
            return read;
        }
    }
}
