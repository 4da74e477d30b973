package io.slipway.lifecycle;

import java.util.Locale;

/** Where a node is in its life, in the usual order; the last six are asides. */
public enum NodePhase {
    /** A machine that cluster.yaml does not name. */
    DISCOVERED,
    /** Named, and nothing more. */
    KNOWN,
    /** May install once. */
    ARMED,
    /** Armed, and seen on the boot network. */
    BOOTING,
    /** The installer runs and waits for a person to compare fingerprints. */
    AWAITING_APPROVAL,
    INSTALLING,
    /** The installer has finished and restarts the machine. */
    INSTALLED,
    /** Starting from its own disk for the first time; lasts until a login has worked. */
    FIRST_BOOT,
    READY,
    FORMING,
    MEMBER,
    FAILED,
    /** In the rescue shell. */
    RESCUE,
    /** Two claimed to be it. Nothing is given to it until a person looked. */
    QUARANTINED,
    LEAVING,
    REMOVED;

    /** As people read it: {@code first-boot}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether an operating system is on its disk that arming would erase. */
    public boolean isInstalled() {
        return switch (this) {
            case INSTALLED, FIRST_BOOT, READY, FORMING, MEMBER, LEAVING -> true;
            case DISCOVERED,
                    KNOWN,
                    ARMED,
                    BOOTING,
                    AWAITING_APPROVAL,
                    INSTALLING,
                    FAILED,
                    RESCUE,
                    QUARANTINED,
                    REMOVED -> false;
        };
    }
}
