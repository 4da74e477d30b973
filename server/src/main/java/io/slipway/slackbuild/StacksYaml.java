package io.slipway.slackbuild;

import io.slipway.problem.ProblemException;
import io.slipway.yaml.Findings;
import io.slipway.yaml.Key;
import io.slipway.yaml.YamlBinder;
import io.slipway.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code stacks.yaml}. */
public final class StacksYaml {
    /** Characters; ours has about 3,000. */
    private static final int LARGEST = 500_000;

    static final String NAME = "[a-z][a-z0-9-]{0,30}";
    static final String NAME_WORDS = "a lower-case name: a letter, then letters, digits and hyphens, 31 at most";
    static final String PACKAGE = "[A-Za-z0-9][A-Za-z0-9+._@-]{0,99}";
    static final String PACKAGE_WORDS = "a package's NAME, without version";
    static final String SERIES_WORDS = "a series of Slackware such as a, ap, d, l or n";

    private final File file;
    private final Findings findings;

    private StacksYaml(File file, Findings findings) {
        this.file = file;
        this.findings = findings;
    }

    private record File(
            @Key(value = "Stacks by name.", pattern = NAME, shape = NAME_WORDS)
            Map<String, StackPart> stacks,

            @Key(
                    value = "What scripts do not say, by the SlackBuild's name.",
                    pattern = PACKAGE,
                    shape = PACKAGE_WORDS,
                    otherwise = "nothing")
            @Nullable
            Map<String, SupplementPart> slackbuilds,

            @Key(
                    value = "Names that a REQUIRES may use, each with the package of Slackware that satisfies it.",
                    pattern = PACKAGE,
                    shape = PACKAGE_WORDS,
                    otherwise = "none")
            @Nullable
            Map<String, String> slackware) {}

    private record StackPart(
            @Key(value = "One line.", pattern = "[^\\x00-\\x1f\\x7f]{1,200}", shape = "one line of text")
            String description,

            @Key(value = "The SlackBuilds that it consists of.", pattern = PACKAGE, shape = PACKAGE_WORDS)
            List<String> slackbuilds,

            @Key(
                    value = "Series of Slackware that their build root is made of.",
                    pattern = "[a-z][a-z0-9]{0,15}",
                    shape = SERIES_WORDS,
                    min = 1,
                    max = 30)
            List<String> series) {}

    private record SupplementPart(
            @Key(
                    value = "What it needs besides its REQUIRES.",
                    pattern = PACKAGE,
                    shape = PACKAGE_WORDS,
                    otherwise = "nothing")
            @Nullable
            List<String> requires,

            @Key(
                    value = "Further names that a REQUIRES may call it by.",
                    pattern = PACKAGE,
                    shape = PACKAGE_WORDS,
                    otherwise = "none")
            @Nullable
            List<String> provides,

            @Key(
                    value = "SlackBuilds that cannot be there together with it, and packages of Slackware that are left"
                            + " out where it is.",
                    pattern = PACKAGE,
                    shape = PACKAGE_WORDS,
                    otherwise = "none")
            @Nullable
            List<String> conflicts,

            @Key(value = "Whether it only serves to build others and is not installed on nodes.", otherwise = "false")
            @Nullable
            Boolean buildOnly) {}

    /**
     * @param text the file's content
     * @param name the file's name for messages
     * @throws ProblemException with everything that is wrong, each with line and column, in the order of the file
     */
    public static Stacks read(String text, String name) {
        var findings = new Findings(name);
        File file = new YamlBinder(Map.of(), findings)
                .bind(
                        YamlText.compose(
                                text, name, LARGEST, "Write at least \"stacks: {}\" into it, or remove the file."),
                        File.class);
        Stacks stacks = file == null ? null : new StacksYaml(file, findings).stacks();
        if (stacks == null || !findings.none()) {
            throw new ProblemException(findings.problems());
        }
        return stacks;
    }

    private Stacks stacks() {
        var stacks = new LinkedHashMap<String, Stack>();
        var member = new HashMap<String, String>();
        file.stacks().forEach((name, part) -> {
            String path = "stacks." + name;
            List<Mention> slackbuilds = mentions(part.slackbuilds(), path + ".slackbuilds");
            for (int i = 0; i < slackbuilds.size(); i++) {
                String other = member.put(slackbuilds.get(i).name(), name);
                if (other != null) {
                    findings.add(
                            path + ".slackbuilds[" + i + ']',
                            "is " + slackbuilds.get(i).name() + ", which stands in the stack " + other + " already",
                            "Remove one of the two: a SlackBuild is built in the root of one stack. Others find it by"
                                    + " their REQUIRES.");
                }
            }
            mentions(part.series(), path + ".series");
            stacks.put(name, new Stack(name, part.description(), slackbuilds, part.series()));
        });
        var supplements = new LinkedHashMap<String, Supplement>();
        var providers = new HashMap<String, String>();
        orEmpty(file.slackbuilds()).forEach((name, part) -> {
            Supplement supplement = supplement(name, part);
            String path = "slackbuilds." + name + ".provides";
            for (int i = 0; i < supplement.provides().size(); i++) {
                String provided = supplement.provides().get(i).name();
                String other = providers.put(provided, name);
                if (other != null) {
                    findings.add(
                            path + '[' + i + ']',
                            "is " + provided + ", which " + other + " provides already",
                            "Remove one of the two.");
                }
            }
            supplements.put(name, supplement);
        });
        var slackware = new LinkedHashMap<String, Mention>();
        orEmpty(file.slackware()).forEach((name, satisfied) -> {
            String path = "slackware." + name;
            if (!satisfied.matches(PACKAGE)) {
                findings.add(path, "is not " + PACKAGE_WORDS, "Write " + PACKAGE_WORDS + ".");
            }
            slackware.put(name, new Mention(satisfied, findings.place(path)));
        });
        return new Stacks(stacks, supplements, slackware);
    }

    private Supplement supplement(String name, SupplementPart part) {
        String path = "slackbuilds." + name;
        List<Mention> requires = mentions(part.requires(), path + ".requires");
        List<Mention> provides = mentions(part.provides(), path + ".provides");
        List<Mention> conflicts = mentions(part.conflicts(), path + ".conflicts");
        for (var list : Map.of("requires", requires, "provides", provides, "conflicts", conflicts)
                .entrySet()) {
            for (int i = 0; i < list.getValue().size(); i++) {
                if (list.getValue().get(i).name().equals(name)) {
                    findings.add(path + '.' + list.getKey() + '[' + i + ']', "is the SlackBuild itself", "Remove it.");
                }
            }
        }
        for (int i = 0; i < conflicts.size(); i++) {
            String conflict = conflicts.get(i).name();
            if (requires.stream().anyMatch(mention -> mention.name().equals(conflict))) {
                findings.add(
                        path + ".conflicts[" + i + ']',
                        "is " + conflict + ", which it requires too",
                        "Remove it from one of the two lists.");
            }
        }
        return new Supplement(requires, provides, conflicts, Boolean.TRUE.equals(part.buildOnly()));
    }

    /** The names with their places; one that stands twice in the list is a finding. */
    private List<Mention> mentions(@Nullable List<String> names, String path) {
        var out = new ArrayList<Mention>();
        if (names != null) {
            for (int i = 0; i < names.size(); i++) {
                String at = path + '[' + i + ']';
                if (names.subList(0, i).contains(names.get(i))) {
                    findings.add(at, "is " + names.get(i) + ", which stands in this list already", "Remove it.");
                }
                out.add(new Mention(names.get(i), findings.place(at)));
            }
        }
        return out;
    }

    private static <V> Map<String, V> orEmpty(@Nullable Map<String, V> map) {
        return map == null ? Map.of() : map;
    }
}
