package io.slipway.slackbuild.lint;

import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.SlackBuildFiles;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What holds for a slack-desc. */
final class DescriptionRules {
    private static final String FILE = "slack-desc";
    /** Bars and dashes of the ruler above a slack-desc's text. */
    private static final String RULER = "|-----handy-ruler------------------------------------------------------|";

    private static final int DESCRIPTION_LINES = 11;

    private final String program;
    private final FileFindings report;

    private DescriptionRules(String program, FileFindings report) {
        this.program = program;
        this.report = report;
    }

    /**
     * @param program how the package is called
     */
    static void check(SlackBuildFiles files, String program, Function<String, FileFindings> reports) {
        files.findFile(FILE).ifPresent(file -> new DescriptionRules(program, reports.apply(FILE)).file(file));
    }

    private void file(FileText file) {
        TextRules.check(file, true, report);
        String ruler = " ".repeat(program.length()) + RULER;
        String[] lines = file.text().split("\r?\n", -1);
        int count = 0;
        boolean ruled = false;
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i];
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.contains("handy-ruler")) {
                ruled = true;
                if (!line.equals(ruler)) {
                    report.error(
                            i + 1,
                            "desc-ruler",
                            "The ruler does not stand above the text.",
                            "Text that fits under it would be cut off by installpkg.",
                            "Begin it with " + program.length() + " blanks, and leave it " + RULER.length()
                                    + " characters long.");
                }
            } else if (line.startsWith(program + ":")) {
                line(i + 1, line, count++);
            } else {
                report.error(
                        i + 1,
                        "desc-line",
                        "The line does not begin with \"" + program + ":\".",
                        "installpkg does not show it.",
                        "Begin it with \"" + program + ":\", or make it a comment.");
            }
        }
        if (count != DESCRIPTION_LINES) {
            report.error(
                    1,
                    "desc-lines",
                    "It has " + count + " lines \"" + program + ": …\", not " + DESCRIPTION_LINES + ".",
                    "installpkg shows exactly so many.",
                    "Add empty ones (\"" + program + ":\"), or shorten the text.");
        }
        if (!ruled) {
            report.error(
                    1,
                    "desc-ruler",
                    "There is no ruler.",
                    "Whoever edits it does not see how wide the text may be.",
                    "Put above the text: " + ruler);
        }
    }

    private void line(int number, String line, int index) {
        // The right bar stands above the last column that may be used.
        int width = program.length() + RULER.length();
        if (line.length() > width) {
            report.error(
                    number,
                    "desc-width",
                    "The line has " + line.length() + " characters.",
                    "Text beyond column " + width + " is cut off.",
                    "Wrap it under the ruler.");
        }
        String rest = line.substring(program.length() + 1);
        if (!rest.isEmpty() && (!rest.startsWith(" ") || rest.isBlank())) {
            report.error(
                    number,
                    "desc-line",
                    rest.isBlank() ? "Blanks follow the colon." : "No blank follows the colon.",
                    "Tools cut off the colon and one blank.",
                    rest.isBlank() ? "Remove them." : "Put one blank before the text.");
        }
        if (index == 0 && !line.matches(Pattern.quote(program + ": " + program) + " \\(.+\\)")) {
            report.error(
                    number,
                    "desc-first",
                    "The first line is not \"" + program + ": " + program + " (short description)\".",
                    "Tools take the summary from it.",
                    "Write it so.");
        }
    }
}
