package io.slipway.lab;

import io.slipway.inventory.MacAddress;
import java.util.List;

/**
 * A virtual machine as its firmware will see it.
 *
 * @param name the node
 * @param uuid SMBIOS UUID
 * @param serial SMBIOS serial number, or empty for none
 * @param cards network cards in the order of the PCI bus
 * @param disks disks in the order of the bus
 */
public record Machine(String name, String uuid, String serial, List<Card> cards, List<Disk> disks) {
    public Machine {
        cards = List.copyOf(cards);
        disks = List.copyOf(disks);
    }

    /**
     * @param name the interface's name on the node
     * @param mac its address
     * @param tap the device at this end, in the lab's namespace; at most 15 characters
     * @param boot whether the firmware boots from it
     */
    public record Card(String name, MacAddress mac, String tap, boolean boot) {}

    /**
     * @param transport how it is attached
     * @param serial its serial number
     * @param model its model where the transport lets us choose, or empty
     * @param bytes its size
     */
    public record Disk(Transport transport, String serial, String model, long bytes) {}

    /** The kinds of disk that QEMU has and that a node's kernel has drivers for. */
    public enum Transport {
        VIRTIO,
        NVME,
        SATA
    }
}
