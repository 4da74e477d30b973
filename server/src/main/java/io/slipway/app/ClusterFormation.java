package io.slipway.app;

import io.slipway.authority.ApplianceSshKey;
import io.slipway.authority.ClusterAuthority;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.Nodes;
import io.slipway.formation.linstor.LinstorSteps;
import io.slipway.formation.ovn.Certificates;
import io.slipway.formation.ovn.OvnSteps;
import io.slipway.formation.preflight.PreflightSteps;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From a cluster to its formation's plan, whose steps reach the nodes over one SSH connection each. */
public final class ClusterFormation implements AutoCloseable {
    private static final int SSH_PORT = 22;
    private static final String SSH_USER = "slipway";

    private final Cluster cluster;
    private final Path state;
    private final Map<String, SshSession> sessions;

    private ClusterFormation(Cluster cluster, Path state, Map<String, SshSession> sessions) {
        this.cluster = cluster;
        this.state = state;
        this.sessions = sessions;
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

    /** Everything that forms the cluster. The cluster's own authority is made if there is none yet. */
    public FormationPlan plan() {
        Nodes nodes = this::on;
        ClusterAuthority authority =
                ClusterAuthority.open(state, cluster.identity().name(), InstantSource.system());
        var steps = new ArrayList<>(PreflightSteps.of(cluster, nodes, InstantSource.system()));
        List<String> before = List.of(PreflightSteps.LAST);
        steps.addAll(OvnSteps.of(cluster, nodes, new Vouching(authority), before));
        if (cluster.linstor() != null) {
            steps.addAll(LinstorSteps.of(cluster, nodes, linstor(), before));
        }
        return FormationPlan.of(steps);
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

    private record Vouching(ClusterAuthority own) implements Certificates {
        @Override
        public String authority() {
            return own.certificate();
        }

        @Override
        public String sign(String request, String name, List<String> addresses) {
            return own.sign(request, name, addresses);
        }

        @Override
        public String refusal(String certificate, String publicKey, String name) {
            return own.refusal(certificate, publicKey, name);
        }
    }
}
