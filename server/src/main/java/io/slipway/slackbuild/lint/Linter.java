package io.slipway.slackbuild.lint;

import static io.slipway.slackbuild.lint.FileFindings.shown;

import io.slipway.archive.EntryPath;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.InfoFile;
import io.slipway.slackbuild.ScriptText;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks whether a directory keeps the rules of SlackBuilds.org, and ours. It runs nothing; {@code bash -n} is for the
 * caller, through {@link SyntaxCheck}.
 */
public final class Linter {
    private Linter() {}

    /** Asks a shell whether it understands a script, without running it. */
    @FunctionalInterface
    public interface SyntaxCheck {
        /**
         * @param script the script's text
         * @return what the shell says, such as {@code line 12: unexpected EOF}; empty if it understands
         */
        Optional<String> objection(String script) throws InterruptedException;
    }

    /**
     * All findings in the order of files and lines.
     *
     * @param syntax how to find errors of syntax
     */
    public static List<Finding> lint(SlackBuildFiles files, SyntaxCheck syntax) throws InterruptedException {
        var findings = new ArrayList<Finding>();
        Function<String, FileFindings> reports =
                file -> new FileFindings(file.equals(".") ? files.path() : files.path() + '/' + file, findings);
        DirectoryRules.check(files, reports);
        Optional<InfoFile> info = InfoRules.check(files, reports);
        String name = scriptName(files, reports);
        Optional<FileText> file = files.findFile(name);
        if (file.isEmpty()) {
            DescriptionRules.check(files, files.name(), reports);
        } else {
            FileFindings report = reports.apply(name);
            TextRules.check(file.get(), false, report);
            syntax(file.get(), syntax, report);
            ScriptText script = ScriptText.read(file.get().text());
            ScriptRules.check(files.name(), script, info, report);
            DescriptionRules.check(files, script.findValue("PRGNAM").orElse(files.name()), reports);
            DoinstRules.check(files, script, report, reports);
        }
        findings.sort(Comparator.comparing(Finding::file).thenComparingInt(Finding::line));
        return List.copyOf(findings);
    }

    /** The script, also if its name is another than it should be; otherwise the name that it should have. */
    private static String scriptName(SlackBuildFiles files, Function<String, FileFindings> reports) {
        String name = files.name() + ".SlackBuild";
        if (files.findFile(name).isPresent()) {
            return name;
        }
        Optional<String> other = files.files().keySet().stream()
                .filter(SlackBuildReader::isScript)
                .findFirst();
        reports.apply(name)
                .error(
                        1,
                        "script-name",
                        "There is no " + name
                                + other.map(found -> ", but " + shown(found)).orElse("") + ".",
                        "Tools find the script by this name.",
                        other.isEmpty() ? "Write it." : "Rename it.");
        return other.orElse(name);
    }

    private static void syntax(FileText file, SyntaxCheck syntax, FileFindings report) throws InterruptedException {
        Optional<String> objection =
                file.bytes().indexOf('\0') >= 0 ? Optional.of("line 1: NUL bytes") : syntax.objection(file.text());
        objection.ifPresent(said -> {
            Matcher line = Pattern.compile("line (\\d+):").matcher(said);
            report.error(
                    line.find() ? Integer.parseInt(line.group(1)) : 1,
                    "script-syntax",
                    "bash does not understand it: " + EntryPath.shown(said),
                    "It would end in the middle of a build.",
                    "Mend the line, or the quote or block that begins before it.");
        });
    }
}
