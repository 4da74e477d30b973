package io.slipway.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.slipway.Witness;
import io.slipway.authority.ApplianceSshKey;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against OpenSSH's server, as nodes have it, with sudo. */
@Timeout(300)
class SshSessionIT {
    private static final String SSHD = "/usr/sbin/sshd";
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private ApplianceSshKey key;
    private Process server;
    private String hostKey;
    private int port;

    @BeforeEach
    void start() throws Exception {
        Witness.require(SSHD);
        Witness.require("sudo");
        Witness.requireRoot("logging in by SSH");
        key = ApplianceSshKey.open(directory.resolve("state"), "slipway@test");
        Files.writeString(directory.resolve("authorized"), key.publicLine() + "\n");
        // The node offers both; one is pinned.
        for (String type : List.of("rsa", "ed25519")) {
            Witness.run(directory, "ssh-keygen", "-q", "-t", type, "-N", "", "-f", "host_" + type);
        }
        String[] words =
                Files.readString(directory.resolve("host_ed25519.pub")).strip().split(" ");
        hostKey = words[0] + " " + words[1];
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.createDirectories(Path.of("/run/sshd"));
        Files.writeString(directory.resolve("sshd_config"), """
                ListenAddress 127.0.0.1
                Port %d
                HostKey %s/host_rsa
                HostKey %s/host_ed25519
                PidFile none
                PermitRootLogin prohibit-password
                AuthorizedKeysFile %s/authorized
                StrictModes no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                UsePAM no
                """.formatted(port, directory, directory, directory));
        server = new ProcessBuilder(SSHD, "-D", "-e", "-f", directory + "/sshd_config")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("sshd.log").toFile())
                .start();
        awaitServer();
    }

    private void awaitServer() throws Exception {
        while (server.isAlive()) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException notYet) {
                server.waitFor(20, TimeUnit.MILLISECONDS);
            }
        }
        throw new IllegalStateException(Files.readString(directory.resolve("sshd.log")));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        if (server != null) {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly().waitFor();
        }
    }

    private SshSession session(int at, String pinned) {
        var session = new SshSession(
                new SshTarget("node1", "127.0.0.1", at, System.getProperty("user.name"), key.file(), List.of(pinned)));
        open.add(session);
        return session;
    }

    private SshSession session() {
        return session(port, hostKey);
    }

    private Cable cable() throws IOException {
        var cable = new Cable(port);
        open.add(cable);
        return cable;
    }

    @Test
    void rootRunsThroughSudoWithWordsInputAndEnvironment() throws InterruptedException {
        var command = Command.of(LONG, "sh", "-c", "id -u; echo \"$LC_ALL $SUDO_USER $1\"; cat", "sh", "it's $HOME")
                .withInput(Command.Input.of("secret"));
        var result = session().asRoot().run(command);
        assertThat(result)
                .isEqualTo(new CommandResult(
                        command, 0, false, "0\nC " + System.getProperty("user.name") + " it's $HOME\nsecret", ""));
    }

    @Test
    void timeUpEndsWhatRootStartedAndItsChildren() throws Exception {
        for (CommandRunner shell : List.of(session(), session().asRoot())) {
            Path child = directory.resolve("child");
            var result = shell.run(Command.of(
                            Duration.ofSeconds(2),
                            "sh",
                            "-c",
                            "(trap '' TERM; sleep 300 & echo $! > child; echo begun; wait; sleep 300) & wait")
                    .withDirectory(directory));
            assertThat(result.timedOut()).isTrue();
            assertThat(result.output()).isEqualTo("begun\n");
            Running.awaitEnd(Running.pid(child));
            Files.delete(child);
        }
    }

    @Test
    void interruptingEndsWhatRootStartedAndItsChildren() throws Exception {
        CommandRunner root = session().asRoot();
        var begun = new CountDownLatch(1);
        var ended = new CompletableFuture<Boolean>();
        var thread = new Thread(() -> {
            try {
                root.run(
                        Command.of(LONG, "sh", "-c", "sleep 300 & echo $! > child; echo begun; wait")
                                .withDirectory(directory),
                        line -> begun.countDown());
                ended.complete(false);
            } catch (InterruptedException e) {
                ended.complete(true);
            }
        });
        thread.start();
        assertThat(begun.await(100, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(ended.get(100, TimeUnit.SECONDS)).isTrue();
        Running.awaitEnd(Running.pid(directory.resolve("child")));
    }

    @Test
    void aDaemonThatKeepsTheOutputOpenDoesNotHoldTheResult() throws Exception {
        var result = session().run(Command.of(LONG, "sh", "-c", "sleep 100 & echo $!"));
        assertThat(result.succeeded()).isTrue();
        ProcessHandle daemon =
                ProcessHandle.of(Long.parseLong(result.output().strip())).orElseThrow();
        assertThat(daemon.isAlive()).isTrue();
        daemon.destroyForcibly();
    }

    @Test
    void moreAtOnceThanTheServerAllowsWaitForEachOther() {
        var session = session();
        List<CompletableFuture<String>> running = Stream.iterate(1, n -> n + 1)
                .limit(20)
                .map(n -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return session.run(Command.of(LONG, "echo", "" + n))
                                        .output();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        work -> new Thread(work).start()))
                .toList();
        for (int n = 1; n <= 20; n++) {
            assertThat(running.get(n - 1).join()).isEqualTo(n + "\n");
        }
        assertThat(session.connections()).isEqualTo(1);
        assertThat(session.commands()).isEqualTo(20);
    }

    @Test
    void aServerThatIsRestartedIsReachedAgain() throws Exception {
        var session = session();
        var running = Running.begin(session, Command.of(LONG, "sh", "-c", "echo begun; exec sleep 300"));
        server.descendants().forEach(ProcessHandle::destroyForcibly);
        assertThatThrownBy(running::join).hasMessageContaining("was cut while \"sh\" ran");
        assertThat(session.run(Command.of(LONG, "echo", "again")).output()).isEqualTo("again\n");
    }

    @Test
    void aNodeThatFallsSilentIsNoticed() throws Exception {
        Cable cable = cable();
        var session = session(cable.port(), hostKey);
        var running =
                Running.begin(session, Command.of(Duration.ofMinutes(4), "sh", "-c", "echo begun; exec sleep 300"));
        cable.dieSilently();
        assertThatThrownBy(running::join)
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNREACHABLE))
                .hasMessageContaining("node1");
    }

    @Test
    void onlyThePinnedKeyWillDo() throws Exception {
        String rsa = Files.readString(directory.resolve("host_rsa.pub")).strip();
        String pinnedRsa = rsa.substring(0, rsa.lastIndexOf(' '));
        assertThat(session(port, pinnedRsa).run(Command.of(LONG, "true")).succeeded())
                .isTrue();
        Witness.run(directory, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "stranger");
        String[] words =
                Files.readString(directory.resolve("stranger.pub")).strip().split(" ");
        assertThatThrownBy(() -> session(port, words[0] + " " + words[1]).run(Command.of(LONG, "true")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNTRUSTED));
    }

    @Test
    void httpGoesThroughAForwardedPortAndOthersDoNot() throws Exception {
        Witness.require("setpriv");
        HttpServer rest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        rest.createContext("/", exchange -> {
            byte[] answer = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        rest.start();
        open.add(() -> rest.stop(0));
        var session = session();
        try (var forward = session.forward("127.0.0.1", rest.getAddress().getPort())) {
            int local = forward.address().getPort();
            var client = HttpClient.newHttpClient();
            for (String body : List.of("one", "x".repeat(500_000))) {
                var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + local + "/"))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo(body);
            }
            assertThat(session.connections()).isEqualTo(1);
            var stranger = new ProcessBuilder(
                            "setpriv",
                            "--reuid=65534",
                            "--clear-groups",
                            "bash",
                            "-c",
                            "exec 3<>/dev/tcp/127.0.0.1/" + local + "; echo 'GET / HTTP/1.0' >&3; echo >&3; cat <&3")
                    .start();
            assertThat(new String(stranger.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(forward.lastFailure()).contains("another user");
        }
    }
}
