package io.slipway.authority;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.jcajce.JcaPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * Checks detached OpenPGP signatures by one pinned key.
 *
 * <p>Slackware's key is DSA of 1,024 bits, and old trees carry signatures over SHA-1. {@code gpg --verify} accepts both
 * with its default settings (it refuses MD5), and so does this: the alternative would be no check at all. What the
 * signature covers, CHECKSUMS.md5, is MD5 anyway; that is why a snapshot records SHA-256 of its own.
 *
 * <p>The key itself comes from wherever (a mirror's GPG-KEY): only the key whose fingerprint is the pinned one counts, and
 * subkeys that it has bound for signing.
 */
public final class SlackwareSignature {
    /** Slackware Linux Project &lt;security@slackware.com&gt;. */
    public static final Fingerprint SLACKWARE = new Fingerprint("EC5649DA401E22ABFA6736EF6A4463C040102233");

    private static final int LONGEST_KEYRING = 1 << 20;
    private static final int LONGEST_SIGNATURE = 1 << 16;

    private SlackwareSignature() {}

    /**
     * Checks that {@code signed} carries a good signature.
     *
     * @param signed the bytes that are vouched for
     * @param signature detached, armored or binary
     * @param keyring public keys, armored or binary; at most 1 MiB
     * @param pinned the key that must have signed
     * @param name of the signed file, for messages
     * @throws io.slipway.problem.ProblemException of kind UNTRUSTED otherwise
     */
    public static void verify(byte[] signed, byte[] signature, byte[] keyring, Fingerprint pinned, String name) {
        try {
            verifyOrThrow(signed, signature, keyring, pinned, name);
        } catch (PGPException | IOException | RuntimeException failure) {
            if (failure instanceof ProblemException known) {
                throw known;
            }
            // BouncyCastle answers to some malformed input with exceptions of many kinds.
            throw new ProblemException(
                    untrusted(
                            name,
                            "Its signature or the key that came with it is malformed (" + failure.getMessage() + ")."),
                    failure);
        }
    }

    private static void verifyOrThrow(byte[] signed, byte[] signature, byte[] keyring, Fingerprint pinned, String name)
            throws PGPException, IOException {
        if (keyring.length > LONGEST_KEYRING || signature.length > LONGEST_SIGNATURE) {
            throw untrusted(name, "Its signature or the key that came with it is far too long.")
                    .asException();
        }
        PGPPublicKeyRing ring = findRing(keyring, pinned)
                .orElseThrow(() -> untrusted(name, "There is no key with the fingerprint " + pinned + " beside it.")
                        .asException());
        if (ring.getPublicKey().hasRevocation() && isRevoked(ring.getPublicKey())) {
            throw untrusted(name, "The key " + pinned + " is revoked.").asException();
        }
        PGPSignatureList signatures = signatures(signature, name);
        for (PGPSignature candidate : signatures) {
            PGPPublicKey key = ring.getPublicKey(candidate.getKeyID());
            if (key == null || !maySign(ring.getPublicKey(), key)) {
                continue;
            }
            if (candidate.getSignatureType() != PGPSignature.BINARY_DOCUMENT) {
                continue;
            }
            if (candidate.getHashAlgorithm() == HashAlgorithmTags.MD5) {
                throw untrusted(name, "Its signature is over MD5, which proves nothing.")
                        .asException();
            }
            candidate.init(new BcPGPContentVerifierBuilderProvider(), key);
            candidate.update(signed);
            if (!candidate.verify()) {
                throw untrusted(name, "Its signature does not match its content.")
                        .asException();
            }
            refuseExpired(ring.getPublicKey(), candidate, name);
            return;
        }
        throw untrusted(name, "It is not signed by the key " + pinned + ".").asException();
    }

    /** Whether {@code key} is the primary key or a subkey that the primary key has bound and not revoked. */
    private static boolean maySign(PGPPublicKey primary, PGPPublicKey key) throws PGPException {
        if (key.getKeyID() == primary.getKeyID()) {
            return true;
        }
        boolean bound = false;
        var bindings = key.getSignaturesForKeyID(primary.getKeyID());
        while (bindings.hasNext()) {
            PGPSignature binding = bindings.next();
            binding.init(new BcPGPContentVerifierBuilderProvider(), primary);
            boolean good = binding.verifyCertification(primary, key);
            if (good && binding.getSignatureType() == PGPSignature.SUBKEY_REVOCATION) {
                return false;
            }
            bound |= good && binding.getSignatureType() == PGPSignature.SUBKEY_BINDING;
        }
        return bound;
    }

    private static boolean isRevoked(PGPPublicKey primary) throws PGPException {
        var revocations = primary.getSignaturesOfType(PGPSignature.KEY_REVOCATION);
        while (revocations.hasNext()) {
            PGPSignature revocation = revocations.next();
            revocation.init(new BcPGPContentVerifierBuilderProvider(), primary);
            if (revocation.verifyCertification(primary)) {
                return true;
            }
        }
        return false;
    }

    /** A signature counts if it was made while the key was valid; the clock of this machine has no say. */
    private static void refuseExpired(PGPPublicKey primary, PGPSignature signature, String name) {
        Instant made = signature.getCreationTime().toInstant();
        Instant born = primary.getCreationTime().toInstant();
        long valid = primary.getValidSeconds();
        if (made.isBefore(born) || (valid > 0 && made.isAfter(born.plusSeconds(valid)))) {
            throw untrusted(name, "It was signed at " + made + ", when the key was not valid.")
                    .asException();
        }
    }

    private static Optional<PGPPublicKeyRing> findRing(byte[] keyring, Fingerprint pinned)
            throws PGPException, IOException {
        var rings = new PGPPublicKeyRingCollection(
                PGPUtil.getDecoderStream(new ByteArrayInputStream(keyring)), new BcKeyFingerprintCalculator());
        for (PGPPublicKeyRing ring : rings) {
            if (Arrays.equals(
                    ring.getPublicKey().getFingerprint(), HexFormat.of().parseHex(pinned.hex()))) {
                return Optional.of(ring);
            }
        }
        return Optional.empty();
    }

    private static PGPSignatureList signatures(byte[] signature, String name) throws IOException {
        var objects = new JcaPGPObjectFactory(PGPUtil.getDecoderStream(new ByteArrayInputStream(signature)));
        Object first = objects.nextObject();
        if (first instanceof PGPSignatureList list) {
            return list;
        }
        throw untrusted(name, "What should be its signature is none.").asException();
    }

    private static Problem untrusted(String name, String cause) {
        return Problem.of(
                        ProblemKind.UNTRUSTED,
                        name + " is not vouched for.",
                        "Take another mirror, or wait until this one has finished its update. If the mirror has no"
                                + " signatures and you trust it nevertheless, set slackware.verify: checksums.")
                .because(cause);
    }
}
