package io.slipway.slackware;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.BufferedReader;
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
        var reader = in instanceof BufferedReader buffered ? buffered : new BufferedReader(in);
        var text = new StringBuilder();
        int number = 1;
        try {
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                if (c == '\n') {
                    line.accept(withoutReturn(text), number++);
                    text.setLength(0);
                    if (number > MOST) {
                        throw refuse(file, number, "the file has more than " + MOST + " lines");
                    }
                } else if (text.length() >= LONGEST) {
                    throw refuse(file, number, "the line is longer than " + LONGEST + " characters");
                } else {
                    text.append((char) c);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (!text.isEmpty()) {
            line.accept(withoutReturn(text), number);
        }
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
