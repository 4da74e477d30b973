package io.slipway.slackbuild.source;

import java.time.Duration;

/**
 * How much and how long.
 *
 * @param bytes longest source
 * @param silence without a single byte for so long, a connection is dead
 * @param total for one source from one address, all tries together
 * @param tries of one address
 * @param pause before the second try; doubled before each further one
 * @param parallel sources at the same time
 */
public record FetchLimits(long bytes, Duration silence, Duration total, int tries, Duration pause, int parallel) {
    /** Go's and the firmware's trees have some hundred MB; four at a time are what one server of a project bears. */
    public static final FetchLimits USUAL =
            new FetchLimits(4L << 30, Duration.ofSeconds(60), Duration.ofHours(1), 4, Duration.ofSeconds(1), 4);

    public FetchLimits {
        if (bytes < 1 || silence.isNegative() || silence.isZero() || total.isNegative() || tries < 1 || parallel < 1) {
            throw new IllegalArgumentException(
                    "bytes " + bytes + ", silence " + silence + ", total " + total + ", tries " + tries);
        }
    }
}
