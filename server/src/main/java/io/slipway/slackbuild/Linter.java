package io.slipway.slackbuild;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.Finding.Severity;
import io.slipway.slackware.PackageFileName;
import io.slipway.yaml.Findings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks whether a directory keeps the rules of SlackBuilds.org, and ours. It runs nothing; {@code bash -n} is for the
 * caller, through {@link SyntaxCheck}.
 */
public final class Linter {
    /** Bars and dashes of the ruler above a slack-desc's text. */
    private static final String RULER = "|-----handy-ruler------------------------------------------------------|";

    private static final int DESCRIPTION_LINES = 11;

    private static final List<String> OVERRIDABLE = List.of("VERSION", "BUILD", "TAG", "PKGTYPE", "TMP", "OUTPUT");

    /** Where a command begins. */
    private static final String COMMAND =
            "(^|[;&|(){`])\\s*" + "((then|do|else|exec|time|sudo|if|elif|while|until|!|env|nice)\\s+|\\w+=\\S*\\s+)*";

    private static final Pattern NETWORK = Pattern.compile(COMMAND
            + "((curl|wget|aria2c|rsync|scp|sftp|ftp|lftp)\\s"
            + "|git\\s+(-C\\s+\\S+\\s+|-\\S+\\s+)*(clone|fetch|pull|submodule\\s+update|ls-remote)\\b"
            + "|(svn|hg)\\s+(checkout|co|clone|update)\\b"
            + "|go\\s+(mod\\s+(download|tidy|vendor)|get|install\\s+\\S+@)"
            + "|cargo\\s+(fetch|update|vendor|install)\\b"
            + "|(npm|pnpm)\\s+(install|ci|i)\\b|yarn(\\s+install|\\s*$)|corepack\\s"
            + "|pip3?\\s+download\\b|pip3?\\s+install\\b(?!.*--no-index)"
            + "|(\\./)?gradlew\\b(?!.*--offline)|gradle\\b(?!.*--offline)|mvn\\b(?!.*(-o\\b|--offline)))");

    private static final String NO_NETWORK =
            "A build has no network: it would fail, or what it made could not be made again.";

    private final SlackBuildFiles files;
    private final List<Finding> findings = new ArrayList<>();

    private Linter(SlackBuildFiles files) {
        this.files = files;
    }

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
        var linter = new Linter(files);
        linter.names();
        linter.modes();
        Optional<InfoFile> info = linter.info();
        linter.script(info, syntax);
        linter.findings.sort(Comparator.comparing(Finding::file).thenComparingInt(Finding::line));
        return List.copyOf(linter.findings);
    }

    private void names() {
        String name = files.name();
        if (!PackageFileName.isName(name)) {
            error(
                    ".",
                    1,
                    "name",
                    "The directory's name is " + shown(name) + ".",
                    "No package can have it.",
                    "Rename it.");
        }
        if (!files.files().containsKey("slack-desc")) {
            error(
                    "slack-desc",
                    1,
                    "desc-missing",
                    "There is no slack-desc.",
                    "installpkg and people have nothing that says what the package is.",
                    "Write one: a ruler and 11 lines \"" + name + ": …\".");
        }
    }

    private void modes() {
        files.files().forEach((name, file) -> {
            boolean script = SlackBuildReader.isScript(name);
            switch (file.kind()) {
                case FILE -> {
                    if (file.isExecutable() && !script) {
                        error(
                                name,
                                1,
                                "mode",
                                String.format(Locale.ROOT, "It is executable (mode %o).", file.mode()),
                                "Only the script is run; what is copied into packages would be executable there.",
                                "chmod 644 " + name);
                    }
                    if ((file.mode() & 02) != 0) {
                        error(
                                name,
                                1,
                                "mode",
                                String.format(Locale.ROOT, "Everybody may write it (mode %o).", file.mode()),
                                "It is run as root, or put into what is.",
                                "chmod o-w " + name);
                    }
                }
                case BAD_LINK ->
                    error(
                            name,
                            1,
                            "link",
                            "It is a link that leads nowhere, or out of the directory.",
                            "Elsewhere the directory does not have what it needs.",
                            "Put the file itself there.");
                case TOO_LARGE ->
                    warn(
                            name,
                            1,
                            "size",
                            "It is larger than what is read.",
                            "A SlackBuild is text and patches; sources are fetched.",
                            "Take it out and name it in DOWNLOAD.");
                case OTHER ->
                    error(name, 1, "kind", "It is no file that can be read.", "It cannot be kept.", "Remove it.");
            }
        });
    }

    // .info

    private Optional<InfoFile> info() {
        String name = files.name() + ".info";
        Optional<FileText> file = files.findFile(name);
        if (file.isEmpty()) {
            error(
                    name,
                    1,
                    "info-missing",
                    "There is no " + name + ".",
                    "Requirements and sources are read from it.",
                    "Write it with " + String.join(", ", InfoFile.KNOWN) + ".");
            return Optional.empty();
        }
        encoding(name, file.get(), true);
        InfoFile info;
        try {
            info = InfoFile.read(file.get().text(), name);
        } catch (ProblemException unreadable) {
            for (Problem problem : unreadable.problems()) {
                Matcher line = Pattern.compile(":(\\d+):\\d+: ").matcher(problem.summary());
                error(
                        name,
                        line.find() ? Integer.parseInt(line.group(1)) : 1,
                        "info-syntax",
                        problem.summary(),
                        problem.cause().isEmpty() ? "It is read, never run." : problem.cause(),
                        problem.correction());
            }
            return Optional.empty();
        }
        fields(name, info);
        return Optional.of(info);
    }

    private void fields(String name, InfoFile info) {
        for (String field : InfoFile.KNOWN) {
            if (!info.fields().containsKey(field)) {
                error(
                        name,
                        1,
                        "info-field",
                        field + " is missing.",
                        "Tools expect every field, empty or not.",
                        "Add " + field + "=\"\".");
            }
        }
        for (String field : List.of("PRGNAM", "VERSION", "HOMEPAGE", "MAINTAINER", "EMAIL")) {
            if (info.fields().containsKey(field) && info.value(field).isEmpty()) {
                error(
                        name,
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
                error(
                        name,
                        value.line(),
                        "info-unknown",
                        shown(field) + " is no field of an .info.",
                        "Nobody reads it.",
                        nearest == null ? "Remove it." : "Did you mean " + nearest + "?");
            }
        });
        for (Mention field : info.twice()) {
            error(
                    name,
                    Integer.parseInt(field.place().substring(field.place().lastIndexOf(':') + 1)),
                    "info-twice",
                    field.name() + " stands twice.",
                    "Only the last one counts.",
                    "Remove one of them.");
        }
        String program = info.value("PRGNAM");
        if (!program.isEmpty() && !program.equals(files.name())) {
            error(
                    name,
                    info.line("PRGNAM"),
                    "info-prgnam",
                    "PRGNAM is " + shown(program) + ", the directory " + shown(files.name()) + ".",
                    "Others require it by the directory's name, and upgradepkg knows it by PRGNAM.",
                    "Give both the same name.");
        }
        String homepage = info.value("HOMEPAGE");
        if (!homepage.isEmpty() && !homepage.matches("https?://[^\\s/]+(/\\S*)?")) {
            error(
                    name,
                    info.line("HOMEPAGE"),
                    "info-url",
                    "HOMEPAGE is " + shown(homepage) + ".",
                    "It is no address that a browser opens.",
                    "Write https://…");
        }
        sources(name, info, "");
        sources(name, info, "_x86_64");
        requires(name, info);
    }

    private void sources(String name, InfoFile info, String suffix) {
        List<Mention> urls = info.words("DOWNLOAD" + suffix);
        List<Mention> sums = info.words("MD5SUM" + suffix);
        int line = info.line("DOWNLOAD" + suffix);
        boolean marked = urls.size() == 1 && urls.get(0).name().matches("UNSUPPORTED|UNTESTED");
        if (suffix.isEmpty() && urls.isEmpty()) {
            error(
                    name,
                    line,
                    "info-download",
                    "DOWNLOAD is empty.",
                    "Nobody knows what it is made of.",
                    "Name its sources, or write UNSUPPORTED and fill in DOWNLOAD_x86_64.");
        }
        for (Mention url : urls) {
            if (!marked && !url.name().matches("(https?|ftp)://[^\\s/]+/\\S+")) {
                error(
                        name,
                        line,
                        "info-url",
                        "DOWNLOAD" + suffix + " names " + shown(url.name()) + ".",
                        "It is no address that a source can be fetched from.",
                        "Write https://… up to the file's name.");
            } else if (!marked
                    && url.name().matches("(?i).*/latest(/.*|\\.[a-z.]+)?|.*/(main|master)\\.(zip|tar\\.gz)")) {
                error(
                        name,
                        line,
                        "info-moving",
                        "DOWNLOAD" + suffix + " names " + shown(url.name()) + ", which changes with time.",
                        "The same version would be made of different sources.",
                        "Name a release or a commit.");
            }
        }
        if (!sums.isEmpty() && !marked && sums.size() != urls.size()) {
            error(
                    name,
                    info.line("MD5SUM" + suffix),
                    "info-md5",
                    "MD5SUM" + suffix + " has " + sums.size() + " sums for " + urls.size() + " sources.",
                    "Nobody can tell which sum belongs to which source.",
                    "Give one for each, in the same order.");
        }
        for (Mention sum : sums) {
            if (!sum.name().matches("[0-9a-f]{32}")) {
                error(
                        name,
                        info.line("MD5SUM" + suffix),
                        "info-md5",
                        "MD5SUM" + suffix + " has " + shown(sum.name()) + ".",
                        "An MD5 sum is 32 lower-case hex digits.",
                        "Write what md5sum prints for the source.");
            }
        }
        if (sums.isEmpty() && !urls.isEmpty() && !marked) {
            warn(
                    name,
                    info.line("MD5SUM" + suffix),
                    "info-md5",
                    "MD5SUM" + suffix + " is empty.",
                    "The first fetch has nothing to be checked against; after it sources.lock has the SHA-256.",
                    "Write what md5sum prints for a source that you trust.");
        }
    }

    private void requires(String name, InfoFile info) {
        for (Mention required : info.words("REQUIRES")) {
            String text = required.name();
            int line = info.line("REQUIRES");
            if (text.equals("%README%")) {
                error(
                        name,
                        line,
                        "info-requires",
                        "REQUIRES says %README%.",
                        "What it needs besides can be told by people only.",
                        "Name what it needs; what is optional stays out.");
            } else if (!PackageFileName.isName(text)) {
                error(
                        name,
                        line,
                        "info-requires",
                        "REQUIRES names " + shown(text) + ".",
                        "No package can have that name.",
                        "Write names of SlackBuilds with blanks between them.");
            } else if (text.equals(files.name())) {
                error(
                        name,
                        line,
                        "info-requires",
                        "REQUIRES names the SlackBuild itself.",
                        "It could never be built.",
                        "Remove it.");
            }
        }
    }

    // slack-desc

    private void description(String program) {
        Optional<FileText> file = files.findFile("slack-desc");
        if (file.isEmpty()) {
            return;
        }
        String name = "slack-desc";
        encoding(name, file.get(), true);
        String ruler = " ".repeat(program.length()) + RULER;
        String[] lines = file.get().text().split("\r?\n", -1);
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
                    error(
                            name,
                            i + 1,
                            "desc-ruler",
                            "The ruler does not stand above the text.",
                            "Text that fits under it would be cut off by installpkg.",
                            "Begin it with " + program.length() + " blanks, and leave it " + RULER.length()
                                    + " characters long.");
                }
            } else if (line.startsWith(program + ":")) {
                describe(name, i + 1, line, program, count++);
            } else {
                error(
                        name,
                        i + 1,
                        "desc-line",
                        "The line does not begin with \"" + program + ":\".",
                        "installpkg does not show it.",
                        "Begin it with \"" + program + ":\", or make it a comment.");
            }
        }
        if (count != DESCRIPTION_LINES) {
            error(
                    name,
                    1,
                    "desc-lines",
                    "It has " + count + " lines \"" + program + ": …\", not " + DESCRIPTION_LINES + ".",
                    "installpkg shows exactly so many.",
                    "Add empty ones (\"" + program + ":\"), or shorten the text.");
        }
        if (!ruled) {
            error(
                    name,
                    1,
                    "desc-ruler",
                    "There is no ruler.",
                    "Whoever edits it does not see how wide the text may be.",
                    "Put above the text: " + ruler);
        }
    }

    private void describe(String name, int number, String line, String program, int index) {
        // The right bar stands above the last column that may be used.
        int width = program.length() + RULER.length();
        if (line.length() > width) {
            error(
                    name,
                    number,
                    "desc-width",
                    "The line has " + line.length() + " characters.",
                    "Text beyond column " + width + " is cut off.",
                    "Wrap it under the ruler.");
        }
        String rest = line.substring(program.length() + 1);
        if (!rest.isEmpty() && (!rest.startsWith(" ") || rest.isBlank())) {
            error(
                    name,
                    number,
                    "desc-line",
                    rest.isBlank() ? "Blanks follow the colon." : "No blank follows the colon.",
                    "Tools cut off the colon and one blank.",
                    rest.isBlank() ? "Remove them." : "Put one blank before the text.");
        }
        if (index == 0 && !line.matches(Pattern.quote(program + ": " + program) + " \\(.+\\)")) {
            error(
                    name,
                    number,
                    "desc-first",
                    "The first line is not \"" + program + ": " + program + " (short description)\".",
                    "Tools take the summary from it.",
                    "Write it so.");
        }
    }

    // script

    private void script(Optional<InfoFile> info, SyntaxCheck syntax) throws InterruptedException {
        String name = files.name() + ".SlackBuild";
        Optional<FileText> file = files.findFile(name);
        if (file.isEmpty()) {
            String other = files.files().keySet().stream()
                    .filter(SlackBuildReader::isScript)
                    .findFirst()
                    .orElse("");
            error(
                    name,
                    1,
                    "script-name",
                    "There is no " + name + (other.isEmpty() ? "." : ", but " + shown(other) + "."),
                    "Tools find the script by this name.",
                    other.isEmpty() ? "Write it." : "Rename it.");
            file = files.findFile(other);
            name = other;
        }
        if (file.isEmpty()) {
            description(files.name());
            return;
        }
        encoding(name, file.get(), false);
        ScriptText script = ScriptText.read(file.get().text());
        description(script.findValue("PRGNAM").orElse(files.name()));
        head(name, script);
        Optional<String> objection = file.get().bytes().indexOf('\0') >= 0
                ? Optional.of("line 1: NUL bytes")
                : syntax.objection(file.get().text());
        String at = name;
        objection.ifPresent(said -> {
            Matcher line = Pattern.compile("line (\\d+):").matcher(said);
            error(
                    at,
                    line.find() ? Integer.parseInt(line.group(1)) : 1,
                    "script-syntax",
                    "bash does not understand it: " + EntryPath.shown(said),
                    "It would end in the middle of a build.",
                    "Mend the line, or the quote or block that begins before it.");
        });
        variables(name, script, info);
        printed(name, script, info);
        body(name, script);
        makepkg(name, script);
        doinst(name, script);
    }

    private void head(String name, ScriptText script) {
        List<ScriptText.Line> lines = script.lines();
        if (lines.isEmpty() || !lines.get(0).text().matches("#!\\s*/bin/(ba)?sh( -e)?")) {
            error(
                    name,
                    1,
                    "script-shebang",
                    "The first line is not #!/bin/bash.",
                    "Which shell runs it would depend on who starts it.",
                    "Begin with #!/bin/bash.");
        }
        if (!script.says("^\\s*set\\s+-[a-z]*e[a-z]*\\b")
                && !lines.isEmpty()
                && !lines.get(0).text().endsWith(" -e")) {
            error(
                    name,
                    1,
                    "script-set-e",
                    "There is no set -e.",
                    "A step that fails would go unnoticed, and half a package be made.",
                    "Write set -e before the first step.");
        }
        for (ScriptText.Line line : script.unknownDeclarations()) {
            String word = line.text().replaceFirst("^#\\s*slipway:\\s*", "");
            String nearest = Findings.nearest(word, Declaration.texts());
            error(
                    name,
                    line.number(),
                    "script-declaration",
                    "It declares " + shown(word) + ".",
                    "Nobody knows what that means.",
                    nearest == null
                            ? "Declare one of: " + String.join(", ", Declaration.texts()) + "."
                            : "Did you mean \"# slipway: " + nearest + "\"?");
        }
    }

    private void variables(String name, ScriptText script, Optional<InfoFile> info) {
        for (String variable : OVERRIDABLE) {
            Optional<ScriptText.Assignment> found = script.findAssignment(variable);
            if (found.isEmpty() || !found.get().overridable()) {
                error(
                        name,
                        found.map(ScriptText.Assignment::line).orElse(1),
                        "script-overridable",
                        variable + (found.isEmpty() ? " is not set." : " is set whatever the environment says."),
                        "The builder gives it from outside.",
                        "Write " + variable + "=${" + variable + ":-…}.");
            }
        }
        Optional<ScriptText.Assignment> arch = script.findAssignment("ARCH");
        if (arch.isEmpty()
                || (!arch.get().overridable() && !"noarch".equals(arch.get().value()))) {
            error(
                    name,
                    arch.map(ScriptText.Assignment::line).orElse(1),
                    "script-overridable",
                    "ARCH" + (arch.isEmpty() ? " is not set." : " is set whatever the environment says."),
                    "The builder gives it from outside.",
                    "Write ARCH=${ARCH:-x86_64}, or ask uname -m where it is empty; ARCH=noarch is right where it is.");
        }
        Optional<ScriptText.Assignment> stage = script.findAssignment("PKG");
        if (stage.isEmpty() || !script.says("^\\s*(export\\s+)?PKG=\"?(\\$\\{PKG:?-)?\\$\\{?TMP\\b")) {
            error(
                    name,
                    stage.map(ScriptText.Assignment::line).orElse(1),
                    "script-overridable",
                    "PKG is not set below $TMP.",
                    "What is packed must stand where the builder says.",
                    "Write PKG=${PKG:-$TMP/package-$PRGNAM}.");
        }
        Optional<String> program = script.findValue("PRGNAM");
        if (program.isEmpty() || !program.get().equals(files.name())) {
            error(
                    name,
                    script.findAssignment("PRGNAM")
                            .map(ScriptText.Assignment::line)
                            .orElse(1),
                    "script-prgnam",
                    program.isEmpty()
                            ? "PRGNAM is not set."
                            : "PRGNAM is " + shown(program.get()) + ", the directory " + shown(files.name()) + ".",
                    "upgradepkg knows the package by it, and others require it by the directory's name.",
                    "Write PRGNAM=" + files.name() + ".");
        }
        Optional<String> version = script.findValue("VERSION");
        String said = info.map(each -> each.value("VERSION")).orElse("");
        if (version.isPresent() && !said.isEmpty() && !version.get().equals(said)) {
            error(
                    name,
                    script.findAssignment("VERSION")
                            .map(ScriptText.Assignment::line)
                            .orElse(1),
                    "script-version",
                    "VERSION is " + shown(version.get()) + " here and " + shown(said) + " in the .info.",
                    "The sources of one version would be built as another.",
                    "Write the same into both.");
        }
    }

    private void printed(String name, ScriptText script, Optional<InfoFile> info) {
        Optional<ScriptText.Line> asked = script.findPrintPackageName();
        if (asked.isEmpty()) {
            error(
                    name,
                    1,
                    "script-print-name",
                    "PRINT_PACKAGE_NAME is not looked at.",
                    "The name of the package is asked for before it is built, and the build would begin instead.",
                    "Write: if [ ! -z \"${PRINT_PACKAGE_NAME}\" ]; then echo"
                            + " \"$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE\"; exit 0; fi");
            return;
        }
        script.findCode("^\\s*(rm|mkdir|tar|cp|mv|make)\\b")
                .filter(line -> line.number() < asked.get().number())
                .ifPresent(line -> error(
                        name,
                        line.number(),
                        "script-print-name",
                        "It does something before it looks at PRINT_PACKAGE_NAME.",
                        "Asking for the name must change nothing.",
                        "Move it below line " + asked.get().number() + "."));
        Optional<PackageFileName> packageName = script.findPackageName(
                info.map(each -> Map.of("VERSION", each.value("VERSION"))).orElse(Map.of()));
        if (packageName.isEmpty()) {
            error(
                    name,
                    asked.get().number(),
                    "script-print-name",
                    "What it prints is no package's file name, or only a shell could tell.",
                    "Lists and graphs are made without running scripts.",
                    "Print \"$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE\", and give these plain defaults.");
        } else if (!packageName.get().name().equals(files.name())) {
            error(
                    name,
                    asked.get().number(),
                    "script-print-name",
                    "It prints " + packageName.get() + ", which is the package "
                            + shown(packageName.get().name()) + " to Slackware's tools.",
                    "VERSION, ARCH, BUILD and TAG may have no hyphen: names are split from the right.",
                    "Replace the hyphens, as in ${VERSION//-/_}.");
        }
    }

    private void body(String name, ScriptText script) {
        if (!script.says("\\bchown\\s+(-\\S+\\s+)*-?R?\\s*root[:.]root\\b", "\\bchown\\s+-R\\s+0:0\\b")) {
            error(
                    name,
                    1,
                    "script-chown",
                    "There is no chown -R root:root.",
                    "Packages record owners: files would belong to whoever packed the sources.",
                    "Write chown -R root:root . in the unpacked sources.");
        }
        boolean network = script.declarations().contains(Declaration.NETWORK);
        boolean kernel = script.declarations().contains(Declaration.KERNEL);
        for (ScriptText.Line line : script.code()) {
            String text = line.text();
            if (!network && NETWORK.matcher(text).find()) {
                error(
                        name,
                        line.number(),
                        "script-network",
                        "It fetches something: " + shown(text.strip()) + ".",
                        NO_NETWORK,
                        "Name the source in DOWNLOAD, or declare \"# slipway: network\".");
            }
            boolean moves = text.matches(".*(\\b(mv|rm|rmdir)\\b|\\[ -[de] ).*");
            if (text.contains("/usr/share/man") && !moves) {
                error(
                        name,
                        line.number(),
                        "script-man",
                        "It names /usr/share/man.",
                        "Slackware's manual pages are in /usr/man; man does not look there.",
                        "Use /usr/man, as in --mandir=/usr/man.");
            }
            if (text.contains("/usr/share/doc") && !moves) {
                error(
                        name,
                        line.number(),
                        "script-doc",
                        "It names /usr/share/doc.",
                        "Slackware's documentation is in /usr/doc/NAME-VERSION.",
                        "Use --docdir=/usr/doc/$PRGNAM-$VERSION.");
            }
            if (text.matches(".*\\buname\\s+-\\w*r.*")) {
                error(
                        name,
                        line.number(),
                        "script-kernel",
                        "It asks for the running kernel.",
                        "Modules are built for the snapshot's kernel, and the builder runs another one.",
                        "Declare \"# slipway: kernel\" and use $KERNEL.");
            }
            if (text.contains("--libdir=") && !text.contains("LIBDIRSUFFIX")) {
                boolean suffixed = text.matches(".*--libdir=[\"']?(/usr/)?lib64\\b.*");
                add(
                        suffixed ? Severity.WARNING : Severity.ERROR,
                        name,
                        line.number(),
                        "script-libdir",
                        "--libdir does not end with $LIBDIRSUFFIX.",
                        suffixed ? "It is right for x86_64 only." : "64-bit libraries belong into /usr/lib64.",
                        "Write --libdir=/usr/lib$LIBDIRSUFFIX.");
            }
            if (text.matches("\\s*sudo\\b.*")) {
                error(
                        name,
                        line.number(),
                        "script-sudo",
                        "It calls sudo.",
                        "A build runs as root of its own root; there is nobody else to be.",
                        "Leave sudo out.");
            }
            if (text.length() == ScriptText.LONGEST_LINE) {
                error(
                        name,
                        line.number(),
                        "script-line",
                        "The line has " + ScriptText.LONGEST_LINE + " characters or more.",
                        "Nobody reads to its end, and neither does this check.",
                        "Break it with backslashes.");
            }
            if (text.endsWith(" ") || text.endsWith("\t")) {
                warn(
                        name,
                        line.number(),
                        "script-blanks",
                        "Blanks stand at the end of the line.",
                        "Behind a backslash they break the line's continuation.",
                        "Remove them.");
            }
            if (text.startsWith("\t")) {
                warn(
                        name,
                        line.number(),
                        "script-tabs",
                        "The line begins with a tab.",
                        "Editors show it at different widths.",
                        "Use blanks.");
            }
        }
        if (kernel && !script.says("\\$\\{?KERNEL\\b")) {
            error(
                    name,
                    1,
                    "script-kernel",
                    "It declares kernel but never uses $KERNEL.",
                    "It would be built for whatever kernel it finds.",
                    "Build against /lib/modules/$KERNEL, and put the release into the package's version.");
        }
        if (script.says("\\./configure\\b", "\\bcmake\\b", "\\bmeson\\b")
                && !script.says("LIBDIRSUFFIX", "\\blib64\\b")) {
            warn(
                    name,
                    1,
                    "script-libdir",
                    "Neither LIBDIRSUFFIX nor lib64 is named.",
                    "64-bit libraries belong into /usr/lib64.",
                    "Set LIBDIRSUFFIX=64 for x86_64 and pass --libdir=/usr/lib$LIBDIRSUFFIX.");
        }
        if (!script.says("usr/doc/")) {
            error(
                    name,
                    1,
                    "script-doc",
                    "It makes no directory of documentation.",
                    "Licence and README of the program belong to its package.",
                    "Copy them to $PKG/usr/doc/$PRGNAM-$VERSION.");
        }
    }

    private void makepkg(String name, ScriptText script) {
        Optional<ScriptText.Line> call = script.findCode("(^|[;&|(/\\s])makepkg\\s+-");
        if (call.isEmpty()) {
            error(
                    name,
                    1,
                    "script-makepkg",
                    "makepkg is not called.",
                    "No package would be made.",
                    "End with /sbin/makepkg -l y -c n $OUTPUT/$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE.");
        } else {
            String text = call.get().text();
            if (!text.matches(".*\\s-l\\s+y\\b.*") || !text.matches(".*\\s-c\\s+n\\b.*")) {
                error(
                        name,
                        call.get().number(),
                        "script-makepkg",
                        "makepkg is called without -l y and -c n.",
                        "It would ask what to do with links and permissions, and nobody answers.",
                        "Call /sbin/makepkg -l y -c n.");
            }
            if (!text.matches(".*\\$\\{?OUTPUT\\b.*")) {
                error(
                        name,
                        call.get().number(),
                        "script-makepkg",
                        "The package is not made in $OUTPUT.",
                        "The builder looks for it there.",
                        "Write $OUTPUT/ before its name.");
            }
        }
        if (!script.says("slack-desc\\b.*\\$\\{?PKG\\}?/install\\b")) {
            error(
                    name,
                    1,
                    "script-slack-desc",
                    "slack-desc is not put into $PKG/install.",
                    "The package would have no description.",
                    "Write cat $CWD/slack-desc > $PKG/install/slack-desc.");
        }
    }

    // doinst.sh

    private void doinst(String name, ScriptText script) {
        Optional<ScriptText.Line> copies = script.findCode("doinst\\.sh\\b.*\\$\\{?PKG\\}?/install\\b");
        Optional<FileText> file = files.findFile("doinst.sh");
        if (copies.isPresent() && file.isEmpty()) {
            error(
                    name,
                    copies.get().number(),
                    "doinst-missing",
                    "doinst.sh is put into the package, but there is none.",
                    "The build would end here.",
                    "Write doinst.sh, or remove the line.");
        }
        if (copies.isEmpty() && file.isPresent()) {
            error(
                    name,
                    1,
                    "doinst-unused",
                    "There is a doinst.sh that is not put into the package.",
                    "It would never run.",
                    "Write cat $CWD/doinst.sh > $PKG/install/doinst.sh.");
        }
        Optional<ScriptText.Line> makesNew = script.findCode("\\.new\\b");
        if (makesNew.isPresent() && file.isEmpty()) {
            error(
                    name,
                    makesNew.get().number(),
                    "doinst-config",
                    "It installs a .new file, and there is no doinst.sh.",
                    "The file would never get its name.",
                    "Write a doinst.sh with config() and a call for each .new file.");
        }
        file.ifPresent(text -> doinst(text));
    }

    private void doinst(FileText file) {
        String name = "doinst.sh";
        encoding(name, file, false);
        ScriptText script = ScriptText.read(file.text());
        Optional<ScriptText.Line> uses = script.findCode("\\.new\\b");
        if (uses.isPresent() && !script.says("^\\s*(function\\s+)?(config|preserve_perms)\\s*\\(\\)")) {
            error(
                    name,
                    uses.get().number(),
                    "doinst-config",
                    "It handles .new files without config().",
                    "A changed configuration would be overwritten, or a new one never used.",
                    "Define config(): move it where there is none, remove it where it is the same, leave it otherwise.");
        }
        script.findCode("^\\s*(config|preserve_perms)\\s+/")
                .ifPresent(line -> error(
                        name,
                        line.number(),
                        "doinst-absolute",
                        "The path begins with /.",
                        "It runs in the root that is installed into, which may not be /.",
                        "Leave the first / out."));
    }

    // all files

    private void encoding(String name, FileText file, boolean noTabs) {
        String text = file.text();
        if (!file.isUtf8()) {
            error(
                    name,
                    1,
                    "encoding",
                    "It is not UTF-8.",
                    "Names are shown wrongly, or not at all.",
                    "Convert it: iconv -f latin1 -t utf-8.");
        }
        if (file.bytes().startsWith("\u00ef\u00bb\u00bf")) {
            error(
                    name,
                    1,
                    "encoding",
                    "It begins with a byte order mark.",
                    "A shell takes it for the name of a command.",
                    "Save it without.");
        }
        int cr = text.indexOf('\r');
        if (cr >= 0) {
            error(
                    name,
                    lineOf(text, cr),
                    "line-ends",
                    "Lines end with a carriage return.",
                    "A shell takes it for part of the last word.",
                    "Save it with Unix line ends.");
        }
        int tab = text.indexOf('\t');
        if (noTabs && tab >= 0) {
            error(name, lineOf(text, tab), "tabs", "It has a tab.", "Widths are counted in characters.", "Use blanks.");
        }
        if (!text.isEmpty() && !text.endsWith("\n")) {
            error(
                    name,
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

    private static String shown(String text) {
        return '"' + EntryPath.shown(text) + '"';
    }

    private void error(String file, int line, String rule, String what, String why, String correction) {
        add(Severity.ERROR, file, line, rule, what, why, correction);
    }

    private void warn(String file, int line, String rule, String what, String why, String correction) {
        add(Severity.WARNING, file, line, rule, what, why, correction);
    }

    private void add(
            Severity severity, String file, int line, String rule, String what, String why, String correction) {
        String path = file.equals(".") ? files.path() : files.path() + '/' + file;
        findings.add(new Finding(severity, EntryPath.shown(path), line, rule, what, why, correction));
    }
}
