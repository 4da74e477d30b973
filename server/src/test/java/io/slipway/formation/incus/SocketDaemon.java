package io.slipway.formation.incus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** HTTP on a socket in the file system, with the given answers one after the other. */
final class SocketDaemon implements AutoCloseable {
    /** At the end of an answer: more is promised, and the connection ends. */
    static final String CUT = "\0";

    private final ServerSocketChannel server;
    private final List<String> answers;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    SocketDaemon(Path socket, String... answers) throws IOException {
        this.answers = List.of(answers);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        var thread = new Thread(this::serve, "socket-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    int connections() {
        return connections.get();
    }

    private void serve() {
        try {
            while (true) {
                try (SocketChannel client = server.accept()) {
                    connections.incrementAndGet();
                    talk(client);
                }
            }
        } catch (ClosedChannelException end) {
            // The test has ended.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void talk(SocketChannel client) throws IOException {
        var in = new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("GET ")) {
                asked.add(line.split(" ")[1]);
            } else if (line.isEmpty()) {
                String answer = answers.get(asked.size() - 1);
                boolean cut = answer.endsWith(CUT);
                byte[] body = answer.replace(CUT, "").getBytes(StandardCharsets.UTF_8);
                String head = "HTTP/1.1 200 OK\r\nContent-Length: " + (body.length + (cut ? 10 : 0)) + "\r\n\r\n";
                client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
                client.write(ByteBuffer.wrap(body));
                if (cut) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
