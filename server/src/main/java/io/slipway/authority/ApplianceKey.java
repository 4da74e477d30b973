package io.slipway.authority;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.StateDirectory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPrivateKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.PGPDigestCalculator;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/**
 * The OpenPGP key of this appliance: signs images, their packages and their CHECKSUMS.md5, so that slackpkg on the nodes
 * accepts them. RSA of 3,072 bits, because every gpg that a Slackware of today may have knows it; no passphrase, since the
 * appliance signs without a person.
 */
public final class ApplianceKey {
    private static final int BITS = 3072;
    private static final int CERTAINTY = 112;
    private static final int LONGEST_FILE = 1 << 16;

    private final PGPSecretKeyRing ring;
    private final PGPPrivateKey key;

    private ApplianceKey(PGPSecretKeyRing ring) throws PGPException {
        this.ring = ring;
        this.key = ring.getSecretKey().extractPrivateKey(null);
    }

    /**
     * The key in {@code <state>/authority/openpgp.asc}, made if there is none. Call it under the state's lock: two
     * programs that make a key at the same time would each keep their own.
     *
     * @param state the state directory
     * @param identity the name in a new key, such as {@code "Slipway appliance of cluster lab"}
     * @param now creation time of a new key
     */
    public static ApplianceKey open(Path state, String identity, Instant now) {
        Path file = StateDirectory.create(StateDirectory.create(state).resolve("authority"))
                .resolve("openpgp.asc");
        byte[] bytes;
        try {
            if (!Files.exists(file)) {
                byte[] made = armored(generate(identity, now).getEncoded());
                AtomicFiles.write(file, "rw-------", out -> out.write(made));
            }
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(LONGEST_FILE);
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        } catch (PGPException failure) {
            throw new IllegalStateException("no OpenPGP key could be made", failure);
        }
        try (InputStream in = PGPUtil.getDecoderStream(new ByteArrayInputStream(bytes))) {
            return new ApplianceKey(new PGPSecretKeyRing(in, new BcKeyFingerprintCalculator()));
        } catch (IOException | PGPException | RuntimeException failure) {
            // BouncyCastle answers to some malformed input with exceptions of many kinds.
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    "The appliance's OpenPGP key " + file + " cannot be used.",
                                    "Restore it from a backup. Without one, remove it: a new one is made, and nodes that are"
                                            + " already installed must be given its public half.")
                            .because(String.valueOf(failure.getMessage())),
                    failure);
        }
    }

    private static PGPSecretKeyRing generate(String identity, Instant now) throws PGPException {
        var generator = new RSAKeyPairGenerator();
        generator.init(
                new RSAKeyGenerationParameters(BigInteger.valueOf(0x10001), new SecureRandom(), BITS, CERTAINTY));
        var pair = new BcPGPKeyPair(
                PublicKeyPacket.VERSION_4,
                PublicKeyAlgorithmTags.RSA_GENERAL,
                generator.generateKeyPair(),
                Date.from(now));
        var subpackets = new PGPSignatureSubpacketGenerator();
        subpackets.setKeyFlags(false, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
        // A key of version 4 is protected with SHA-1 as the check of its secret part (RFC 4880 §5.5.3).
        PGPDigestCalculator sha1 = new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1);
        return new PGPKeyRingGenerator(
                        PGPSignature.POSITIVE_CERTIFICATION,
                        pair,
                        identity,
                        sha1,
                        subpackets.generate(),
                        null,
                        new BcPGPContentSignerBuilder(PublicKeyAlgorithmTags.RSA_GENERAL, HashAlgorithmTags.SHA512),
                        null)
                .generateSecretKeyRing();
    }

    public Fingerprint fingerprint() {
        return Fingerprint.of(ring.getPublicKey().getFingerprint());
    }

    /** The public half, armored: what nodes import. */
    public String publicKey() {
        var out = new ByteArrayOutputStream();
        try {
            ring.toCertificate().encode(out);
            return new String(armored(out.toByteArray()), StandardCharsets.US_ASCII);
        } catch (IOException impossible) {
            throw new IllegalStateException("writing into memory failed", impossible);
        }
    }

    /**
     * A detached armored signature.
     *
     * @param content the bytes to vouch for
     * @param time what the signature says about when it was made
     */
    public String sign(byte[] content, Instant time) {
        try {
            return sign(new ByteArrayInputStream(content), time);
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }

    /** A detached armored signature over what {@code content} gives, which is read to its end and not closed. */
    public String sign(InputStream content, Instant time) throws IOException {
        try {
            var generator = new PGPSignatureGenerator(
                    new BcPGPContentSignerBuilder(PublicKeyAlgorithmTags.RSA_GENERAL, HashAlgorithmTags.SHA512),
                    ring.getPublicKey());
            generator.init(PGPSignature.BINARY_DOCUMENT, key);
            var subpackets = new PGPSignatureSubpacketGenerator();
            subpackets.setSignatureCreationTime(false, Date.from(time));
            subpackets.setIssuerFingerprint(false, ring.getPublicKey());
            subpackets.setIssuerKeyID(false, ring.getPublicKey().getKeyID());
            generator.setHashedSubpackets(subpackets.generate());
            var buffer = new byte[1 << 16];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                generator.update(buffer, 0, count);
            }
            return new String(armored(generator.generate().getEncoded()), StandardCharsets.US_ASCII);
        } catch (PGPException failure) {
            throw new IllegalStateException("signing with an opened key failed", failure);
        }
    }

    private static byte[] armored(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var armor = ArmoredOutputStream.builder().clearHeaders().build(out)) {
            armor.write(bytes);
        }
        return out.toByteArray();
    }
}
