package io.slipway.inventory;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One machine.
 *
 * @param name short host name; also its name in OVN, LINSTOR, DRBD and Incus
 * @param interfaces its network interfaces in the file's order
 * @param addresses its address by network name; networks without addresses are absent
 * @param uuid SMBIOS UUID in lower case, or empty where unknown
 * @param serial SMBIOS serial number, or empty where unknown
 * @param roles what it does
 * @param disks how its disks are chosen and laid out
 */
public record Node(
        String name,
        List<Interface> interfaces,
        Map<String, Ipv4Address> addresses,
        String uuid,
        String serial,
        Set<Role> roles,
        Disks disks) {
    public Node {
        interfaces = List.copyOf(interfaces);
        addresses = Map.copyOf(addresses);
        roles = Set.copyOf(roles);
    }

    /**
     * @param name the device that this interface becomes on the installed node, such as {@code eth0}
     * @param mac its permanent address
     * @param boot whether the firmware boots from it; exactly one does
     */
    public record Interface(String name, MacAddress mac, boolean boot) {}

    public boolean has(Role role) {
        return roles.contains(role);
    }

    /** The interface that the firmware boots from. */
    public Interface bootInterface() {
        return interfaces.stream()
                .filter(Interface::boot)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " has no boot interface"));
    }

    public @Nullable Ipv4Address findAddress(String network) {
        return addresses.get(network);
    }

    /**
     * @throws IllegalArgumentException if the node has no address there
     */
    public Ipv4Address address(String network) {
        Ipv4Address address = addresses.get(network);
        if (address == null) {
            throw new IllegalArgumentException(name + " has no address on network \"" + network + '"');
        }
        return address;
    }
}
