package io.slipway.slackware;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which packages of a series are installed: one {@code NAME:PRIORITY} a line.
 *
 * <p>installpkg suppresses only SKP; REC, OPT and packages that are not listed are installed, except in setup's menus.
 * So what Slipway writes is always complete: ADD or SKP for every package of the series.
 *
 * @param priorities by NAME
 */
public record Tagfile(SortedMap<String, Priority> priorities) {
    /** In the order in which installpkg looks for the words in a line. */
    public enum Priority {
        ADD,
        REC,
        OPT,
        SKP
    }

    public Tagfile {
        priorities = Collections.unmodifiableSortedMap(new TreeMap<>(priorities));
    }

    /**
     * ADD for the packages that are chosen, SKP for the others.
     *
     * @param names every package of the series
     */
    public static Tagfile complete(Collection<String> names, Predicate<String> chosen) {
        var priorities = new TreeMap<String, Priority>();
        for (String name : names) {
            if (!PackageFileName.isName(name)) {
                throw new IllegalArgumentException("\"" + Line.shown(name) + "\" is not the name of a package");
            }
            priorities.put(name, chosen.test(name) ? Priority.ADD : Priority.SKP);
        }
        return new Tagfile(priorities);
    }

    /**
     * @param file stands in messages
     * @throws ProblemException with every line that is wrong: not {@code NAME:PRIORITY}, a package that comes twice, or
     *     text after the priority that installpkg would take for another one (it looks for ADD, REC, OPT and SKP, in
     *     this order, anywhere in the line)
     */
    public static Tagfile parse(String text, String file) {
        var priorities = new TreeMap<String, Priority>();
        var problems = new ArrayList<Problem>();
        Line.each(text, file, (line, number) -> {
            if (line.isBlank() || line.startsWith("#")) {
                return;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon);
            String rest = colon < 0 ? "" : line.substring(colon + 1).strip();
            Priority priority = null;
            Priority found = null;
            for (Priority candidate : Priority.values()) {
                if (rest.startsWith(candidate.name())) {
                    priority = candidate;
                }
                if (found == null && rest.contains(candidate.name())) {
                    found = candidate;
                }
            }
            String where = file + ", line " + number + ": ";
            if (!PackageFileName.isName(name) || priority == null) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        where + "\"" + Line.shown(line) + "\" is not NAME:PRIORITY.",
                        "Write a package's name, a colon, and ADD, REC, OPT or SKP."));
            } else if (priority != found) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        where + "installpkg would read \"" + Line.shown(line) + "\" as " + found + ".",
                        "Remove what follows " + priority + "."));
            } else if (priorities.putIfAbsent(name, priority) != null) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        where + "the package \"" + name + "\" comes a second time.",
                        "Keep one of its lines."));
            }
        });
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return new Tagfile(priorities);
    }

    /** Names of this tagfile that are not among the packages of its series. */
    public List<String> unknown(Collection<String> names) {
        return priorities.keySet().stream()
                .filter(name -> !names.contains(name))
                .toList();
    }

    /** Packages of the series that this tagfile does not name, which installpkg would install. */
    public List<String> missing(Collection<String> names) {
        return names.stream()
                .filter(name -> !priorities.containsKey(name))
                .sorted()
                .toList();
    }

    /** The file, sorted by name. */
    public String text() {
        var out = new StringBuilder();
        for (Map.Entry<String, Priority> entry : priorities.entrySet()) {
            out.append(entry.getKey()).append(':').append(entry.getValue()).append('\n');
        }
        return out.toString();
    }
}
