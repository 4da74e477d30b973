package io.slipway.netboot;

import io.slipway.inventory.Ipv4Address;
import io.slipway.ntp.NtpAnswer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** UDP 123: tells the time of this machine's clock, to nodes that have no other server. */
public final class NtpListener implements AutoCloseable {
    public static final int PORT = 123;

    private static final Logger LOG = LoggerFactory.getLogger(NtpListener.class);
    /** A question with extensions and a signature is longer than one without, of which nothing is read. */
    private static final int LONGEST = 1500;

    private final DatagramSocket socket;
    private final InstantSource clock;
    private final Thread thread;

    private NtpListener(DatagramSocket socket, InstantSource clock) {
        this.socket = socket;
        this.clock = clock;
        this.thread = new Thread(this::loop, "slipway-ntp");
        this.thread.setDaemon(true);
    }

    /**
     * Starts listening.
     *
     * @param port {@link #PORT}, or another for tests; 0 for any free one
     */
    public static NtpListener start(Ipv4Address address, int port, InstantSource clock) {
        try {
            var socket = new DatagramSocket(new InetSocketAddress(Addresses.of(address.bits()), port));
            var listener = new NtpListener(socket, clock);
            listener.thread.start();
            return listener;
        } catch (IOException e) {
            throw Ports.problem("NTP", "UDP", address.toString(), port, e);
        }
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void loop() {
        byte[] buffer = new byte[LONGEST];
        while (!socket.isClosed()) {
            try {
                var packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                Instant received = clock.instant();
                byte[] answer = NtpAnswer.to(Arrays.copyOf(buffer, packet.getLength()), received, clock.instant());
                if (answer != null) {
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException | RuntimeException e) {
                if (!socket.isClosed()) {
                    LOG.warn("a question for the time could not be handled: {}", e.toString());
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
