package io.slipway.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nodes' side of it is OpenSSL's, as on a node. */
class ClusterAuthorityTest {
    private static final Duration TIME = Duration.ofSeconds(20);

    @TempDir
    private Path state;

    @TempDir
    private Path node;

    private ClusterAuthority authority;

    @BeforeEach
    void keyOnTheNode() throws InterruptedException {
        authority = ClusterAuthority.open(state, "lab", InstantSource.system());
        openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
    }

    private String openssl(String words) throws InterruptedException {
        CommandResult result = new LocalCommandRunner()
                .run(Command.of(TIME, ("openssl " + words).split(" ")).withDirectory(node));
        assertThat(result.succeeded()).as(result.toString()).isTrue();
        return result.output();
    }

    private String request() throws InterruptedException {
        return openssl("req -new -key key.pem -subj /CN=whoever");
    }

    private String publicKey() throws InterruptedException {
        return openssl("pkey -in key.pem -pubout");
    }

    @Test
    void opensslTrustsWhatItSigns() throws IOException, InterruptedException {
        Files.writeString(node.resolve("ca.pem"), authority.certificate());
        Files.writeString(node.resolve("cert.pem"), authority.sign(request(), "node1", List.of("10.1.2.3")));
        assertThat(openssl("verify -x509_strict -purpose sslserver -CAfile ca.pem cert.pem"))
                .contains("cert.pem: OK");
        assertThat(openssl("verify -x509_strict -purpose sslclient -CAfile ca.pem cert.pem"))
                .contains("cert.pem: OK");
        assertThat(openssl("x509 -in cert.pem -noout -subject -ext subjectAltName"))
                .contains("CN = node1", "DNS:node1, IP Address:10.1.2.3");
        // A clock that lags by hours does not matter.
        long yesterday = Instant.now().minus(Duration.ofHours(23)).getEpochSecond();
        assertThat(openssl("verify -attime " + yesterday + " -CAfile ca.pem cert.pem"))
                .contains("OK");
    }

    @Test
    void itStaysTheSameAndItsKeyIsItsOwnersOnly() throws IOException {
        assertThat(ClusterAuthority.open(state, "lab", InstantSource.system()).certificate())
                .isEqualTo(authority.certificate());
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(state.resolve("authority/cluster-ca.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aCertificateServesForItsKeyAndNameUntilItEnds() throws InterruptedException {
        String certificate = authority.sign(request(), "node1", List.of());
        String key = publicKey();
        assertThat(authority.refusal(certificate, key, "node1")).isEmpty();
        assertThat(authority.refusal(certificate, key, "node2")).isEqualTo("it is for CN=node1");
        openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
        assertThat(authority.refusal(certificate, publicKey(), "node1")).isEqualTo("it is for another key");
        var late = ClusterAuthority.open(
                state, "lab", InstantSource.offset(InstantSource.system(), Duration.ofDays(10 * 365 - 30)));
        assertThat(late.refusal(certificate, key, "node1")).startsWith("it ends at ");
        var other = ClusterAuthority.open(state.resolve("other"), "lab", InstantSource.system());
        assertThat(other.refusal(certificate, key, "node1")).isEqualTo("it is not by this cluster's authority");
        assertThat(authority.refusal("", key, "node1")).isEqualTo("it is not by this cluster's authority");
    }

    @Test
    void aRequestThatItsKeyDidNotSignIsRefused() throws InterruptedException {
        String request = request();
        int middle = request.length() - 60;
        String forged = request.substring(0, middle)
                + (request.charAt(middle) == 'A' ? 'B' : 'A')
                + request.substring(middle + 1);
        for (String bad : List.of(forged, "", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "x".repeat(100_000))) {
            assertThatThrownBy(() -> authority.sign(bad, "node1", List.of()))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                    .hasMessageContaining("node1");
        }
    }

    @Test
    void aFileThatIsNoAuthorityIsNotReplaced() throws IOException {
        Path file = state.resolve("authority/cluster-ca.pem");
        for (String content : List.of("", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")) {
            Files.writeString(file, content);
            assertThatThrownBy(() -> ClusterAuthority.open(state, "lab", InstantSource.system()))
                    .hasMessageContaining(file.toString());
            assertThat(file).hasContent(content);
        }
    }
}
