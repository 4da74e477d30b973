package io.slipway.formation.preflight;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.formation.SideBySide;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The nodes' clocks against the appliance's, and against each other. A node says its time somewhere between question and
 * answer, so its offset is known as a range; half of the round trip lies on either side of the middle. What a node said
 * of itself tells enough most of the time; where that took too long to tell, its clock alone is asked for.
 */
record Clocks(Cluster cluster, Nodes nodes, Survey survey, InstantSource clock) implements Step.Check {
    private static final Duration ALLOWED = Duration.ofSeconds(1);

    /** So long after a node was switched on its daemon may still be about to set its clock for the first time. */
    static final Duration SETTLING = Duration.ofMinutes(2);

    /** A busy machine answers late; the shortest of a few round trips tells most. */
    private static final int TRIES = 3;

    private static final Duration COMMAND = Duration.ofSeconds(30);

    /**
     * How far a clock is ahead of the appliance's; negative where it is behind.
     *
     * @param atLeast if the node said its time just before the answer came
     * @param atMost if it said it as soon as it was asked
     */
    record Offset(Duration atLeast, Duration atMost) {
        /** What a node said between two moments of the appliance. */
        static Offset of(Instant asked, Instant said, Instant answered) {
            return new Offset(Duration.between(answered, said), Duration.between(asked, said));
        }

        /**
         * What a node said several times while it answered.
         *
         * @param said what {@code date +%s.%N} prints
         * @param heard when each came; as many
         */
        static Offset of(String node, Instant asked, List<String> said, List<Instant> heard) {
            if (said.isEmpty() || said.size() != heard.size()) {
                throw unreadable(node, String.join(", ", said));
            }
            Offset offset = of(asked, time(node, said.get(0)), heard.get(0));
            for (int i = 1; i < said.size(); i++) {
                offset = offset.and(of(asked, time(node, said.get(i)), heard.get(i)));
            }
            return offset;
        }

        /** What both say. Where a clock was set between the two they do not agree, and the later one counts. */
        Offset and(Offset later) {
            Duration low = max(atLeast, later.atLeast);
            Duration high = min(atMost, later.atMost);
            return low.compareTo(high) > 0 ? later : new Offset(low, high);
        }

        Duration middle() {
            return atLeast.plus(atMost).dividedBy(2);
        }

        /** Half of the range: the middle is right to this much. */
        Duration error() {
            return atMost.minus(atLeast).dividedBy(2);
        }

        /** Whether it is known on which side of what is allowed it lies. */
        boolean tells() {
            Duration most = max(atLeast.abs(), atMost.abs());
            return most.compareTo(ALLOWED) <= 0
                    || apart(new Offset(Duration.ZERO, Duration.ZERO)).compareTo(ALLOWED) > 0;
        }

        /** How far the two clocks are apart, to say the least. */
        Duration apart(Offset other) {
            return max(Duration.ZERO, max(atLeast.minus(other.atMost), other.atLeast.minus(atMost)));
        }

        private static Duration max(Duration one, Duration other) {
            return one.compareTo(other) > 0 ? one : other;
        }

        private static Duration min(Duration one, Duration other) {
            return one.compareTo(other) < 0 ? one : other;
        }
    }

    @Override
    public Finding probe() throws InterruptedException {
        Map<String, NodeFacts> facts = survey.all();
        Map<String, Offset> offsets = SideBySide.ask(
                facts.keySet(), node -> measure(node, get(facts, node).clock()));
        var unkept = new TreeSet<String>();
        var settling = new TreeSet<String>();
        facts.forEach((node, each) -> {
            if (!each.keepsTime()) {
                unkept.add(node);
            } else if (each.up().compareTo(SETTLING) < 0) {
                settling.add(node);
            }
        });
        return judge(offsets, unkept, settling, cluster.identity().ntp());
    }

    private Offset measure(String node, Offset known) throws InterruptedException {
        Offset offset = known;
        for (int i = 0; i < TRIES && !offset.tells(); i++) {
            offset = offset.and(once(node));
        }
        return offset;
    }

    private Offset once(String node) throws InterruptedException {
        Instant asked = clock.instant();
        var result = nodes.on(node).run(Command.of(COMMAND, "date", "+%s.%N"));
        Instant answered = clock.instant();
        String said = result.orFail(
                        ProblemKind.ENVIRONMENT, "The clock of " + node + " cannot be read", "Log in and run date.")
                .output()
                .strip();
        return Offset.of(asked, time(node, said), answered);
    }

    static Instant time(String node, String said) {
        if (!said.matches("\\d{1,12}\\.\\d{6,9}")) {
            throw unreadable(node, said);
        }
        BigDecimal seconds = new BigDecimal(said);
        return Instant.ofEpochSecond(
                seconds.longValue(),
                seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
    }

    private static ProblemException unreadable(String node, String said) {
        return Problem.of(
                        ProblemKind.ENVIRONMENT,
                        "The clock of " + node + " cannot be read: date +%s.%N says \"" + said + "\".",
                        "Install the package coreutils on " + node + ".")
                .asException();
    }

    /**
     * @param offsets by node
     * @param unkept nodes on which nothing sets the clock
     * @param settling nodes whose clock may be set at any moment: what is wrong with them is not judged yet
     * @param servers where nodes get the time from
     */
    static Finding judge(
            Map<String, Offset> offsets, TreeSet<String> unkept, Set<String> settling, List<String> servers) {
        var here = new Offset(Duration.ZERO, Duration.ZERO);
        var off = new ArrayList<String>();
        offsets.forEach((node, offset) -> {
            if (offset.apart(here).compareTo(ALLOWED) > 0) {
                off.add(node);
            }
        });
        var pairs = new ArrayList<String>();
        var names = List.copyOf(offsets.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                String one = names.get(i);
                String other = names.get(j);
                Duration apart = get(offsets, one).apart(get(offsets, other));
                if (apart.compareTo(ALLOWED) > 0) {
                    pairs.add(one + " and " + other + " " + text(apart) + " apart");
                }
            }
        }
        if (off.isEmpty() && pairs.isEmpty()) {
            return Finding.done(offsets.entrySet().stream()
                    .map(each -> each.getKey() + " " + text(each.getValue()))
                    .collect(Collectors.joining(", ")));
        }
        String found = off.isEmpty()
                ? String.join(", ", pairs)
                : off.stream()
                        .map(node -> node + " " + text(get(offsets, node)))
                        .collect(Collectors.joining(", "));
        if (off.stream().anyMatch(settling::contains)
                || (off.isEmpty() && names.stream().anyMatch(settling::contains))) {
            return Finding.unknown(found + "; switched on less than " + SETTLING.toMinutes()
                    + " minutes ago, so ntpd may still set it");
        }
        boolean allButUs = off.size() == names.size() && pairs.isEmpty() && names.size() > 1;
        return Finding.wrong(
                "all clocks within " + ALLOWED.toSeconds() + " s of each other",
                found,
                allButUs
                        ? "The nodes agree with each other: set the clock of the appliance, then run this again."
                        : correction(off.isEmpty() ? names : off, unkept, servers));
    }

    private static String correction(List<String> off, TreeSet<String> unkept, List<String> servers) {
        var idle = new ArrayList<>(off);
        idle.retainAll(unkept);
        String daemon = idle.isEmpty()
                ? "See on " + String.join(", ", off) + " with ntpq -p whether the time servers ("
                        + String.join(", ", servers) + ") answer"
                : "Start ntpd on " + String.join(", ", idle) + ": /etc/rc.d/rc.ntpd start";
        return daemon + ". To set a clock at once: /etc/rc.d/rc.ntpd stop; ntpd -gq; /etc/rc.d/rc.ntpd start."
                + " Raft and certificates rely on it.";
    }

    private static <T> T get(Map<String, T> byNode, String node) {
        T found = byNode.get(node);
        if (found == null) {
            throw new IllegalArgumentException(node);
        }
        return found;
    }

    private static String text(Offset offset) {
        Duration middle = offset.middle();
        String error = " (± " + text(offset.error()) + ")";
        return middle.isNegative() ? text(middle.negated()) + " behind" + error : text(middle) + " ahead" + error;
    }

    private static String text(Duration time) {
        if (time.toSeconds() < 120) {
            return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
        }
        return time.toSeconds() < 7200
                ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
                : time.toHours() < 48
                        ? time.toHours() + " h " + time.toMinutesPart() + " min"
                        : time.toDays() + " days";
    }
}
