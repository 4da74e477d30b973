package io.slipway.remote;

import java.io.IOException;
import java.net.Socket;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.schmizz.keepalive.KeepAliveProvider;
import net.schmizz.keepalive.KeepAliveRunner;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.common.LoggerFactory;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/**
 * One authenticated connection. Once it is cut it stays so.
 *
 * <p>A node that falls silent is noticed by unanswered questions within {@link #SILENCE}. A question cannot be asked while
 * the socket takes no more bytes; so whoever waits for something also has a time of its own, and calls {@link #cut}.
 */
final class SshConnection {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    /** For each answer of the SSH server itself: a machine that emulates its processor takes seconds to log somebody in. */
    private static final Duration ANSWER = Duration.ofSeconds(20);

    private static final Duration ASK_EVERY = Duration.ofSeconds(5);
    private static final int UNANSWERED = 3;
    /** After this long without a word the connection counts as cut. */
    static final Duration SILENCE = ASK_EVERY.multipliedBy(UNANSWERED);

    private final SSHClient client;
    private final Socket socket;
    private final AtomicBoolean ending;

    private SshConnection(SSHClient client, Socket socket, AtomicBoolean ending) {
        this.client = client;
        this.socket = socket;
        this.ending = ending;
    }

    /** Connects, checks the host key, and logs in, in that order. */
    static SshConnection open(SshTarget target) throws IOException {
        var config = new DefaultConfig();
        config.setKeepAliveProvider(KeepAliveProvider.KEEP_ALIVE);
        config.setLoggerFactory(new Silent());
        var client = new SSHClient(config);
        client.addHostKeyVerifier(new Pinned(target.hostKeys()));
        client.setConnectTimeout((int) CONNECT.toMillis());
        // Only until the server has introduced itself: sshj's reader goes on after a read that took too long.
        client.setTimeout((int) ANSWER.toMillis());
        client.getTransport().setTimeoutMs((int) ANSWER.toMillis());
        client.getConnection().setTimeoutMs((int) ANSWER.toMillis());
        if (client.getConnection().getKeepAlive() instanceof KeepAliveRunner questions) {
            questions.setKeepAliveInterval((int) ASK_EVERY.toSeconds());
            questions.setMaxAliveCount(UNANSWERED);
        }
        var ending = new AtomicBoolean();
        client.getTransport().setDisconnectListener((reason, message) -> ending.set(true));
        boolean opened = false;
        try {
            client.connect(target.address(), target.port());
            client.authPublickey(target.user(), client.loadKeys(target.key().toString()));
            opened = true;
            return new SshConnection(client, client.getSocket(), ending);
        } finally {
            if (!opened) {
                client.close();
            }
        }
    }

    /** What channels are made on. */
    Connection channels() {
        return client.getConnection();
    }

    /**
     * Whether it is not known to be cut. False before any channel that was made until then hears of the cut, so a channel
     * that is made first and finds this true afterwards will hear of it.
     */
    boolean isOpen() {
        return !ending.get() && client.isConnected();
    }

    /** Ends it at once, whoever is in the middle of what. The socket first: saying goodbye may block on it. */
    void cut() {
        try {
            socket.close();
            client.disconnect();
        } catch (IOException e) {
            // It is cut.
        }
    }

    /** Says goodbye. */
    void close() {
        try {
            client.disconnect();
        } catch (IOException e) {
            // The other side is gone already.
        }
    }

    /** Accepts the keys that the node reported, and no others. */
    private record Pinned(List<String> keys) implements HostKeyVerifier {
        @Override
        public boolean verify(String host, int port, PublicKey key) {
            String offered = KeyType.fromKey(key) + " "
                    + Base64.getEncoder()
                            .encodeToString(
                                    new Buffer.PlainBuffer().putPublicKey(key).getCompactData());
            return keys.contains(offered);
        }

        /**
         * What to ask the node for first: it would offer a key of another kind than the pinned one. With an RSA key today's
         * servers sign by SHA-2 only (RFC 8332), which has names of its own.
         */
        @Override
        public List<String> findExistingAlgorithms(String host, int port) {
            return keys.stream()
                    .map(each -> each.substring(0, each.indexOf(' ')))
                    .flatMap(kind ->
                            kind.equals("ssh-rsa") ? Stream.of("rsa-sha2-512", "rsa-sha2-256", kind) : Stream.of(kind))
                    .toList();
        }
    }

    /** sshj logs every cut connection with a stack trace, and commands with their arguments; we say what there is to say. */
    private static final class Silent implements LoggerFactory {
        @Override
        public Logger getLogger(String name) {
            return NOPLogger.NOP_LOGGER;
        }

        @Override
        public Logger getLogger(Class<?> type) {
            return NOPLogger.NOP_LOGGER;
        }
    }
}
