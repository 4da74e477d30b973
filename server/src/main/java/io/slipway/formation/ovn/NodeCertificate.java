package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * A key that is made on the node and stays there, a certificate for it, and the authority's. OVN's programs look at the
 * files again at each new connection, so they may be replaced while these run.
 *
 * @param node the node's name
 * @param address its cluster address
 * @param certificates the cluster's authority
 * @param nodes reaches the node
 */
record NodeCertificate(String node, String address, Certificates certificates, Nodes nodes) implements Step.Work {
    private static final Duration TIME = Duration.ofMinutes(1);

    private static final String LOOK = """
            cd /etc/ovn 2>/dev/null || exit 0
            if [ -s node-key.pem ]; then
              echo "key=$(openssl pkey -in node-key.pem -pubout 2>/dev/null | base64 -w 0)"
            fi
            for name in node-cert ca-cert; do
              [ ! -s $name.pem ] || echo "$name=$(base64 -w 0 $name.pem)"
            done
            """;

    /** The key is there before its certificate can be, whenever this is cut off. */
    private static final String REQUEST = """
            umask 077
            mkdir -p /etc/ovn && cd /etc/ovn || exit
            if ! openssl pkey -in node-key.pem -noout 2>/dev/null; then
              openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out node-key.pem.new || exit
              sync node-key.pem.new && mv node-key.pem.new node-key.pem || exit
            fi
            openssl req -new -key node-key.pem -subj "/CN=$1"
            """;

    private static final String STORE = """
            cd /etc/ovn || exit
            printf %s "$1" > ca-cert.pem.new && printf %s "$2" > node-cert.pem.new || exit
            chmod 644 ca-cert.pem.new node-cert.pem.new && sync ca-cert.pem.new node-cert.pem.new || exit
            mv ca-cert.pem.new ca-cert.pem && mv node-cert.pem.new node-cert.pem
            """;

    @Override
    public Finding probe() throws InterruptedException {
        var said = new NodeScript(node, nodes).ask("OVN's certificate on " + node + " cannot be looked at", LOOK);
        String authority = decoded(said.one("ca-cert"));
        if (!authority.isEmpty()
                && !authority.strip().equals(certificates.authority().strip())) {
            return Finding.wrong(
                    "OVN's certificates on " + node + " by this cluster's authority",
                    "another authority in /etc/ovn/ca-cert.pem",
                    "If " + node + " belonged to another cluster, install it again: slipway node reinstall " + node
                            + ". If this appliance lost its state, restore authority/ in its state directory from a"
                            + " backup.");
        }
        if (said.one("key").isEmpty()) {
            return Finding.toDo("it has no key");
        }
        if (authority.isEmpty()) {
            return Finding.toDo("it has no certificate");
        }
        String refusal = certificates.refusal(decoded(said.one("node-cert")), decoded(said.one("key")), node);
        return refusal.isEmpty()
                ? Finding.done("by the cluster's authority")
                : Finding.toDo("its certificate does not serve: " + refusal);
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException malformed) {
            return "";
        }
    }

    @Override
    public void act() throws InterruptedException {
        var script = new NodeScript(node, nodes);
        String correction = "Look at /etc/ovn there; is openssl installed, and is there room on the disk?";
        String request = script.run(TIME, Input.NONE, REQUEST, node)
                .orFail(ProblemKind.ENVIRONMENT, "A key for OVN could not be made on " + node, correction)
                .output();
        String certificate = certificates.sign(request, node, List.of(address));
        script.run(TIME, Input.NONE, STORE, certificates.authority(), certificate)
                .orFail(ProblemKind.ENVIRONMENT, "OVN's certificate could not be stored on " + node, correction);
    }
}
