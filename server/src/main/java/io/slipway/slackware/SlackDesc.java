package io.slipway.slackware;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code install/slack-desc}: what installpkg shows and the package database keeps.
 *
 * @param name of the package
 * @param lines at most 11, without the leading {@code NAME:}; the first by convention {@code NAME (short description)}
 */
public record SlackDesc(String name, List<String> lines) {
    /** installpkg shows exactly as many. */
    private static final int LINES = 11;
    /** What the ruler above the text measures. */
    private static final int WIDTH = 72;

    public SlackDesc {
        lines = List.copyOf(lines);
        if (!PackageFileName.isName(name)) {
            throw new IllegalArgumentException("\"" + Line.shown(name) + "\" is not the name of a package");
        }
        if (lines.size() > LINES) {
            throw new IllegalArgumentException(
                    "slack-desc of " + name + " has " + lines.size() + " lines, not " + LINES);
        }
        for (String line : lines) {
            if (line.chars().anyMatch(c -> c < 0x20 || c == 0x7f) || line.length() > 10 * WIDTH) {
                throw new IllegalArgumentException(
                        "slack-desc of " + name + " has the line \"" + Line.shown(line) + '"');
            }
        }
    }

    /**
     * {@code NAME (summary)}, an empty line, and the text wrapped to the width that installpkg shows; what does not fit
     * into 11 lines is cut off.
     */
    public static SlackDesc of(String name, String summary, String text) {
        var lines = new ArrayList<String>();
        lines.add(name + " (" + summary + ")");
        lines.add("");
        var line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return new SlackDesc(name, lines.subList(0, Math.min(LINES, lines.size())));
    }

    /**
     * The lines of {@code name} in a slack-desc, or in the {@code .txt} beside a package.
     *
     * @throws io.slipway.problem.ProblemException if there is none
     */
    public static SlackDesc parse(String text, String name) {
        var lines = new ArrayList<String>();
        Line.each(text, "slack-desc of " + name, (line, number) -> {
            if (line.startsWith(name + ":") && lines.size() < LINES) {
                String rest = line.substring(name.length() + 1).replaceAll("\\p{Cntrl}", " ");
                String shorter = rest.startsWith(" ") ? rest.substring(1) : rest;
                lines.add(shorter.substring(0, Math.min(shorter.length(), 10 * WIDTH)));
            }
        });
        if (lines.isEmpty()) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "The slack-desc of " + name + " has no line that begins with \"" + name + ":\".",
                            "Begin its lines with the package's name and a colon.")
                    .asException();
        }
        return new SlackDesc(name, lines);
    }

    /** Exactly 11 lines beginning with {@code NAME:}: the {@code .txt} beside a package. */
    public String textLines() {
        var out = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            String line = i < lines.size() ? lines.get(i) : "";
            out.append(name).append(line.isEmpty() ? ":" : ": ").append(line).append('\n');
        }
        return out.toString();
    }

    /** The whole file: how to edit it, a ruler, the 11 lines. */
    public String text() {
        return """
                # HOW TO EDIT THIS FILE:
                # installpkg shows the lines that begin with the package's name and a colon.
                # There are exactly 11 of them; text stays between the bars of the ruler.

                """ + " ".repeat(name.length()) + "|-----handy-ruler" + "-".repeat(WIDTH - 17) + "|\n" + textLines();
    }
}
