package io.slipway.dhcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Packets for tests: captured ones, and hand-made ones of firmware that no virtual machine has. */
final class Packets {
    static final String MAC = "52:54:00:aa:bb:01";
    static final byte[] GUID = HexFormat.of().parseHex("0078563412bc9af0de123456789abcdef0");

    private Packets() {}

    static byte[] captured(String name) {
        try (var in = Packets.class.getResourceAsStream("/dhcp/" + name + ".hex")) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static DhcpMessage read(byte[] packet) {
        if (DhcpMessage.decode(packet) instanceof DhcpMessage.Decoded.Message read) {
            return read.message();
        }
        throw new AssertionError(DhcpMessage.decode(packet).toString());
    }

    static DhcpMessage question(MessageType type, Options options) {
        return new DhcpMessage(
                true,
                new DhcpMessage.Link(1, MAC, 0),
                0x11223344,
                4,
                true,
                new DhcpMessage.Addresses(Ip4.NONE, Ip4.NONE, Ip4.NONE, Ip4.NONE),
                "",
                "",
                type,
                options);
    }

    /** What a plain PXE ROM of a BIOS machine sends (PXE specification 2.1, table 2-1). */
    static Options firmware(int architecture) {
        return Options.EMPTY
                .with(OptionCode.CLASS_IDENTIFIER, "PXEClient:Arch:%05d:UNDI:002001".formatted(architecture))
                .with(OptionCode.CLIENT_ARCHITECTURE, (byte) (architecture >> 8), (byte) architecture)
                .with(OptionCode.CLIENT_NETWORK_INTERFACE, (byte) 1, (byte) 2, (byte) 1)
                .with(OptionCode.CLIENT_MACHINE_IDENTIFIER, GUID);
    }

    static Options httpFirmware(int architecture) {
        return firmware(architecture)
                .with(OptionCode.CLASS_IDENTIFIER, "HTTPClient:Arch:%05d:UNDI:003001".formatted(architecture));
    }

    static Options ipxe(int architecture) {
        return firmware(architecture).with(OptionCode.USER_CLASS, "iPXE");
    }
}
