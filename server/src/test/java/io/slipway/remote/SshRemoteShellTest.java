package io.slipway.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.authority.ApplianceSshKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real SSH server in this process that runs real commands. */
class SshRemoteShellTest {
    @TempDir
    private Path directory;

    private final SshServer server = SshServer.setUpDefaultServer();
    private ApplianceSshKey key;
    private String hostKey;

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
        server.setCommandFactory((channel, command) -> new Line(command));
        server.start();
        hostKey = PublicKeyEntry.toString(
                provider.loadKeys(null).iterator().next().getPublic());
    }

    @AfterEach
    void stop() throws IOException {
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
                var errors = new Thread(() -> copy(process.getErrorStream(), getErrorStream()), "err");
                input.setDaemon(true);
                input.start();
                errors.start();
                try {
                    process.getInputStream().transferTo(getOutputStream());
                    getOutputStream().flush();
                    errors.join();
                    onExit(process.waitFor());
                } finally {
                    process.destroyForcibly();
                }
            } catch (IOException | InterruptedException e) {
                onExit(255, e.toString());
            }
        }

        private static void copy(java.io.InputStream from, java.io.OutputStream to) {
            try (to) {
                from.transferTo(to);
            } catch (IOException e) {
                // The other side has ended.
            }
        }
    }

    private SshRemoteShell shell(List<String> hostKeys) {
        return new SshRemoteShell("node1", "127.0.0.1", server.getPort(), "slipway", key.file(), hostKeys);
    }

    @Test
    void aCommandRunsWithItsArgumentsAsTheyAre() {
        var result = shell(List.of(hostKey))
                .run(Command.of("printf", "%s\\n", "a b", "it's", "$HOME", "`id`", "x;y", "\"q\"", "*"));
        assertThat(result.output()).isEqualTo("a b\nit's\n$HOME\n`id`\nx;y\n\"q\"\n*\n");
        assertThat(result.succeeded()).isTrue();
    }

    @Test
    void inputStatusAndErrorsArePassed() {
        var shell = shell(List.of(hostKey));
        assertThat(shell.run(new Command(List.of("cat"), "a secret\n", Duration.ofSeconds(10)))
                        .output())
                .isEqualTo("a secret\n");
        var failed = shell.run(Command.of("sh", "-c", "echo no >&2; exit 3"));
        assertThat(failed).isEqualTo(new CommandResult(3, "", "no\n"));
    }

    @Test
    void endlessOutputIsCutOff() {
        var result = shell(List.of(hostKey)).run(Command.of("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"));
        assertThat(result.output()).hasSize(1024 * 1024);
        assertThat(result.status()).isZero();
    }

    @Test
    void aCommandThatHangsEndsAtItsTime() {
        assertThatThrownBy(() -> shell(List.of(hostKey))
                        .run(new Command(List.of("tail", "-f", "/dev/null"), "", Duration.ofSeconds(1))))
                .hasMessageContaining("did not end within 1 s");
    }

    @Test
    void anotherHostKeyIsRefused() {
        String other = "ssh-rsa " + Base64.getEncoder().encodeToString("another".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> shell(List.of(other)).run(Command.of("true")))
                .hasMessageContaining("is not node1: it shows another host key");
        assertThatThrownBy(() -> shell(List.of()).run(Command.of("true")))
                .hasMessageContaining("No host key of node1 is known");
    }

    @Test
    void aRefusedKeyAndADeadNodeAreToldApart() throws IOException {
        var stranger = new SshRemoteShell(
                "node1",
                "127.0.0.1",
                server.getPort(),
                "slipway",
                ApplianceSshKey.open(directory.resolve("other"), "x").file(),
                List.of(hostKey));
        assertThatThrownBy(() -> stranger.run(Command.of("true"))).hasMessageContaining("refuses the appliance's key");
        var shell = shell(List.of(hostKey));
        server.stop(true);
        assertThatThrownBy(() -> shell.run(Command.of("true"))).hasMessageContaining("cannot be reached by SSH");
    }
}
