package io.slipway.slackbuild.lint;

import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.ScriptText;
import io.slipway.slackbuild.SlackBuildFiles;
import java.util.Optional;
import java.util.function.Function;

/** What holds for a doinst.sh, and for the script that packs it. */
final class DoinstRules {
    private static final String FILE = "doinst.sh";

    private DoinstRules() {}

    /**
     * @param script the SlackBuild's
     * @param report what is found in that
     */
    static void check(
            SlackBuildFiles files, ScriptText script, FileFindings report, Function<String, FileFindings> reports) {
        Optional<ScriptText.Line> copies = script.findCode("doinst\\.sh\\b.*\\$\\{?PKG\\}?/install\\b");
        Optional<FileText> file = files.findFile(FILE);
        if (copies.isPresent() && file.isEmpty()) {
            report.error(
                    copies.get().number(),
                    "doinst-missing",
                    "doinst.sh is put into the package, but there is none.",
                    "The build would end here.",
                    "Write doinst.sh, or remove the line.");
        }
        if (copies.isEmpty() && file.isPresent()) {
            report.error(
                    1,
                    "doinst-unused",
                    "There is a doinst.sh that is not put into the package.",
                    "It would never run.",
                    "Write cat $CWD/doinst.sh > $PKG/install/doinst.sh.");
        }
        Optional<ScriptText.Line> makesNew = script.findCode("\\.new\\b");
        if (makesNew.isPresent() && file.isEmpty()) {
            report.error(
                    makesNew.get().number(),
                    "doinst-config",
                    "It installs a .new file, and there is no doinst.sh.",
                    "The file would never get its name.",
                    "Write a doinst.sh with config() and a call for each .new file.");
        }
        file.ifPresent(text -> text(text, reports.apply(FILE)));
    }

    private static void text(FileText file, FileFindings report) {
        TextRules.check(file, false, report);
        ScriptText script = ScriptText.read(file.text());
        Optional<ScriptText.Line> uses = script.findCode("\\.new\\b");
        if (uses.isPresent() && !script.says("^\\s*(function\\s+)?(config|preserve_perms)\\s*\\(\\)")) {
            report.error(
                    uses.get().number(),
                    "doinst-config",
                    "It handles .new files without config().",
                    "A changed configuration would be overwritten, or a new one never used.",
                    "Define config(): move it where there is none, remove it where it is the same, leave it otherwise.");
        }
        script.findCode("^\\s*(config|preserve_perms)\\s+/")
                .ifPresent(line -> report.error(
                        line.number(),
                        "doinst-absolute",
                        "The path begins with /.",
                        "It runs in the root that is installed into, which may not be /.",
                        "Leave the first / out."));
    }
}
