package io.slipway.slackbuild;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a script declares about itself in a comment line {@code # slipway: WORD}. */
public enum Declaration {
    /** Its sources must be completed from the network before the build, which has none itself. */
    NETWORK,
    /** It builds modules for the snapshot's kernel, whose release it finds in {@code KERNEL}. */
    KERNEL;

    /** As it is written. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Declaration> find(String text) {
        return Arrays.stream(values())
                .filter(declaration -> declaration.text().equals(text))
                .findFirst();
    }

    /** All of them, as they are written. */
    public static List<String> texts() {
        return Arrays.stream(values()).map(Declaration::text).toList();
    }
}
