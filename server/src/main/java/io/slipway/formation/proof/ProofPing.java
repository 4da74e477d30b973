package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.process.CommandResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Echo requests from instances, with small packets and with the largest that must pass. */
record ProofPing(Trial trial) {
    private static final Duration TIME = Duration.ofMinutes(1);
    /** Headers of IPv4 and ICMP. */
    private static final int HEADERS = 28;

    private static final int SMALL = 56;
    private static final Pattern TIMES = Pattern.compile("min/avg/max = [0-9.]+/([0-9.]+)/");

    /** Bytes of payload, then pairs of an instance and an address. One line each: reached, or what ping said. */
    private static final String PING = """
            size=$1
            shift
            while [ $# -gt 1 ]; do
              if said=$(incus exec "$1" -- /bin/ping -c 1 -W 2 -s "$size" "$2" </dev/null 2>&1); then
                echo "reached $(printf '%s' "$said" | tail -n 1)"
              else
                echo "failed $(printf '%s' "$said" | tail -n 1)"
              fi
              shift 2
            done
            """;

    /**
     * One way.
     *
     * @param from an instance
     * @param to an address
     */
    record Way(String from, String to) {}

    /**
     * What was reached.
     *
     * @param missing the ways by which nothing came back, for people
     * @param milliseconds the time that a small packet took on the first way, or empty
     */
    record Reached(List<String> missing, String milliseconds) {}

    Reached small(List<Way> ways) throws InterruptedException {
        return ping(SMALL, ways);
    }

    Reached large(List<Way> ways) throws InterruptedException {
        return ping(trial.mtu() - HEADERS, ways);
    }

    private Reached ping(int size, List<Way> ways) throws InterruptedException {
        var arguments = new ArrayList<>(List.of("" + size));
        ways.forEach(way -> arguments.addAll(List.of(way.from(), way.to())));
        CommandResult result = trial.script(trial.speaker().node(), TIME, PING, arguments.toArray(String[]::new));
        List<String> lines = result.output().lines().toList();
        var missing = new ArrayList<String>();
        String milliseconds = "";
        for (int i = 0; i < ways.size(); i++) {
            String line = i < lines.size() ? lines.get(i) : "failed";
            if (!line.startsWith("reached")) {
                missing.add(ways.get(i).from() + " to " + ways.get(i).to());
            } else if (milliseconds.isEmpty()) {
                Matcher times = TIMES.matcher(line);
                milliseconds = times.find() ? times.group(1) : "";
            }
        }
        return new Reached(missing, milliseconds);
    }

    /** Small packets first: where they do not pass, size does not matter. */
    Finding both(List<Way> ways, String description) throws InterruptedException {
        Reached small = small(ways);
        if (!small.missing().isEmpty()) {
            return Finding.toDo("no answer yet from " + String.join(", ", small.missing()));
        }
        Reached large = large(ways);
        return large.missing().isEmpty()
                ? Finding.done(
                        description + (small.milliseconds().isEmpty() ? "" : " in " + small.milliseconds() + " ms")
                                + ", packets of " + trial.mtu() + " bytes too")
                : Finding.toDo("small packets pass, packets of " + trial.mtu() + " bytes do not: "
                        + String.join(", ", large.missing()));
    }
}
