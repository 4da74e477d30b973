package io.slipway.slackbuild;

import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What can be known of a SlackBuild's script by looking at it. It is never run for that, so a value that only a shell could
 * tell is unknown.
 */
public final class ScriptText {
    /** The shell's own {@code uname -m} is the build root's. */
    static final String ARCH = "x86_64";
    /** Stands for the kernel release that only the builder knows. */
    static final String KERNEL = "KERNEL";

    /** Characters of a line that are looked at; people write no longer ones. */
    public static final int LONGEST_LINE = 2000;

    /** What the runner of builds sets; a script that asks uname gets the same answer. */
    private static final Map<String, String> FROM_OUTSIDE = Map.of("ARCH", ARCH, "KERNEL", KERNEL);

    private static final Pattern ASSIGNMENT =
            Pattern.compile("^\\s*(?:[^\\s()'\"]+\\)\\s*)?(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)=");
    private static final Pattern HEREDOC = Pattern.compile("(?<!<)<<-?\\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\\1");
    private static final Pattern DECLARATION = Pattern.compile("^#\\s*slipway:\\s*(.*?)\\s*$");
    private static final Pattern PRINT =
            Pattern.compile("^\\s*(?:echo|printf\\s+(?:'%s(?:\\\\n)?'|\"%s(?:\\\\n)?\"))\\s+");
    private static final Pattern ASKED = Pattern.compile("\\$\\{?PRINT_PACKAGE_NAME\\b");

    private final List<Line> lines;
    private final Map<String, Assignment> assignments = new LinkedHashMap<>();
    private final Set<Declaration> declarations = EnumSet.noneOf(Declaration.class);
    private final List<Line> unknownDeclarations = new ArrayList<>();

    private ScriptText(List<Line> lines) {
        this.lines = lines;
    }

    /** What a line is to the shell. */
    public enum Kind {
        CODE,
        COMMENT,
        /** Text that the script feeds to a program. */
        HEREDOC
    }

    /**
     * A line.
     *
     * @param number from 1
     * @param text without its end
     */
    public record Line(int number, String text, Kind kind) {
        boolean isCode() {
            return kind == Kind.CODE;
        }
    }

    /**
     * The first assignment to a variable.
     *
     * @param value what it is when nothing was set outside, or null if only a shell could tell
     * @param overridable whether a value from outside wins
     * @param line from 1
     */
    public record Assignment(@Nullable String value, boolean overridable, int line) {}

    /** Looks at a script. Characters of a line beyond {@link #LONGEST_LINE} are not looked at. */
    public static ScriptText read(String text) {
        var lines = new ArrayList<Line>();
        String[] all = text.split("\n", -1);
        int count = all.length > 0 && all[all.length - 1].isEmpty() ? all.length - 1 : all.length;
        String end = null;
        for (int i = 0; i < count; i++) {
            String whole = all[i].endsWith("\r") ? all[i].substring(0, all[i].length() - 1) : all[i];
            String line = whole.substring(0, Math.min(whole.length(), LONGEST_LINE));
            if (end != null) {
                lines.add(new Line(i + 1, line, Kind.HEREDOC));
                if (line.strip().equals(end)) {
                    end = null;
                }
                continue;
            }
            boolean comment = line.stripLeading().startsWith("#");
            lines.add(new Line(i + 1, line, comment ? Kind.COMMENT : Kind.CODE));
            Matcher heredoc = HEREDOC.matcher(line);
            if (!comment && heredoc.find()) {
                end = heredoc.group(2);
            }
        }
        var script = new ScriptText(Collections.unmodifiableList(lines));
        script.look();
        return script;
    }

    private void look() {
        var values = new LinkedHashMap<String, @Nullable String>();
        values.putAll(FROM_OUTSIDE);
        for (Line line : lines) {
            Matcher declaration = DECLARATION.matcher(line.text());
            if (line.kind() == Kind.COMMENT && declaration.matches()) {
                Optional<Declaration> known = Declaration.find(declaration.group(1));
                known.ifPresent(declarations::add);
                if (known.isEmpty()) {
                    unknownDeclarations.add(line);
                }
            }
            if (line.isCode()) {
                assignment(line, values);
            }
        }
    }

    private void assignment(Line line, Map<String, @Nullable String> values) {
        Matcher found = ASSIGNMENT.matcher(line.text());
        if (!found.find()) {
            return;
        }
        String name = found.group(1);
        String right = line.text().substring(found.end());
        boolean guarded = isGuarded(line.number(), name);
        boolean overridable = guarded || isItsOwnDefault(right, name);
        String given = FROM_OUTSIDE.get(name);
        if (given != null && overridable) {
            assignments.putIfAbsent(name, new Assignment(given, true, line.number()));
            return;
        }
        String value;
        try {
            value = ShellWord.read(right, 0, variable -> values.get(variable)).value();
        } catch (ShellWord.Refused code) {
            value = null;
        }
        if (assignments.putIfAbsent(name, new Assignment(value, overridable, line.number())) == null
                || !line.text().startsWith(" ")) {
            values.put(name, value);
        }
    }

    /** {@code NAME=${NAME:-default}}, with or without quotes. */
    private static boolean isItsOwnDefault(String right, String name) {
        return right.matches("^\"?\\$\\{" + name + "(:?[-=?]).*");
    }

    /** Within the three lines above: {@code if [ -z "$NAME" ]} and the beginning of a case. */
    private boolean isGuarded(int number, String name) {
        Pattern guard = Pattern.compile("\\[\\s+-z\\s+\"?\\$\\{?" + name + "\\b");
        for (int i = Math.max(0, number - 8); i < number; i++) {
            if (guard.matcher(lines.get(i).text()).find()) {
                return true;
            }
        }
        return false;
    }

    /** All lines in their order. */
    public List<Line> lines() {
        return lines;
    }

    /** The lines that are neither comments nor here-documents. */
    public List<Line> code() {
        return lines.stream().filter(Line::isCode).toList();
    }

    /** What its {@code # slipway:} lines declare. */
    public Set<Declaration> declarations() {
        return declarations.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(declarations));
    }

    /** {@code # slipway:} lines that declare what nobody knows. */
    public List<Line> unknownDeclarations() {
        return List.copyOf(unknownDeclarations);
    }

    /** The first assignment to a variable. */
    public Optional<Assignment> findAssignment(String name) {
        return Optional.ofNullable(assignments.get(name));
    }

    /** The value that a variable has at the beginning, if that can be known. */
    public Optional<String> findValue(String name) {
        return findAssignment(name).map(Assignment::value);
    }

    /** The line that asks for PRINT_PACKAGE_NAME. */
    public Optional<Line> findPrintPackageName() {
        return code().stream().filter(line -> ASKED.matcher(line.text()).find()).findFirst();
    }

    /**
     * The file name that the script would print, as far as looking at it can tell.
     *
     * @param otherwise values of variables that cannot be told, such as the version that the .info says
     */
    public Optional<PackageFileName> findPackageName(Map<String, String> otherwise) {
        String format = "$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE";
        Optional<Line> asked = findPrintPackageName();
        if (asked.isPresent()) {
            int from = asked.get().number() - 1;
            for (Line line : lines.subList(from, Math.min(lines.size(), from + 4))) {
                String text = line.text().replaceFirst(".*?(?=\\b(echo|printf)\\b)", "");
                Matcher print = PRINT.matcher(text);
                if (print.find()) {
                    format = text.substring(print.end());
                    break;
                }
            }
        }
        try {
            ShellWord.Read name = ShellWord.read(format.strip().replaceFirst(";.*$", ""), 0, variable -> {
                String value = assignments.containsKey(variable)
                        ? assignments.get(variable).value()
                        : null;
                return value == null ? otherwise.get(variable) : value;
            });
            return PackageFileName.find(name.value())
                    .filter(file -> !file.version().isEmpty());
        } catch (ShellWord.Refused code) {
            return Optional.empty();
        }
    }

    /** Whether any line of code matches. */
    public boolean says(String... regularExpressions) {
        return Arrays.stream(regularExpressions)
                .anyMatch(expression -> findCode(expression).isPresent());
    }

    /** The first line of code in which an expression is found. */
    public Optional<Line> findCode(String regularExpression) {
        Pattern pattern = Pattern.compile(regularExpression);
        return code().stream()
                .filter(line -> pattern.matcher(line.text()).find())
                .findFirst();
    }
}
