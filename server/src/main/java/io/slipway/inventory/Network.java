package io.slipway.inventory;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network that nodes are on.
 *
 * @param name as other parts of the file call it
 * @param interfaces interfaces or bonds that carry it; several only on a bridge
 * @param vlan the 802.1Q tag, or 0 for untagged
 * @param bridge the bridge device, or empty for none
 * @param stp whether the bridge runs the spanning tree protocol
 * @param subnet its addresses, or null for a network on which nodes have none
 * @param mtu bytes of IP packet that must pass
 */
public record Network(
        String name,
        List<String> interfaces,
        int vlan,
        String bridge,
        boolean stp,
        @Nullable Ipv4Network subnet,
        int mtu) {
    public Network {
        interfaces = List.copyOf(interfaces);
    }

    /** The device that has the address: the bridge, else the VLAN device, else the interface. */
    public String device() {
        if (!bridge.isEmpty()) {
            return bridge;
        }
        return vlan == 0 ? interfaces.get(0) : interfaces.get(0) + "." + vlan;
    }
}
