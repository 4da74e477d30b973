package io.slipway.inventory;

/** An IPv4 subnet: its first address and the prefix length in bits. */
public record Ipv4Network(Ipv4Address base, int prefix) {

    public Ipv4Network {
        if (prefix < 0 || prefix > 32) {
            throw new IllegalArgumentException("prefix must be 0 to 32, not " + prefix);
        }
        int masked = base.bits() & mask(prefix);
        if (masked != base.bits()) {
            throw new IllegalArgumentException(base + "/" + prefix + " has host bits set; the subnet is "
                    + new Ipv4Address(masked) + "/" + prefix);
        }
    }

    /** Reads {@code 192.0.2.0/24}. */
    public static Ipv4Network parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,2}")) {
            throw new IllegalArgumentException("not a subnet in the form 192.0.2.0/24: \"" + text + '"');
        }
        return new Ipv4Network(
                Ipv4Address.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (32 - prefix);
    }

    public Ipv4Address netmask() {
        return new Ipv4Address(mask(prefix));
    }

    public Ipv4Address broadcast() {
        return new Ipv4Address(base.bits() | ~mask(prefix));
    }

    public boolean contains(Ipv4Address address) {
        return (address.bits() & mask(prefix)) == base.bits();
    }

    /** Inside, and neither the network's own nor the broadcast address (both are usable from /31 on, RFC 3021). */
    public boolean isHost(Ipv4Address address) {
        return contains(address) && (prefix >= 31 || (!address.equals(base) && !address.equals(broadcast())));
    }

    public boolean overlaps(Ipv4Network other) {
        return contains(other.base) || other.contains(base);
    }

    /** Number of host addresses. */
    public long hosts() {
        long all = 1L << (32 - prefix);
        return prefix >= 31 ? all : all - 2;
    }

    @Override
    public String toString() {
        return base + "/" + prefix;
    }
}
