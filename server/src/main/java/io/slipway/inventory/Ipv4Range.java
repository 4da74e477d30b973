package io.slipway.inventory;

import java.util.ArrayList;
import java.util.List;

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

    /** The fewest subnets that have these addresses and no others, in ascending order. */
    public List<Ipv4Network> networks() {
        var out = new ArrayList<Ipv4Network>();
        long next = first.bits() & 0xffffffffL;
        long end = last.bits() & 0xffffffffL;
        while (next <= end) {
            int free = next == 0 ? 32 : Math.min(32, Long.numberOfTrailingZeros(next));
            while (next + (1L << free) - 1 > end) {
                free--;
            }
            out.add(new Ipv4Network(new Ipv4Address((int) next), 32 - free));
            next += 1L << free;
        }
        return out;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
