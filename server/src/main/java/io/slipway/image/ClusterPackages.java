package io.slipway.image;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which packages an image has besides Slackware's, and what gives way to them. As with {@code upgradepkg --install-new},
 * there is one package of a NAME, and the later one wins: a compiled one over Slackware's, a local one over both.
 *
 * @param choices in the order of installation
 * @param displaced NAMEs of Slackware's packages that are left out, and why, as the end of a sentence
 * @param notes what gave way, for people
 */
public record ClusterPackages(List<Choice> choices, SortedMap<String, String> displaced, List<String> notes) {
    public ClusterPackages {
        choices = List.copyOf(choices);
        displaced = Collections.unmodifiableSortedMap(new TreeMap<>(displaced));
        notes = List.copyOf(notes);
    }

    /**
     * One package.
     *
     * @param name its NAME
     * @param compiled what the stacks have of it; empty for a local one
     */
    public record Choice(String name, Optional<Compiled.Wanted> compiled) {}

    /**
     * @param local of {@code packages.local}, in the order of installation
     */
    public static ClusterPackages of(Compiled compiled, List<PackageFileName> local) {
        return new Resolution(compiled, local).result();
    }

    /**
     * @param command what compiles them; names follow it
     * @throws io.slipway.problem.ProblemException of kind NOT_FOUND that names all that are to be compiled first, and why
     */
    void requireCompiled(String command) {
        List<Compiled.Missing> missing = choices.stream()
                .flatMap(choice -> choice.compiled().stream())
                .filter(Compiled.Missing.class::isInstance)
                .map(Compiled.Missing.class::cast)
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        List<String> names = missing.stream().map(Compiled.Missing::slackbuild).toList();
        throw Problem.of(
                        ProblemKind.NOT_FOUND,
                        "packages.stacks asks for what is not compiled: " + String.join(", ", names) + ".",
                        command + " " + String.join(" ", names)
                                + "\nOr put ready-made packages of these names into a directory of packages.local: "
                                + String.join(
                                        ", ",
                                        missing.stream()
                                                .map(Compiled.Missing::name)
                                                .toList())
                                + ".")
                .withDetails(String.join(
                        "\n",
                        missing.stream()
                                .map(one -> one.slackbuild() + ": " + String.join(", ", one.reasons()))
                                .toList()))
                .asException();
    }

    private static final class Resolution {
        private final Set<String> local = new HashSet<>();
        private final Map<String, Choice> chosen = new LinkedHashMap<>();
        private final Map<String, Set<String>> conflicts = new LinkedHashMap<>();
        private final List<String> notes = new ArrayList<>();

        Resolution(Compiled compiled, List<PackageFileName> brought) {
            brought.forEach(file -> local.add(file.name()));
            compiled.packages().forEach(this::add);
            local(brought);
        }

        private void add(Compiled.Wanted wanted) {
            String name = wanted.name();
            if (local.contains(name)) {
                // At this place: others need it to be there before them.
                chosen.put(name, new Choice(name, Optional.empty()));
                notes.add("The local package " + name + " takes the place of the compiled one.");
                conflicts.put(name, wanted.conflicts());
                return;
            }
            Optional<String> brought =
                    wanted.conflicts().stream().filter(local::contains).sorted().findFirst();
            if (brought.isPresent()) {
                notes.add("The compiled package " + name + " is left out: it conflicts with the local package "
                        + brought.get() + ".");
                return;
            }
            for (Choice earlier : List.copyOf(chosen.values())) {
                earlier.compiled().ifPresent(other -> giveWay(other, wanted));
            }
            chosen.put(name, new Choice(name, Optional.of(wanted)));
            conflicts.put(name, wanted.conflicts());
        }

        private void giveWay(Compiled.Wanted earlier, Compiled.Wanted later) {
            boolean same = earlier.name().equals(later.name());
            if (same
                    || earlier.conflicts().contains(later.name())
                    || later.conflicts().contains(earlier.name())) {
                chosen.remove(earlier.name());
                conflicts.remove(earlier.name());
                notes.add("The package " + earlier.name() + " of " + earlier.slackbuild() + " is left out: that of "
                        + later.slackbuild() + (same ? " has the same name" : " conflicts with it")
                        + " and comes later.");
            }
        }

        private void local(List<PackageFileName> brought) {
            brought.forEach(file -> chosen.putIfAbsent(file.name(), new Choice(file.name(), Optional.empty())));
        }

        ClusterPackages result() {
            var displaced = new TreeMap<String, String>();
            conflicts.forEach((name, others) ->
                    others.forEach(other -> displaced.putIfAbsent(other, "it conflicts with " + name)));
            // These are Slackware's no more.
            displaced.keySet().removeAll(chosen.keySet());
            return new ClusterPackages(List.copyOf(chosen.values()), displaced, notes);
        }
    }
}
