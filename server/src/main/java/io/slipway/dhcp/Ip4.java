package io.slipway.dhcp;

/** Four bytes of an IPv4 address as they stand in a packet; {@code bits} is in host order. */
public record Ip4(int bits) implements Comparable<Ip4> {
    /** 0.0.0.0: no address. */
    public static final Ip4 NONE = new Ip4(0);

    /** 255.255.255.255: everybody on this link. */
    public static final Ip4 BROADCAST = new Ip4(-1);

    public boolean isNone() {
        return bits == 0;
    }

    @Override
    public int compareTo(Ip4 other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return (bits >>> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255);
    }
}
