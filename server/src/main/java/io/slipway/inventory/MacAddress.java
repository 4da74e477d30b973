package io.slipway.inventory;

import java.util.Locale;
import java.util.regex.Pattern;

/** A 48-bit IEEE 802 address, printed in lower case with colons. */
public record MacAddress(String text) implements Comparable<MacAddress> {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

    public MacAddress {
        if (!SHAPE.matcher(text).matches()) {
            throw new IllegalArgumentException("not a MAC address in the form 52:54:00:12:34:56: \"" + text + '"');
        }
    }

    /**
     * Reads colons or hyphens (iPXE's {@code mac:hexhyp}) in either case.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static MacAddress parse(String text) {
        return new MacAddress(text.toLowerCase(Locale.ROOT).replace('-', ':'));
    }

    /** Six bytes, as in DHCP's {@code chaddr}. */
    public static MacAddress of(byte[] six) {
        if (six.length != 6) {
            throw new IllegalArgumentException("a MAC address has 6 bytes, not " + six.length);
        }
        var out = new StringBuilder(17);
        for (byte b : six) {
            if (out.length() > 0) {
                out.append(':');
            }
            out.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return new MacAddress(out.toString());
    }

    /** Group addresses (the lowest bit of the first byte) belong to no interface. */
    public boolean isGroup() {
        return (Integer.parseInt(text.substring(0, 2), 16) & 1) == 1;
    }

    @Override
    public int compareTo(MacAddress other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
