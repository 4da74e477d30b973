package io.slipway.netboot;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Small conversions between the pure values and Java's sockets. */
final class Addresses {
    private Addresses() {}

    static InetAddress of(int bits) {
        try {
            return InetAddress.getByAddress(
                    new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are always an address", e);
        }
    }

    /** Waits for threads whose sockets are closed; they end by themselves. */
    static void join(List<Thread> threads) {
        try {
            for (Thread thread : threads) {
                thread.join(2_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
