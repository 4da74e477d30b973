package io.slipway.lab;

import java.util.List;

/**
 * One broadcast domain: a bridge in the lab's namespace.
 *
 * @param bridge the device
 * @param mtu the largest packet that must pass, VLAN tag aside
 * @param taps its ports
 * @param trunks ports that answer a node's LACP, each over several taps (which are not among {@code taps})
 */
public record Segment(String bridge, int mtu, List<String> taps, List<Trunk> trunks) {
    public Segment {
        taps = List.copyOf(taps);
        trunks = List.copyOf(trunks);
    }

    /**
     * @param device the bonding device at this end
     * @param taps its ports
     */
    public record Trunk(String device, List<String> taps) {
        public Trunk {
            taps = List.copyOf(taps);
        }
    }
}
