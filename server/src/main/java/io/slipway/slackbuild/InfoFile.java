package io.slipway.slackbuild;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code NAME.info}: assignments in shell syntax, read without a shell. What a shell would run is refused.
 *
 * @param file its name for messages
 * @param fields by name, in the file's order; of a field that stands twice, the last one counts, as in a shell
 * @param twice places of the fields that stood there before
 */
public record InfoFile(String file, Map<String, Field> fields, List<Mention> twice) {
    /** Fields that SlackBuilds.org wants, in its order. */
    public static final List<String> KNOWN = List.of(
            "PRGNAM",
            "VERSION",
            "HOMEPAGE",
            "DOWNLOAD",
            "MD5SUM",
            "DOWNLOAD_x86_64",
            "MD5SUM_x86_64",
            "REQUIRES",
            "MAINTAINER",
            "EMAIL");

    /** Bytes; the longest of SlackBuilds.org lists some hundred sources in 40 kB. */
    private static final int LARGEST = 1 << 18;

    private static final int MOST_PROBLEMS = 20;
    private static final Pattern NEXT_FIELD = Pattern.compile("(?m)^[A-Za-z_][A-Za-z0-9_]*=");

    public InfoFile {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        twice = List.copyOf(twice);
    }

    /**
     * @param value without quotes; backslash-newlines are gone
     * @param line where the field begins, from 1
     */
    public record Field(String value, int line) {}

    /**
     * @param text the file's content
     * @param file its name for messages
     * @throws ProblemException with everything that is no assignment of a plain value, each with line and column
     */
    public static InfoFile read(String text, String file) {
        if (text.length() > LARGEST) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            file + " is larger than " + (LARGEST >> 10) + " KiB.",
                            "Check that this is the right file: an .info has a dozen lines.")
                    .asException();
        }
        return new Reading(text, file).read();
    }

    /** The value, or nothing if there is no such field. */
    public String value(String field) {
        Field found = fields.get(field);
        return found == null ? "" : found.value().strip();
    }

    /** The words of a value, each with the place of its field. */
    public List<Mention> words(String field) {
        Field found = fields.get(field);
        if (found == null || found.value().isBlank()) {
            return List.of();
        }
        return Arrays.stream(found.value().strip().split("\\s+"))
                .map(word -> new Mention(word, file + ':' + found.line()))
                .toList();
    }

    /** The line of a field, or 1. */
    public int line(String field) {
        return Optional.ofNullable(fields.get(field)).map(Field::line).orElse(1);
    }

    private static final class Reading {
        private final String text;
        private final String file;
        private final Map<String, Field> fields = new LinkedHashMap<>();
        private final List<Mention> twice = new ArrayList<>();
        private final List<Problem> problems = new ArrayList<>();

        Reading(String text, String file) {
            this.text = text;
            this.file = file;
        }

        InfoFile read() {
            int at = 0;
            while (at < text.length() && problems.size() < MOST_PROBLEMS) {
                try {
                    at = line(at);
                } catch (ShellWord.Refused refused) {
                    add(refused);
                    var next = NEXT_FIELD.matcher(text);
                    at = next.find(Math.min(text.length(), Math.max(refused.offset(), at) + 1))
                            ? next.start()
                            : text.length();
                }
            }
            if (!problems.isEmpty()) {
                throw new ProblemException(problems);
            }
            return new InfoFile(file, fields, twice);
        }

        /** What begins at {@code start}, up to behind the end of its line. */
        private int line(int start) throws ShellWord.Refused {
            int at = blanks(start);
            if (at == text.length()) {
                return at;
            }
            char c = text.charAt(at);
            if (c == '\n') {
                return at + 1;
            }
            if (c == '#') {
                int end = text.indexOf('\n', at);
                return end < 0 ? text.length() : end + 1;
            }
            int equals = at;
            while (equals < text.length() && ShellWord.isNameCharacter(text.charAt(equals), equals > at)) {
                equals++;
            }
            if (equals == at || equals == text.length() || text.charAt(equals) != '=') {
                throw new ShellWord.Refused(at, "is no assignment");
            }
            String name = text.substring(at, equals);
            ShellWord.Read word = ShellWord.read(text, equals + 1, known -> {
                Field field = fields.get(known);
                return field == null ? null : field.value();
            });
            int end = blanks(word.end());
            if (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '#') {
                throw new ShellWord.Refused(
                        end, "has something behind the value of " + name + ", which a shell would run");
            }
            int bad = control(word.value());
            if (bad >= 0) {
                throw new ShellWord.Refused(
                        equals + 1, "has the control character " + bad + " in the value of " + name);
            }
            Field before = fields.put(name, new Field(word.value(), lineOf(at)));
            if (before != null) {
                twice.add(new Mention(name, file + ':' + before.line()));
            }
            return end;
        }

        private int blanks(int start) {
            int at = start;
            while (at < text.length()
                    && (text.charAt(at) == ' ' || text.charAt(at) == '\t' || text.charAt(at) == '\r')) {
                at++;
            }
            return at;
        }

        private static int control(String value) {
            return value.chars()
                    .filter(c -> (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
                    .findFirst()
                    .orElse(-1);
        }

        private int lineOf(int offset) {
            return 1
                    + (int) text.substring(0, offset)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
        }

        private void add(ShellWord.Refused refused) {
            int offset = Math.min(refused.offset(), text.length());
            int begin = text.lastIndexOf('\n', offset - 1) + 1;
            int end = text.indexOf('\n', begin);
            String line = text.substring(begin, end < 0 ? text.length() : end);
            problems.add(Problem.of(
                            ProblemKind.INVALID_INPUT,
                            file + ':' + lineOf(offset) + ':' + (offset - begin + 1) + ": the line " + refused.what()
                                    + '.',
                            "Write NAME=\"value\" lines only; a value goes on behind a backslash at the end of its line."
                                    + " An .info is read, never run.")
                    .because("It says: " + EntryPath.shown(line.substring(0, Math.min(120, line.length())))));
        }
    }
}
