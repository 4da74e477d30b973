package io.slipway.netboot;

import java.util.LinkedHashMap;
import java.util.Map;

/** Requests per second and address, with a burst. Knows a bounded number of addresses. */
final class RateLimit {
    private static final int ADDRESSES = 4096;

    private final double perSecond;
    private final double burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > ADDRESSES;
        }
    };

    private record Bucket(double tokens, long at) {}

    RateLimit(double perSecond, double burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /** Whether one more request is allowed at a time in nanoseconds. */
    synchronized boolean allows(String address, long now) {
        Bucket old = buckets.get(address);
        double tokens = old == null ? burst : Math.min(burst, old.tokens() + (now - old.at()) / 1e9 * perSecond);
        boolean allowed = tokens >= 1;
        buckets.put(address, new Bucket(allowed ? tokens - 1 : tokens, now));
        return allowed;
    }
}
