package io.slipway.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationOutlook;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.Step;
import io.slipway.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a formation is shown: to people as lines, as a table that is painted over itself, and at its end; to programs as JSON. */
final class FormationText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** Steps that have ended are shown for as long as there is room. */
    private static final int LAST_ENDED = 12;

    private FormationText() {}

    /** An event as a line without its end; a problem follows in further lines. */
    static String line(FormationEvent event) {
        var out =
                new StringBuilder(TIME.format(event.at()) + "  " + event.step().id() + ": ");
        out.append(event.word().replace('-', ' '));
        Duration took = took(event);
        if (took != null) {
            out.append(" in ").append(seconds(took));
        }
        Problem problem = problem(event);
        if (problem != null) {
            out.append(": ").append(problem.text());
        } else if (!event.text().isEmpty()) {
            out.append(": ").append(event.text());
        }
        return out.toString();
    }

    /** {@code {"at","event","step","node","text"}}, with {@code "seconds"} and {@code "problem"} where there are such. */
    static ObjectNode json(FormationEvent event) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", event.at().toString());
        json.put("event", event.word());
        json.put("step", event.step().id());
        json.put("node", event.step().node());
        json.put("text", event.text());
        Duration took = took(event);
        if (took != null) {
            json.put("seconds", took.toMillis() / 1000.0);
        }
        Problem problem = problem(event);
        if (problem != null) {
            json.set("problem", json(problem));
        }
        return json;
    }

    private static ObjectNode json(Problem problem) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", problem.kind().name());
        json.put("summary", problem.summary());
        json.put("cause", problem.cause());
        json.put("correction", problem.correction());
        json.put("details", problem.details());
        return json;
    }

    private static @Nullable Duration took(FormationEvent event) {
        return event instanceof FormationEvent.Done done
                ? done.took()
                : event instanceof FormationEvent.Failed failed ? failed.took() : null;
    }

    private static @Nullable Problem problem(FormationEvent event) {
        return event instanceof FormationEvent.Failed failed
                ? failed.problem()
                : event instanceof FormationEvent.Accepted accepted ? accepted.problem() : null;
    }

    /**
     * The table while it goes on: how far it has come, what is at work and since when, and what ended last.
     *
     * @param heard all events until now
     */
    static String table(FormationPlan plan, List<FormationEvent> heard, Instant now) {
        var last = new LinkedHashMap<String, FormationEvent>();
        var began = new LinkedHashMap<String, Instant>();
        for (FormationEvent event : heard) {
            // Behind the others: the order is that of what happened last.
            last.remove(event.step().id());
            last.put(event.step().id(), event);
            began.putIfAbsent(event.step().id(), event.at());
        }
        var working = new ArrayList<FormationEvent>();
        var ended = new ArrayList<FormationEvent>();
        last.values().forEach(event -> (isEnd(event) ? ended : working).add(event));
        var out = new StringBuilder(
                "Formation: " + ended.size() + " of " + plan.steps().size() + " steps have ended\n\n");
        int shown = Math.min(LAST_ENDED, ended.size());
        int width = width(plan);
        for (FormationEvent event : ended.subList(ended.size() - shown, ended.size())) {
            Duration took = took(event);
            out.append(row(
                    width,
                    event.step(),
                    event.word().replace('-', ' '),
                    took == null ? "" : seconds(took),
                    event.text()));
        }
        for (FormationEvent event : working) {
            Duration since = Duration.between(began.getOrDefault(event.step().id(), now), now);
            boolean waits = event instanceof FormationEvent.Waiting;
            String text =
                    waits ? event.step().waiting() + (event.text().isEmpty() ? "" : ": " + event.text()) : event.text();
            out.append(row(width, event.step(), waits ? "waiting" : "working", seconds(since), text));
        }
        return out.toString();
    }

    private static boolean isEnd(FormationEvent event) {
        return !(event instanceof FormationEvent.Started || event instanceof FormationEvent.Waiting);
    }

    private static int width(FormationPlan plan) {
        return plan.steps().stream().mapToInt(step -> step.id().length()).max().orElse(4);
    }

    private static String row(int width, Step step, String state, String time, String text) {
        return String.format(Locale.ROOT, "%-" + width + "s  %-12s  %7s  %s", step.id(), state, time, text)
                        .stripTrailing()
                + "\n";
    }

    private static String problems(FormationReport report) {
        var out = new StringBuilder();
        for (FormationReport.Result each : report.steps()) {
            Problem problem = each.problem();
            if (each.outcome() == Outcome.FAILED && problem != null) {
                out.append("Step ")
                        .append(each.step().id())
                        .append(" failed. ")
                        .append(problem.text())
                        .append("\n\n");
            }
        }
        return out.toString();
    }

    /** Whether a cluster is as it should be, and what is not. */
    static String verdict(FormationReport report) {
        var out = new StringBuilder(problems(report));
        if (report.succeeded()) {
            out.append("All is well: ").append(report.steps().size()).append(" steps were looked at");
        } else {
            long good = report.steps().stream()
                    .filter(each -> each.outcome().isGood())
                    .count();
            out.append(report.interrupted() ? "Interrupted: " : "Not all is well: ")
                    .append(good)
                    .append(" of ")
                    .append(report.steps().size())
                    .append(" steps are as they should be");
        }
        return out.append(" (").append(seconds(report.took())).append(").\n").toString();
    }

    /** What stands at the end, and each problem whole. */
    static String report(FormationReport report) {
        var out = new StringBuilder(problems(report));
        if (report.succeeded() && report.changedNothing()) {
            return out.append("Nothing was to be done: all ")
                    .append(report.steps().size())
                    .append(" steps are done (")
                    .append(seconds(report.took()))
                    .append(").\n")
                    .toString();
        }
        out.append(report.interrupted() ? "Interrupted" : report.succeeded() ? "Done" : "Not done");
        out.append(" after ").append(seconds(report.took())).append(": ");
        var counts = new ArrayList<String>();
        for (Map.Entry<Outcome, String> each : WORDS.entrySet()) {
            long count = report.count(each.getKey());
            if (count > 0) {
                counts.add(count + " " + each.getValue());
            }
        }
        out.append(String.join(", ", counts)).append(".\n");
        if (!report.succeeded()) {
            out.append("Run slipway form again: it goes on where the cluster is.\n");
        }
        return out.toString();
    }

    private static final Map<Outcome, String> WORDS = words();

    private static Map<Outcome, String> words() {
        var words = new LinkedHashMap<Outcome, String>();
        words.put(Outcome.DONE, "done");
        words.put(Outcome.ALREADY_DONE, "done before");
        words.put(Outcome.ACCEPTED, "accepted");
        words.put(Outcome.FAILED, "failed");
        words.put(Outcome.SKIPPED, "not tried");
        return words;
    }

    /** {@code {"succeeded","interrupted","seconds","steps":[{"step","node","outcome","seconds","text","problem"?}]}}. */
    static ObjectNode json(FormationReport report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("succeeded", report.succeeded());
        json.put("interrupted", report.interrupted());
        json.put("seconds", report.took().toMillis() / 1000.0);
        var steps = json.putArray("steps");
        for (FormationReport.Result each : report.steps()) {
            ObjectNode step = steps.addObject();
            step.put("step", each.step().id());
            step.put("node", each.step().node());
            step.put("outcome", each.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
            step.put("seconds", each.took().toMillis() / 1000.0);
            step.put("text", each.text());
            Problem problem = each.problem();
            if (problem != null) {
                step.set("problem", json(problem));
            }
        }
        return json;
    }

    /** The plan with what is found of each step. */
    static String outlook(FormationOutlook outlook) {
        int width = outlook.steps().stream()
                .mapToInt(each -> each.step().id().length())
                .max()
                .orElse(4);
        var out = new StringBuilder();
        for (FormationOutlook.Expectation each : outlook.steps()) {
            Finding finding = each.finding();
            String text = each.step().description() + (finding.text().isEmpty() ? "" : " (" + finding.text() + ")");
            out.append(row(width, each.step(), word(finding.state()), "", text));
        }
        return out.append('\n')
                .append(outlook.count(Finding.State.DONE))
                .append(" done, ")
                .append(outlook.count(Finding.State.TO_DO))
                .append(" to do, ")
                .append(outlook.count(Finding.State.UNKNOWN))
                .append(" unknown yet, ")
                .append(outlook.count(Finding.State.WRONG))
                .append(" wrong. Nothing was changed.\n")
                .toString();
    }

    /** {@code {"steps":[{"step","node","description","after":[],"state","text","problem"?}]}}. */
    static ObjectNode json(FormationOutlook outlook) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        var steps = json.putArray("steps");
        for (FormationOutlook.Expectation each : outlook.steps()) {
            ObjectNode step = steps.addObject();
            step.put("step", each.step().id());
            step.put("node", each.step().node());
            step.put("description", each.step().description());
            each.step().after().forEach(step.putArray("after")::add);
            step.put("state", word(each.finding().state()));
            step.put("text", each.finding().text());
            Problem problem = each.finding().problem();
            if (problem != null) {
                step.set("problem", json(problem));
            }
        }
        return json;
    }

    private static String word(Finding.State state) {
        return switch (state) {
            case DONE -> "done";
            case TO_DO -> "to do";
            case UNKNOWN -> "unknown yet";
            case WRONG -> "wrong";
        };
    }

    private static String seconds(Duration time) {
        return time.toSeconds() >= 60
                ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
                : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
}
