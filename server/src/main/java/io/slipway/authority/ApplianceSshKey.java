package io.slipway.authority;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** The ed25519 key that the appliance logs in to nodes with, in OpenSSH's own format and without passphrase. */
public final class ApplianceSshKey {
    private static final String TYPE = "OPENSSH PRIVATE KEY";
    private static final int LONGEST_FILE = 1 << 16;

    private final Path file;
    private final String publicLine;

    private ApplianceSshKey(Path file, String publicLine) {
        this.file = file;
        this.publicLine = publicLine;
    }

    /**
     * The key in {@code <state>/authority/ssh_ed25519}, made if there is none. Call it under the state's lock: two
     * programs that make a key at the same time would each keep their own.
     *
     * @param comment the last field of the public line, such as {@code slipway@lab}
     */
    public static ApplianceSshKey open(Path state, String comment) {
        if (!comment.matches("[A-Za-z0-9@._-]{1,100}")) {
            throw new IllegalArgumentException("\"" + comment + "\" cannot be the comment of a key");
        }
        Path file = StateDirectory.create(StateDirectory.create(state).resolve("authority"))
                .resolve("ssh_ed25519");
        try {
            if (!Files.exists(file)) {
                byte[] pem = generate();
                AtomicFiles.write(file, "rw-------", out -> out.write(pem));
            }
            return new ApplianceSshKey(file, publicLine(file, comment));
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    private static byte[] generate() throws IOException {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        var text = new StringWriter();
        try (var pem = new PemWriter(text)) {
            pem.writeObject(new PemObject(TYPE, OpenSSHPrivateKeyUtil.encodePrivateKey(key)));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String publicLine(Path file, String comment) throws IOException {
        try (var in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            if (Files.size(file) > LONGEST_FILE) {
                throw unusable(file);
            }
            PemObject object = new PemReader(in).readPemObject();
            if (object == null || !object.getType().equals(TYPE)) {
                throw unusable(file);
            }
            if (!(OpenSSHPrivateKeyUtil.parsePrivateKeyBlob(object.getContent())
                    instanceof Ed25519PrivateKeyParameters key)) {
                throw unusable(file);
            }
            byte[] blob = OpenSSHPublicKeyUtil.encodePublicKey(key.generatePublicKey());
            return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob) + " " + comment;
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException malformed) {
            throw unusable(file);
        }
    }

    private static ProblemException unusable(Path file) {
        return Problem.of(
                        ProblemKind.ENVIRONMENT,
                        "The appliance's SSH key " + file + " cannot be used.",
                        "Restore it from a backup. Without one, remove it: a new one is made, and nodes that are already"
                                + " installed must be given its public half.")
                .because("It is not an ed25519 key in OpenSSH's format.")
                .asException();
    }

    /** The private half, in OpenSSH's format. */
    public Path file() {
        return file;
    }

    /** One line for {@code authorized_keys}, without newline. */
    public String publicLine() {
        return publicLine;
    }
}
