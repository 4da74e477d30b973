package io.slipway.formation.view;

import io.slipway.formation.view.ClusterView.Database;
import io.slipway.formation.view.ClusterView.IncusMember;
import io.slipway.formation.view.ClusterView.IncusNetwork;
import io.slipway.formation.view.ClusterView.Member;
import io.slipway.formation.view.ClusterView.Pool;
import io.slipway.formation.view.ClusterView.Raft;
import io.slipway.formation.view.ClusterView.Space;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.inventory.Traffic;
import io.slipway.svg.SvgDrawing;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A cluster as a picture (SVG 1.1): a box for each node with what it does, a line for each network with the nodes on it,
 * and below where things are reached. Lengths are in CSS pixels.
 */
public final class ViewSvg {
    private static final int MARGIN = 32;
    private static final int LABELS = 212;
    private static final int BOX = 236;
    private static final int GAP = 28;
    private static final int INSIDE = 14;
    private static final int BOXES_TOP = 92;
    private static final int HEADER = 36;
    private static final int ROW = 24;
    private static final int NETWORK = 64;
    private static final int LINE = 20;

    private static final String GOOD = "#2e7d32";
    private static final String DOUBTFUL = "#b26a00";
    private static final String BAD = "#c62828";
    private static final String IDLE = "#607d8b";
    private static final String GOLD = "#f9a825";
    private static final List<String> WIRES =
            List.of("#1565c0", "#6a1b9a", "#00838f", "#ef6c00", "#558b2f", "#ad1457", "#4e342e");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final ClusterView view;
    private final SvgDrawing out = new SvgDrawing();

    private ViewSvg(ClusterView view) {
        this.view = view;
    }

    /** A whole file. */
    public static String of(ClusterView view) {
        return new ViewSvg(view).picture();
    }

    /** A word in a box. */
    private record Badge(String text, String fill, String ink) {
        int width() {
            return SvgDrawing.textWidth(text, 12) + 14;
        }
    }

    private String picture() {
        List<List<List<Badge>>> badges =
                view.members().stream().map(member -> rows(badges(member))).toList();
        int rows = badges.stream().mapToInt(List::size).max().orElse(0);
        int bars = view.members().stream()
                .mapToInt(member -> member.spaces().size())
                .max()
                .orElse(0);
        int silent = view.members().stream()
                .mapToInt(member -> wrap(member.silence()).size())
                .max()
                .orElse(0);
        int boxHeight = HEADER + LINE + 8 + Math.max(rows * ROW + bars * 30, silent * 16) + INSIDE;
        int nodes = view.members().size();
        int right = MARGIN + LABELS + nodes * BOX + Math.max(0, nodes - 1) * GAP;
        int networksTop = BOXES_TOP + boxHeight + 18;
        int servicesTop = networksTop + view.cluster().networks().size() * NETWORK + 22;
        List<String[]> services = services();
        List<String> concerns = view.concerns();
        int longest = services.stream()
                .mapToInt(each -> 170 + SvgDrawing.textWidth(each[1], 13))
                .max()
                .orElse(0);
        longest = Math.max(
                longest,
                concerns.stream()
                        .mapToInt(each -> SvgDrawing.textWidth(each, 13))
                        .max()
                        .orElse(0));
        int width = Math.max(right + 172, MARGIN + longest) + MARGIN;
        int height =
                servicesTop + services.size() * LINE + (concerns.isEmpty() ? 0 : 30 + concerns.size() * LINE) + MARGIN;

        String name = view.cluster().identity().name();
        heading(name);
        for (int j = 0; j < view.cluster().networks().size(); j++) {
            network(j, networksTop + j * NETWORK + 30, BOXES_TOP + boxHeight, right);
        }
        for (int i = 0; i < nodes; i++) {
            box(view.members().get(i), badges.get(i), left(i), boxHeight);
        }
        int y = servicesTop;
        for (String[] service : services) {
            out.text(MARGIN, y, 13, "bold", SvgDrawing.INK, service[0]);
            out.text(MARGIN + 170, y, 13, "normal", SvgDrawing.INK, service[1]);
            y += LINE;
        }
        if (!concerns.isEmpty()) {
            y += 10;
            out.text(MARGIN, y, 13, "bold", BAD, "Not as planned");
            for (String concern : concerns) {
                y += LINE;
                out.text(MARGIN, y, 13, "normal", BAD, concern);
            }
        }
        return out.end(width, height, "Cluster " + name);
    }

    private static int left(int node) {
        return MARGIN + LABELS + node * (BOX + GAP);
    }

    private void heading(String name) {
        long answering = view.members().stream().filter(Member::answers).count();
        boolean well = view.isFormed() && view.concerns().isEmpty();
        out.text(MARGIN, 44, 24, "bold", SvgDrawing.INK, name);
        String state = !view.isFormed()
                ? "not formed"
                : well ? "all as planned" : view.concerns().size() + " not as planned, see below";
        out.text(
                MARGIN,
                68,
                14,
                "normal",
                well ? GOOD : view.isFormed() ? BAD : IDLE,
                answering + " of " + view.members().size() + " nodes answer, " + state);
        int x = MARGIN + LABELS + 150;
        out.text(x, 44, 13, "normal", SvgDrawing.FAINT, "as of " + TIME.format(view.at()));
        // What the colours and the star mean.
        for (Badge badge : List.of(
                new Badge("★ leads", GOLD, SvgDrawing.INK),
                new Badge("runs", "#e8f5e9", GOOD),
                new Badge("wanting", BAD, "#ffffff"))) {
            badge(badge, x, 54);
            x += badge.width() + 8;
        }
    }

    private List<Badge> badges(Member member) {
        var out = new ArrayList<Badge>();
        Node node = member.node();
        if (!member.answers() || !view.isFormed()) {
            node.roles().stream()
                    .sorted()
                    .map(Role::text)
                    .forEach(role -> out.add(new Badge(role, "#eceff1", SvgDrawing.FAINT)));
            return member.answers() ? out : List.of();
        }
        if (node.has(Role.OVN_CENTRAL)) {
            for (Database database : Database.values()) {
                Raft raft = ClusterView.raft(member, database);
                out.add(
                        raft == null || !raft.member()
                                ? wanting(database.text() + (raft == null ? " off" : " joining"))
                                : raft.leads()
                                        ? leads("leads " + database.text())
                                        : runs(database.text()
                                                + (raft.role().equals("follower") ? "" : " " + raft.role())));
            }
            out.add(member.northd().isEmpty() ? wanting("northd off") : runs("northd " + member.northd()));
        }
        if (node.has(Role.OVN_HOST)) {
            out.add(member.chassis().equals("connected") ? runs("chassis") : wanting("chassis off"));
        }
        if (node.has(Role.INCUS_MEMBER)) {
            IncusMember incus = member.incus();
            if (incus == null || !incus.online()) {
                out.add(wanting("Incus " + (incus == null ? "off" : incus.status())));
            } else if (incus.databaseRole().equals("leader")) {
                out.add(leads("leads Incus"));
            } else {
                out.add(runs("Incus" + (incus.databaseRole().isEmpty() ? "" : " " + incus.databaseRole())));
            }
        }
        if (node.has(Role.LINSTOR_CONTROLLER)) {
            out.add(runs("LINSTOR controller"));
        }
        if (node.has(Role.LINSTOR_SATELLITE) && !member.linstor().isEmpty()) {
            String linstor = "LINSTOR " + member.linstor();
            out.add(member.linstor().equals("ONLINE") ? runs(linstor) : wanting(linstor));
        }
        return out;
    }

    private static Badge leads(String text) {
        return new Badge("★ " + text, GOLD, SvgDrawing.INK);
    }

    private static Badge runs(String text) {
        return new Badge(text, "#e8f5e9", GOOD);
    }

    private static Badge wanting(String text) {
        return new Badge(text, BAD, "#ffffff");
    }

    /** As many in a row as fit. */
    private static List<List<Badge>> rows(List<Badge> badges) {
        var rows = new ArrayList<List<Badge>>();
        int used = BOX;
        for (Badge badge : badges) {
            if (rows.isEmpty() || used + badge.width() > BOX - 2 * INSIDE) {
                rows.add(new ArrayList<>());
                used = 0;
            }
            rows.get(rows.size() - 1).add(badge);
            used += badge.width() + 6;
        }
        return rows;
    }

    private void box(Member member, List<List<Badge>> badges, int x, int height) {
        List<Badge> all = badges.stream().flatMap(List::stream).toList();
        String colour = !member.answers()
                ? BAD
                : !view.isFormed()
                        ? IDLE
                        : all.stream().anyMatch(each -> each.fill().equals(BAD)) ? DOUBTFUL : GOOD;
        out.rectangle(x, BOXES_TOP, BOX, height, 8, "#ffffff", colour);
        out.rectangle(x, BOXES_TOP, BOX, HEADER, 8, colour, colour);
        out.text(x + INSIDE, BOXES_TOP + 24, 17, "bold", "#ffffff", member.name());
        int y = BOXES_TOP + HEADER + LINE;
        out.text(
                x + INSIDE,
                y,
                13,
                "normal",
                SvgDrawing.FAINT,
                view.cluster().clusterAddress(member.node()).toString());
        y += 8;
        if (!member.answers()) {
            for (String line : wrap(member.silence())) {
                y += 16;
                out.text(x + INSIDE, y, 12, "normal", BAD, line);
            }
            return;
        }
        for (List<Badge> row : badges) {
            int at = x + INSIDE;
            for (Badge badge : row) {
                badge(badge, at, y);
                at += badge.width() + 6;
            }
            y += ROW;
        }
        for (Map.Entry<String, Space> each : new TreeMap<>(member.spaces()).entrySet()) {
            bar(each.getKey(), each.getValue(), x + INSIDE, y + 12);
            y += 30;
        }
    }

    private void bar(String pool, Space space, int x, int y) {
        int width = BOX - 2 * INSIDE;
        out.text(
                x,
                y,
                12,
                "normal",
                SvgDrawing.INK,
                "pool " + pool + ": " + ViewText.gib(space.total() - space.used()) + " of "
                        + ViewText.gib(space.total()) + " GiB free");
        int used = (int) Math.min(width, Math.round((double) width * space.used() / space.total()));
        out.rectangle(x, y + 5, width, 6, 3, "#eceff1", "none");
        out.rectangle(x, y + 5, used, 6, 3, used * 10 > width * 9 ? BAD : "#1565c0", "none");
    }

    private void badge(Badge badge, int x, int y) {
        out.rectangle(x, y, badge.width(), 19, 9, badge.fill(), "none");
        out.text(x + 7, y + 14, 12, "normal", badge.ink(), badge.text());
    }

    private void network(int index, int y, int boxesBottom, int right) {
        Network network = view.cluster().networks().get(index);
        String colour = WIRES.get(index % WIRES.size());
        int all = view.cluster().networks().size();
        out.text(MARGIN, y - 8, 14, "bold", colour, network.name());
        Ipv4Network subnet = network.subnet();
        String vlan = network.vlan() == 0 ? "" : ", VLAN " + network.vlan();
        out.text(
                MARGIN,
                y + 9,
                12,
                "normal",
                SvgDrawing.INK,
                (subnet == null ? "no addresses" : subnet.toString()) + ", MTU " + network.mtu() + vlan);
        String carries = carries(network);
        if (!carries.isEmpty()) {
            out.text(MARGIN, y + 25, 12, "normal", SvgDrawing.FAINT, "carries " + carries);
        }
        wire(MARGIN + LABELS, y, right + 40, y, colour, 3);
        for (int i = 0; i < view.members().size(); i++) {
            Node node = view.members().get(i).node();
            // The first network hangs on the right, so that no wire to a lower one crosses an address.
            int x = left(i) + (all - index) * BOX / (all + 1);
            wire(x, boxesBottom, x, y, colour, 2);
            Ipv4Address address = node.findAddress(network.name());
            out.add(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%d\" cy=\"%d\" r=\"4\" fill=\"%s\" stroke=\"%s\" stroke-width=\"2\"/>\n",
                    x,
                    y,
                    address == null ? "#ffffff" : colour,
                    colour));
            if (address != null) {
                out.text(x + 8, y + 15, 12, "normal", SvgDrawing.INK, address.toString());
            }
        }
        String wayOut = wayOut(network);
        if (!wayOut.isEmpty()) {
            out.text(right + 48, y + 4, 12, "normal", SvgDrawing.INK, wayOut);
        }
    }

    private String carries(Network network) {
        Traffic traffic = view.cluster().traffic();
        var words = new ArrayList<String>();
        if (network.name().equals(traffic.cluster())) {
            words.add("cluster");
        }
        if (network.name().equals(traffic.storage())) {
            words.add("storage");
        }
        if (network.name().equals(traffic.tunnel())) {
            words.add("tunnels");
        }
        if (network.name().equals(traffic.uplink())) {
            words.add("uplink");
        }
        return String.join(", ", words);
    }

    /** Where a network is left. */
    private String wayOut(Network network) {
        var uplink = view.cluster().incus().uplink();
        if (uplink != null && network.name().equals(view.cluster().traffic().uplink())) {
            return "gateway " + uplink.gateway();
        }
        Ipv4Address gateway = view.cluster().identity().gateway();
        Ipv4Network subnet = network.subnet();
        return gateway != null && subnet != null && subnet.contains(gateway) ? "gateway " + gateway : "";
    }

    /** What is reached where, as pairs of a word and a text. */
    private List<String[]> services() {
        var rows = new ArrayList<String[]>();
        if (!view.isFormed()) {
            return rows;
        }
        for (Database database :
                view.cluster().listNodes(Role.OVN_CENTRAL).isEmpty() ? new Database[0] : Database.values()) {
            rows.add(new String[] {"OVN " + database.text(), view.endpoint(database)});
        }
        Node entry = view.incusEntry();
        if (entry != null) {
            rows.add(new String[] {"Incus", view.incusUrl(entry)});
        }
        for (Pool pool : view.pools()) {
            rows.add(new String[] {"Pool " + pool.name(), pool.driver() + ", " + pool.status()});
        }
        for (IncusNetwork network : view.networks()) {
            rows.add(new String[] {
                "Network " + network.name(),
                network.type()
                        + (network.subnet().isEmpty() ? "" : ", " + network.subnet())
                        + (network.parent().isEmpty() ? "" : ", leaves by " + network.parent())
                        + ", "
                        + network.status()
            });
        }
        return rows;
    }

    /** Lines that fit into a box, four at most. */
    private static List<String> wrap(String text) {
        int longest = SvgDrawing.room(BOX - 2 * INSIDE, 12);
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > longest) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ")
                    .append(word.length() > longest ? word.substring(0, longest - 1) + "…" : word);
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines.size() <= 4 ? lines : List.of(lines.get(0), lines.get(1), lines.get(2), lines.get(3) + " …");
    }

    private void wire(int x1, int y1, int x2, int y2, String colour, int width) {
        out.add(String.format(
                Locale.ROOT,
                "<path d=\"M%d %dL%d %d\" stroke=\"%s\" stroke-width=\"%d\"/>\n",
                x1,
                y1,
                x2,
                y2,
                colour,
                width));
    }
}
