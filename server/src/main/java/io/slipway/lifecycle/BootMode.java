package io.slipway.lifecycle;

import java.util.Locale;

/** What an arming allows. */
public enum BootMode {
    /** Erase the chosen disk and install. */
    INSTALL,
    /** A shell for a person; nothing is erased. */
    RESCUE;

    /** As in {@code slipway.mode=}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
