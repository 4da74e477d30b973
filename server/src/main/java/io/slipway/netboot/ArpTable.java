package io.slipway.netboot;

import io.slipway.inventory.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The kernel's neighbours: which hardware address has an IP address. TFTP and HTTP say only the latter. */
final class ArpTable {
    private static final Path FILE = Path.of("/proc/net/arp");

    private ArpTable() {}

    static Optional<MacAddress> find(String address) {
        try (var lines = Files.lines(FILE)) {
            return lines.skip(1)
                    .map(line -> line.trim().split("\\s+"))
                    .filter(fields -> fields.length >= 4 && fields[0].equals(address))
                    .map(fields -> fields[3])
                    .filter(mac -> !mac.equals("00:00:00:00:00:00"))
                    .map(MacAddress::parse)
                    .findFirst();
        } catch (IOException | IllegalArgumentException | java.io.UncheckedIOException e) {
            return Optional.empty();
        }
    }
}
