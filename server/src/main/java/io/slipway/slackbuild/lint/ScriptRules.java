package io.slipway.slackbuild.lint;

import static io.slipway.slackbuild.lint.FileFindings.shown;

import io.slipway.slackbuild.Declaration;
import io.slipway.slackbuild.InfoFile;
import io.slipway.slackbuild.ScriptText;
import io.slipway.slackbuild.lint.Finding.Severity;
import io.slipway.slackware.PackageFileName;
import io.slipway.yaml.Findings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What holds for a SlackBuild's script, whatever a shell says of it. */
final class ScriptRules {
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

    private final String name;
    private final ScriptText script;
    private final Optional<InfoFile> info;
    private final FileFindings report;

    private ScriptRules(String name, ScriptText script, Optional<InfoFile> info, FileFindings report) {
        this.name = name;
        this.script = script;
        this.info = info;
        this.report = report;
    }

    /**
     * @param name the SlackBuild's
     * @param info its .info, if it can be read
     */
    static void check(String name, ScriptText script, Optional<InfoFile> info, FileFindings report) {
        var rules = new ScriptRules(name, script, info, report);
        rules.head();
        rules.variables();
        rules.printed();
        rules.body();
        rules.makepkg();
    }

    private void head() {
        List<ScriptText.Line> lines = script.lines();
        if (lines.isEmpty() || !lines.get(0).text().matches("#!\\s*/bin/(ba)?sh( -e)?")) {
            report.error(
                    1,
                    "script-shebang",
                    "The first line is not #!/bin/bash.",
                    "Which shell runs it would depend on who starts it.",
                    "Begin with #!/bin/bash.");
        }
        if (!script.says("^\\s*set\\s+-[a-z]*e[a-z]*\\b")
                && !lines.isEmpty()
                && !lines.get(0).text().endsWith(" -e")) {
            report.error(
                    1,
                    "script-set-e",
                    "There is no set -e.",
                    "A step that fails would go unnoticed, and half a package be made.",
                    "Write set -e before the first step.");
        }
        for (ScriptText.Line line : script.unknownDeclarations()) {
            String word = line.text().replaceFirst("^#\\s*slipway:\\s*", "");
            String nearest = Findings.nearest(word, Declaration.texts());
            report.error(
                    line.number(),
                    "script-declaration",
                    "It declares " + shown(word) + ".",
                    "Nobody knows what that means.",
                    nearest == null
                            ? "Declare one of: " + String.join(", ", Declaration.texts()) + "."
                            : "Did you mean \"# slipway: " + nearest + "\"?");
        }
    }

    private void variables() {
        for (String variable : OVERRIDABLE) {
            Optional<ScriptText.Assignment> found = script.findAssignment(variable);
            if (found.isEmpty() || !found.get().overridable()) {
                report.error(
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
            report.error(
                    arch.map(ScriptText.Assignment::line).orElse(1),
                    "script-overridable",
                    "ARCH" + (arch.isEmpty() ? " is not set." : " is set whatever the environment says."),
                    "The builder gives it from outside.",
                    "Write ARCH=${ARCH:-x86_64}, or ask uname -m where it is empty; ARCH=noarch is right where it is.");
        }
        Optional<ScriptText.Assignment> stage = script.findAssignment("PKG");
        if (stage.isEmpty() || !script.says("^\\s*(export\\s+)?PKG=\"?(\\$\\{PKG:?-)?\\$\\{?TMP\\b")) {
            report.error(
                    stage.map(ScriptText.Assignment::line).orElse(1),
                    "script-overridable",
                    "PKG is not set below $TMP.",
                    "What is packed must stand where the builder says.",
                    "Write PKG=${PKG:-$TMP/package-$PRGNAM}.");
        }
        Optional<String> program = script.findValue("PRGNAM");
        if (program.isEmpty() || !program.get().equals(name)) {
            report.error(
                    script.findAssignment("PRGNAM")
                            .map(ScriptText.Assignment::line)
                            .orElse(1),
                    "script-prgnam",
                    program.isEmpty()
                            ? "PRGNAM is not set."
                            : "PRGNAM is " + shown(program.get()) + ", the directory " + shown(name) + ".",
                    "upgradepkg knows the package by it, and others require it by the directory's name.",
                    "Write PRGNAM=" + name + ".");
        }
        Optional<String> version = script.findValue("VERSION");
        String said = info.map(each -> each.value("VERSION")).orElse("");
        if (version.isPresent() && !said.isEmpty() && !version.get().equals(said)) {
            report.error(
                    script.findAssignment("VERSION")
                            .map(ScriptText.Assignment::line)
                            .orElse(1),
                    "script-version",
                    "VERSION is " + shown(version.get()) + " here and " + shown(said) + " in the .info.",
                    "The sources of one version would be built as another.",
                    "Write the same into both.");
        }
    }

    private void printed() {
        Optional<ScriptText.Line> asked = script.findPrintPackageName();
        if (asked.isEmpty()) {
            report.error(
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
                .ifPresent(line -> report.error(
                        line.number(),
                        "script-print-name",
                        "It does something before it looks at PRINT_PACKAGE_NAME.",
                        "Asking for the name must change nothing.",
                        "Move it below line " + asked.get().number() + "."));
        Optional<PackageFileName> packageName = script.findPackageName(
                info.map(each -> Map.of("VERSION", each.value("VERSION"))).orElse(Map.of()));
        if (packageName.isEmpty()) {
            report.error(
                    asked.get().number(),
                    "script-print-name",
                    "What it prints is no package's file name, or only a shell could tell.",
                    "Lists and graphs are made without running scripts.",
                    "Print \"$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE\", and give these plain defaults.");
        } else if (!packageName.get().name().equals(name)) {
            report.error(
                    asked.get().number(),
                    "script-print-name",
                    "It prints " + packageName.get() + ", which is the package "
                            + shown(packageName.get().name()) + " to Slackware's tools.",
                    "VERSION, ARCH, BUILD and TAG may have no hyphen: names are split from the right.",
                    "Replace the hyphens, as in ${VERSION//-/_}.");
        }
    }

    private void body() {
        if (!script.says("\\bchown\\s+(-\\S+\\s+)*-?R?\\s*root[:.]root\\b", "\\bchown\\s+-R\\s+0:0\\b")) {
            report.error(
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
                report.error(
                        line.number(),
                        "script-network",
                        "It fetches something: " + shown(text.strip()) + ".",
                        NO_NETWORK,
                        "Name the source in DOWNLOAD, or declare \"# slipway: network\".");
            }
            boolean moves = text.matches(".*(\\b(mv|rm|rmdir)\\b|\\[ -[de] ).*");
            if (text.contains("/usr/share/man") && !moves) {
                report.error(
                        line.number(),
                        "script-man",
                        "It names /usr/share/man.",
                        "Slackware's manual pages are in /usr/man; man does not look there.",
                        "Use /usr/man, as in --mandir=/usr/man.");
            }
            if (text.contains("/usr/share/doc") && !moves) {
                report.error(
                        line.number(),
                        "script-doc",
                        "It names /usr/share/doc.",
                        "Slackware's documentation is in /usr/doc/NAME-VERSION.",
                        "Use --docdir=/usr/doc/$PRGNAM-$VERSION.");
            }
            if (text.matches(".*\\buname\\s+-\\w*r.*")) {
                report.error(
                        line.number(),
                        "script-kernel",
                        "It asks for the running kernel.",
                        "Modules are built for the snapshot's kernel, and the builder runs another one.",
                        "Declare \"# slipway: kernel\" and use $KERNEL.");
            }
            if (text.contains("--libdir=") && !text.contains("LIBDIRSUFFIX")) {
                boolean suffixed = text.matches(".*--libdir=[\"']?(/usr/)?lib64\\b.*");
                report.add(
                        suffixed ? Severity.WARNING : Severity.ERROR,
                        line.number(),
                        "script-libdir",
                        "--libdir does not end with $LIBDIRSUFFIX.",
                        suffixed ? "It is right for x86_64 only." : "64-bit libraries belong into /usr/lib64.",
                        "Write --libdir=/usr/lib$LIBDIRSUFFIX.");
            }
            if (text.matches("\\s*sudo\\b.*")) {
                report.error(
                        line.number(),
                        "script-sudo",
                        "It calls sudo.",
                        "A build runs as root of its own root; there is nobody else to be.",
                        "Leave sudo out.");
            }
            if (text.length() == ScriptText.LONGEST_LINE) {
                report.error(
                        line.number(),
                        "script-line",
                        "The line has " + ScriptText.LONGEST_LINE + " characters or more.",
                        "Nobody reads to its end, and neither does this check.",
                        "Break it with backslashes.");
            }
            if (text.endsWith(" ") || text.endsWith("\t")) {
                report.warn(
                        line.number(),
                        "script-blanks",
                        "Blanks stand at the end of the line.",
                        "Behind a backslash they break the line's continuation.",
                        "Remove them.");
            }
            if (text.startsWith("\t")) {
                report.warn(
                        line.number(),
                        "script-tabs",
                        "The line begins with a tab.",
                        "Editors show it at different widths.",
                        "Use blanks.");
            }
        }
        if (kernel && !script.says("\\$\\{?KERNEL\\b")) {
            report.error(
                    1,
                    "script-kernel",
                    "It declares kernel but never uses $KERNEL.",
                    "It would be built for whatever kernel it finds.",
                    "Build against /lib/modules/$KERNEL, and put the release into the package's version.");
        }
        if (script.says("\\./configure\\b", "\\bcmake\\b", "\\bmeson\\b")
                && !script.says("LIBDIRSUFFIX", "\\blib64\\b")) {
            report.warn(
                    1,
                    "script-libdir",
                    "Neither LIBDIRSUFFIX nor lib64 is named.",
                    "64-bit libraries belong into /usr/lib64.",
                    "Set LIBDIRSUFFIX=64 for x86_64 and pass --libdir=/usr/lib$LIBDIRSUFFIX.");
        }
        if (!script.says("usr/doc/")) {
            report.error(
                    1,
                    "script-doc",
                    "It makes no directory of documentation.",
                    "Licence and README of the program belong to its package.",
                    "Copy them to $PKG/usr/doc/$PRGNAM-$VERSION.");
        }
    }

    private void makepkg() {
        Optional<ScriptText.Line> call = script.findCode("(^|[;&|(/\\s])makepkg\\s+-");
        if (call.isEmpty()) {
            report.error(
                    1,
                    "script-makepkg",
                    "makepkg is not called.",
                    "No package would be made.",
                    "End with /sbin/makepkg -l y -c n $OUTPUT/$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE.");
        } else {
            String text = call.get().text();
            if (!text.matches(".*\\s-l\\s+y\\b.*") || !text.matches(".*\\s-c\\s+n\\b.*")) {
                report.error(
                        call.get().number(),
                        "script-makepkg",
                        "makepkg is called without -l y and -c n.",
                        "It would ask what to do with links and permissions, and nobody answers.",
                        "Call /sbin/makepkg -l y -c n.");
            }
            if (!text.matches(".*\\$\\{?OUTPUT\\b.*")) {
                report.error(
                        call.get().number(),
                        "script-makepkg",
                        "The package is not made in $OUTPUT.",
                        "The builder looks for it there.",
                        "Write $OUTPUT/ before its name.");
            }
        }
        if (!script.says("slack-desc\\b.*\\$\\{?PKG\\}?/install\\b")) {
            report.error(
                    1,
                    "script-slack-desc",
                    "slack-desc is not put into $PKG/install.",
                    "The package would have no description.",
                    "Write cat $CWD/slack-desc > $PKG/install/slack-desc.");
        }
    }
}
