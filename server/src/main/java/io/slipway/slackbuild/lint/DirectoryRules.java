package io.slipway.slackbuild.lint;

import static io.slipway.slackbuild.lint.FileFindings.shown;

import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildReader;
import io.slipway.slackware.PackageFileName;
import java.util.Locale;
import java.util.function.Function;

/** What holds for a SlackBuild's directory: its name, and what lies in it. */
final class DirectoryRules {
    private DirectoryRules() {}

    static void check(SlackBuildFiles files, Function<String, FileFindings> reports) {
        names(files, reports);
        modes(files, reports);
    }

    private static void names(SlackBuildFiles files, Function<String, FileFindings> reports) {
        String name = files.name();
        if (!PackageFileName.isName(name)) {
            reports.apply(".")
                    .error(
                            1,
                            "name",
                            "The directory's name is " + shown(name) + ".",
                            "No package can have it.",
                            "Rename it.");
        }
        if (!files.files().containsKey("slack-desc")) {
            reports.apply("slack-desc")
                    .error(
                            1,
                            "desc-missing",
                            "There is no slack-desc.",
                            "installpkg and people have nothing that says what the package is.",
                            "Write one: a ruler and 11 lines \"" + name + ": …\".");
        }
    }

    private static void modes(SlackBuildFiles files, Function<String, FileFindings> reports) {
        files.files().forEach((name, file) -> {
            boolean script = SlackBuildReader.isScript(name);
            switch (file.kind()) {
                case FILE -> {
                    if (file.isExecutable() && !script) {
                        reports.apply(name)
                                .error(
                                        1,
                                        "mode",
                                        String.format(Locale.ROOT, "It is executable (mode %o).", file.mode()),
                                        "Only the script is run; what is copied into packages would be executable there.",
                                        "chmod 644 " + name);
                    }
                    if ((file.mode() & 02) != 0) {
                        reports.apply(name)
                                .error(
                                        1,
                                        "mode",
                                        String.format(Locale.ROOT, "Everybody may write it (mode %o).", file.mode()),
                                        "It is run as root, or put into what is.",
                                        "chmod o-w " + name);
                    }
                }
                case BAD_LINK ->
                    reports.apply(name)
                            .error(
                                    1,
                                    "link",
                                    "It is a link that leads nowhere, or out of the directory.",
                                    "Elsewhere the directory does not have what it needs.",
                                    "Put the file itself there.");
                case TOO_LARGE ->
                    reports.apply(name)
                            .warn(
                                    1,
                                    "size",
                                    "It is larger than what is read.",
                                    "A SlackBuild is text and patches; sources are fetched.",
                                    "Take it out and name it in DOWNLOAD.");
                case OTHER ->
                    reports.apply(name)
                            .error(1, "kind", "It is no file that can be read.", "It cannot be kept.", "Remove it.");
            }
        });
    }
}
