package io.slipway.slackbuild.lint;

import io.slipway.slackbuild.FileText;

/** What holds for every file of a SlackBuild that people write. */
final class TextRules {
    private TextRules() {}

    static void check(FileText file, boolean noTabs, FileFindings report) {
        String text = file.text();
        if (!file.isUtf8()) {
            report.error(
                    1,
                    "encoding",
                    "It is not UTF-8.",
                    "Names are shown wrongly, or not at all.",
                    "Convert it: iconv -f latin1 -t utf-8.");
        }
        if (file.bytes().startsWith("\u00ef\u00bb\u00bf")) {
            report.error(
                    1,
                    "encoding",
                    "It begins with a byte order mark.",
                    "A shell takes it for the name of a command.",
                    "Save it without.");
        }
        int cr = text.indexOf('\r');
        if (cr >= 0) {
            report.error(
                    lineOf(text, cr),
                    "line-ends",
                    "Lines end with a carriage return.",
                    "A shell takes it for part of the last word.",
                    "Save it with Unix line ends.");
        }
        int tab = text.indexOf('\t');
        if (noTabs && tab >= 0) {
            report.error(
                    lineOf(text, tab), "tabs", "It has a tab.", "Widths are counted in characters.", "Use blanks.");
        }
        if (!text.isEmpty() && !text.endsWith("\n")) {
            report.error(
                    lineOf(text, text.length()),
                    "line-ends",
                    "The last line does not end.",
                    "Tools that read lines leave it out.",
                    "End it with a newline.");
        }
    }

    private static int lineOf(String text, int offset) {
        return 1
                + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }
}
