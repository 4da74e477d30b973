package io.slipway.inventory;

import java.util.regex.Pattern;

/** An IPv4 address. {@code bits} is the address in host order. */
public record Ipv4Address(int bits) implements Comparable<Ipv4Address> {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

    /**
     * Reads a dotted quad.
     *
     * @throws IllegalArgumentException for anything else, also for leading zeros, which some programs read as octal
     */
    public static Ipv4Address parse(String text) {
        var match = SHAPE.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("not an IPv4 address in the form 192.0.2.1: \"" + text + '"');
        }
        int bits = 0;
        for (int i = 1; i <= 4; i++) {
            String part = match.group(i);
            int value = Integer.parseInt(part);
            if (value > 255 || (part.length() > 1 && part.charAt(0) == '0')) {
                throw new IllegalArgumentException("not an IPv4 address in the form 192.0.2.1: \"" + text + '"');
            }
            bits = bits << 8 | value;
        }
        return new Ipv4Address(bits);
    }

    /** Four bytes in network order. */
    public static Ipv4Address of(byte[] four) {
        if (four.length != 4) {
            throw new IllegalArgumentException("an IPv4 address has 4 bytes, not " + four.length);
        }
        return new Ipv4Address((four[0] & 255) << 24 | (four[1] & 255) << 16 | (four[2] & 255) << 8 | (four[3] & 255));
    }

    /** Four bytes in network order. */
    public byte[] bytes() {
        return new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
    }

    /** The address {@code n} further on. */
    public Ipv4Address plus(int n) {
        return new Ipv4Address(bits + n);
    }

    @Override
    public int compareTo(Ipv4Address other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return (bits >>> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255);
    }
}
