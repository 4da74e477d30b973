package io.slipway.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What {@link PackagesBench} measured.
 *
 * @param names what was built: stacks or SlackBuilds
 * @param cold everything, and the build root
 * @param unchanged the same again; the median of several
 * @param start seconds that Java takes to start: the median of several
 * @param inside seconds of {@code unchanged} in a program that runs already: the median of several
 * @param changed again, after {@code change}
 * @param change the file that was changed, for people
 */
public record PackagesFigures(
        List<String> names,
        Step cold,
        Step unchanged,
        double start,
        double inside,
        Step changed,
        String change,
        Overhead overhead) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public PackagesFigures {
        names = List.copyOf(names);
    }

    /**
     * {@code slipway packages build}, once.
     *
     * @param seconds of the whole program
     * @param peakKib its own resident memory, in KiB
     * @param buildBytes of the build that took most, in bytes, as its control group counts; empty where nothing was built
     *     or nobody counts
     * @param built names of packages
     */
    public record Step(double seconds, long peakKib, OptionalLong buildBytes, List<String> built) {
        public Step {
            built = List.copyOf(built);
        }
    }

    /**
     * The same script in the sandbox and by hand.
     *
     * @param name of the SlackBuild
     * @param pairs one after the other; at least one
     * @param sameBytes whether all packages that came of it are the same
     */
    public record Overhead(String name, List<Pair> pairs, boolean sameBytes) {
        public Overhead {
            pairs = List.copyOf(pairs);
        }

        double sandboxed() {
            return median(pairs.stream().map(Pair::sandboxed).toList());
        }

        double byHand() {
            return median(pairs.stream().map(Pair::byHand).toList());
        }
    }

    /** Seconds of two runs, one after the other. */
    public record Pair(double sandboxed, double byHand) {}

    /**
     * The middle one, or the mean of the two in the middle.
     *
     * @param values at least one
     */
    static double median(Collection<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** For people: a table, and what is compared with an aim. */
    public String text() {
        var lines = new ArrayList<String>();
        lines.add(String.format(
                Locale.ROOT,
                "%-18s %9s %12s %11s  %s",
                String.join(" ", names),
                "s",
                "slipway MiB",
                "build MiB",
                "built"));
        lines.add(row("cold", cold));
        lines.add(row("nothing changed", unchanged));
        lines.add(row("one patch changed", changed));
        lines.add("Changed was " + change
                + ". MiB: most at a time; of slipway itself with -Xmx256m, and of the build that"
                + " took most, with the files that it had in memory.");
        lines.add(String.format(
                Locale.ROOT,
                "Nothing changed: %.2f s as a new process (of which %.2f s is Java's start), %.2f s inside a running one"
                        + " (aim: below 1).",
                unchanged.seconds(),
                start,
                inside));
        lines.add(String.format(
                Locale.ROOT,
                "The sandbox around %s: %.2f s, by hand in the same root %.2f s, ratio %.3f (aim: at most 1.05); medians of"
                        + " %d. %s",
                overhead.name(),
                overhead.sandboxed(),
                overhead.byHand(),
                overhead.sandboxed() / overhead.byHand(),
                overhead.pairs().size(),
                overhead.sameBytes() ? "Both made the same bytes." : "What they made differs."));
        return String.join("\n", lines) + "\n";
    }

    private static String row(String name, Step step) {
        return String.format(
                Locale.ROOT,
                "%-18s %9.2f %12d %11s  %s",
                name,
                step.seconds(),
                step.peakKib() >> 10,
                step.buildBytes().isPresent() ? String.valueOf(step.buildBytes().getAsLong() >> 20) : "-",
                step.built().isEmpty() ? "-" : String.join(", ", step.built()));
    }

    /** For programs: the same figures, times in seconds, memory in bytes. */
    public String json() {
        ObjectNode node = JSON.createObjectNode();
        names.forEach(node.putArray("names")::add);
        node.set("cold", json(cold));
        node.set("unchanged", json(unchanged).put("start", start).put("inside", inside));
        node.set("changed", json(changed).put("change", change));
        ObjectNode both = node.putObject("overhead")
                .put("name", overhead.name())
                .put("sandboxed", overhead.sandboxed())
                .put("byHand", overhead.byHand())
                .put("ratio", overhead.sandboxed() / overhead.byHand())
                .put("sameBytes", overhead.sameBytes());
        var pairs = both.putArray("pairs");
        overhead.pairs()
                .forEach(pair ->
                        pairs.addObject().put("sandboxed", pair.sandboxed()).put("byHand", pair.byHand()));
        return node + "\n";
    }

    private static ObjectNode json(Step step) {
        ObjectNode node =
                JSON.createObjectNode().put("seconds", step.seconds()).put("peakMemory", step.peakKib() << 10);
        step.buildBytes().ifPresent(bytes -> node.put("buildMemory", bytes));
        step.built().forEach(node.putArray("built")::add);
        return node;
    }
}
