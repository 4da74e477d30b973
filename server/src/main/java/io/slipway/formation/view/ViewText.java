package io.slipway.formation.view;

import io.slipway.formation.view.ClusterView.Database;
import io.slipway.formation.view.ClusterView.IncusMember;
import io.slipway.formation.view.ClusterView.IncusNetwork;
import io.slipway.formation.view.ClusterView.Member;
import io.slipway.formation.view.ClusterView.Pool;
import io.slipway.formation.view.ClusterView.Raft;
import io.slipway.formation.view.ClusterView.Space;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A cluster as text: what stands at the end of a formation, and what {@code slipway status} says of members. */
public final class ViewText {
    private static final String GAP = "  ";

    private ViewText() {}

    /** Ends with a newline. */
    public static String of(ClusterView view) {
        var out = new StringBuilder();
        long answering = view.members().stream().filter(Member::answers).count();
        out.append("Cluster ")
                .append(view.cluster().identity().name())
                .append(": ")
                .append(answering)
                .append(" of ")
                .append(view.members().size())
                .append(" nodes answer")
                .append(view.isFormed() ? "" : "; it is not formed")
                .append("\n\n");
        out.append(table(view));
        if (view.isFormed()) {
            out.append('\n').append(services(view));
        }
        List<String> concerns = view.concerns();
        if (!concerns.isEmpty()) {
            out.append("\nNot as planned:\n");
            concerns.forEach(each -> out.append(GAP).append(each).append('\n'));
        }
        Node entry = view.incusEntry();
        if (entry != null) {
            String name = view.cluster().identity().name();
            out.append("\nTo use Incus from elsewhere, take a token on ")
                    .append(entry.name())
                    .append(" and give it there:\n")
                    .append(GAP)
                    .append("incus config trust add laptop\n")
                    .append(GAP)
                    .append("incus remote add ")
                    .append(name)
                    .append(' ')
                    .append(view.incusUrl(entry))
                    .append(" --token TOKEN\n");
        }
        return out.toString();
    }

    private static String table(ClusterView view) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("NODE", "ADDRESS", "NORTHBOUND", "SOUTHBOUND", "NORTHD", "CHASSIS", "INCUS", "LINSTOR"));
        for (Member member : view.members()) {
            Node node = member.node();
            boolean central = node.has(Role.OVN_CENTRAL);
            rows.add(List.of(
                    member.name(),
                    view.cluster().clusterAddress(node).toString(),
                    raft(central, member, Database.NORTHBOUND),
                    raft(central, member, Database.SOUTHBOUND),
                    state(central, member, member.northd()),
                    state(node.has(Role.OVN_HOST), member, member.chassis()),
                    incus(node.has(Role.INCUS_MEMBER), member),
                    state(node.has(Role.LINSTOR_SATELLITE), member, member.linstor())));
        }
        int last = view.cluster().linstor() == null
                ? rows.get(0).size() - 1
                : rows.get(0).size();
        var widths = new int[last];
        for (List<String> row : rows) {
            for (int i = 0; i < last; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        var out = new StringBuilder();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < last; i++) {
                line.append(String.format(Locale.ROOT, "%-" + widths[i] + "s", row.get(i)))
                        .append(GAP);
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    private static String raft(boolean central, Member member, Database database) {
        Raft raft = ClusterView.raft(member, database);
        return state(central, member, raft == null ? "" : raft.member() ? raft.role() : "joining");
    }

    /** A word, or what stands for it: nothing where it is not planned, ? where the node does not answer. */
    private static String state(boolean planned, Member member, String word) {
        return !word.isEmpty() ? word : !planned ? "" : member.answers() ? "-" : "?";
    }

    private static String incus(boolean planned, Member member) {
        IncusMember incus = member.incus();
        if (incus == null) {
            return state(planned, member, "");
        }
        String role = incus.databaseRole();
        return incus.status() + (role.isEmpty() ? "" : " (" + role + ")");
    }

    private static String services(ClusterView view) {
        var out = new StringBuilder();
        for (Database database : Database.values()) {
            List<String> leaders = view.leaders(database);
            line(
                    out,
                    database.text(),
                    view.endpoint(database)
                            + ", " + (leaders.isEmpty() ? "no leader" : "led by " + String.join(" and ", leaders))
                            + ", " + view.voters(database) + " voters");
        }
        Node entry = view.incusEntry();
        if (entry != null) {
            line(out, "Incus", view.incusUrl(entry) + ", or any other member");
        }
        for (Pool pool : view.pools()) {
            String spaces = view.members().stream()
                    .map(member -> space(member, pool))
                    .filter(text -> text != null)
                    .collect(Collectors.joining(", "));
            line(
                    out,
                    "Pool " + pool.name(),
                    pool.driver() + status(pool.status()) + (spaces.isEmpty() ? "" : ": " + spaces));
        }
        for (IncusNetwork network : view.networks()) {
            line(
                    out,
                    "Network " + network.name(),
                    network.type()
                            + status(network.status())
                            + (network.subnet().isEmpty() ? "" : ", " + network.subnet())
                            + (network.parent().isEmpty() ? "" : ", leaves by " + network.parent()));
        }
        return out.toString();
    }

    private static String status(String status) {
        return status.equalsIgnoreCase("created") || status.isEmpty() ? "" : ", " + status;
    }

    private static @Nullable String space(Member member, Pool pool) {
        Space space = member.spaces().get(pool.name());
        return space == null
                ? null
                : member.name() + " " + gib(space.total() - space.used()) + " of " + gib(space.total()) + " GiB free";
    }

    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << 30));
    }

    private static void line(StringBuilder out, String what, String text) {
        out.append(String.format(Locale.ROOT, "%-16s%s", what + "  ", text)).append('\n');
    }
}
