package io.slipway.dhcp;

import io.slipway.dhcp.ClientArchitecture.Firmware;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is offered to machines that boot.
 *
 * @param server the appliance's address on the boot network
 * @param httpPort TCP port of the boot listener
 * @param loaders the iPXE program for each firmware, a file name in the TFTP directory
 */
public record BootService(Ip4 server, int httpPort, Map<Firmware, String> loaders) {
    /** PXE specification 2.1, table 2-1: encapsulated in option 43. */
    private static final byte PXE_DISCOVERY_CONTROL = 6;

    /** Load the file that this packet names; no multicast, no broadcast, no list of servers. */
    private static final byte USE_BOOT_FILE = 8;

    private static final byte PXE_BOOT_ITEM = 71;

    public BootService {
        var copy = new EnumMap<Firmware, String>(Firmware.class);
        copy.putAll(loaders);
        loaders = Map.copyOf(copy);
    }

    /** The script's address; iPXE fills in what stands in braces. */
    public String scriptUrl() {
        return "http://" + server + ":" + httpPort
                + "/boot.ipxe?mac=${mac:hexhyp}&uuid=${uuid}&serial=${serial:uristring}"
                + "&arch=${buildarch}&platform=${platform}";
    }

    /** What the client is to load, or empty where there is nothing for its firmware. */
    Optional<String> bootFile(BootClient client) {
        Optional<String> loader =
                Optional.ofNullable(loaders.get(client.architecture().firmware()));
        return switch (client.kind()) {
            case IPXE -> Optional.of(scriptUrl());
            case HTTP -> loader.map(file -> "http://" + server + ":" + httpPort + "/ipxe/" + file);
            case PXE -> loader;
        };
    }

    String nothingFor(BootClient client) {
        return "there is no boot file for architecture " + client.architecture() + " ("
                + client.architecture().number() + ")";
    }

    /**
     * The options that tell a client what to load. The file field holds 128 bytes and the longest addresses do not fit, so
     * addresses travel in option 67.
     */
    Options describe(BootClient client, String bootFile, Options options) {
        return client.kind() == BootClient.Kind.PXE ? options : options.with(OptionCode.BOOTFILE_NAME, bootFile);
    }

    String fileField(BootClient client, String bootFile) {
        return client.kind() == BootClient.Kind.PXE || bootFile.length() < 128 ? bootFile : "";
    }

    /** Options that mark a reply as a boot server's: identifier, class, the client's own identifier. */
    Options identify(BootClient client, DhcpMessage question) {
        Options options = Options.EMPTY
                .with(OptionCode.SERVER_IDENTIFIER, server)
                .with(OptionCode.CLASS_IDENTIFIER, client.kind() == BootClient.Kind.HTTP ? "HTTPClient" : "PXEClient");
        var guid = question.options().find(OptionCode.CLIENT_MACHINE_IDENTIFIER);
        return guid.isPresent() ? options.with(OptionCode.CLIENT_MACHINE_IDENTIFIER, guid.get()) : options;
    }

    /** Option 43 of an offer: skip boot server discovery. */
    static Options skipDiscovery(Options options) {
        return options.with(
                OptionCode.VENDOR_SPECIFIC, PXE_DISCOVERY_CONTROL, (byte) 1, USE_BOOT_FILE, (byte) OptionCode.END);
    }

    /** The answer on port 4011 (PXE specification 2.1 §2.2.3), the same whoever gives the addresses. */
    public Answer answerBootServer(DhcpMessage question) {
        if (!question.request()) {
            return new Answer.Ignore("a reply came to the boot server's port", false);
        }
        if (question.type() != MessageType.REQUEST && question.type() != MessageType.INFORM) {
            return new Answer.Ignore(question.type() + " is not for port 4011", false);
        }
        var recognised = BootClient.recognise(question);
        if (recognised instanceof BootClient.Recognised.Refused refused) {
            return new Answer.Ignore(refused.reason(), true);
        }
        if (!(recognised instanceof BootClient.Recognised.Boots boots)) {
            return new Answer.Ignore("not a boot client", false);
        }
        BootClient client = boots.client();
        var bootFile = bootFile(client);
        if (bootFile.isEmpty()) {
            return new Answer.Ignore(nothingFor(client), true);
        }
        Options options = describe(client, bootFile.get(), identify(client, question));
        var item = bootItem(question.options());
        if (item.isPresent()) {
            options = options.with(OptionCode.VENDOR_SPECIFIC, item.get());
        }
        return new Answer.Send(
                question.reply(MessageType.ACK, Ip4.NONE, server, fileField(client, bootFile.get()), options),
                new Answer.Destination.Sender());
    }

    /** A client that chose from a menu wants its choice (tag 71) back. */
    private static Optional<byte[]> bootItem(Options options) {
        byte[] vendor = options.find(OptionCode.VENDOR_SPECIFIC).orElse(new byte[0]);
        int at = 0;
        while (at + 1 < vendor.length && (vendor[at] & 255) != OptionCode.END) {
            int length = vendor[at + 1] & 255;
            if (vendor[at] == PXE_BOOT_ITEM && length == 4 && at + 6 <= vendor.length) {
                byte[] out = new byte[7];
                System.arraycopy(vendor, at, out, 0, 6);
                out[6] = (byte) OptionCode.END;
                return Optional.of(out);
            }
            at += vendor[at] == OptionCode.PAD ? 1 : 2 + length;
        }
        return Optional.empty();
    }
}
