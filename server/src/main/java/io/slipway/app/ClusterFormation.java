package io.slipway.app;

import io.slipway.authority.ApplianceSshKey;
import io.slipway.authority.ClusterAuthority;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.formation.incus.Credentials;
import io.slipway.formation.incus.IncusSteps;
import io.slipway.formation.incus.Members;
import io.slipway.formation.linstor.LinstorSteps;
import io.slipway.formation.ovn.Certificates;
import io.slipway.formation.ovn.OvnSteps;
import io.slipway.formation.preflight.PreflightSteps;
import io.slipway.formation.proof.ProofSteps;
import io.slipway.formation.view.ClusterLook;
import io.slipway.formation.view.ClusterView;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.linstor.LinstorApi;
import io.slipway.process.CommandRunner;
import io.slipway.remote.SshSession;
import io.slipway.remote.SshTarget;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** From a cluster to its formation's plan, whose steps reach the nodes over one SSH connection each. */
public final class ClusterFormation implements AutoCloseable {
    /** How long something may be otherwise than it should be before a verification says so: leaders change. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int SSH_PORT = 22;
    private static final String SSH_USER = "slipway";
    /** What Incus is called as a client of OVN. */
    private static final String INCUS = "incus";

    private final Cluster cluster;
    private final Path state;
    private final Map<String, SshSession> sessions;
    private final Members members;

    private ClusterFormation(Cluster cluster, Path state, Map<String, SshSession> sessions) {
        this.cluster = cluster;
        this.state = state;
        this.sessions = sessions;
        this.members = new Members(cluster, this::on);
    }

    /**
     * Connects to nobody yet.
     *
     * @param state the appliance's state directory, whose keys are used
     * @param hostKeys by node; see {@link PinnedKeys}
     */
    public static ClusterFormation open(Cluster cluster, Path state, Map<String, List<String>> hostKeys) {
        Path key = ApplianceSshKey.open(state, "slipway@" + cluster.identity().name())
                .file();
        var sessions = new LinkedHashMap<String, SshSession>();
        for (Node node : cluster.nodes()) {
            var target = new SshTarget(
                    node.name(),
                    cluster.loginAddress(node).toString(),
                    SSH_PORT,
                    SSH_USER,
                    key,
                    hostKeys.getOrDefault(node.name(), List.of()));
            sessions.put(node.name(), new SshSession(target));
        }
        return new ClusterFormation(cluster, state, sessions);
    }

    /**
     * Everything that forms the cluster, and proves that it works. The cluster's own authority is made if there is none yet.
     *
     * @param trustToken is shown each new client's name and its token, once; null where nobody watches: no token is made
     *     then
     */
    public FormationPlan plan(@Nullable BiConsumer<String, String> trustToken) {
        return FormationPlan.of(steps(trustToken)).then(ProofSteps.of(members, List.of(IncusSteps.LAST), false));
    }

    /**
     * Looks at everything that was formed, and changes nothing, except that a proof starts instances and removes them.
     *
     * @param proof whether it is proven again
     */
    public FormationPlan verification(boolean proof) {
        FormationPlan checks = FormationPlan.of(steps(null)).asChecks(PATIENCE);
        return proof ? checks.then(ProofSteps.of(members, List.of(IncusSteps.LAST), true)) : checks;
    }

    private List<Step> steps(@Nullable BiConsumer<String, String> trustToken) {
        Nodes nodes = this::on;
        var clock = InstantSource.system();
        var authority =
                new Vouching(ClusterAuthority.open(state, cluster.identity().name(), clock));
        var steps = new ArrayList<>(PreflightSteps.of(cluster, nodes, clock));
        List<String> before = List.of(PreflightSteps.LAST);
        List<Step> ovn = OvnSteps.of(cluster, nodes, authority, before);
        List<Step> linstor = cluster.linstor() == null ? List.of() : LinstorSteps.of(cluster, nodes, linstor(), before);
        List<Step> incus = IncusSteps.of(
                members,
                authority,
                clock,
                ovn.isEmpty() ? List.of() : List.of(OvnSteps.LAST),
                linstor.isEmpty() ? List.of() : List.of(LinstorSteps.LAST),
                before,
                trustToken == null ? (client, token) -> {} : trustToken);
        steps.addAll(ovn);
        steps.addAll(linstor);
        incus.stream()
                .filter(step -> trustToken != null || !step.id().equals(IncusSteps.TRUST))
                .forEach(steps::add);
        return steps;
    }

    /** Removes what a proof has left that failed or was interrupted. */
    public void tidyUp(FormationReport report) {
        boolean begun = report.steps().stream()
                .anyMatch(each -> each.step().id().startsWith("proof.")
                        && (each.outcome() == Outcome.FAILED || each.outcome() == Outcome.DONE));
        if (report.succeeded() || !begun) {
            return;
        }
        try {
            ProofSteps.remove(members);
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
    }

    /** What stands, as far as the nodes say so. */
    public ClusterView view() throws InterruptedException {
        return ClusterLook.at(Instant.now(), cluster, this::on);
    }

    private CommandRunner on(String node) {
        return session(node).asRoot();
    }

    private SshSession session(String node) {
        SshSession session = sessions.get(node);
        if (session == null) {
            throw new IllegalArgumentException("no node \"" + node + '"');
        }
        return session;
    }

    /** The controller listens on its node's cluster address, which this machine need not reach. */
    private LinstorApi linstor() {
        Node controller = LinstorSteps.controller(cluster);
        InetSocketAddress here = session(controller.name())
                .forward(cluster.clusterAddress(controller).toString(), LinstorSteps.CONTROLLER_PORT)
                .address();
        return LinstorApi.at(URI.create("http://127.0.0.1:" + here.getPort()));
    }

    /** How many programs were run on nodes until now: each is a round trip at least. */
    public long commands() {
        return sessions.values().stream().mapToLong(SshSession::commands).sum();
    }

    @Override
    public void close() {
        sessions.values().forEach(SshSession::close);
    }

    private record Vouching(ClusterAuthority own) implements Certificates, Credentials {
        @Override
        public String authority() {
            return own.certificate();
        }

        @Override
        public String sign(String request, String name, List<String> addresses) {
            return own.sign(request, name, addresses);
        }

        @Override
        public String sign(String request) {
            return own.sign(request, INCUS, List.of());
        }

        @Override
        public String refusal(String certificate, String publicKey, String name) {
            return own.refusal(certificate, publicKey, name);
        }
    }
}
