package io.slipway.formation;

import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A question to a node in one round trip: a shell script that prints lines of {@code key=value}.
 *
 * @param node the node's name
 * @param nodes reaches it
 */
public record NodeScript(String node, Nodes nodes) {
    private static final Duration USUAL = Duration.ofMinutes(1);

    /** Values by key, in the order of the lines; a key may come several times, or with nothing. */
    public record Answers(Map<String, List<String>> values) {
        /** Reads what a script printed; lines of another form are passed over. */
        public static Answers of(String output) {
            var values = new LinkedHashMap<String, List<String>>();
            for (String line : output.split("\n")) {
                int equals = line.indexOf('=');
                if (equals > 0 && equals + 1 < line.length()) {
                    values.computeIfAbsent(line.substring(0, equals), key -> new ArrayList<>())
                            .add(line.substring(equals + 1).strip());
                }
            }
            return new Answers(values);
        }

        /** The only value, or empty. */
        public String one(String key) {
            List<String> all = all(key);
            return all.isEmpty() ? "" : all.get(0);
        }

        /** Those that are not empty. */
        public List<String> all(String key) {
            return values.getOrDefault(key, List.of());
        }
    }

    /**
     * @param purpose what could not be done, as the beginning of a sentence
     * @param script for a POSIX shell; its arguments are {@code $1} and so on
     */
    public Answers ask(String purpose, String script, String... arguments) throws InterruptedException {
        return Answers.of(run(USUAL, Command.Input.NONE, script, arguments)
                .orFail(ProblemKind.ENVIRONMENT, purpose, "Log in to " + node + " and look why.")
                .output());
    }

    /**
     * The same with whatever the script prints, and any status.
     *
     * @param input what the script reads, such as a secret
     */
    public CommandResult run(Duration timeout, Command.Input input, String script, String... arguments)
            throws InterruptedException {
        var argv = new ArrayList<>(List.of("/bin/sh", "-c", script, "slipway"));
        argv.addAll(List.of(arguments));
        return nodes.on(node).run(Command.of(timeout, argv).withInput(input));
    }
}
