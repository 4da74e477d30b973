package io.slipway.inventory;

import java.util.List;

/**
 * @param mirror a directory, an {@code rsync://} or {@code http(s)://} address of a slackware64 tree
 * @param snapshot name of the pinned copy that images are built from
 * @param verify what a mirror must prove
 * @param fingerprint the OpenPGP key that signs CHECKSUMS.md5: 40 upper-case hexadecimal digits
 * @param series the series that are installed, in installation order
 * @param add packages to install although they are not in {@code series}, by NAME
 * @param skip packages not to install, by NAME
 * @param tagfiles directory with {@code <series>/tagfile} that narrow the selection, or empty for none
 */
public record Slackware(
        String mirror,
        String snapshot,
        Verify verify,
        String fingerprint,
        List<String> series,
        List<String> add,
        List<String> skip,
        String tagfiles) {
    public Slackware {
        series = List.copyOf(series);
        add = List.copyOf(add);
        skip = List.copyOf(skip);
    }

    /** What makes a mirror's files trusted. */
    public enum Verify {
        /** CHECKSUMS.md5 must carry a good signature by the pinned key. */
        SIGNATURE,
        /** CHECKSUMS.md5 alone: protects against corruption, not against a hostile mirror. */
        CHECKSUMS
    }
}
