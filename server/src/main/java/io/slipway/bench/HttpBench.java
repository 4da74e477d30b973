package io.slipway.bench;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.netboot.BootListener;
import io.slipway.netboot.Images;
import io.slipway.netboot.NodeRegistry;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The boot listener against nginx: the same files, the same clients, in turns. */
public final class HttpBench {
    private static final String DIGEST = "b".repeat(64);
    private static final int[] CLIENTS = {1, 3, 32};
    private static final int ROUNDS = 3;
    private static final int MOST_WARMING = 8;
    private static final Duration ROUND = Duration.ofSeconds(2);
    private static final String CLUSTER = """
            cluster: {name: bench, domain: bench.internal}
            slackware: {mirror: ./tree, snapshot: bench}
            serve: {address: 10.77.0.2}
            networks:
              lan: {interfaces: [eth0], bridge: br0, subnet: 10.77.0.0/24}
            nodes:
              - {name: node1, interfaces: {eth0: {mac: "52:54:00:77:00:11"}}, addresses: {lan: 10.77.0.11}}
              - {name: node2, interfaces: {eth0: {mac: "52:54:00:77:00:12"}}, addresses: {lan: 10.77.0.12}}
              - {name: node3, interfaces: {eth0: {mac: "52:54:00:77:00:13"}}, addresses: {lan: 10.77.0.13}}
            """;

    private HttpBench() {}

    /**
     * Runs it.
     *
     * @param directory an empty directory for files and logs
     * @param nginx the program
     * @param out takes one line at a time
     */
    public static void run(Path directory, String nginx, Consumer<String> out)
            throws IOException, InterruptedException {
        Path image = directory.resolve("images").resolve(DIGEST);
        Files.createDirectories(image);
        Files.writeString(image.resolve("manifest.json"), "{}");
        write(image.resolve("small"), 100_000);
        write(image.resolve("large"), 100_000_000);
        int ours = freePort();
        int theirs = freePort();
        Cluster cluster = ClusterYamlReader.read(CLUSTER, "bench", directory);
        Process server = startNginx(directory, nginx, theirs);
        try (var journal = EventJournal.open(directory.resolve("bench.db"))) {
            var registry = new NodeRegistry(
                    cluster,
                    journal,
                    new Images(directory.resolve("images")),
                    InstantSource.system(),
                    new SecureRandom());
            var listener = BootListener.start(registry, "127.0.0.1", ours, directory);
            try {
                out.accept("file    clients   slipway MB/s   nginx MB/s   slipway/nginx");
                for (String file : List.of("small", "large")) {
                    for (int clients : CLIENTS) {
                        measure(file, clients, ours, theirs, out);
                    }
                }
            } finally {
                listener.close();
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static void measure(String file, int clients, int ours, int theirs, Consumer<String> out)
            throws InterruptedException {
        String path = "/images/" + DIGEST + "/" + file;
        // Rounds that do not count: compiled code, page cache, windows that have opened.
        warm(ours, path, clients);
        warm(theirs, path, clients);
        double best = 0;
        double bestTheirs = 0;
        for (int round = 0; round < ROUNDS; round++) {
            best = Math.max(best, fetch(ours, path, clients));
            bestTheirs = Math.max(bestTheirs, fetch(theirs, path, clients));
        }
        out.accept(String.format(
                Locale.ROOT,
                "%-7s %7d %14.0f %12.0f %15.2f",
                file.equals("small") ? "100 KB" : "100 MB",
                clients,
                best / 1e6,
                bestTheirs / 1e6,
                best / bestTheirs));
    }

    /** Asks until it goes no faster than before. */
    private static void warm(int port, String path, int clients) throws InterruptedException {
        double before = 0;
        for (int round = 0; round < MOST_WARMING; round++) {
            double now = fetch(port, path, clients);
            if (now < before * 1.05) {
                return;
            }
            before = now;
        }
    }

    /** Bytes per second of several clients that ask again and again for one round. */
    private static double fetch(int port, String path, int clients) throws InterruptedException {
        var pool = Executors.newFixedThreadPool(clients);
        try {
            long start = System.nanoTime();
            long end = start + ROUND.toNanos();
            var results = new ArrayList<Future<Long>>();
            for (int i = 0; i < clients; i++) {
                results.add(pool.submit(() -> client(port, path, end)));
            }
            long bytes = 0;
            for (Future<Long> result : results) {
                bytes += result.get();
            }
            return bytes / ((System.nanoTime() - start) / 1e9);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client of the benchmark failed", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static long client(int port, String path, long end) {
        byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: bench\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        var buffer = ByteBuffer.allocateDirect(256 * 1024);
        long bytes = 0;
        try (var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            while (System.nanoTime() - end < 0) {
                channel.write(ByteBuffer.wrap(request));
                bytes += response(channel, buffer);
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long response(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        int headEnd = -1;
        while (headEnd < 0) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the server closed the connection");
            }
            byte[] seen = new byte[Math.min(buffer.position(), 4096)];
            buffer.get(0, seen);
            String head = new String(seen, StandardCharsets.ISO_8859_1);
            headEnd = head.indexOf("\r\n\r\n");
            if (headEnd >= 0) {
                if (!head.startsWith("HTTP/1.1 200")) {
                    throw new IOException("unexpected answer: " + head);
                }
                int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ") + 16;
                long length = Long.parseLong(head.substring(at, head.indexOf('\r', at)));
                long left = length - (buffer.position() - headEnd - 4);
                while (left > 0) {
                    buffer.clear();
                    buffer.limit((int) Math.min(buffer.capacity(), left));
                    int n = channel.read(buffer);
                    if (n < 0) {
                        throw new IOException("the server closed the connection");
                    }
                    left -= n;
                }
                return length;
            }
        }
        throw new IOException("no answer");
    }

    private static Process startNginx(Path directory, String nginx, int port) throws IOException, InterruptedException {
        Path config = directory.resolve("nginx.conf");
        // Debian's own settings where they matter: sendfile, tcp_nopush, one worker for each core; no access log on
        // either side.
        Files.writeString(config, """
                worker_processes auto;
                daemon off;
                user root;
                pid %1$s/nginx.pid;
                error_log %1$s/nginx.log;
                events { worker_connections 768; }
                http {
                  sendfile on;
                  tcp_nopush on;
                  access_log off;
                  keepalive_requests 1000000;
                  client_body_temp_path %1$s/t1; proxy_temp_path %1$s/t2; fastcgi_temp_path %1$s/t3;
                  uwsgi_temp_path %1$s/t4; scgi_temp_path %1$s/t5;
                  server { listen 127.0.0.1:%2$d; root %1$s; }
                }
                """.formatted(directory, port));
        Process process;
        try {
            process = new ProcessBuilder(
                            nginx,
                            "-c",
                            config.toString(),
                            "-e",
                            directory.resolve("nginx.log").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("nginx.out").toFile())
                    .start();
        } catch (IOException e) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "nginx is not there to be measured against.",
                            "Debian: apt-get install nginx-light")
                    .asException();
        }
        Waiting.until("nginx", process, () -> Waiting.isOpen(port));
        return process;
    }

    private static void write(Path file, int size) throws IOException {
        byte[] bytes = new byte[size];
        new SplittableRandom(size).nextBytes(bytes);
        Files.write(file, bytes);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
