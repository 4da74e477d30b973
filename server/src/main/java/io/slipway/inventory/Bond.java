package io.slipway.inventory;

import java.util.List;

/**
 * A link aggregation, made alike on every node.
 *
 * @param name the device, such as {@code bond0}
 * @param interfaces its ports
 * @param mode a mode of the kernel's bonding driver, such as {@code 802.3ad}
 * @param miimon milliseconds between two looks at the links
 * @param lacpRate {@code slow} or {@code fast}; only with 802.3ad
 * @param hash the transmit hash policy, such as {@code layer3+4}
 */
public record Bond(String name, List<String> interfaces, String mode, int miimon, String lacpRate, String hash) {
    public Bond {
        interfaces = List.copyOf(interfaces);
    }
}
