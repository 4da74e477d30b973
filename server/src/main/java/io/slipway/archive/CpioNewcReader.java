package io.slipway.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads newc cpio ({@code cpio(5)}) as far as its trailer, with the same bounds and refusals as {@link PackageTarReader};
 * device nodes and absolute links are allowed, since an initrd has them.
 */
public final class CpioNewcReader {
    private static final int HEADER = 110;
    private static final int LONGEST_NAME = 4096;

    private final BoundedReading reading;
    private long at;

    private CpioNewcReader(BoundedReading reading) {
        this.reading = reading;
    }

    /**
     * Shows every entry but the root's own to the visitor. Files of one inode are shown as they lie in the archive: the
     * last has the content.
     *
     * @param in the uncompressed archive; read as far as the trailer and not closed
     * @param name stands in messages
     * @throws io.slipway.problem.ProblemException if the archive is refused; what was visited by then must be thrown
     *     away
     * @throws IOException what the visitor throws
     */
    public static void read(InputStream in, String name, ReadLimits limits, EntryVisitor visitor) throws IOException {
        var reading = new BoundedReading(in, name, limits);
        reading.from(raw -> raw);
        var reader = new CpioNewcReader(reading);
        while (reader.next(visitor)) {
            reading.countEntry();
        }
    }

    private boolean next(EntryVisitor visitor) throws IOException {
        var bytes = new byte[HEADER];
        take(bytes);
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!header.startsWith("070701") && !header.startsWith("070702")) {
            throw reading.refuse("it is not newc cpio");
        }
        if (!header.matches("[0-9A-Fa-f]{110}")) {
            throw reading.refuse("a cpio header has something else than hexadecimal digits");
        }
        long size = field(header, 6);
        long nameLength = field(header, 11);
        if (nameLength < 1 || nameLength > LONGEST_NAME) {
            throw reading.refuse("a cpio header has a name of " + nameLength + " bytes");
        }
        var nameBytes = new byte[(int) nameLength];
        take(nameBytes);
        align();
        String raw = new String(nameBytes, 0, nameBytes.length - 1, StandardCharsets.UTF_8);
        if (raw.equals("TRAILER!!!")) {
            return false;
        }
        int bits = (int) field(header, 1);
        var mode = new FileMode(bits & 07777);
        String name = raw.startsWith("./") ? raw.substring(2) : raw;
        if (name.isEmpty() || name.equals(".")) {
            skip(size);
            return true;
        }
        String path = reading.checkedPath(name);
        long uid = field(header, 2);
        long gid = field(header, 3);
        if (uid > 07777777 || gid > 07777777) {
            throw reading.refuse("\"" + EntryPath.shown(path) + "\" has the owner " + uid + ":" + gid);
        }
        var owner = new Owner((int) uid, (int) gid);
        switch (bits & 0170000) {
            case 0040000 -> {
                visitor.visit(new ArchiveEntry.Directory(path, mode, owner));
                skip(size);
            }
            case 0100000 -> {
                reading.visitFile(visitor, path, mode, owner, size);
                at += size;
                align();
            }
            case 0120000 -> {
                if (size > LONGEST_NAME) {
                    throw reading.refuse(
                            "the link \"" + EntryPath.shown(path) + "\" has a target of " + size + " bytes");
                }
                var target = new byte[(int) size];
                take(target);
                align();
                visitor.visit(reading.symlink(path, new String(target, StandardCharsets.UTF_8)));
            }
            case 0020000, 0060000 -> {
                long major = field(header, 9);
                long minor = field(header, 10);
                if (major > 0xfff || minor > 0xfffff) {
                    throw reading.refuse(
                            "the device \"" + EntryPath.shown(path) + "\" has the numbers " + major + ":" + minor);
                }
                var type =
                        (bits & 0170000) == 0060000 ? ArchiveEntry.DeviceType.BLOCK : ArchiveEntry.DeviceType.CHARACTER;
                visitor.visit(new ArchiveEntry.Device(path, mode, owner, type, (int) major, (int) minor));
                skip(size);
            }
            default -> throw reading.refuse("\"" + EntryPath.shown(path) + "\" is of an unknown kind");
        }
        return true;
    }

    private void take(byte[] into) {
        reading.readFully(into, into.length);
        at += into.length;
    }

    private void skip(long length) {
        reading.skip(length);
        at += length;
        align();
    }

    private void align() {
        int rest = (int) (-at & 3);
        reading.skip(rest);
        at += rest;
    }

    private static long field(String header, int index) {
        return Long.parseLong(header.substring(6 + 8 * index, 14 + 8 * index), 16);
    }
}
