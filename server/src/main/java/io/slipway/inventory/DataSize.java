package io.slipway.inventory;

import java.util.Locale;
import java.util.regex.Pattern;

/** A number of bytes. {@code 40G} is 40 × 2^30, {@code 40GB} is 40 × 10^9 (what disk makers print). */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})([KMGT]?)(B|iB)?");

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative: " + bytes);
        }
    }

    /** Reads {@code 512M}, {@code 40G}, {@code 1TB}, {@code 1TiB}, {@code 4096}. */
    public static DataSize parse(String text) {
        var match = SHAPE.matcher(text.strip());
        if (!match.matches()) {
            throw new IllegalArgumentException("not a size such as 512M, 40G or 1TB: \"" + text + '"');
        }
        String unit = match.group(2);
        int power = unit.isEmpty() ? 0 : "KMGT".indexOf(unit) + 1;
        long base = "B".equals(match.group(3)) && power > 0 ? 1000 : 1024;
        long bytes = Long.parseLong(match.group(1));
        for (int i = 0; i < power; i++) {
            bytes = Math.multiplyExact(bytes, base);
        }
        return new DataSize(bytes);
    }

    /** Whole MiB, rounded down; partitions are laid out in them. */
    public long mebibytes() {
        return bytes >> 20;
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    @Override
    public String toString() {
        String units = "KMGT";
        for (int i = units.length() - 1; i >= 0; i--) {
            long unit = 1L << (10 * (i + 1));
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + units.substring(i, i + 1);
            }
        }
        return String.format(Locale.ROOT, "%d", bytes);
    }
}
