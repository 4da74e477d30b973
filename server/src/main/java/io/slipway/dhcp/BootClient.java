package io.slipway.dhcp;

import java.util.HexFormat;
import java.util.Optional;

/**
 * A machine that wants to boot from the network, as its DHCP message shows it.
 *
 * @param kind what it can load
 * @param architecture what it runs on
 * @param uuid SMBIOS UUID in lower case, or empty: ROMs exist that leave it out and expect to boot
 */
public record BootClient(Kind kind, ClientArchitecture architecture, String uuid) {

    /** What a client can load. */
    public enum Kind {
        /** Firmware: a file by TFTP. */
        PXE,
        /** UEFI HTTP boot: an address of an EFI program. */
        HTTP,
        /** iPXE with HTTP: a script. */
        IPXE
    }

    /** What came of looking at a message. */
    public sealed interface Recognised {
        /** It wants to boot. */
        record Boots(BootClient client) implements Recognised {}

        /** An ordinary DHCP client. */
        record Ordinary() implements Recognised {}

        /** It wants to boot, but says so in a way that cannot be answered. */
        record Refused(String reason) implements Recognised {}
    }

    private static final int IPXE_FEATURE_HTTP = 0x13;
    private static final int MACHINE_IDENTIFIER_BYTES = 17;

    /** Looks at options 60, 77, 93, 97 and 175. */
    public static Recognised recognise(DhcpMessage message) {
        Options options = message.options();
        String vendorClass = options.findText(OptionCode.CLASS_IDENTIFIER).orElse("");
        boolean pxe = vendorClass.startsWith("PXEClient");
        boolean http = vendorClass.startsWith("HTTPClient");
        boolean ipxe = isIpxe(options);
        if (!pxe && !http && !ipxe) {
            return new Recognised.Ordinary();
        }
        byte[] guid = options.find(OptionCode.CLIENT_MACHINE_IDENTIFIER).orElse(new byte[0]);
        if (guid.length != 0 && guid.length != MACHINE_IDENTIFIER_BYTES) {
            return new Recognised.Refused("option 97 (client machine identifier) has " + guid.length
                    + " bytes instead of " + MACHINE_IDENTIFIER_BYTES);
        }
        if (guid.length != 0 && guid[0] != 0) {
            return new Recognised.Refused(
                    "option 97 (client machine identifier) is of type " + (guid[0] & 255) + ", only 0 is defined");
        }
        byte[] numbers = options.find(OptionCode.CLIENT_ARCHITECTURE).orElse(new byte[0]);
        if (numbers.length % 2 != 0) {
            return new Recognised.Refused(
                    "option 93 (client architecture) has an odd length of " + numbers.length + " bytes");
        }
        var architecture = architecture(numbers, vendorClass);
        if (architecture.isEmpty()) {
            return new Recognised.Refused("option 93 (client architecture) names only numbers that the IANA registry"
                    + " does not have: 0x" + HexFormat.of().formatHex(numbers));
        }
        Kind kind = ipxe && speaksHttp(options) ? Kind.IPXE : http ? Kind.HTTP : Kind.PXE;
        return new Recognised.Boots(new BootClient(kind, architecture.get(), uuid(guid)));
    }

    /**
     * The first number that the registry knows. Without option 93 the text of option 60 is asked ({@code
     * PXEClient:Arch:00007:…}), and PXE ROMs from before RFC 4578 are BIOS.
     */
    private static Optional<ClientArchitecture> architecture(byte[] numbers, String vendorClass) {
        for (int i = 0; i + 1 < numbers.length; i += 2) {
            var found = ClientArchitecture.find((numbers[i] & 255) << 8 | (numbers[i + 1] & 255));
            if (found.isPresent()) {
                return found;
            }
        }
        if (numbers.length > 0) {
            return Optional.empty();
        }
        int at = vendorClass.indexOf(":Arch:");
        if (at >= 0 && vendorClass.substring(at + 6).matches("\\d{5}(:.*)?")) {
            return ClientArchitecture.find(Integer.parseInt(vendorClass.substring(at + 6, at + 11)));
        }
        return Optional.of(ClientArchitecture.X86_BIOS);
    }

    /** iPXE sends its name bare; RFC 3004 wants a length before it. Both are found; so is its option 175. */
    private static boolean isIpxe(Options options) {
        String userClass = options.findText(OptionCode.USER_CLASS).orElse("");
        return userClass.contains("iPXE") || options.has(OptionCode.IPXE_ENCAPSULATED);
    }

    /** An iPXE that lists its features and has no HTTP (some vendors' ROMs) is given ours first, as any firmware is. */
    private static boolean speaksHttp(Options options) {
        byte[] features = options.find(OptionCode.IPXE_ENCAPSULATED).orElse(new byte[0]);
        int at = 0;
        boolean listed = false;
        while (at + 1 < features.length) {
            int code = features[at] & 255;
            if (code == OptionCode.PAD) {
                at++;
                continue;
            }
            if (code == OptionCode.END) {
                break;
            }
            if (code == IPXE_FEATURE_HTTP) {
                return true;
            }
            listed = true;
            at += 2 + (features[at + 1] & 255);
        }
        return !listed;
    }

    /** RFC 4578 §2.3 with SMBIOS byte order: the first three groups are little endian, as the machine's label shows them. */
    private static String uuid(byte[] guid) {
        if (guid.length == 0) {
            return "";
        }
        // iPXE and BIOS ROMs send the bytes as SMBIOS stores them.
        int[] order = {4, 3, 2, 1, -1, 6, 5, -1, 8, 7, -1, 9, 10, -1, 11, 12, 13, 14, 15, 16};
        var out = new StringBuilder(36);
        for (int at : order) {
            if (at < 0) {
                out.append('-');
            } else {
                out.append(Character.forDigit(guid[at] >> 4 & 15, 16)).append(Character.forDigit(guid[at] & 15, 16));
            }
        }
        return out.toString();
    }
}
