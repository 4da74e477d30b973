package io.slipway.slackbuild;

import io.slipway.slackbuild.BuildGraph.Step;
import io.slipway.svg.SvgDrawing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph as a picture (SVG 1.1): what needs nothing stands on the left, each other one a column behind the last that it
 * needs, and a curve leads from what is needed to what needs it. A curve over several columns goes through a gap in each.
 * Lengths are in CSS pixels.
 */
public final class GraphSvg {
    private static final int MARGIN = 32;
    private static final int TOP = 96;
    private static final int BOX = 190;
    private static final int BOX_HEIGHT = 46;
    private static final int GAP_HEIGHT = 14;
    private static final int BETWEEN_COLUMNS = 90;
    private static final int BETWEEN_ROWS = 14;
    /** Passes of ordering; more change nothing at the sizes that occur. */
    private static final int SWEEPS = 8;

    private static final String NO_STACK = "#607d8b";
    private static final List<String> COLOURS =
            List.of("#1565c0", "#2e7d32", "#6a1b9a", "#00838f", "#ef6c00", "#ad1457", "#4e342e", "#558b2f");

    private final BuildGraph graph;
    private final SvgDrawing out = new SvgDrawing();
    private final List<List<Place>> columns = new ArrayList<>();
    private final Map<String, String> colours = new LinkedHashMap<>();
    private final List<List<Place>> curves = new ArrayList<>();

    private GraphSvg(BuildGraph graph) {
        this.graph = graph;
    }

    /** A box, or the gap in a column that a curve goes through. */
    private static final class Place {
        final @Nullable Step step;
        final int column;
        final List<Place> left = new ArrayList<>();
        final List<Place> right = new ArrayList<>();
        int y;
        double weight;

        Place(@Nullable Step step, int column) {
            this.step = step;
            this.column = column;
        }

        int height() {
            return step == null ? GAP_HEIGHT : BOX_HEIGHT;
        }

        int middle() {
            return y + height() / 2;
        }

        int x() {
            return MARGIN + column * (BOX + BETWEEN_COLUMNS);
        }
    }

    /** A whole file. */
    public static String of(BuildGraph graph) {
        return new GraphSvg(graph).picture();
    }

    private String picture() {
        for (Step step : graph.steps()) {
            String colour = step.stack().isEmpty() ? NO_STACK : COLOURS.get(colours.size() % COLOURS.size());
            colours.putIfAbsent(step.stack(), colour);
        }
        lay();
        int legend = MARGIN;
        for (String stack : colours.keySet()) {
            legend += 34 + SvgDrawing.textWidth(legendText(stack), 13);
        }
        int width = Math.max(legend, MARGIN + Math.max(1, columns.size()) * (BOX + BETWEEN_COLUMNS) - BETWEEN_COLUMNS);
        int height = TOP;
        for (List<Place> column : columns) {
            for (Place place : column) {
                height = Math.max(height, place.y + place.height());
            }
        }
        out.text(MARGIN, 40, 20, "bold", SvgDrawing.INK, graph.steps().size() + " packages");
        int x = MARGIN;
        for (var each : colours.entrySet()) {
            out.rectangle(x, 58, 14, 14, 3, each.getValue(), "none");
            out.text(x + 20, 70, 13, "normal", SvgDrawing.FAINT, legendText(each.getKey()));
            x += 34 + SvgDrawing.textWidth(legendText(each.getKey()), 13);
        }
        curves.forEach(this::curve);
        columns.forEach(column -> column.forEach(this::box));
        return out.end(width + MARGIN, height + MARGIN, "SlackBuilds in the order of building");
    }

    private static String legendText(String stack) {
        return stack.isEmpty() ? "in no stack" : stack;
    }

    /** Columns by level, gaps for what passes through, an order with few crossings, and heights. */
    private void lay() {
        var places = new HashMap<String, Place>();
        for (Step step : graph.steps()) {
            while (columns.size() <= step.level()) {
                columns.add(new ArrayList<>());
            }
            Place place = new Place(step, step.level());
            places.put(step.name(), place);
            columns.get(step.level()).add(place);
        }
        for (Step step : graph.steps()) {
            for (String needed : step.after()) {
                Place from = places.get(needed);
                Place to = places.get(step.name());
                if (from != null && to != null) {
                    connect(from, to);
                }
            }
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            boolean forwards = sweep % 2 == 0;
            for (int i = 0; i < columns.size(); i++) {
                sort(columns.get(forwards ? i : columns.size() - 1 - i), forwards);
            }
        }
        int tallest = columns.stream().mapToInt(GraphSvg::height).max().orElse(0);
        for (List<Place> column : columns) {
            int y = TOP + (tallest - height(column)) / 2;
            for (Place place : column) {
                place.y = y;
                y += place.height() + BETWEEN_ROWS;
            }
        }
    }

    private void connect(Place from, Place to) {
        var way = new ArrayList<Place>();
        way.add(from);
        Place last = from;
        for (int column = from.column + 1; column <= to.column; column++) {
            Place next = column == to.column ? to : new Place(null, column);
            if (next != to) {
                columns.get(column).add(next);
            }
            last.right.add(next);
            next.left.add(last);
            way.add(next);
            last = next;
        }
        curves.add(way);
    }

    /** By the mean position of the neighbours on one side; what has none there stays where it is. */
    private static void sort(List<Place> column, boolean byLeft) {
        for (int i = 0; i < column.size(); i++) {
            column.get(i).y = i;
        }
        for (Place place : column) {
            List<Place> neighbours = byLeft ? place.left : place.right;
            place.weight =
                    neighbours.stream().mapToInt(other -> other.y).average().orElse(place.y);
        }
        column.sort(Comparator.comparingDouble(place -> place.weight));
        for (int i = 0; i < column.size(); i++) {
            column.get(i).y = i;
        }
    }

    private static int height(List<Place> column) {
        return column.stream().mapToInt(place -> place.height() + BETWEEN_ROWS).sum() - BETWEEN_ROWS;
    }

    private void curve(List<Place> way) {
        Place from = way.get(0);
        var path = new StringBuilder();
        path.append(String.format(Locale.ROOT, "M%d %d", from.x() + BOX, from.middle()));
        Place last = from;
        for (Place next : way.subList(1, way.size())) {
            int bend = BETWEEN_COLUMNS / 2;
            path.append(String.format(
                    Locale.ROOT,
                    "C%d %d %d %d %d %d",
                    last.x() + BOX + bend,
                    last.middle(),
                    next.x() - bend,
                    next.middle(),
                    next.x(),
                    next.middle()));
            if (next.step == null) {
                path.append(String.format(Locale.ROOT, "H%d", next.x() + BOX));
            }
            last = next;
        }
        String colour = from.step == null ? NO_STACK : colours.getOrDefault(from.step.stack(), NO_STACK);
        out.add(String.format(
                Locale.ROOT,
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" stroke-opacity=\"0.7\"/>\n",
                path,
                colour));
        // The arrow's head.
        out.add(String.format(
                Locale.ROOT, "<path d=\"M%d %dl-7 -4v8z\" fill=\"%s\"/>\n", last.x(), last.middle(), colour));
    }

    private void box(Place place) {
        Step step = place.step;
        if (step == null) {
            return;
        }
        String colour = colours.getOrDefault(step.stack(), NO_STACK);
        out.add(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#ffffff\" stroke=\"%s\""
                        + " stroke-width=\"2\"%s/>\n",
                place.x(),
                place.y,
                BOX,
                BOX_HEIGHT,
                colour,
                step.buildOnly() ? " stroke-dasharray=\"5 4\"" : ""));
        out.text(place.x() + 12, place.y + 20, 14, "bold", SvgDrawing.INK, cut(step.name(), 14));
        out.text(
                place.x() + 12,
                place.y + 37,
                12,
                "normal",
                SvgDrawing.FAINT,
                cut(step.slackbuild().version() + (step.buildOnly() ? ", not installed" : ""), 12));
    }

    /** As much of a text as fits into a box. */
    private static String cut(String text, int size) {
        int longest = SvgDrawing.room(BOX - 24, size);
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }
}
