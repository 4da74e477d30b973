package io.slipway.inventory;

/** Addresses from {@code first} to {@code last}, both included. */
public record Ipv4Range(Ipv4Address first, Ipv4Address last) {

    public Ipv4Range {
        if (first.compareTo(last) > 0) {
            throw new IllegalArgumentException(
                    "a range goes from the lower to the higher address, not " + first + "-" + last);
        }
    }

    /** Reads {@code 192.0.2.10-192.0.2.20}. */
    public static Ipv4Range parse(String text) {
        int hyphen = text.indexOf('-');
        if (hyphen < 0) {
            throw new IllegalArgumentException("not a range in the form 192.0.2.10-192.0.2.20: \"" + text + '"');
        }
        return new Ipv4Range(
                Ipv4Address.parse(text.substring(0, hyphen).strip()),
                Ipv4Address.parse(text.substring(hyphen + 1).strip()));
    }

    public boolean contains(Ipv4Address address) {
        return first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
    }

    public boolean overlaps(Ipv4Range other) {
        return first.compareTo(other.last) <= 0 && other.first.compareTo(last) <= 0;
    }

    public long size() {
        return (last.bits() & 0xffffffffL) - (first.bits() & 0xffffffffL) + 1;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
