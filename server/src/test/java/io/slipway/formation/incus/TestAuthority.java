package io.slipway.formation.incus;

import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that vouches for whatever it is asked, and remembers what that was. */
public final class TestAuthority implements Credentials {
    private final KeyPair pair;
    private final Instant now;
    private final List<String> requests = new ArrayList<>();
    private int serial = 1;
    private final String own;

    private static String pem(byte[] der) {
        var out = new StringWriter();
        out.append("-----BEGIN CERTIFICATE-----\n");
        out.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
        out.append("\n-----END CERTIFICATE-----\n");
        return out.toString();
    }

    public TestAuthority(Instant now) {
        this.now = now;
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            this.pair = generator.generateKeyPair();
            this.own = certificate("CN=test authority", 7300);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public synchronized String sign(String csrPem) {
        requests.add(csrPem);
        return certificate("CN=incus", 3650);
    }

    /** A certificate that ends in so many days. */
    public synchronized String endingIn(int days) {
        return certificate("CN=incus", days);
    }

    @Override
    public synchronized String authority() {
        return own;
    }

    @SuppressWarnings("JavaUtilDate")
    private String certificate(String subject, int days) {
        try {
            X509CertificateHolder made = new JcaX509v3CertificateBuilder(
                            new X500Name("CN=test authority"),
                            BigInteger.valueOf(++serial),
                            Date.from(now.minus(Duration.ofDays(1))),
                            Date.from(now.plus(Duration.ofDays(days))),
                            new X500Name(subject),
                            pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
            return pem(made.getEncoded());
        } catch (OperatorCreationException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
