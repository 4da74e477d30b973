package io.slipway.formation.incus;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The daemons of a cluster's members, each asked for many things in one round trip. What was said a moment ago is said
 * again to the next step that looks, until a step acts: a look at a formed cluster is one question a node.
 */
public final class Members {
    public static final String SERVER = "/1.0";
    public static final String MEMBERS = "/1.0/cluster/members?recursion=1";
    static final String POOLS = "/1.0/storage-pools?recursion=1";
    public static final String PROFILE = "/1.0/profiles/default";

    /** Long enough for the steps of one look, too short for a person to notice; slow nodes have longer. */
    private static final long RECENT = TimeUnit.SECONDS.toNanos(5);

    private final Cluster cluster;
    private final Nodes nodes;
    private final List<Node> members;
    private final Map<String, Memory> memories = new LinkedHashMap<>();

    /** What a node said, and when. */
    private static final class Memory {
        final ReentrantLock lock = new ReentrantLock();
        final Map<String, Answer> answers = new LinkedHashMap<>();
        /** Until when it counts, by {@link System#nanoTime}. */
        final Map<String, Long> until = new LinkedHashMap<>();

        @Nullable
        ProblemException silence;

        long silent;
    }

    public Members(Cluster cluster, Nodes nodes) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.members = cluster.listNodes(Role.INCUS_MEMBER);
        members.forEach(node -> memories.put(node.name(), new Memory()));
    }

    public Cluster cluster() {
        return cluster;
    }

    /** In the file's order. */
    List<Node> list() {
        return members;
    }

    public List<String> names() {
        return members.stream().map(Node::name).toList();
    }

    public Nodes nodes() {
        return nodes;
    }

    public IncusApi api(String node) {
        return new IncusApi(node, nodes);
    }

    /** Where a member's API listens, {@code address:port}. */
    String address(Node node) {
        return cluster.clusterAddress(node) + ":" + cluster.incus().port();
    }

    /** Where a network is; a list of them takes Incus ten times as long, since it counts what uses each. */
    static String network(String name) {
        return "/1.0/networks/" + name;
    }

    /** Where a node says what its own part of the uplink is. */
    String uplinkOf(String node) {
        var uplink = cluster.incus().uplink();
        return uplink == null ? "" : network(uplink.name()) + "?target=" + node;
    }

    /** What every step of a node may want to know of it. */
    private Set<String> usual(String node) {
        var out = new LinkedHashSet<String>();
        out.add(SERVER);
        if (!uplinkOf(node).isEmpty()) {
            out.add(uplinkOf(node));
        }
        if (node.equals(members.get(0).name())) {
            out.addAll(List.of(MEMBERS, POOLS, PROFILE));
            var uplink = cluster.incus().uplink();
            if (uplink != null) {
                out.add(network(uplink.name()));
            }
            var network = cluster.incus().network();
            if (network != null) {
                out.add(network(network.name()));
            }
        }
        return out;
    }

    /**
     * What a node says.
     *
     * @param fresh whether it is to be asked now, whatever it said before
     * @throws ProblemException of kind UNREACHABLE if the node does not answer
     */
    public Member look(String node, boolean fresh, String... paths) throws InterruptedException {
        Memory memory = memories.get(node);
        if (memory == null) {
            throw new IllegalArgumentException(node + " is no member");
        }
        memory.lock.lockInterruptibly();
        try {
            long now = System.nanoTime();
            var wanted = new LinkedHashSet<>(List.of(paths));
            wanted.add(SERVER);
            ProblemException silence = memory.silence;
            if (!fresh && silence != null && now - memory.silent < RECENT) {
                throw silence;
            }
            if (!fresh) {
                if (wanted.stream()
                        .allMatch(path ->
                                memory.until.containsKey(path) && memory.until.getOrDefault(path, 0L) - now > 0)) {
                    return new Member(node, Map.copyOf(memory.answers));
                }
                wanted.addAll(usual(node));
            }
            try {
                Map<String, Answer> said = api(node).get(List.copyOf(wanted));
                memory.silence = null;
                // As long again as the answer took: on a slow node nothing would be recent otherwise.
                long then = System.nanoTime();
                long until = then + RECENT + (then - now);
                said.forEach((path, answer) -> {
                    memory.answers.put(path, answer);
                    memory.until.put(path, until);
                });
                return new Member(node, fresh ? said : Map.copyOf(memory.answers));
            } catch (ProblemException unreachable) {
                memory.silence = unreachable;
                memory.silent = System.nanoTime();
                throw unreachable;
            }
        } finally {
            memory.lock.unlock();
        }
    }

    /**
     * The first member that answers and is clustered: it knows what the cluster knows.
     *
     * @return null if there is none
     */
    public @Nullable Member speaker(boolean fresh, String... paths) throws InterruptedException {
        return otherSpeaker("", fresh, paths);
    }

    /**
     * The same, but another one than {@code not}.
     */
    @Nullable
    Member otherSpeaker(String not, boolean fresh, String... paths) throws InterruptedException {
        for (String node : names()) {
            if (node.equals(not)) {
                continue;
            }
            try {
                Member member = look(node, fresh, paths);
                if (member.isClustered()) {
                    return member;
                }
            } catch (ProblemException silent) {
                if (silent.kind() != ProblemKind.UNREACHABLE) {
                    throw silent;
                }
            }
        }
        return null;
    }

    /** All that could be asked, in the file's order; the others are named in {@code silent}. */
    List<Member> lookAtAll(boolean fresh, List<String> silent) throws InterruptedException {
        var out = new ArrayList<Member>();
        for (String node : names()) {
            try {
                Member member = look(node, fresh);
                if (member.answers()) {
                    out.add(member);
                } else {
                    silent.add(node);
                }
            } catch (ProblemException unreachable) {
                if (unreachable.kind() != ProblemKind.UNREACHABLE) {
                    throw unreachable;
                }
                silent.add(node);
            }
        }
        return out;
    }

    /** Whether all are ONLINE, as the cluster says now. */
    public Finding online() throws InterruptedException {
        return new OnlineMembers(this).verify();
    }

    /** Something was changed: what was said before counts no more. */
    public void forget() throws InterruptedException {
        for (Memory memory : memories.values()) {
            memory.lock.lockInterruptibly();
            try {
                memory.answers.clear();
                memory.until.clear();
                memory.silence = null;
            } finally {
                memory.lock.unlock();
            }
        }
    }
}
