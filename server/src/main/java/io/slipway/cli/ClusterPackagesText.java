package io.slipway.cli;

import io.slipway.image.ClusterPackages;
import io.slipway.image.Compiled;
import java.util.Locale;

/** What an image has besides Slackware's packages, for people. */
final class ClusterPackagesText {
    private ClusterPackagesText() {}

    /** One line a package, in the order of installation, then what is left out. */
    static String table(ClusterPackages packages, Compiled compiled) {
        var out = new StringBuilder(row("NAME", "STATE", "PACKAGE"));
        packages.choices().forEach(choice -> out.append(row(choice.name(), state(choice), told(choice))));
        compiled.leftOut().forEach(name -> out.append(row(name, "build-only", "not installed")));
        packages.notes().forEach(note -> out.append(note).append('\n'));
        packages.displaced()
                .forEach((name, why) -> out.append("Slackware's ")
                        .append(name)
                        .append(" is left out where there is one: ")
                        .append(why)
                        .append(".\n"));
        return out.toString();
    }

    /** {@code compiled}, {@code missing} or {@code local}. */
    static String state(ClusterPackages.Choice choice) {
        return choice.compiled()
                .map(wanted -> wanted instanceof Compiled.Item ? "compiled" : "missing")
                .orElse("local");
    }

    private static String told(ClusterPackages.Choice choice) {
        Compiled.Wanted wanted = choice.compiled().orElse(null);
        if (wanted instanceof Compiled.Item item) {
            return item.file().fileName();
        }
        return wanted instanceof Compiled.Missing missing ? String.join(", ", missing.reasons()) : "of packages.local";
    }

    private static String row(String name, String state, String told) {
        return String.format(Locale.ROOT, "%-24s %-10s %s%n", name, state, told);
    }
}
