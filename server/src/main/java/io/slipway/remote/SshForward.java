package io.slipway.remote;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import net.schmizz.sshj.connection.channel.direct.DirectConnection;

/**
 * A TCP port on this machine's loopback that leads through an SSH session to one that a node can reach. Each connection is
 * a channel of its own; after the session was cut the next one makes it again.
 *
 * <p>What lies behind it (LINSTOR's REST) asks nobody for a password, and everybody here can reach loopback; so only this
 * program's own user and root are let through.
 */
public final class SshForward implements AutoCloseable {
    private static final int BACKLOG = 16;

    private final SshSession session;
    private final ExecutorService threads;
    private final String host;
    private final int port;
    private final ServerSocket listening;
    private final Set<Socket> accepted = ConcurrentHashMap.newKeySet();
    private volatile String failure = "";

    private SshForward(SshSession session, ExecutorService threads, String host, int port, ServerSocket listening) {
        this.session = session;
        this.threads = threads;
        this.host = host;
        this.port = port;
        this.listening = listening;
    }

    static SshForward open(SshSession session, ExecutorService threads, String host, int port) {
        try {
            var listening = new ServerSocket(0, BACKLOG, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            var forward = new SshForward(session, threads, host, port, listening);
            threads.execute(forward::accept);
            return forward;
        } catch (IOException failure) {
            throw new ProblemException(
                    Problem.of(ProblemKind.ENVIRONMENT, "No port could be opened on loopback.", "")
                            .because(String.valueOf(failure.getMessage())),
                    failure);
        }
    }

    /** Where to connect to. */
    public InetSocketAddress address() {
        return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
    }

    /** Why the last connection that failed did not come about, which its user only sees closed; or "". */
    public String lastFailure() {
        return failure;
    }

    /** No more connections, and an end to those that there are. */
    @Override
    public void close() {
        closeQuietly(listening);
        accepted.forEach(SshForward::closeQuietly);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                threads.execute(() -> carry(client));
            }
        } catch (IOException closed) {
            // close() was called.
        }
    }

    private void carry(Socket client) {
        accepted.add(client);
        try (client) {
            carryOn(client);
        } catch (IOException closed) {
            // Its user has gone.
        } finally {
            accepted.remove(client);
        }
    }

    /** The reason is there before the user sees the connection closed. */
    private void carryOn(Socket client) {
        try {
            if (!isOurs(client)) {
                failure = "a connection of another user of this machine was refused";
                return;
            }
            client.setTcpNoDelay(true);
            try (DirectConnection channel = session.connect(host, port)) {
                InputStream fromClient = client.getInputStream();
                OutputStream toNode = channel.getOutputStream();
                threads.execute(() -> copy(fromClient, toNode));
                copy(channel.getInputStream(), client.getOutputStream());
            }
        } catch (IOException | ProblemException cut) {
            failure = String.valueOf(cut.getMessage());
        }
    }

    /** Until one side ends; then the other is told. */
    private static void copy(InputStream from, OutputStream to) {
        var buffer = new byte[8192];
        try (to) {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
            }
        } catch (IOException cut) {
            // Both sides see it closed.
        }
    }

    /** Whether the other end of a connection belongs to this program's user or to root; see proc(5), /proc/net/tcp. */
    private static boolean isOurs(Socket client) throws IOException {
        int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        String theirs = hex(client.getInetAddress(), client.getPort());
        String ours = hex(client.getLocalAddress(), client.getLocalPort());
        for (String table : new String[] {"tcp", "tcp6"}) {
            Path file = Path.of("/proc/net", table);
            if (!Files.exists(file)) {
                continue;
            }
            for (String line : Files.readAllLines(file)) {
                String[] fields = line.strip().split("\\s+");
                if (fields.length > 7 && fields[1].endsWith(theirs) && fields[2].endsWith(ours)) {
                    int user = Integer.parseInt(fields[7]);
                    return user == own || user == 0;
                }
            }
        }
        return false;
    }

    /** An IPv4 address and port as in /proc/net/tcp, and at the end of those in tcp6; little endian, as the machine is. */
    private static String hex(InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        return String.format(
                Locale.ROOT,
                "%02X%02X%02X%02X:%04X",
                bytes[3] & 0xff,
                bytes[2] & 0xff,
                bytes[1] & 0xff,
                bytes[0] & 0xff,
                port);
    }

    private static void closeQuietly(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            // It is closed.
        }
    }
}
