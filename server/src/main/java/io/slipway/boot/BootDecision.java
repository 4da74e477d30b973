package io.slipway.boot;

import io.slipway.lifecycle.BootMode;

/** What a machine is to do. */
public sealed interface BootDecision {
    /** The node's name, or empty for a machine without one. */
    String node();

    /** Start the installer, which may claim with this token: an installation, or a rescue shell. */
    record Start(String node, BootMode mode, String token, String image) implements BootDecision {}

    /**
     * Start from the own disk.
     *
     * @param why for the screen
     */
    record LocalDisk(String node, String why) implements BootDecision {}

    /**
     * Show a menu that goes on to the local disk by itself.
     *
     * @param why for the screen
     */
    record Menu(String node, String why) implements BootDecision {}

    /**
     * Like {@link Menu}, and a person has to look first.
     *
     * @param why for the screen
     */
    record Quarantined(String node, String why) implements BootDecision {}
}
