package io.slipway.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Witness;
import io.slipway.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gpg judges our signatures, and we judge gpg's; ssh-keygen judges the SSH key. */
class GnuPgWitnessIT {
    @TempDir
    private Path directory;

    private Path home() {
        return directory.resolve("g");
    }

    @BeforeEach
    void makeHome() throws IOException {
        Witness.require("gpg");
        Files.createDirectory(
                home(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(directory.resolve("file"), "content\n");
    }

    @AfterEach
    void stopAgent() {
        Witness.attempt(directory, "gpgconf", "--homedir", home().toString(), "--kill", "all");
    }

    private String gpg(String... arguments) {
        var command = new ArrayList<>(List.of("gpg", "--homedir", home().toString(), "--batch"));
        command.addAll(List.of(arguments));
        return Witness.run(directory, command.toArray(String[]::new));
    }

    @Test
    void gpgAcceptsWhatTheApplianceSigned() throws IOException {
        var key = ApplianceKey.open(directory.resolve("state"), "Slipway appliance of cluster lab", Instant.now());
        Files.writeString(directory.resolve("key.asc"), key.publicKey());
        Files.writeString(
                directory.resolve("file.asc"), key.sign(Files.readAllBytes(directory.resolve("file")), Instant.now()));
        gpg("--import", "key.asc");
        assertThat(gpg("--status-fd", "1", "--verify", "file.asc", "file"))
                .contains("VALIDSIG " + key.fingerprint())
                .contains("Slipway appliance of cluster lab");
        Files.writeString(directory.resolve("file"), "changed\n");
        assertThat(Witness.attempt(directory, "gpg", "--homedir", home().toString(), "--verify", "file.asc", "file")
                        .status())
                .isNotZero();
    }

    @Test
    void aDsaKeyOf1024BitsWithSha1IsAcceptedAsSlackwaresIs() throws IOException {
        Files.writeString(directory.resolve("params"), """
                %no-protection
                Key-Type: DSA
                Key-Length: 1024
                Key-Usage: sign
                Name-Real: Stand-in of the Slackware key
                Expire-Date: 0
                """);
        gpg("--gen-key", "params");
        String listing = gpg("--with-colons", "--fingerprint");
        String hex = listing.lines()
                .filter(line -> line.startsWith("fpr:"))
                .findFirst()
                .orElseThrow()
                .split(":")[9];
        Files.writeString(directory.resolve("key.asc"), gpg("--armor", "--export"));
        gpg("--digest-algo", "SHA1", "--armor", "--detach-sign", "--output", "file.asc", "file");
        verify(hex);

        gpg("--digest-algo", "SHA256", "--armor", "--detach-sign", "--yes", "--output", "file.asc", "file");
        verify(hex);
        Files.writeString(directory.resolve("file"), "changed\n");
        assertThatThrownBy(() -> verify(hex))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("does not match");
    }

    @Test
    void aSigningSubkeyOfThePinnedKeyIsAccepted() throws IOException {
        gpg("--passphrase", "", "--quick-gen-key", "Primary", "rsa2048", "cert", "never");
        String hex = gpg("--with-colons", "--fingerprint")
                .lines()
                .filter(line -> line.startsWith("fpr:"))
                .findFirst()
                .orElseThrow()
                .split(":")[9];
        gpg("--passphrase", "", "--quick-add-key", hex, "rsa2048", "sign", "never");
        Files.writeString(directory.resolve("key.asc"), gpg("--armor", "--export"));
        gpg("--armor", "--detach-sign", "--output", "file.asc", "file");
        verify(hex);
    }

    private void verify(String hex) throws IOException {
        SlackwareSignature.verify(
                Files.readAllBytes(directory.resolve("file")),
                Files.readAllBytes(directory.resolve("file.asc")),
                Files.readAllBytes(directory.resolve("key.asc")),
                new Fingerprint(hex),
                "file");
    }

    @Test
    void sshKeygenReadsTheKeyAndGivesTheSamePublicLine() {
        Witness.require("ssh-keygen");
        var key = ApplianceSshKey.open(directory.resolve("state"), "slipway@lab");
        String line = Witness.run(
                directory, "ssh-keygen", "-y", "-P", "", "-f", key.file().toString());
        assertThat(key.publicLine())
                .startsWith(line.strip().split(" ")[0] + " " + line.strip().split(" ")[1]);
    }
}
