package io.slipway.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A cable between a client and a server on loopback, which can be cut, or go dead without a word. */
final class Cable implements AutoCloseable {
    private final ServerSocket listening;
    private final int server;
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    private volatile boolean dead;

    Cable(int server) throws IOException {
        this.server = server;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Both ends see the connection closed. New ones are possible. */
    void cut() throws IOException {
        for (Socket end : ends) {
            end.close();
        }
        ends.clear();
    }

    /** From now on nothing arrives, and nobody is told; of new connections too. */
    void dieSilently() {
        dead = true;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                var node = new Socket(InetAddress.getLoopbackAddress(), server);
                ends.add(client);
                ends.add(node);
                start(() -> carry(client, node));
                start(() -> carry(node, client));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void carry(Socket from, Socket to) {
        var buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!dead) {
                    out.write(buffer, 0, count);
                    out.flush();
                }
            }
        } catch (IOException cut) {
            // As wanted.
        }
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "cable");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
