package io.slipway.netboot;

import io.slipway.dhcp.Answer;
import io.slipway.dhcp.BootClient;
import io.slipway.dhcp.BootService;
import io.slipway.dhcp.DhcpMessage;
import io.slipway.dhcp.Ip4;
import io.slipway.inventory.Ipv4Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UDP 67 and 4011. Broadcasts come to a socket on 0.0.0.0:67 (one bound to an address gets none); replies leave through one
 * on the appliance's address, so that 255.255.255.255 goes out on the boot network whatever the default route is. That
 * second socket is the more specific one and therefore gets the unicast questions (renewals): both are read.
 */
public final class DhcpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DhcpListener.class);

    /** The server's port and the boot service's; tests use others. */
    public record UdpPorts(int server, int client, int bootService) {
        public static final UdpPorts STANDARD = new UdpPorts(67, 68, 4011);
    }

    private final List<DatagramChannel> channels = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final DatagramChannel own;
    private final UdpPorts ports;
    private final BiConsumer<DhcpMessage, BootClient> seen;

    private DhcpListener(DatagramChannel own, UdpPorts ports, BiConsumer<DhcpMessage, BootClient> seen) {
        this.own = own;
        this.ports = ports;
        this.seen = seen;
    }

    /**
     * Starts listening.
     *
     * @param address the appliance's address on the boot network
     * @param responder answers what comes to port 67
     * @param service answers what comes to port 4011
     * @param seen told of every boot client that asks
     */
    public static DhcpListener start(
            Ipv4Address address,
            UdpPorts ports,
            Function<DhcpMessage, Answer> responder,
            BootService service,
            BiConsumer<DhcpMessage, BootClient> seen) {
        InetAddress local = Addresses.of(address.bits());
        DatagramChannel own = null;
        DhcpListener listener = null;
        int port = ports.server();
        try {
            // With SO_REUSEADDR two servers would both bind and share the packets by chance.
            try (var probe = DatagramChannel.open()) {
                probe.bind(new InetSocketAddress(local, port));
            }
            own = open(local, port);
            listener = new DhcpListener(own, ports, seen);
            listener.channels.add(own);
            DatagramChannel everybody = open(Addresses.of(0), port);
            listener.channels.add(everybody);
            port = ports.bootService();
            DatagramChannel boot = open(local, port);
            listener.channels.add(boot);
            listener.read("dhcp-unicast", own, own, responder);
            listener.read("dhcp-broadcast", everybody, own, responder);
            listener.read("pxe-4011", boot, boot, service::answerBootServer);
            return listener;
        } catch (IOException e) {
            if (listener != null) {
                listener.close();
            }
            throw Ports.problem("DHCP", "UDP", address.toString(), port, e);
        }
    }

    private static DatagramChannel open(InetAddress address, int port) throws IOException {
        var channel = DatagramChannel.open(java.net.StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            channel.bind(new InetSocketAddress(address, port));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void read(String name, DatagramChannel from, DatagramChannel to, Function<DhcpMessage, Answer> responder) {
        var thread = new Thread(() -> loop(from, to, responder), "slipway-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void loop(DatagramChannel from, DatagramChannel to, Function<DhcpMessage, Answer> responder) {
        var buffer = ByteBuffer.allocate(DhcpMessage.MAXIMUM_BYTES + 1);
        while (from.isOpen()) {
            try {
                buffer.clear();
                var sender = (InetSocketAddress) from.receive(buffer);
                byte[] packet = new byte[buffer.flip().remaining()];
                buffer.get(packet);
                handle(packet, sender, to, responder);
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException | RuntimeException e) {
                // One packet's trouble (a full route table, a bug) must not end the service for all.
                LOG.warn("a DHCP packet could not be handled: {}", e.toString());
            }
        }
    }

    private void handle(
            byte[] packet, InetSocketAddress sender, DatagramChannel to, Function<DhcpMessage, Answer> responder)
            throws IOException {
        if (!(DhcpMessage.decode(packet) instanceof DhcpMessage.Decoded.Message read)) {
            LOG.debug("{}: {}", sender, DhcpMessage.decode(packet));
            return;
        }
        DhcpMessage question = read.message();
        // Firmware waits a second or two for a boot server; writing down that it asked may take longer on a busy disk.
        answer(question, sender, to, responder.apply(question));
        if (question.request() && BootClient.recognise(question) instanceof BootClient.Recognised.Boots boots) {
            seen.accept(question, boots.client());
        }
    }

    private void answer(DhcpMessage question, InetSocketAddress sender, DatagramChannel to, Answer answer)
            throws IOException {
        if (answer instanceof Answer.Ignore ignore) {
            if (ignore.notable()) {
                LOG.warn("{} is not answered: {}", question.link().address(), ignore.reason());
            } else {
                LOG.debug("{} is not answered: {}", question.link().address(), ignore.reason());
            }
        } else if (answer instanceof Answer.Send send) {
            InetSocketAddress target = sender;
            if (send.to() instanceof Answer.Destination.Address fixed) {
                int port = fixed.port() == 67 ? ports.server() : ports.client();
                target = new InetSocketAddress(Addresses.of(fixed.address().bits()), port);
            }
            (send.to() instanceof Answer.Destination.Sender ? to : own)
                    .send(ByteBuffer.wrap(send.message().encode()), target);
            LOG.debug("{} to {}: {}", send.message().type(), question.link().address(), target);
        }
    }

    @Override
    public void close() {
        for (DatagramChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("closing: {}", e.toString());
            }
        }
        Addresses.join(threads);
    }

    static Ip4 ip(Ipv4Address address) {
        return new Ip4(address.bits());
    }
}
