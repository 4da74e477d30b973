package io.slipway.remote;

import io.slipway.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The line that a node's shell gets: SSH passes a line, not a list. The only place that quotes.
 *
 * <p>The program runs below {@code timeout} of GNU coreutils, which puts it into a process group of its own and ends that
 * group when the time is up, whether or not anybody is still connected. {@code sudo} stands outside: what root started,
 * only root can end. The process that becomes {@code timeout} first says its number on standard error, so that it can be
 * ended earlier.
 */
final class RemoteLine {
    /** Between asking the program to end and ending it. */
    static final Duration GRACE = Duration.ofSeconds(5);

    /** Linux takes no longer argument (MAX_ARG_STRLEN, 128 KiB), and the whole line is one. */
    private static final int LONGEST = 120_000;

    /** sshd gives a command a shorter path than a login has, and Slackware's sudo does not change it. */
    private static final String PATH = "PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";

    private static final String MARK = "slipway-pid ";
    private static final String SAY_NUMBER =
            "echo \"" + MARK + "$$\" >&2; exec timeout --kill-after=" + GRACE.toSeconds() + " \"$@\"";
    private static final Pattern NUMBER = Pattern.compile("(?m)^" + MARK + "([0-9]+)\r?\n?");

    private RemoteLine() {}

    /** The line that runs a program. */
    static String of(Command command, boolean root) {
        String program = command.arguments().get(0);
        if (program.startsWith("-") || program.contains("=")) {
            throw new IllegalArgumentException("env(1) would not take \"" + program + "\" for a program");
        }
        var words = new ArrayList<>(root(root));
        words.addAll(List.of("sh", "-c", SAY_NUMBER, "sh"));
        words.add(String.format(Locale.ROOT, "%.3f", command.timeout().toMillis() / 1000.0));
        words.add("env");
        var directory = command.directory();
        if (directory != null) {
            words.add("--chdir=" + directory);
        }
        words.add(PATH);
        command.environment().forEach((name, value) -> words.add(name + "=" + value));
        words.addAll(command.arguments());
        return join(words);
    }

    /**
     * The line that ends one: politely its {@code timeout}, which passes it on; or the whole process group for good.
     *
     * <p>Never a negative number for {@code kill}: that of procps takes "-1234" for process -1, which is all there are.
     *
     * @param number of the process and of its group, above 1
     */
    static String end(long number, boolean forGood, boolean root) {
        if (number <= 1) {
            throw new IllegalArgumentException("process " + number + " is not one of ours");
        }
        var words = new ArrayList<>(root(root));
        words.addAll(forGood ? List.of("pkill", "-KILL", "-g", "" + number) : List.of("kill", "-TERM", "" + number));
        return join(words);
    }

    private static List<String> root(boolean root) {
        return root ? List.of("sudo", "-n", "--") : List.of();
    }

    private static String join(List<String> words) {
        String line = words.stream()
                .map(each -> each.matches("[A-Za-z0-9@%+=:,./_-]+") ? each : "'" + each.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        if (line.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a command of " + line.length() + " characters; long things go to its input");
        }
        return line;
    }

    /** The number in a line of standard error, or 0. */
    static long number(String line) {
        Matcher found = NUMBER.matcher(line);
        return found.matches() ? Long.parseLong(found.group(1)) : 0;
    }

    /** Standard error as the program wrote it. */
    static String withoutNumber(String error) {
        return NUMBER.matcher(error).replaceFirst("");
    }
}
