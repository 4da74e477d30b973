package io.slipway.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final byte[] TEXT = "vouched for\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private static Path shared;

    @TempDir
    private Path state;

    /** Making a key takes a second; one is enough for most tests. */
    private static ApplianceKey key() {
        return ApplianceKey.open(shared.resolve("state"), "Slipway appliance of cluster lab", NOW);
    }

    @Test
    void aKeyIsMadeOnceAndReadableByItsOwnerOnly() throws IOException {
        ApplianceKey first = key();
        Path file = shared.resolve("state/authority/openpgp.asc");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(shared.resolve("state/authority")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        ApplianceKey second = ApplianceKey.open(shared.resolve("state"), "another name", NOW.plusSeconds(9));
        assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
        assertThat(second.publicKey()).isEqualTo(first.publicKey()).contains("BEGIN PGP PUBLIC KEY BLOCK");
    }

    @Test
    void ownSignaturesAreGood() {
        assertThatCode(() -> verify(TEXT, key().sign(TEXT, NOW), key().publicKey(), key().fingerprint()))
                .doesNotThrowAnyException();
    }

    @Test
    void anotherContentIsRefused() {
        byte[] other = "vouched  for\n".getBytes(StandardCharsets.UTF_8);
        refused(() -> verify(other, key().sign(TEXT, NOW), key().publicKey(), key().fingerprint()), "does not match");
    }

    @Test
    void anotherKeyIsRefusedEvenWhenTheMirrorDeliversIt() {
        ApplianceKey foreign = ApplianceKey.open(state, "Slackware Linux Project", NOW);
        refused(
                () -> verify(TEXT, foreign.sign(TEXT, NOW), foreign.publicKey(), key().fingerprint()),
                "no key with the fingerprint " + key().fingerprint());
        refused(
                () -> verify(
                        TEXT, foreign.sign(TEXT, NOW), foreign.publicKey() + key().publicKey(), key().fingerprint()),
                "");
    }

    @Test
    void aSignatureFromBeforeTheKeyIsRefused() {
        refused(
                () -> verify(TEXT, key().sign(TEXT, NOW.minusSeconds(10)), key().publicKey(), key().fingerprint()),
                "when the key was not valid");
    }

    @Test
    void damageIsRefusedAndNeverEscapesAsAnotherException() {
        String signature = key().sign(TEXT, NOW);
        String publicKey = key().publicKey();
        var random = new Random(4);
        for (int round = 0; round < 300; round++) {
            String cut = signature.substring(0, random.nextInt(signature.length() - 60));
            refused(() -> verify(TEXT, cut, publicKey, key().fingerprint()), "CHECKSUMS.md5 is not vouched for");
            byte[] damaged = publicKey.getBytes(StandardCharsets.US_ASCII);
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(7));
            try {
                SlackwareSignature.verify(
                        TEXT, signature.getBytes(StandardCharsets.US_ASCII), damaged, key().fingerprint(), "x");
            } catch (ProblemException problem) {
                assertThat(problem.kind()).isEqualTo(ProblemKind.UNTRUSTED);
            }
        }
        refused(() -> verify(TEXT, "<html>Not found</html>", publicKey, key().fingerprint()), "");
        refused(() -> verify(TEXT, "", publicKey, key().fingerprint()), "");
        refused(() -> verify(TEXT, signature, "", key().fingerprint()), "");
        refused(() -> verify(TEXT, signature, "x".repeat(2 << 20), key().fingerprint()), "far too long");
    }

    @Test
    void aDamagedKeyFileIsNamedWithTheWayOut() throws IOException {
        Files.createDirectories(state.resolve("authority"));
        Files.writeString(state.resolve("authority/openpgp.asc"), "garbage");
        assertThatThrownBy(() -> ApplianceKey.open(state, "x", NOW))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("authority/openpgp.asc")
                .hasMessageContaining("backup");
        Files.writeString(state.resolve("authority/ssh_ed25519"), "garbage");
        assertThatThrownBy(() -> ApplianceSshKey.open(state, "x"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("authority/ssh_ed25519");
    }

    @Test
    void theSshKeyIsMadeOnce() throws IOException {
        ApplianceSshKey first = ApplianceSshKey.open(state, "slipway@lab");
        assertThat(Files.getPosixFilePermissions(first.file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(first.publicLine()).matches("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/]{48} slipway@lab");
        assertThat(ApplianceSshKey.open(state, "slipway@lab").publicLine()).isEqualTo(first.publicLine());
    }

    @Test
    void fingerprintsAreReadInAllSpellings() {
        assertThat(Fingerprint.parse("ec56 49da 401e 22ab fa67  36ef 6a44 63c0 4010 2233"))
                .isEqualTo(SlackwareSignature.SLACKWARE);
        assertThatThrownBy(() -> Fingerprint.parse("40102233")).isInstanceOf(IllegalArgumentException.class);
    }

    private static void verify(byte[] text, String signature, String keyring, Fingerprint pinned) {
        SlackwareSignature.verify(
                text,
                signature.getBytes(StandardCharsets.US_ASCII),
                keyring.getBytes(StandardCharsets.US_ASCII),
                pinned,
                "CHECKSUMS.md5");
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                .hasMessageContaining(message);
    }
}
