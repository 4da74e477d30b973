package io.slipway.lifecycle;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the installer is doing, in order. */
public enum InstallStage {
    CLAIMED,
    DISK,
    PARTITION,
    FORMAT,
    PACKAGES,
    CONFIGURE,
    INITRD,
    BOOTLOADER,
    FINISH;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<InstallStage> find(String text) {
        return Arrays.stream(values())
                .filter(stage -> stage.text().equals(text))
                .findFirst();
    }
}
