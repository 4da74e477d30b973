package io.slipway.remote;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.KeyType;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.transport.TransportException;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import net.schmizz.sshj.userauth.UserAuthException;

/**
 * Over SSH, one connection for each command.
 *
 * @param node the node's name, for messages
 * @param address where its SSH server is
 * @param port its TCP port
 * @param user the login name
 * @param key the private key's file, in OpenSSH's format
 * @param hostKeys the pinned host keys, {@code type base64}
 */
public record SshRemoteShell(String node, String address, int port, String user, Path key, List<String> hostKeys)
        implements RemoteShell {
    private static final int OUTPUT_BYTES = 1024 * 1024;
    private static final int CONNECT_MILLIS = 10_000;

    public SshRemoteShell {
        hostKeys = List.copyOf(hostKeys);
    }

    @Override
    public CommandResult run(Command command) {
        if (hostKeys.isEmpty()) {
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            "No host key of " + node + " is known, so its identity cannot be checked.",
                            "It reports its keys while it is installed; install it again: slipway node reinstall "
                                    + node)
                    .asException();
        }
        try (var client = new SSHClient(new DefaultConfig())) {
            client.addHostKeyVerifier(new Pinned(hostKeys));
            client.setConnectTimeout(CONNECT_MILLIS);
            client.setTimeout((int) Math.min(
                    Integer.MAX_VALUE,
                    command.timeout().plus(Duration.ofSeconds(5)).toMillis()));
            client.connect(address, port);
            client.authPublickey(user, client.loadKeys(key.toString()));
            try (Session session = client.startSession()) {
                return run(session, command);
            }
        } catch (IOException e) {
            throw explain(e);
        }
    }

    private CommandResult run(Session session, Command command) throws IOException {
        Session.Command running = session.exec(command.line());
        try (var in = running.getOutputStream()) {
            in.write(command.input().getBytes(StandardCharsets.UTF_8));
        } catch (ConnectionException | TransportException e) {
            // A program that does not read its input may close it first; its status tells what it thinks.
        }
        var errors = new ByteArrayOutputStream();
        var errorReader = new Thread(() -> drain(running.getErrorStream(), errors), "slipway-ssh-" + node);
        errorReader.setDaemon(true);
        errorReader.start();
        var output = new ByteArrayOutputStream();
        var outputReader = new Thread(() -> drain(running.getInputStream(), output), "slipway-ssh-out-" + node);
        outputReader.setDaemon(true);
        outputReader.start();
        try {
            running.join(command.timeout().toMillis(), TimeUnit.MILLISECONDS);
            outputReader.join(2_000);
            errorReader.join(2_000);
        } catch (ConnectionException e) {
            if (!(e.getCause() instanceof TimeoutException)) {
                throw e;
            }
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.TIMED_OUT,
                                    "A command on " + node + " did not end within "
                                            + command.timeout().toSeconds() + " s.",
                                    "Look at the node: slipway node show " + node)
                            .withDetails(command.argv().get(0) + "\n" + text(errors)),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(
                    Problem.of(ProblemKind.TIMED_OUT, "A command on " + node + " was interrupted.", ""), e);
        }
        Integer status = running.getExitStatus();
        // sshj gives no status when a signal ended the program.
        return new CommandResult(status == null ? 255 : status, text(output), text(errors));
    }

    /** Reads to the end, so that the program is not blocked, and keeps the beginning. */
    private static void drain(InputStream in, ByteArrayOutputStream kept) {
        byte[] buffer = new byte[8192];
        try {
            int n = in.read(buffer);
            while (n >= 0) {
                synchronized (kept) {
                    kept.write(buffer, 0, Math.min(n, OUTPUT_BYTES - kept.size()));
                }
                n = in.read(buffer);
            }
        } catch (IOException e) {
            // The connection ended; what came before counts.
        }
    }

    private static String text(ByteArrayOutputStream kept) {
        synchronized (kept) {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }

    private ProblemException explain(IOException e) {
        String where = user + "@" + address + ":" + port;
        if (e instanceof UserAuthException) {
            return new ProblemException(
                    new Problem(
                            ProblemKind.UNREACHABLE,
                            "Node " + node + " refuses the appliance's key.",
                            "",
                            "Check ~" + user + "/.ssh/authorized_keys on the node.",
                            where),
                    e);
        }
        if (e instanceof SSHException refused
                && refused.getDisconnectReason() == DisconnectReason.HOST_KEY_NOT_VERIFIABLE) {
            return new ProblemException(
                    new Problem(
                            ProblemKind.UNTRUSTED,
                            "The machine at " + address + " is not " + node + ": it shows another host key.",
                            "Another machine has the address, or the node's keys were replaced.",
                            "Find out which; after a wanted change: slipway node reinstall " + node,
                            where),
                    e);
        }
        return new ProblemException(
                new Problem(
                        ProblemKind.UNREACHABLE,
                        "Node " + node + " cannot be reached by SSH.",
                        String.valueOf(e.getMessage()),
                        "Check that it is on, that " + address + " is its address, and that sshd runs.",
                        where),
                e);
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

        /** The kinds of key to ask the node for: it may offer its RSA key where only ed25519 is pinned. */
        @Override
        public List<String> findExistingAlgorithms(String host, int port) {
            return keys.stream()
                    .map(each -> each.substring(0, each.indexOf(' ')))
                    .toList();
        }
    }
}
