package io.slipway.mirror;

import io.slipway.store.Sha256;

/**
 * A file of a snapshot.
 *
 * @param path relative to the tree
 * @param size in bytes
 * @param md5 as CHECKSUMS.md5 has it; that of CHECKSUMS.md5 itself is our own
 * @param sha256 as computed when the file was taken in
 */
public record SnapshotFile(String path, long size, String md5, Sha256 sha256) {
    public SnapshotFile {
        if (size < 0 || !md5.matches("[0-9a-f]{32}")) {
            throw new IllegalArgumentException(path + ": size " + size + ", md5 \"" + md5 + '"');
        }
    }
}
