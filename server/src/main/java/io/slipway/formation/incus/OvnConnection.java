package io.slipway.formation.incus;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Role;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Collectors;

/**
 * Where OVN's Northbound database is, and by which certificate Incus is let in. The key is one for the cluster: it is made
 * on the member that answers, lies in its memory until the certificate has come, and then in Incus's configuration, which
 * Incus replicates. Cut off in between, the key is used again or made anew.
 */
final class OvnConnection extends ClusterWork {
    /** Of the Northbound database, by ovn-ctl's default. */
    private static final int PORT = 6641;

    private static final String CONNECTION = "network.ovn.northbound_connection";
    private static final String CA = "network.ovn.ca_cert";
    private static final String CERTIFICATE = "network.ovn.client_cert";
    private static final String KEY = "network.ovn.client_key";
    /** A certificate with less left is renewed. */
    private static final Duration LEFT = Duration.ofDays(30);

    private static final Duration TIME = Duration.ofMinutes(3);

    /** On a file system in memory, so that it never lies on a disk outside Incus's own database. */
    private static final String KEY_FILE = "/run/slipway-incus-ovn.key";

    private static final String REQUEST = """
            umask 077
            if ! openssl pkey -in "$1" -noout 2>/dev/null; then
              openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.new" 2>/dev/null || exit 1
              mv "$1.new" "$1"
            fi
            exec openssl req -new -key "$1" -subj "/CN=$2"
            """;

    /** Standard input is a preseed that lacks nothing but the key. */
    private static final String APPLY = """
            HOME=${HOME:-/root}; export HOME
            [ -s "$1" ] || { echo "the key $1 is gone" >&2; exit 1; }
            { cat; echo "  $2: |"; sed 's/^/    /' "$1"; } | incus admin init --preseed || exit 1
            rm -f "$1"
            """;

    private final Credentials credentials;
    private final InstantSource clock;
    private final boolean tls;
    private final String wanted;

    OvnConnection(Cluster cluster, Credentials credentials, InstantSource clock, Members members) {
        super(members);
        this.credentials = credentials;
        this.clock = clock;
        this.tls = cluster.ovn().tls();
        this.wanted = cluster.listNodes(Role.OVN_CENTRAL).stream()
                .map(node -> (tls ? "ssl:" : "tcp:") + cluster.clusterAddress(node) + ":" + PORT)
                .collect(Collectors.joining(","));
    }

    @Override
    Finding judge(Member speaker) {
        String found = speaker.config(CONNECTION);
        if (!found.equals(wanted)) {
            return Finding.toDo("Incus does not know where OVN is" + (found.isEmpty() ? "" : ": " + found));
        }
        if (!tls) {
            return Finding.done(wanted);
        }
        if (speaker.config(KEY).isEmpty() || speaker.config(CERTIFICATE).isEmpty()) {
            return Finding.toDo("Incus has no certificate for OVN");
        }
        if (!speaker.config(CA).strip().equals(credentials.authority().strip())) {
            return Finding.toDo("Incus has another authority for OVN than the cluster's own");
        }
        String against = against(speaker.config(CERTIFICATE));
        return against.isEmpty() ? Finding.done(wanted) : Finding.toDo(against);
    }

    /** Why the certificate cannot stay, or empty. */
    private String against(String pem) {
        try {
            X509Certificate certificate = read(pem);
            certificate.verify(read(credentials.authority()).getPublicKey());
            Instant end = certificate.getNotAfter().toInstant();
            return end.isBefore(clock.instant().plus(LEFT)) ? "Incus's certificate for OVN ends on " + end : "";
        } catch (GeneralSecurityException notOurs) {
            return "Incus's certificate for OVN is not of the cluster's own authority";
        }
    }

    private static X509Certificate read(String pem) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        if (!tls) {
            var body = IncusApi.object();
            body.putObject("config").put(CONNECTION, wanted);
            api.require("Incus cannot be told where OVN is", TIME, "PATCH", "/1.0", body);
            return;
        }
        String node = speaker.node();
        var script = new NodeScript(node, members.nodes());
        String request = script.run(TIME, Command.Input.NONE, REQUEST, KEY_FILE, "incus")
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The key that Incus shows to OVN cannot be made on " + node,
                        "Look whether openssl works there.")
                .output();
        String certificate = credentials.sign(request);
        String preseed = "config:\n  " + CONNECTION + ": \"" + wanted + "\"\n  " + CA + ": |\n"
                + indented(credentials.authority()) + "  " + CERTIFICATE + ": |\n" + indented(certificate);
        script.run(TIME, Command.Input.of(preseed), APPLY, KEY_FILE, KEY)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "Incus cannot be told where OVN is",
                        "Look into /var/log/incus/incusd.log on " + node + ", and whether OVN's Northbound answers at "
                                + wanted + ".");
    }

    private static String indented(String pem) {
        return pem.strip().lines().map(line -> "    " + line.strip() + "\n").collect(Collectors.joining());
    }
}
