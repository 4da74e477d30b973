package io.slipway.slackbuild.lint;

import static io.slipway.slackbuild.lint.FileFindings.shown;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.InfoFile;
import io.slipway.slackbuild.Mention;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackware.PackageFileName;
import io.slipway.yaml.Findings;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What holds for an {@code .info}. */
final class InfoRules {
    private final String name;
    private final FileFindings report;

    private InfoRules(String name, FileFindings report) {
        this.name = name;
        this.report = report;
    }

    /** The .info, if it can be read. */
    static Optional<InfoFile> check(SlackBuildFiles files, Function<String, FileFindings> reports) {
        String name = files.name() + ".info";
        FileFindings report = reports.apply(name);
        Optional<FileText> file = files.findFile(name);
        if (file.isEmpty()) {
            report.error(
                    1,
                    "info-missing",
                    "There is no " + name + ".",
                    "Requirements and sources are read from it.",
                    "Write it with " + String.join(", ", InfoFile.KNOWN) + ".");
            return Optional.empty();
        }
        TextRules.check(file.get(), true, report);
        InfoFile info;
        try {
            info = InfoFile.read(file.get().text(), name);
        } catch (ProblemException unreadable) {
            for (Problem problem : unreadable.problems()) {
                Matcher line = Pattern.compile(":(\\d+):\\d+: ").matcher(problem.summary());
                report.error(
                        line.find() ? Integer.parseInt(line.group(1)) : 1,
                        "info-syntax",
                        problem.summary(),
                        problem.cause().isEmpty() ? "It is read, never run." : problem.cause(),
                        problem.correction());
            }
            return Optional.empty();
        }
        new InfoRules(files.name(), report).fields(info);
        return Optional.of(info);
    }

    private void fields(InfoFile info) {
        for (String field : InfoFile.KNOWN) {
            if (!info.fields().containsKey(field)) {
                report.error(
                        1,
                        "info-field",
                        field + " is missing.",
                        "Tools expect every field, empty or not.",
                        "Add " + field + "=\"\".");
            }
        }
        for (String field : List.of("PRGNAM", "VERSION", "HOMEPAGE", "MAINTAINER", "EMAIL")) {
            if (info.fields().containsKey(field) && info.value(field).isEmpty()) {
                report.error(
                        info.line(field),
                        "info-field",
                        field + " is empty.",
                        "It is what others know the package, or its maintainer, by.",
                        "Fill it in.");
            }
        }
        info.fields().forEach((field, value) -> {
            if (!InfoFile.KNOWN.contains(field)) {
                String nearest = Findings.nearest(field, InfoFile.KNOWN);
                report.error(
                        value.line(),
                        "info-unknown",
                        shown(field) + " is no field of an .info.",
                        "Nobody reads it.",
                        nearest == null ? "Remove it." : "Did you mean " + nearest + "?");
            }
        });
        for (Mention field : info.twice()) {
            report.error(
                    Integer.parseInt(field.place().substring(field.place().lastIndexOf(':') + 1)),
                    "info-twice",
                    field.name() + " stands twice.",
                    "Only the last one counts.",
                    "Remove one of them.");
        }
        String program = info.value("PRGNAM");
        if (!program.isEmpty() && !program.equals(name)) {
            report.error(
                    info.line("PRGNAM"),
                    "info-prgnam",
                    "PRGNAM is " + shown(program) + ", the directory " + shown(name) + ".",
                    "Others require it by the directory's name, and upgradepkg knows it by PRGNAM.",
                    "Give both the same name.");
        }
        String homepage = info.value("HOMEPAGE");
        if (!homepage.isEmpty() && !homepage.matches("https?://[^\\s/]+(/\\S*)?")) {
            report.error(
                    info.line("HOMEPAGE"),
                    "info-url",
                    "HOMEPAGE is " + shown(homepage) + ".",
                    "It is no address that a browser opens.",
                    "Write https://…");
        }
        sources(info, "");
        sources(info, "_x86_64");
        requires(info);
    }

    private void sources(InfoFile info, String suffix) {
        List<Mention> urls = info.words("DOWNLOAD" + suffix);
        List<Mention> sums = info.words("MD5SUM" + suffix);
        int line = info.line("DOWNLOAD" + suffix);
        boolean marked = urls.size() == 1 && urls.get(0).name().matches("UNSUPPORTED|UNTESTED");
        if (suffix.isEmpty() && urls.isEmpty()) {
            report.error(
                    line,
                    "info-download",
                    "DOWNLOAD is empty.",
                    "Nobody knows what it is made of.",
                    "Name its sources, or write UNSUPPORTED and fill in DOWNLOAD_x86_64.");
        }
        for (Mention url : urls) {
            if (!marked && !url.name().matches("(https?|ftp)://[^\\s/]+/\\S+")) {
                report.error(
                        line,
                        "info-url",
                        "DOWNLOAD" + suffix + " names " + shown(url.name()) + ".",
                        "It is no address that a source can be fetched from.",
                        "Write https://… up to the file's name.");
            } else if (!marked
                    && url.name().matches("(?i).*/latest(/.*|\\.[a-z.]+)?|.*/(main|master)\\.(zip|tar\\.gz)")) {
                report.error(
                        line,
                        "info-moving",
                        "DOWNLOAD" + suffix + " names " + shown(url.name()) + ", which changes with time.",
                        "The same version would be made of different sources.",
                        "Name a release or a commit.");
            }
        }
        if (!sums.isEmpty() && !marked && sums.size() != urls.size()) {
            report.error(
                    info.line("MD5SUM" + suffix),
                    "info-md5",
                    "MD5SUM" + suffix + " has " + sums.size() + " sums for " + urls.size() + " sources.",
                    "Nobody can tell which sum belongs to which source.",
                    "Give one for each, in the same order.");
        }
        for (Mention sum : sums) {
            if (!sum.name().matches("[0-9a-f]{32}")) {
                report.error(
                        info.line("MD5SUM" + suffix),
                        "info-md5",
                        "MD5SUM" + suffix + " has " + shown(sum.name()) + ".",
                        "An MD5 sum is 32 lower-case hex digits.",
                        "Write what md5sum prints for the source.");
            }
        }
        if (sums.isEmpty() && !urls.isEmpty() && !marked) {
            report.warn(
                    info.line("MD5SUM" + suffix),
                    "info-md5",
                    "MD5SUM" + suffix + " is empty.",
                    "The first fetch has nothing to be checked against; after it sources.lock has the SHA-256.",
                    "Write what md5sum prints for a source that you trust.");
        }
    }

    private void requires(InfoFile info) {
        for (Mention required : info.words("REQUIRES")) {
            String text = required.name();
            int line = info.line("REQUIRES");
            if (text.equals("%README%")) {
                report.error(
                        line,
                        "info-requires",
                        "REQUIRES says %README%.",
                        "What it needs besides can be told by people only.",
                        "Name what it needs; what is optional stays out.");
            } else if (!PackageFileName.isName(text)) {
                report.error(
                        line,
                        "info-requires",
                        "REQUIRES names " + shown(text) + ".",
                        "No package can have that name.",
                        "Write names of SlackBuilds with blanks between them.");
            } else if (text.equals(name)) {
                report.error(
                        line,
                        "info-requires",
                        "REQUIRES names the SlackBuild itself.",
                        "It could never be built.",
                        "Remove it.");
            }
        }
    }
}
