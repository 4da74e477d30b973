package io.slipway.slackware;

import java.util.Comparator;
import java.util.List;

/**
 * A directory of packages under {@code slackware64/}.
 *
 * @param name lower-case letters, digits, {@code _} and {@code -}
 */
public record Series(String name) {
    /** The official ones in the order in which setup installs them. */
    public static final List<Series> OFFICIAL =
            List.of("a", "ap", "d", "e", "f", "k", "kde", "l", "n", "t", "tcl", "x", "xap", "xfce", "y").stream()
                    .map(Series::new)
                    .toList();

    /** Official ones in setup's order, then others by name. */
    public static final Comparator<Series> INSTALLATION_ORDER = Comparator.<Series>comparingInt(series -> {
                int index = OFFICIAL.indexOf(series);
                return index < 0 ? OFFICIAL.size() : index;
            })
            .thenComparing(Series::name);

    public Series {
        if (!name.matches("[a-z][a-z0-9_-]{0,30}")) {
            throw new IllegalArgumentException("\"" + Line.shown(name) + "\" is not the name of a series");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
