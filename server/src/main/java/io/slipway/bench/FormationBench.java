package io.slipway.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a formation took, read from the events of {@code slipway form --json}. */
public final class FormationBench {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST = 12;

    private FormationBench() {}

    /** Forms once, and shows what was said on standard output. */
    @FunctionalInterface
    public interface Formation {
        String run() throws IOException, InterruptedException;
    }

    /**
     * Two runs, the second over what the first has formed.
     *
     * @return what is to be shown, lines
     * @throws io.slipway.problem.ProblemException of kind CONFLICT if a run failed, or found the cluster formed already
     */
    public static List<String> run(Formation formation) throws IOException, InterruptedException {
        List<JsonNode> first = events(formation.run());
        JsonNode formed = end(first);
        if (outcomes(formed).getOrDefault("done", 0) == 0) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "The lab's cluster was formed before: there is nothing to measure.",
                            "Run \"slipway lab down\", then this again.")
                    .asException();
        }
        return lines(first, end(events(formation.run())));
    }

    /**
     * Pure.
     *
     * @param first the events of the run that formed the cluster
     * @param second the last event of the one after it
     */
    static List<String> lines(List<JsonNode> first, JsonNode second) {
        JsonNode formed = end(first);
        var out = new ArrayList<String>();
        out.add(String.format(
                Locale.ROOT,
                "ready to proven: %.1f s, %d commands on nodes",
                formed.path("seconds").asDouble(),
                formed.path("commands").asInt()));
        parts(first)
                .forEach((part, span) -> out.add(String.format(
                        Locale.ROOT,
                        "  %-10s %6.1f s, from %.1f s to %.1f s",
                        part,
                        seconds(span.begin(), span.end()),
                        seconds(began(first), span.begin()),
                        seconds(began(first), span.end()))));
        out.add("the longest steps:");
        var steps = new ArrayList<JsonNode>();
        formed.path("steps").forEach(steps::add);
        steps.stream()
                .sorted((one, other) -> Double.compare(
                        other.path("seconds").asDouble(), one.path("seconds").asDouble()))
                .limit(LONGEST)
                .forEach(step -> out.add(String.format(
                        Locale.ROOT,
                        "  %-28s %6.1f s",
                        step.path("step").asText(),
                        step.path("seconds").asDouble())));
        int changed = outcomes(second).getOrDefault("done", 0);
        out.add(String.format(
                Locale.ROOT,
                "second run: %.1f s, %d commands on nodes, %s",
                second.path("seconds").asDouble(),
                second.path("commands").asInt(),
                changed == 0 ? "nothing changed" : changed + " steps changed something"));
        return out;
    }

    private static List<JsonNode> events(String text) throws IOException {
        var out = new ArrayList<JsonNode>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("{")) {
                out.add(JSON.readTree(line));
            }
        }
        JsonNode last = out.isEmpty() ? JSON.createObjectNode() : end(out);
        if (!last.path("succeeded").asBoolean()) {
            var problems = new ArrayList<String>();
            last.path("steps").forEach(step -> {
                if (step.has("problem")) {
                    problems.add(step.path("problem").path("summary").asText());
                }
            });
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "The cluster was not formed.",
                            "Run \"slipway lab run form\": it says what to do.")
                    .because(String.join(" ", problems))
                    .asException();
        }
        return out;
    }

    private static JsonNode end(List<JsonNode> events) {
        return events.get(events.size() - 1);
    }

    private static Map<String, Integer> outcomes(JsonNode ended) {
        var out = new LinkedHashMap<String, Integer>();
        ended.path("steps").forEach(step -> out.merge(step.path("outcome").asText(), 1, Integer::sum));
        return out;
    }

    private record Span(Instant begin, Instant end) {}

    /** From the first event of each part to its last: parts overlap. */
    private static Map<String, Span> parts(List<JsonNode> events) {
        var out = new LinkedHashMap<String, Span>();
        for (JsonNode event : events) {
            String step = event.path("step").asText();
            if (step.isEmpty()) {
                continue;
            }
            Instant at = at(event);
            out.merge(
                    step.substring(0, step.indexOf('.')),
                    new Span(at, at),
                    (before, now) -> new Span(before.begin(), now.end()));
        }
        return out;
    }

    private static Instant began(List<JsonNode> events) {
        return at(events.get(0));
    }

    private static Instant at(JsonNode event) {
        return Instant.parse(event.path("at").asText());
    }

    private static double seconds(Instant begin, Instant end) {
        return Duration.between(begin, end).toMillis() / 1000.0;
    }
}
