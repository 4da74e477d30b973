package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.process.CommandResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Echo requests from instances, with small packets and with the largest that must pass; all instances at the same time. */
record ProofPing(Trial trial) {
    private static final Duration TIME = Duration.ofMinutes(2);
    /** Headers of IPv4 and ICMP. */
    private static final int HEADERS = 28;

    private static final int SMALL = 56;
    private static final Pattern TIMES = Pattern.compile("min/avg/max = [0-9.]+/([0-9.]+)/");

    /** Each argument is an instance and, after spaces, {@code bytes:address}; a line says which of them were reached. */
    private static final String PING = """
            for each in "$@"; do
              (
                set -- $each
                name=$1
                shift
                incus exec "$name" -- /bin/sh -c '
                  line="
            "
                  for way in "$@"; do
                    said=$(/bin/ping -c 1 -W 5 -s "${way%%:*}" "${way#*:}" 2>&1) && word=reached || word=failed
                    echo "$word $way ${said##*$line}"
                  done' sh "$@" </dev/null 2>&1 | sed "s/^/$name /"
              ) &
            done
            wait
            """;

    /**
     * One way.
     *
     * @param from an instance
     * @param to an address
     */
    record Way(String from, String to) {
        @Override
        public String toString() {
            return from + " to " + to;
        }
    }

    /**
     * What was reached.
     *
     * @param lines what ping said last, by instance, size and address, of those that were reached
     */
    private record Reached(Map<String, String> lines) {
        List<Way> missing(List<Way> ways, int size) {
            return ways.stream()
                    .filter(way -> !lines.containsKey(key(way, size)))
                    .toList();
        }

        /** Milliseconds of a small packet on the first way, with a unit; or empty. */
        String time(List<Way> ways) {
            Matcher times = TIMES.matcher(lines.getOrDefault(key(ways.get(0), SMALL), ""));
            return times.find() ? " in " + times.group(1) + " ms" : "";
        }

        static String key(Way way, int size) {
            return way.from() + " reached " + size + ":" + way.to();
        }
    }

    private int large() {
        return trial.mtu() - HEADERS;
    }

    private Reached ping(List<Way> ways, List<Way> smallOnly) throws InterruptedException {
        var byInstance = new LinkedHashMap<String, StringBuilder>();
        for (Way way : ways) {
            byInstance
                    .computeIfAbsent(way.from(), from -> new StringBuilder(from))
                    .append(" " + SMALL + ":" + way.to() + " " + large() + ":" + way.to());
        }
        for (Way way : smallOnly) {
            byInstance
                    .computeIfAbsent(way.from(), from -> new StringBuilder(from))
                    .append(" " + SMALL + ":" + way.to());
        }
        var arguments = new ArrayList<String>();
        byInstance.values().forEach(each -> arguments.add(each.toString()));
        CommandResult result = trial.script(trial.recentSpeaker().node(), TIME, PING, arguments.toArray(String[]::new));
        var lines = new LinkedHashMap<String, String>();
        result.output().lines().forEach(line -> {
            String[] words = line.split(" ", 4);
            if (words.length > 2) {
                lines.put(words[0] + " " + words[1] + " " + words[2], line);
            }
        });
        return new Reached(lines);
    }

    /** Both sizes on all ways. */
    Finding all(List<Way> ways, String description) throws InterruptedException {
        return judge(ping(ways, List.of()), ways, description);
    }

    /**
     * The same; and it is said whether small packets reach another address, whatever comes of it.
     *
     * @param beyond what that is called
     */
    Finding all(List<Way> ways, String description, List<Way> others, String beyond) throws InterruptedException {
        Reached reached = ping(ways, others);
        Finding found = judge(reached, ways, description);
        return found.state() != Finding.State.DONE
                ? found
                : Finding.done(found.text() + "; " + beyond
                        + (reached.missing(others, SMALL).isEmpty() ? " answers" : " does not answer"));
    }

    /** Small packets first: where they do not pass, size does not matter. */
    private Finding judge(Reached reached, List<Way> ways, String description) {
        List<Way> small = reached.missing(ways, SMALL);
        if (!small.isEmpty()) {
            return Finding.toDo("no answer yet from " + names(small));
        }
        List<Way> large = reached.missing(ways, large());
        return large.isEmpty()
                ? Finding.done(description + reached.time(ways) + ", packets of " + trial.mtu() + " bytes too")
                : Finding.toDo("small packets pass, packets of " + trial.mtu() + " bytes do not: " + names(large));
    }

    private static String names(List<Way> ways) {
        return ways.stream().map(Way::toString).collect(Collectors.joining(", "));
    }
}
