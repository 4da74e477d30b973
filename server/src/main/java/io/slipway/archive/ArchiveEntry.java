package io.slipway.archive;

import java.util.Optional;

/**
 * One member of an archive. Paths are relative to the root that the archive is unpacked into, without {@code ./} and
 * without a final {@code /}; {@link EntryPath} has the rules, and the constructors enforce them with
 * {@link IllegalArgumentException}.
 */
public sealed interface ArchiveEntry {
    String path();

    /** A regular file of mode 644 or whatever else is given, owned by root. */
    static File file(String path, FileMode mode, ByteSource content) {
        return new File(path, mode, Owner.ROOT, content);
    }

    /** A directory owned by root. */
    static Directory directory(String path, FileMode mode) {
        return new Directory(path, mode, Owner.ROOT);
    }

    /** A symbolic link. */
    static Symlink symlink(String path, String target) {
        return new Symlink(path, target);
    }

    record File(String path, FileMode mode, Owner owner, ByteSource content) implements ArchiveEntry {
        public File {
            check(path);
        }
    }

    record Directory(String path, FileMode mode, Owner owner) implements ArchiveEntry {
        public Directory {
            check(path);
        }
    }

    /**
     * A symbolic link, owned by root; its permissions mean nothing on Linux.
     *
     * @param target absolute (in the installed system) or relative to the link's directory, never above the root
     */
    record Symlink(String path, String target) implements ArchiveEntry {
        public Symlink {
            check(path);
            Optional<String> objection = EntryPath.objectionToTarget(path, target);
            if (objection.isPresent()) {
                throw new IllegalArgumentException("the target \"" + EntryPath.shown(target) + "\" of link \""
                        + EntryPath.shown(path) + "\" " + objection.get());
            }
        }
    }

    /**
     * A second name of a file that came earlier in the same archive; only readers make it.
     *
     * @param target path of that file
     */
    record HardLink(String path, String target) implements ArchiveEntry {
        public HardLink {
            check(path);
            check(target);
        }
    }

    /**
     * A device node.
     *
     * @param type character or block
     */
    record Device(String path, FileMode mode, Owner owner, DeviceType type, int major, int minor)
            implements ArchiveEntry {
        public Device {
            check(path);
            if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
                throw new IllegalArgumentException("device numbers " + major + ":" + minor + " of \"" + path
                        + "\" are not in 0 to 4095 and 0 to 1048575");
            }
        }
    }

    /** What a device node stands for. */
    enum DeviceType {
        CHARACTER,
        BLOCK
    }

    private static void check(String path) {
        Optional<String> objection = EntryPath.objection(path);
        if (objection.isPresent()) {
            throw new IllegalArgumentException(
                    "the path \"" + EntryPath.shown(path) + "\" in an archive " + objection.get());
        }
    }
}
