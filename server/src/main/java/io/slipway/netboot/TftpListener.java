package io.slipway.netboot;

import io.slipway.inventory.Ipv4Address;
import io.slipway.tftp.ReadTransfer;
import io.slipway.tftp.TftpPacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** UDP 69: hands out the plain files of one directory, nothing below it and nothing beside it. */
public final class TftpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TftpListener.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,100}");

    /** Downloads side by side; a machine that finds no place asks again by itself. */
    private static final int TRANSFERS = 64;

    /** No download of a boot loader takes longer. */
    private static final long LONGEST = Duration.ofMinutes(10).toNanos();

    private final InetAddress address;
    private final Path directory;
    private final DatagramSocket socket;
    private final Consumer<String> seen;
    private final ThreadPoolExecutor pool;
    private final Thread thread;
    private final Set<SocketAddress> active = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private TftpListener(InetAddress address, Path directory, DatagramSocket socket, Consumer<String> seen) {
        this.address = address;
        this.directory = directory;
        this.socket = socket;
        this.seen = seen;
        var count = new AtomicInteger();
        this.pool = new ThreadPoolExecutor(0, TRANSFERS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            var each = new Thread(task, "slipway-tftp-" + count.incrementAndGet());
            each.setDaemon(true);
            return each;
        });
        this.thread = new Thread(this::loop, "slipway-tftp");
        this.thread.setDaemon(true);
    }

    /**
     * Starts listening.
     *
     * @param port 69, or another for tests; 0 for any free one
     * @param directory whose files are served
     * @param seen told the address of every client that asks for a file
     */
    public static TftpListener start(Ipv4Address address, int port, Path directory, Consumer<String> seen) {
        InetAddress local = Addresses.of(address.bits());
        try {
            var socket = new DatagramSocket(new InetSocketAddress(local, port));
            var listener = new TftpListener(local, directory, socket, seen);
            listener.thread.start();
            return listener;
        } catch (IOException e) {
            throw Ports.problem("TFTP", "UDP", address.toString(), port, e);
        }
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void loop() {
        byte[] buffer = new byte[TftpPacket.MAXIMUM_REQUEST_BYTES + 1];
        while (!closed) {
            try {
                var packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                accept(Arrays.copyOf(buffer, packet.getLength()), packet.getSocketAddress());
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    LOG.warn("a TFTP packet could not be handled: {}", e.toString());
                }
            }
        }
    }

    private void accept(byte[] packet, SocketAddress client) throws IOException {
        var decoded = TftpPacket.decode(packet);
        if (!(decoded instanceof TftpPacket.Decoded.Packet read)
                || !(read.packet() instanceof TftpPacket.Request request)) {
            LOG.debug("{}: {}", client, decoded);
            return;
        }
        if (request.write()) {
            refuse(client, 2, "this server is read-only");
            return;
        }
        if (!request.mode().equals("octet")) {
            refuse(client, 0, "only mode octet (binary) is served, not " + request.mode());
            return;
        }
        Optional<Path> file = find(request.file());
        if (file.isEmpty()) {
            refuse(client, 1, "there is no such file");
            LOG.info("{} asked by TFTP for {}, which is not served", client, request.file());
            return;
        }
        // A client that repeats its request because our first packet is late has its transfer already.
        if (!active.add(client)) {
            return;
        }
        try {
            pool.execute(() -> transfer(request, file.get(), client));
        } catch (RejectedExecutionException e) {
            active.remove(client);
            LOG.warn("{} TFTP downloads run; {} has to ask again", TRANSFERS, client);
        }
    }

    /** Firmware may put a slash before the name; anything else that is not a plain name is no file of ours. */
    private Optional<Path> find(String name) {
        String plain = name.startsWith("/") ? name.substring(1) : name;
        if (!NAME.matcher(plain).matches()) {
            return Optional.empty();
        }
        Path file = directory.resolve(plain);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    private void refuse(SocketAddress client, int code, String message) throws IOException {
        byte[] out = new TftpPacket.Failure(code, message).encode();
        socket.send(new DatagramPacket(out, out.length, client));
    }

    private void transfer(TftpPacket.Request request, Path path, SocketAddress client) {
        try (var file = FileChannel.open(path, StandardOpenOption.READ);
                var own = new DatagramSocket(new InetSocketAddress(address, 0))) {
            own.connect(client);
            seen.accept(((InetSocketAddress) client).getAddress().getHostAddress());
            var transfer = ReadTransfer.of(request, content(file), ReadTransfer.Limits.ETHERNET);
            long end = System.nanoTime() + LONGEST;
            byte[] buffer = new byte[516];
            send(own, transfer.begin(System.nanoTime()));
            while (!transfer.isOver() && !closed && System.nanoTime() - end < 0) {
                long wait = transfer.deadline() - System.nanoTime();
                try {
                    own.setSoTimeout((int) Math.max(1, wait / 1_000_000));
                    var packet = new DatagramPacket(buffer, buffer.length);
                    own.receive(packet);
                    send(own, transfer.receive(Arrays.copyOf(buffer, packet.getLength()), System.nanoTime()));
                } catch (SocketTimeoutException e) {
                    // What is due is sent below.
                }
                send(own, transfer.tick(System.nanoTime()));
            }
            LOG.info(
                    "TFTP {} to {}: {}",
                    path.getFileName(),
                    client,
                    transfer.failure().isEmpty() ? "complete" : transfer.failure());
        } catch (IOException | UncheckedIOException e) {
            LOG.info("TFTP {} to {} ended: {}", path.getFileName(), client, e.toString());
        } finally {
            active.remove(client);
        }
    }

    private static void send(DatagramSocket socket, List<ByteBuffer> packets) throws IOException {
        for (ByteBuffer packet : packets) {
            socket.send(new DatagramPacket(packet.array(), packet.arrayOffset(), packet.limit()));
        }
    }

    private static ReadTransfer.Content content(FileChannel file) throws IOException {
        long size = file.size();
        return new ReadTransfer.Content() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public void read(long offset, ByteBuffer into) {
                try {
                    long at = offset;
                    while (into.hasRemaining()) {
                        int n = file.read(into, at);
                        if (n < 0) {
                            throw new IOException("the file became shorter while it was sent");
                        }
                        at += n;
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
        pool.shutdownNow();
        Addresses.join(List.of(thread));
    }
}
