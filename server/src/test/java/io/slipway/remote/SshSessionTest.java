package io.slipway.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.authority.ApplianceSshKey;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real SSH server in this process that runs real commands. */
@Timeout(180)
class SshSessionTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private final SshServer server = SshServer.setUpDefaultServer();
    private final AtomicInteger commands = new AtomicInteger();
    private final List<SshSession> sessions = new ArrayList<>();
    private ApplianceSshKey key;
    private String hostKey;
    private Cable cable;

    @BeforeEach
    void start() throws Exception {
        key = ApplianceSshKey.open(directory.resolve("state"), "slipway@test");
        var allowed =
                AuthorizedKeyEntry.parseAuthorizedKeyEntry(key.publicLine()).resolvePublicKey(null, null);
        var provider = new SimpleGeneratorHostKeyProvider(directory.resolve("host"));
        provider.setAlgorithm("RSA");
        provider.setKeySize(2048);
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(provider);
        server.setPublickeyAuthenticator(
                (user, offered, session) -> user.equals("slipway") && KeyUtils.compareKeys(offered, allowed));
        server.setCommandFactory((channel, command) -> {
            commands.incrementAndGet();
            return new Line(command);
        });
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        server.start();
        hostKey = PublicKeyEntry.toString(
                provider.loadKeys(null).iterator().next().getPublic());
        cable = new Cable(server.getPort());
    }

    @AfterEach
    void stop() throws IOException {
        sessions.forEach(SshSession::close);
        cable.close();
        server.stop(true);
    }

    /** Gives the line to a shell, as OpenSSH's server does. */
    private static final class Line extends org.apache.sshd.server.command.AbstractCommandSupport {
        Line(String line) {
            super(line, null);
        }

        @Override
        public void run() {
            try {
                Process process = new ProcessBuilder("/bin/sh", "-c", getCommand()).start();
                var input = new Thread(() -> copy(getInputStream(), process.getOutputStream()), "in");
                var output = new Thread(() -> copy(process.getInputStream(), getOutputStream()), "out");
                var errors = new Thread(() -> copy(process.getErrorStream(), getErrorStream()), "err");
                for (Thread thread : new Thread[] {input, output, errors}) {
                    thread.setDaemon(true);
                    thread.start();
                }
                int status = process.waitFor();
                // As OpenSSH, which does not wait for what a program leaves behind.
                output.join(1000);
                errors.join(1000);
                onExit(status);
            } catch (IOException | InterruptedException e) {
                onExit(255, e.toString());
            }
        }

        private static void copy(java.io.InputStream from, java.io.OutputStream to) {
            var buffer = new byte[8192];
            try (to) {
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    to.write(buffer, 0, count);
                    to.flush();
                }
            } catch (IOException e) {
                // The other side has ended.
            }
        }
    }

    private SshSession session(Path privateKey, List<String> hostKeys) {
        var session =
                new SshSession(new SshTarget("node1", "127.0.0.1", cable.port(), "slipway", privateKey, hostKeys));
        sessions.add(session);
        return session;
    }

    private SshSession session() {
        return session(key.file(), List.of(hostKey));
    }

    private static CommandResult run(CommandRunner shell, String... arguments) throws InterruptedException {
        return shell.run(Command.of(LONG, arguments));
    }

    @Test
    void aCommandRunsWithItsArgumentsAsTheyAre() throws InterruptedException {
        var result = run(session(), "printf", "%s\\n", "a b", "it's", "$HOME", "`id`", "x;y", "\"q\"", "*", "", "é\n");
        assertThat(result.output()).isEqualTo("a b\nit's\n$HOME\n`id`\nx;y\n\"q\"\n*\n\né\n\n");
        assertThat(result.error()).isEmpty();
        assertThat(result.succeeded()).isTrue();
    }

    @Test
    void directoryEnvironmentStatusAndErrorsArePassed() throws InterruptedException {
        var command = Command.of(LONG, "sh", "-c", "pwd; echo $LC_ALL $WORD; echo no >&2; exit 3")
                .withDirectory(directory)
                .withEnvironment("WORD", "two words");
        var result = session().run(command);
        assertThat(result).isEqualTo(new CommandResult(command, 3, false, directory + "\nC two words\n", "no\n"));
    }

    @Test
    void inputOfAnyLengthIsPassedOrIgnored() throws InterruptedException {
        // More than a channel's window, to a program that reads late.
        byte[] input = new byte[5_000_000];
        var session = session();
        var counted =
                session.run(Command.of(LONG, "sh", "-c", "sleep 0.3; wc -c").withInput(Command.Input.of(input)));
        assertThat(counted.output().strip()).isEqualTo("5000000");
        assertThat(session.run(Command.of(LONG, "true").withInput(Command.Input.of(input)))
                        .succeeded())
                .isTrue();
    }

    @Test
    void secretsInTheInputShowNowhere() throws Exception {
        var session = session();
        var secret = Command.Input.of("tell-nobody\n");
        var args = session.run(Command.of(LONG, "sh", "-c", "read x; tr '\\0' ' ' < /proc/$PPID/cmdline")
                .withInput(secret));
        assertThat(args.output()).contains("timeout").doesNotContain("tell-nobody");
        assertThatThrownBy(() -> session.run(Command.of(LONG, "false").withInput(secret))
                        .orFail(ProblemKind.ENVIRONMENT, "It failed", ""))
                .message()
                .doesNotContain("tell-nobody");
        var cut = Running.begin(
                session,
                Command.of(LONG, "sh", "-c", "cat >/dev/null; echo begun; exec sleep 300")
                        .withInput(secret));
        cable.cut();
        assertThatThrownBy(cut::join).message().doesNotContain("tell-nobody");
    }

    @Test
    void endlessOutputIsCutOff() throws InterruptedException {
        var result = session()
                .run(Command.of(LONG, "sh", "-c", "head -c 9000000 /dev/zero | tr '\\0' x; echo done >&2")
                        .withOutputLimit(1000));
        assertThat(result.output()).hasSize(1000);
        assertThat(result.error()).isEqualTo("done\n");
        assertThat(result.status()).isZero();
    }

    @Test
    void timeUpEndsTheProgramAndItsChildren() throws Exception {
        // Two generations that do not want to end, of which the elder does.
        var result = session()
                .run(Command.of(
                                Duration.ofSeconds(1),
                                "sh",
                                "-c",
                                "(trap '' TERM; echo begun; sleep 300 & echo $! > child; wait; sleep 300) & wait")
                        .withDirectory(directory));
        assertThat(result.timedOut()).isTrue();
        assertThat(result.succeeded()).isFalse();
        assertThat(result.output()).isEqualTo("begun\n");
        Running.awaitEnd(Running.pid(directory.resolve("child")));
        assertThatThrownBy(() -> result.orFail(ProblemKind.ENVIRONMENT, "It did not work", ""))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.TIMED_OUT));
    }

    @Test
    void aProgramThatEndsLikeTimeoutDoesIsNotTakenForLate() throws InterruptedException {
        assertThat(run(session(), "sh", "-c", "exit 124").timedOut()).isFalse();
    }

    @Test
    void interruptingEndsTheProgramAndItsChildren() throws Exception {
        var session = session();
        var begun = new CountDownLatch(1);
        var ended = new CompletableFuture<Boolean>();
        var thread = new Thread(() -> {
            try {
                session.run(
                        Command.of(
                                        LONG,
                                        "sh",
                                        "-c",
                                        "trap '' TERM; sleep 300 & echo $! > child; echo begun; wait; wait")
                                .withDirectory(directory),
                        line -> begun.countDown());
                ended.complete(false);
            } catch (InterruptedException e) {
                ended.complete(true);
            }
        });
        thread.start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(ended.get(60, TimeUnit.SECONDS)).isTrue();
        Running.awaitEnd(Running.pid(directory.resolve("child")));
        assertThat(run(session, "echo", "still").output()).isEqualTo("still\n");
        assertThat(session.connections()).isEqualTo(1);
    }

    @Test
    void programsRunAtTheSameTimeOverOneConnection() throws Exception {
        var session = session();
        var reading = Running.begin(
                session,
                Command.of(LONG, "sh", "-c", "mkfifo pipe; echo begun; cat pipe")
                        .withDirectory(directory));
        assertThat(session.run(Command.of(LONG, "sh", "-c", "echo met > pipe").withDirectory(directory))
                        .succeeded())
                .isTrue();
        assertThat(reading.get().output()).isEqualTo("begun\nmet\n");
        assertThat(session.connections()).isEqualTo(1);
        assertThat(session.commands()).isEqualTo(2);
    }

    @Test
    void aCutConnectionFailsWhatRanAndIsMadeAgainForTheNext() throws Exception {
        var session = session();
        var running = Running.begin(session, Command.of(LONG, "sh", "-c", "echo begun; exec sleep 300"));
        cable.cut();
        assertThatThrownBy(running::join)
                .hasRootCauseInstanceOf(IOException.class)
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNREACHABLE))
                .hasMessageContaining("with node1 was cut while \"sh\" ran")
                .hasMessageContaining("look before it is run again");
        assertThat(run(session, "echo", "again").output()).isEqualTo("again\n");
        assertThat(session.connections()).isEqualTo(2);
        assertThat(commands).as("nothing was repeated").hasValue(2);
        // Cut while nothing ran: the next one does not notice.
        cable.cut();
        assertThat(run(session, "echo", "more").output()).isEqualTo("more\n");
    }

    @Test
    void anotherHostKeyIsRefusedAndNothingIsSent() {
        String other = "ssh-rsa " + Base64.getEncoder().encodeToString("another".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> run(session(key.file(), List.of(other)), "true"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                .hasMessageContaining("is not node1: it shows another host key");
        assertThatThrownBy(() -> run(session(key.file(), List.of()), "true"))
                .hasMessageContaining("No host key of node1 is known");
        assertThat(commands).hasValue(0);
    }

    @Test
    void aRefusedKeyAndADeadNodeAreToldApart() throws IOException {
        var stranger =
                session(ApplianceSshKey.open(directory.resolve("other"), "x").file(), List.of(hostKey));
        assertThatThrownBy(() -> run(stranger, "true")).hasMessageContaining("refuses the appliance's key");
        var session = session();
        cable.close();
        server.stop(true);
        assertThatThrownBy(() -> run(session, "true")).hasMessageContaining("cannot be reached by SSH");
    }

    @Test
    void aMissingProgramIsNamed() {
        assertThatThrownBy(() -> run(session(), "no-such-program-at-all"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.ENVIRONMENT))
                .hasMessageContaining("\"no-such-program-at-all\" could not be started on node1");
    }

    @Test
    void aForwardedPortReachesTheNodesServersAndSurvivesACut() throws Exception {
        var session = session();
        try (var echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var forward = session.forward("127.0.0.1", echo.getLocalPort())) {
            for (int i = 0; i < 2; i++) {
                try (var client = new Socket(
                        forward.address().getAddress(), forward.address().getPort())) {
                    try (var far = echo.accept()) {
                        client.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
                        client.shutdownOutput();
                        assertThat(far.getInputStream().readAllBytes())
                                .asString()
                                .isEqualTo("question");
                        far.getOutputStream().write(new byte[3_000_000]);
                    }
                    assertThat(client.getInputStream().readAllBytes()).hasSize(3_000_000);
                }
                cable.cut();
            }
            assertThat(session.connections()).isEqualTo(2);
        }
        int nobody;
        try (var free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        try (var forward = session.forward("127.0.0.1", nobody)) {
            try (var client =
                    new Socket(forward.address().getAddress(), forward.address().getPort())) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(forward.lastFailure()).isNotEmpty();
        }
    }
}
