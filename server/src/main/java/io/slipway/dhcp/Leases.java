package io.slipway.dhcp;

import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who has which address, immutable.
 *
 * @param byClient leases by the client's hardware address
 * @param declined addresses that a client found in use by somebody else, and until when they are left alone
 */
public record Leases(Map<String, Lease> byClient, Map<Ip4, Instant> declined) {
    public static final Leases NONE = new Leases(Map.of(), Map.of());

    public Leases {
        byClient = Map.copyOf(byClient);
        declined = Map.copyOf(declined);
    }

    /**
     * @param address the address
     * @param until when it is free again
     * @param bound whether the client has taken it; otherwise it is only offered
     */
    public record Lease(Ip4 address, Instant until, boolean bound) {}

    Optional<Lease> find(String client) {
        return Optional.ofNullable(byClient.get(client));
    }

    Leases with(String client, Lease lease) {
        var copy = new TreeMap<>(byClient);
        copy.put(client, lease);
        return new Leases(copy, declined);
    }

    Leases without(String client) {
        var copy = new TreeMap<>(byClient);
        copy.remove(client);
        return new Leases(copy, declined);
    }

    Leases decline(Ip4 address, Instant until) {
        var copy = new TreeMap<>(declined);
        copy.put(address, until);
        return new Leases(byClient, copy);
    }

    /** Without what ended before {@code now}. */
    Leases expire(Instant now) {
        var leases = new TreeMap<>(byClient);
        leases.values().removeIf(lease -> !lease.until().isAfter(now));
        var bad = new TreeMap<>(declined);
        bad.values().removeIf(until -> !until.isAfter(now));
        return new Leases(leases, bad);
    }

    Set<Ip4> taken() {
        var out = new HashSet<>(declined.keySet());
        byClient.values().forEach(lease -> out.add(lease.address()));
        return out;
    }
}
