package io.slipway.archive;

/**
 * Owner and group by number; names differ between the machine that packs and the one that unpacks.
 *
 * @param uid 0 to 2,097,151 (what a plain tar header holds)
 * @param gid likewise
 */
public record Owner(int uid, int gid) {
    /** {@code root:root}. */
    public static final Owner ROOT = new Owner(0, 0);

    private static final int LARGEST = 07777777;

    public Owner {
        if (uid < 0 || uid > LARGEST || gid < 0 || gid > LARGEST) {
            throw new IllegalArgumentException("owner " + uid + ":" + gid + " is not in 0 to " + LARGEST);
        }
    }
}
