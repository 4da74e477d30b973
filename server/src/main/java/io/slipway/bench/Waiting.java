package io.slipway.bench;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits until a program that was started can be asked. */
final class Waiting {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private Waiting() {}

    static void until(String what, Process process, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!condition.getAsBoolean()) {
            boolean ended = process.waitFor(50, TimeUnit.MILLISECONDS);
            if (ended || System.nanoTime() - end > 0) {
                process.destroy();
                throw Problem.of(
                                ProblemKind.ENVIRONMENT,
                                what + " did not start.",
                                "Look at its log in the benchmark's directory.")
                        .asException();
            }
        }
    }

    static boolean isOpen(int port) {
        try (var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
