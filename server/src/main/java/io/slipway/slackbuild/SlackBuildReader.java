package io.slipway.slackbuild;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.SlackDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * From a directory to a {@link SlackBuild}. Directories that deviate from SlackBuilds.org's conventions in ways that leave
 * no doubt are taken as they are, and what was assumed is kept.
 */
public final class SlackBuildReader {
    /** What is shorter stands in addresses by chance. */
    private static final int SHORTEST_VERSION = 3;

    private static final Set<String> NOT_HERE = Set.of("UNSUPPORTED", "UNTESTED");

    private final SlackBuildFiles files;
    private final Map<String, String> settings;
    private final List<Problem> assumptions = new ArrayList<>();

    private SlackBuildReader(SlackBuildFiles files, Map<String, String> settings) {
        this.files = files;
        this.settings = settings;
    }

    /** Whether a directory with these names of files is one of a SlackBuild. */
    public static boolean isScript(String file) {
        return file.indexOf('/') < 0 && file.toLowerCase(Locale.ROOT).endsWith(".slackbuild");
    }

    /**
     * @throws ProblemException with everything that makes it impossible to build
     */
    public static SlackBuild read(SlackBuildFiles files) {
        return read(files, Map.of());
    }

    /**
     * The same, to be run with further variables. What one of them has without them ({@code VERSION}) gives way to what it
     * is set to in the addresses of sources, too.
     *
     * @throws ProblemException likewise
     */
    public static SlackBuild read(SlackBuildFiles files, Map<String, String> settings) {
        return new SlackBuildReader(files, settings).read();
    }

    private SlackBuild read() {
        String name = files.name();
        if (!PackageFileName.isName(name)) {
            throw refuse("has the name \"" + EntryPath.shown(name) + "\", which no package can have", "Rename it.");
        }
        String script = script();
        ScriptText text = text(script);
        InfoFile info = info();
        String program = program(info, text);
        String version = version(info, text);
        PackageFileName packageName = text.findPackageName(Map.of("PRGNAM", program, "VERSION", version))
                .orElseGet(() -> {
                    assume(
                            "does not show the file name of its package; " + program + "-" + version.replace('-', '_')
                                    + "-x86_64-1.tgz is assumed",
                            "Let the script print it when PRINT_PACKAGE_NAME is set.");
                    return new PackageFileName(program, version.replace('-', '_'), ScriptText.ARCH, "1", "", "tgz");
                });
        if (!packageName.name().equals(program)) {
            assume(
                    "makes " + packageName.fileName() + ", which Slackware's tools take for the package \""
                            + packageName.name() + "\"; that name is assumed",
                    "Write VERSION without hyphens, and PRGNAM as the package is to be called.");
        }
        String usual = packageName.name().equals(program) ? version : packageName.version();
        String wanted = settings.getOrDefault("VERSION", usual);
        return new SlackBuild(
                name,
                files,
                program,
                wanted,
                usual.equals(wanted) ? packageName : withVersion(packageName, usual, wanted),
                script,
                requires(info),
                sources(info, text),
                text.declarations(),
                settings,
                summary(program),
                assumptions);
    }

    private PackageFileName withVersion(PackageFileName name, String usual, String wanted) {
        try {
            return new PackageFileName(
                    name.name(),
                    name.version().replace(usual, wanted),
                    name.arch(),
                    name.build(),
                    name.tag(),
                    name.extension());
        } catch (IllegalArgumentException impossible) {
            throw refuse("cannot have the VERSION " + shown(wanted) + ", as no package can", "Set another one.");
        }
    }

    private String script() {
        List<String> scripts = files.files().keySet().stream()
                .filter(SlackBuildReader::isScript)
                .toList();
        String expected = files.name() + ".SlackBuild";
        String found = scripts.contains(expected) || scripts.isEmpty() ? expected : scripts.get(0);
        if (!scripts.contains(expected) && scripts.size() > 1) {
            throw refuse(
                    "has several scripts: " + EntryPath.shown(String.join(", ", scripts)),
                    "Keep one, called " + expected + ".");
        }
        if (!found.equals(expected)) {
            assume("has the script " + EntryPath.shown(found), "Call it " + expected + ".");
        }
        return found;
    }

    private ScriptText text(String script) {
        FileText file = readable(script);
        if (file.bytes().isBlank()) {
            throw refuse("has an empty " + EntryPath.shown(script), "Write the script, or remove the directory.");
        }
        if (file.bytes().indexOf('\0') >= 0) {
            throw refuse("has NUL bytes in " + EntryPath.shown(script), "It is no text. Fetch the SlackBuild again.");
        }
        return ScriptText.read(file.text());
    }

    private FileText readable(String name) {
        FileText file = files.files().get(name);
        if (file == null) {
            throw refuse("has no " + EntryPath.shown(name), "Add it, or remove the directory.");
        }
        return switch (file.kind()) {
            case FILE -> file;
            case TOO_LARGE ->
                throw refuse("has a too large " + EntryPath.shown(name), "Check that it is the right file.");
            case BAD_LINK ->
                throw refuse(
                        "has " + EntryPath.shown(name) + " as a link that leads nowhere or out of the directory",
                        "Put the file itself there.");
            case OTHER ->
                throw refuse("has " + EntryPath.shown(name) + ", which cannot be read", "Put a readable file there.");
        };
    }

    private InfoFile info() {
        String expected = files.name() + ".info";
        if (files.files().containsKey(expected)) {
            return parse(expected);
        }
        List<String> others = files.files().keySet().stream()
                .filter(file -> file.indexOf('/') < 0 && file.endsWith(".info"))
                .toList();
        if (others.size() == 1) {
            assume("has " + EntryPath.shown(others.get(0)) + " in the place of " + expected, "Rename it.");
            return parse(others.get(0));
        }
        if (others.size() > 1) {
            throw refuse(
                    "has several .info files and none is called " + expected + ": "
                            + EntryPath.shown(String.join(", ", others)),
                    "Keep one.");
        }
        assume("has no .info; no requirements and no sources are assumed", "Write " + expected + ".");
        return new InfoFile(files.path() + '/' + expected, Map.of(), List.of());
    }

    private InfoFile parse(String name) {
        FileText file = readable(name);
        String path = files.path() + '/' + name;
        if (!file.isUtf8()) {
            assume("has an " + name + " that is not UTF-8; it is read as Latin-1", "Save it as UTF-8.");
        }
        InfoFile info = InfoFile.read(file.text(), path);
        for (Mention field : info.twice()) {
            assumptions.add(Problem.of(
                    ProblemKind.INVALID_INPUT,
                    field.place() + ": " + field.name() + " stands again further below; the last one is taken.",
                    "Remove one of the two."));
        }
        return info;
    }

    private String program(InfoFile info, ScriptText script) {
        Optional<String> said = script.findValue("PRGNAM");
        String written = info.value("PRGNAM");
        String program = said.orElse(written.isEmpty() ? files.name() : written);
        if (said.isEmpty() && written.isEmpty()) {
            assume("does not say PRGNAM; its directory's name is assumed", "Add PRGNAM to the .info and the script.");
        } else if (said.isPresent() && !written.isEmpty() && !said.get().equals(written)) {
            assume(
                    "is " + shown(written) + " in its .info and " + shown(program)
                            + " in its script; the script's name is taken",
                    "Write the same PRGNAM into both.");
        } else if (!program.equals(files.name())) {
            assume(
                    "makes the package " + shown(program) + "; others find it by both names",
                    "Give the directory the name that PRGNAM says.");
        }
        if (!PackageFileName.isName(program)) {
            throw refuse("has the PRGNAM " + shown(program) + ", which no package can have", "Correct it.");
        }
        return program;
    }

    private String version(InfoFile info, ScriptText script) {
        Optional<String> said = script.findValue("VERSION").filter(text -> !text.isEmpty());
        String written = info.value("VERSION");
        if (said.isEmpty() && written.isEmpty()) {
            throw refuse("says no VERSION that can be read", "Write VERSION=${VERSION:-…} into the script.");
        }
        String version = said.orElse(written);
        if (said.isPresent() && !written.isEmpty() && !version.equals(written)) {
            assume(
                    "is " + shown(written) + " in its .info and " + shown(version)
                            + " in its script; the script's version is taken",
                    "Write the same VERSION into both.");
        }
        if (!version.matches("[A-Za-z0-9@+._~-]{1,128}")) {
            throw refuse("has the VERSION " + shown(version) + ", which no package can have", "Correct it.");
        }
        return version;
    }

    private List<Mention> requires(InfoFile info) {
        var problems = new ArrayList<Problem>();
        for (Mention each : info.words("REQUIRES")) {
            if (!PackageFileName.isName(each.name()) && !each.name().equals("%README%")) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        each.place() + ": REQUIRES names " + shown(each.name()) + ", which is no package's name.",
                        "Write names of SlackBuilds with blanks between them."));
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return info.words("REQUIRES").stream().distinct().toList();
    }

    /** An address with what variables are set to in the place of what they would be. */
    private String set(String url, InfoFile info, ScriptText script) {
        String out = url;
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String usual = script.findValue(setting.getKey())
                    .orElse(setting.getKey().equals("VERSION") ? info.value("VERSION") : "");
            if (usual.length() >= SHORTEST_VERSION) {
                out = out.replace(usual, setting.getValue());
            }
        }
        return out;
    }

    private List<SlackBuild.Source> sources(InfoFile info, ScriptText script) {
        String suffix = "";
        String own = info.value("DOWNLOAD_x86_64");
        if (own.equals("UNSUPPORTED")
                || (own.isEmpty() && info.value("DOWNLOAD").equals("UNSUPPORTED"))) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            info.file() + ':' + info.line(own.isEmpty() ? "DOWNLOAD" : "DOWNLOAD_x86_64")
                                    + ": it says UNSUPPORTED: there is none for x86_64.",
                            "Take it out of the stack, or find a version for x86_64.")
                    .asException();
        }
        if (own.equals("UNTESTED")) {
            assume("says that it is UNTESTED on x86_64; DOWNLOAD is taken", "Test it, and remove the word.");
        } else if (!own.isEmpty()) {
            suffix = "_x86_64";
        }
        List<Mention> urls = info.words("DOWNLOAD" + suffix);
        List<Mention> sums = info.words("MD5SUM" + suffix);
        boolean plausible = sums.size() == urls.size()
                && sums.stream().allMatch(sum -> sum.name().matches("[0-9A-Fa-f]{32}"))
                && sums.stream().map(Mention::name).distinct().count() == sums.size();
        if (!plausible && !urls.isEmpty()) {
            assume(
                    sums.isEmpty()
                            ? "has no MD5SUM; what comes first is believed and then pinned by its SHA-256"
                            : "has an MD5SUM that does not fit its DOWNLOAD; it is not used",
                    "Give one MD5 sum for each address of DOWNLOAD.");
        }
        var out = new ArrayList<SlackBuild.Source>();
        for (int i = 0; i < urls.size(); i++) {
            if (!NOT_HERE.contains(urls.get(i).name())) {
                String url = set(urls.get(i).name(), info, script);
                boolean same = url.equals(urls.get(i).name());
                out.add(new SlackBuild.Source(
                        url,
                        plausible && same ? sums.get(i).name().toLowerCase(Locale.ROOT) : "",
                        urls.get(i).place()));
            }
        }
        return out;
    }

    private String summary(String program) {
        Optional<FileText> description = files.findFile("slack-desc");
        if (description.isEmpty()) {
            assume("has no slack-desc; the package has no description", "Write one.");
            return "";
        }
        try {
            String first =
                    SlackDesc.parse(description.get().text(), program).lines().get(0);
            return first.replaceFirst("^" + Pattern.quote(program) + "\\s*\\((.*)\\)\\s*$", "$1");
        } catch (ProblemException other) {
            assume("has a slack-desc without lines for " + program, "Begin its lines with \"" + program + ":\".");
            return "";
        }
    }

    private static String shown(String text) {
        return '"' + EntryPath.shown(text) + '"';
    }

    private void assume(String what, String correction) {
        assumptions.add(Problem.of(ProblemKind.INVALID_INPUT, files.path() + ' ' + what + '.', correction));
    }

    private ProblemException refuse(String what, String correction) {
        return Problem.of(ProblemKind.INVALID_INPUT, EntryPath.shown(files.path()) + ' ' + what + '.', correction)
                .asException();
    }
}
