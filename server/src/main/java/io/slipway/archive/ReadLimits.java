package io.slipway.archive;

/**
 * How much an archive may hold before it is refused.
 *
 * @param entries number of members
 * @param bytes length when uncompressed, headers included
 * @param ratio uncompressed bytes per compressed byte, looked at beyond the first 16 MiB
 */
public record ReadLimits(int entries, long bytes, int ratio) {
    /** Room for the largest official packages (kernel-firmware, texlive) many times over. */
    public static final ReadLimits PACKAGE = new ReadLimits(1_000_000, 16L << 30, 2_000);

    /** Below it, even zeros are not worth a refusal. */
    static final long RATIO_FROM = 16L << 20;

    public ReadLimits {
        if (entries < 1 || bytes < 1 || ratio < 1) {
            throw new IllegalArgumentException("limits below 1: " + entries + ", " + bytes + ", " + ratio);
        }
    }
}
