package io.slipway.bench;

import io.slipway.inventory.Ipv4Address;
import io.slipway.netboot.TftpListener;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.tftp.TftpPacket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** The TFTP listener against dnsmasq: ipxe.efi with the block size that firmware asks for, in turns. Needs root: dnsmasq knows only port 69. */
public final class TftpBench {
    private static final String OURS = "127.0.0.70";
    private static final String THEIRS = "127.0.0.69";
    private static final int PORT = 69;
    private static final int BLOCK = 1432;
    private static final int ROUNDS = 60;

    private TftpBench() {}

    /**
     * Runs it.
     *
     * @param ipxe the directory with {@code ipxe.efi}
     * @param directory an empty directory for logs
     */
    public static void run(Path ipxe, Path directory, String dnsmasq, Consumer<String> out)
            throws IOException, InterruptedException {
        long size = Files.size(ipxe.resolve("ipxe.efi"));
        Process server;
        try {
            server = new ProcessBuilder(
                            dnsmasq,
                            "--keep-in-foreground",
                            "--port=0",
                            "--conf-file=/dev/null",
                            "--enable-tftp",
                            "--tftp-root=" + ipxe,
                            "--listen-address=" + THEIRS,
                            "--bind-interfaces",
                            "--user=root",
                            "--pid-file=" + directory.resolve("dnsmasq.pid"),
                            "--log-facility=-")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("dnsmasq.log").toFile())
                    .start();
        } catch (IOException e) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "dnsmasq is not there to be measured against.",
                            "Debian: apt-get install dnsmasq-base")
                    .asException();
        }
        try (var listener = TftpListener.start(Ipv4Address.parse(OURS), PORT, ipxe, address -> {})) {
            Waiting.until("dnsmasq", server, () -> answers(THEIRS));
            double best = 0;
            double bestTheirs = 0;
            for (int round = 0; round < ROUNDS; round++) {
                best = Math.max(best, fetch(OURS, listener.port(), size));
                bestTheirs = Math.max(bestTheirs, fetch(THEIRS, PORT, size));
            }
            out.accept(String.format(
                    Locale.ROOT,
                    "ipxe.efi (%d bytes, blocks of %d): slipway %.1f MB/s, dnsmasq %.1f MB/s, slipway/dnsmasq %.2f",
                    size,
                    BLOCK,
                    best / 1e6,
                    bestTheirs / 1e6,
                    best / bestTheirs));
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static boolean answers(String address) {
        try {
            return fetch(address, PORT, -1) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Bytes per second of one download, one block at a time. */
    private static double fetch(String address, int port, long expected) throws IOException {
        byte[] request =
                new TftpPacket.Request(false, "ipxe.efi", "octet", Map.of("blksize", Integer.toString(BLOCK))).encode();
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(500);
            long start = System.nanoTime();
            socket.send(new DatagramPacket(
                    request,
                    request.length,
                    new InetSocketAddress(
                            InetAddress.getByAddress(Ipv4Address.parse(address).bytes()), port)));
            var packet = new DatagramPacket(new byte[4 + BLOCK], 4 + BLOCK);
            long bytes = 0;
            while (true) {
                socket.receive(packet);
                byte[] data = packet.getData();
                if (data[1] != 3 && data[1] != 6) {
                    throw new IOException("unexpected packet");
                }
                byte[] ack = {0, 4, data[1] == 6 ? 0 : data[2], data[1] == 6 ? 0 : data[3]};
                socket.send(new DatagramPacket(ack, 4, packet.getSocketAddress()));
                if (data[1] == 3) {
                    bytes += packet.getLength() - 4;
                    if (packet.getLength() < 4 + BLOCK) {
                        break;
                    }
                }
            }
            if (expected >= 0 && bytes != expected) {
                throw new IOException("got " + bytes + " bytes instead of " + expected);
            }
            return bytes / ((System.nanoTime() - start) / 1e9);
        } catch (SocketTimeoutException e) {
            throw new IOException(List.of(address, port) + " does not answer", e);
        }
    }
}
