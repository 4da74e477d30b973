package io.slipway.slackware;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.function.ObjIntConsumer;

/** Lines of text that may be hostile: how they are read, counted and shown. */
final class Line {
    /** Longer than any line of a mirror's metadata: a path of 4,095 bytes and some columns. */
    static final int LONGEST = 8192;
    /** More than the largest MANIFEST has by an order of magnitude. */
    static final int MOST = 20_000_000;

    private Line() {}

    /** The lines of {@code text}, numbered from 1. */
    static void each(String text, String file, ObjIntConsumer<String> line) {
        each(new StringReader(text), file, line);
    }

    /** The lines of {@code in} without their ends, numbered from 1; a too long line or too many are refused. */
    static void each(Reader in, String file, ObjIntConsumer<String> line) {
        var buffer = new char[1 << 14];
        var text = new StringBuilder();
        int number = 1;
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                int start = 0;
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        append(text, buffer, start, i, file, number);
                        line.accept(withoutReturn(text), number++);
                        text.setLength(0);
                        start = i + 1;
                        if (number > MOST) {
                            throw refuse(file, number, "the file has more than " + MOST + " lines");
                        }
                    }
                }
                append(text, buffer, start, count, file, number);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (!text.isEmpty()) {
            line.accept(withoutReturn(text), number);
        }
    }

    private static void append(StringBuilder text, char[] from, int start, int end, String file, int number) {
        if (text.length() + end - start > LONGEST) {
            throw refuse(file, number, "the line is longer than " + LONGEST + " characters");
        }
        text.append(from, start, end - start);
    }

    private static String withoutReturn(StringBuilder text) {
        int end = text.length();
        return text.substring(0, end > 0 && text.charAt(end - 1) == '\r' ? end - 1 : end);
    }

    static ProblemException refuse(String file, int line, String cause) {
        return Problem.of(
                        ProblemKind.UNTRUSTED,
                        file + ", line " + line + ": it is refused.",
                        "Fetch the file again, or take another mirror.")
                .because(Character.toUpperCase(cause.charAt(0)) + cause.substring(1) + ".")
                .asException();
    }

    /** Printable and of bounded length, for messages. */
    static String shown(String text) {
        return EntryPath.shown(text);
    }
}
