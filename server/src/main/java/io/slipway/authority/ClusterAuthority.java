package io.slipway.authority;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.StateDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * The cluster's own certificate authority (RFC 5280), by which its daemons know each other. Its key never leaves the
 * state directory, and theirs never leave their nodes: only requests (PKCS #10, RFC 2986) and certificates travel.
 *
 * <p>Keys are on P-256, signatures ECDSA with SHA-256. Certificates start a day early, since clocks may lag.
 */
public final class ClusterAuthority {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final Duration EARLY = Duration.ofDays(1);
    private static final Duration AUTHORITY_LASTS = Duration.ofDays(20 * 365);
    private static final Duration CERTIFICATE_LASTS = Duration.ofDays(10 * 365);
    /** What ends sooner is replaced. */
    private static final Duration RENEWED_BEFORE = Duration.ofDays(60);

    private static final int LONGEST = 1 << 16;

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final InstantSource clock;

    private ClusterAuthority(PrivateKey key, X509Certificate certificate, InstantSource clock) {
        this.key = key;
        this.certificate = certificate;
        this.clock = clock;
    }

    /**
     * The authority in {@code <state>/authority/cluster-ca.pem} (key and certificate, mode 600), made if there is none. Two
     * programs that make one at the same time get the same.
     *
     * @param cluster the cluster's name, for the certificate's subject
     */
    public static ClusterAuthority open(Path state, String cluster, InstantSource clock) {
        Path file = StateDirectory.create(StateDirectory.create(state).resolve("authority"))
                .resolve("cluster-ca.pem");
        try {
            if (!Files.exists(file)) {
                keep(generate(cluster, clock.instant()), file);
            }
            return read(file, clock);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        } catch (GeneralSecurityException | OperatorCreationException missing) {
            throw new IllegalStateException("every Java has P-256 and ECDSA", missing);
        }
    }

    /** A link is made only where there is none yet, unlike what a rename does. */
    private static void keep(byte[] pem, Path file) throws IOException {
        Path aside = file.resolveSibling("cluster-ca." + ProcessHandle.current().pid() + ".new");
        AtomicFiles.write(aside, "rw-------", out -> out.write(pem));
        try {
            Files.createLink(file, aside);
        } catch (FileAlreadyExistsException other) {
            // Another program was first.
        } finally {
            Files.delete(aside);
        }
    }

    private static byte[] generate(String cluster, Instant now)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        KeyPair pair = keyPair();
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, "Slipway authority of cluster " + cluster)
                .build();
        var extensions = new JcaX509ExtensionUtils();
        var builder = builder(
                name, name, SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()), now, AUTHORITY_LASTS);
        add(builder, Extension.basicConstraints, true, new BasicConstraints(0));
        add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        add(builder, Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
        byte[] certificate = builder.build(new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate()))
                .getEncoded();
        String text = pem("PRIVATE KEY", pair.getPrivate().getEncoded()) + pem("CERTIFICATE", certificate);
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, SubjectPublicKeyInfo key, Instant now, Duration lasts) {
        return new X509v3CertificateBuilder(
                issuer,
                // RFC 5280 §4.1.2.2: positive, at most 20 octets.
                new BigInteger(126, new SecureRandom()).add(BigInteger.ONE),
                Date.from(now.minus(EARLY)),
                Date.from(now.plus(lasts)),
                subject,
                key);
    }

    private static void add(
            X509v3CertificateBuilder builder, ASN1ObjectIdentifier kind, boolean critical, ASN1Encodable value)
            throws IOException {
        builder.addExtension(kind, critical, value);
    }

    private static ClusterAuthority read(Path file, InstantSource clock) throws IOException {
        if (Files.size(file) > LONGEST) {
            throw unusable(file, "It is far too long.");
        }
        try (var pem = new PEMParser(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
            if (!(pem.readObject() instanceof PrivateKeyInfo info)) {
                throw unusable(file, "It does not begin with a private key.");
            }
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            X509Certificate certificate = parse(text);
            PrivateKey key = new JcaPEMKeyConverter().getPrivateKey(info);
            certificate.verify(certificate.getPublicKey());
            return new ClusterAuthority(key, certificate, clock);
        } catch (GeneralSecurityException | PEMException | IllegalArgumentException malformed) {
            throw unusable(file, String.valueOf(malformed.getMessage()));
        }
    }

    private static ProblemException unusable(Path file, String cause) {
        return Problem.of(
                        ProblemKind.ENVIRONMENT,
                        "The cluster's certificate authority " + file + " cannot be used.",
                        "Restore it from a backup. Without one, remove it: a new one is made, and OVN's certificates on"
                                + " all nodes (/etc/ovn/*.pem) must be removed too, which interrupts OVN's databases.")
                .because(cause)
                .asException();
    }

    /** The first certificate in a text of PEM. */
    private static X509Certificate parse(String pem) throws GeneralSecurityException {
        int from = pem.indexOf("-----BEGIN CERTIFICATE-----");
        if (from < 0) {
            throw new GeneralSecurityException("there is no certificate in it");
        }
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(pem.substring(from).getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** The authority's own certificate, in PEM. */
    public String certificate() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Vouches for a key. Of the request only its key counts, and that whoever made it has the private half; the names are
     * ours to give.
     *
     * @param request PKCS #10 in PEM
     * @param name the common name
     * @param addresses IPv4 addresses that it may be met at; may be empty
     * @return the certificate in PEM, for servers and clients
     * @throws ProblemException of kind UNTRUSTED if the request is none or not signed by its own key
     */
    public String sign(String request, String name, List<String> addresses) {
        PKCS10CertificationRequest parsed = parseRequest(request, name);
        try {
            X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.CN, name)
                    .build();
            X500Name issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            var extensions = new JcaX509ExtensionUtils();
            var builder =
                    builder(issuer, subject, parsed.getSubjectPublicKeyInfo(), clock.instant(), CERTIFICATE_LASTS);
            add(builder, Extension.basicConstraints, true, new BasicConstraints(false));
            add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            add(builder, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            add(
                    builder,
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            add(builder, Extension.subjectAlternativeName, false, names(name, addresses));
            byte[] signed = builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key))
                    .getEncoded();
            return pem("CERTIFICATE", signed);
        } catch (IOException | GeneralSecurityException | OperatorCreationException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static GeneralNames names(String name, List<String> addresses) {
        var names = new ArrayList<GeneralName>();
        names.add(new GeneralName(GeneralName.dNSName, name));
        addresses.forEach(address -> names.add(new GeneralName(GeneralName.iPAddress, address)));
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private static PKCS10CertificationRequest parseRequest(String request, String name) {
        String cause = "";
        if (request.length() <= LONGEST) {
            try (var pem = new PEMParser(new StringReader(request))) {
                if (pem.readObject() instanceof PKCS10CertificationRequest parsed
                        && parsed.isSignatureValid(new JcaContentVerifierProviderBuilder()
                                .build(new JcaPEMKeyConverter().getPublicKey(parsed.getSubjectPublicKeyInfo())))) {
                    return parsed;
                }
            } catch (IOException | OperatorCreationException | PKCSException | RuntimeException malformed) {
                // BouncyCastle answers to some malformed input with exceptions of many kinds.
                cause = malformed.toString();
            }
        }
        throw Problem.of(
                        ProblemKind.UNTRUSTED,
                        "What " + name + " sent to be signed is not a certificate request that its key has signed.",
                        "Look at openssl's version there, then try again.")
                .because(cause)
                .asException();
    }

    /**
     * Why a certificate does not serve, or "" if it does.
     *
     * @param pem a certificate
     * @param publicKey the key that it should vouch for, in PEM as {@code openssl pkey -pubout} writes it
     * @param name the common name it should have
     */
    public String refusal(String pem, String publicKey, String name) {
        try {
            X509Certificate theirs = parse(pem);
            theirs.verify(certificate.getPublicKey());
            if (!Arrays.equals(
                    theirs.getPublicKey().getEncoded(), parseKey(publicKey).getEncoded())) {
                return "it is for another key";
            }
            if (!theirs.getSubjectX500Principal().getName().equals("CN=" + name)) {
                return "it is for " + theirs.getSubjectX500Principal().getName();
            }
            Instant end = theirs.getNotAfter().toInstant();
            return end.isBefore(clock.instant().plus(RENEWED_BEFORE)) ? "it ends at " + end : "";
        } catch (GeneralSecurityException | IOException | RuntimeException other) {
            return "it is not by this cluster's authority";
        }
    }

    private static PublicKey parseKey(String pem) throws IOException {
        try (var parser = new PEMParser(new StringReader(pem))) {
            if (parser.readObject() instanceof SubjectPublicKeyInfo info) {
                return new JcaPEMKeyConverter().getPublicKey(info);
            }
        }
        throw new IOException("not a public key");
    }

    private static String pem(String type, byte[] der) {
        var text = new StringWriter();
        try (var pem = new PemWriter(text)) {
            pem.writeObject(new PemObject(type, der));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }
}
