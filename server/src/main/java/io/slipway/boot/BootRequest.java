package io.slipway.boot;

import io.slipway.inventory.MacAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A machine asks for its script.
 *
 * @param mac hardware address of the interface it boots from, or null where iPXE did not say
 * @param uuid SMBIOS UUID in lower case, or empty
 * @param serial SMBIOS serial number in printable characters, or empty
 * @param architecture iPXE's {@code buildarch}: {@code i386}, {@code x86_64}, {@code arm64}, or empty
 * @param platform iPXE's {@code platform}: {@code pcbios}, {@code efi}, or empty
 * @param address where the question came from
 */
public record BootRequest(
        @Nullable MacAddress mac, String uuid, String serial, String architecture, String platform, String address) {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern WORD = Pattern.compile("[a-z0-9_]{1,16}");
    private static final int LONGEST_SERIAL = 64;

    /** Reads the query's texts; what is malformed counts as not said, since a machine must still get an answer. */
    public static BootRequest of(
            String mac, String uuid, String serial, String architecture, String platform, String address) {
        return new BootRequest(
                parseMac(mac).orElse(null),
                shaped(uuid.toLowerCase(Locale.ROOT), UUID),
                printable(serial),
                shaped(architecture, WORD),
                shaped(platform, WORD),
                address);
    }

    private static Optional<MacAddress> parseMac(String text) {
        try {
            var mac = MacAddress.parse(text);
            return mac.isGroup() ? Optional.empty() : Optional.of(mac);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String shaped(String text, Pattern shape) {
        return shape.matcher(text).matches() ? text : "";
    }

    private static String printable(String text) {
        String clean = text.strip();
        return clean.length() <= LONGEST_SERIAL && clean.chars().allMatch(c -> c >= 0x20 && c < 0x7f) ? clean : "";
    }

    /** Whether the machine was started by UEFI; only then {@code exit 1} goes on to the next boot entry. */
    public boolean isUefi() {
        return platform.equals("efi");
    }
}
