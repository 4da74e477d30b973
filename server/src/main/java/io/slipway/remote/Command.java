package io.slipway.remote;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A program with its arguments.
 *
 * @param argv the program and its arguments, never joined by hand
 * @param input what it reads; secrets travel here, never in {@code argv}
 * @param timeout how long it may take
 */
public record Command(List<String> argv, String input, Duration timeout) {
    public Command {
        argv = List.copyOf(argv);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("argv is empty: no program");
        }
        if (argv.stream().anyMatch(each -> each.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("an argument cannot hold NUL: " + argv.get(0));
        }
    }

    /** A command without input that may take 30 seconds. */
    public static Command of(String... argv) {
        return new Command(List.of(argv), "", Duration.ofSeconds(30));
    }

    /** One line for a POSIX shell: SSH passes a line, not a list. This is the only place that quotes. */
    public String line() {
        return argv.stream().map(each -> "'" + each.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
    }
}
