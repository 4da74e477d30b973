package io.slipway.slackbuild.build;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a program or library says to the dynamic linker ({@code elf(5)}).
 *
 * @param needed names of libraries that it needs ({@code DT_NEEDED})
 * @param name its own as a library ({@code DT_SONAME}), or empty
 */
record ElfFile(List<String> needed, String name) {
    /** How such files begin. */
    static final int MAGIC = 0x7f454c46;

    private static final int CLASS = 4;
    private static final int DATA = 5;
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_NULL = 0;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_SONAME = 14;
    private static final int MOST_ENTRIES = 10_000;

    ElfFile {
        needed = List.copyOf(needed);
    }

    /**
     * @param bytes a whole file
     * @return empty if it is no ELF file, or not one for the dynamic linker, or damaged
     */
    static Optional<ElfFile> read(byte[] bytes) {
        try {
            return new Reader(bytes).read();
        } catch (IndexOutOfBoundsException damaged) {
            return Optional.empty();
        }
    }

    private static final class Reader {
        private final ByteBuffer bytes;
        private final boolean wide;

        Reader(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.wide = bytes.length > DATA && bytes[CLASS] == 2;
        }

        private long word(int offset) {
            return wide ? bytes.getLong(offset) : bytes.getInt(offset) & 0xffffffffL;
        }

        private static int index(long offset) {
            if (offset < 0 || offset > Integer.MAX_VALUE) {
                throw new IndexOutOfBoundsException(offset);
            }
            return (int) offset;
        }

        Optional<ElfFile> read() {
            if (bytes.limit() < 52 || bytes.getInt(0) != MAGIC) {
                return Optional.empty();
            }
            bytes.order(bytes.get(DATA) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            int headers = index(word(wide ? 32 : 28));
            int length = bytes.getShort(wide ? 54 : 42) & 0xffff;
            int count = bytes.getShort(wide ? 56 : 44) & 0xffff;
            for (int i = 0; i < count; i++) {
                int header = headers + i * length;
                if (bytes.getInt(header) == PT_DYNAMIC) {
                    return Optional.of(dynamic(index(word(header + (wide ? 8 : 4))), headers, length, count));
                }
            }
            return Optional.empty();
        }

        private ElfFile dynamic(int start, int headers, int length, int count) {
            int width = wide ? 8 : 4;
            var needed = new ArrayList<Long>();
            long name = -1;
            long strings = -1;
            for (int i = 0; i < MOST_ENTRIES; i++) {
                int entry = start + 2 * i * width;
                long tag = word(entry);
                long value = word(entry + width);
                if (tag == DT_NULL) {
                    break;
                } else if (tag == DT_NEEDED) {
                    needed.add(value);
                } else if (tag == DT_SONAME) {
                    name = value;
                } else if (tag == DT_STRTAB) {
                    strings = value;
                }
            }
            long table = place(strings, headers, length, count);
            return new ElfFile(
                    needed.stream().map(offset -> text(table + offset)).toList(), name < 0 ? "" : text(table + name));
        }

        /** Where in the file an address in memory comes from. */
        private long place(long address, int headers, int length, int count) {
            for (int i = 0; i < count; i++) {
                int header = headers + i * length;
                if (bytes.getInt(header) == PT_LOAD) {
                    long offset = word(header + (wide ? 8 : 4));
                    long from = word(header + (wide ? 16 : 8));
                    long size = word(header + (wide ? 32 : 16));
                    if (address >= from && address - from < size) {
                        return offset + (address - from);
                    }
                }
            }
            throw new IndexOutOfBoundsException("no segment has " + address);
        }

        private String text(long offset) {
            int start = index(offset);
            int end = start;
            while (bytes.get(end) != 0) {
                end++;
            }
            return new String(bytes.array(), start, end - start, StandardCharsets.UTF_8);
        }
    }
}
