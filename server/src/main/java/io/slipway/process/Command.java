package io.slipway.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A program and what it is given.
 *
 * @param arguments the program (a path, or a name that is looked up in PATH) and its arguments, as they are: no shell
 *     sees them
 * @param directory working directory, or null for the caller's
 * @param environment set beside what the caller has; {@code LC_ALL=C} unless said otherwise
 * @param input what the program reads from its standard input
 * @param timeout after it the program and all that it started are ended
 * @param outputLimit bytes of standard output, and as many of standard error, that are kept; the rest is read and
 *     thrown away
 */
public record Command(
        List<String> arguments,
        @Nullable Path directory,
        Map<String, String> environment,
        Input input,
        Duration timeout,
        int outputLimit) {
    private static final int DEFAULT_LIMIT = 1 << 20;

    /** Bytes as a value. */
    public record Input(String bytes) {
        /** Nothing: end of file at once. */
        public static final Input NONE = new Input("");

        /** The text in UTF-8. */
        public static Input of(String text) {
            return of(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The bytes as they are. */
        public static Input of(byte[] bytes) {
            return new Input(new String(bytes, StandardCharsets.ISO_8859_1));
        }

        /** A copy. */
        public byte[] toBytes() {
            return bytes.getBytes(StandardCharsets.ISO_8859_1);
        }

        /** Inputs may be secrets. */
        @Override
        public String toString() {
            return bytes.length() + " bytes";
        }
    }

    public Command {
        arguments = List.copyOf(arguments);
        environment = Collections.unmodifiableMap(new TreeMap<>(environment));
        if (arguments.isEmpty() || arguments.get(0).isEmpty()) {
            throw new IllegalArgumentException("a command without a program");
        }
        if (arguments.stream().anyMatch(argument -> argument.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("an argument of " + arguments.get(0) + " has a NUL byte");
        }
        if (timeout.isNegative() || timeout.isZero() || outputLimit < 1) {
            throw new IllegalArgumentException("timeout " + timeout + ", output limit " + outputLimit);
        }
    }

    /** In the caller's directory, without input, keeping 1 MiB of output. */
    public static Command of(Duration timeout, String... arguments) {
        return of(timeout, List.of(arguments));
    }

    /** In the caller's directory, without input, keeping 1 MiB of output. */
    public static Command of(Duration timeout, List<String> arguments) {
        return new Command(arguments, null, Map.of("LC_ALL", "C"), Input.NONE, timeout, DEFAULT_LIMIT);
    }

    public Command withDirectory(Path path) {
        return new Command(arguments, path, environment, input, timeout, outputLimit);
    }

    public Command withInput(Input bytes) {
        return new Command(arguments, directory, environment, bytes, timeout, outputLimit);
    }

    /** With one more variable. */
    public Command withEnvironment(String name, String value) {
        var more = new TreeMap<>(environment);
        more.put(name, value);
        return new Command(arguments, directory, more, input, timeout, outputLimit);
    }

    public Command withOutputLimit(int bytes) {
        return new Command(arguments, directory, environment, input, timeout, bytes);
    }

    /**
     * For people: arguments with anything unusual quoted as a shell would, and of those with several lines the first. Not
     * to be given to a shell.
     */
    public String shown() {
        var out = new StringBuilder();
        for (String whole : arguments) {
            int end = whole.indexOf('\n');
            String argument = end < 0 ? whole : whole.substring(0, end) + " …";
            out.append(out.isEmpty() ? "" : " ");
            out.append(
                    argument.matches("[A-Za-z0-9@%+=:,./_-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'");
        }
        return out.toString();
    }
}
