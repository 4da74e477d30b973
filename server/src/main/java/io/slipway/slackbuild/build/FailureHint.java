package io.slipway.slackbuild.build;

import io.slipway.slackbuild.SlackBuild;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to try when a build failed, from what it said last. */
final class FailureHint {
    /** What compilers, linkers, shells and pkg-config say of something that is not there. */
    private static final List<Pattern> MISSING = List.of(
            Pattern.compile("fatal error: ([^\\s:]+): No such file"),
            Pattern.compile("cannot find -l(\\S+?)(:|\\s|$)"),
            Pattern.compile("([A-Za-z0-9_.+-]+): (command )?not found"),
            Pattern.compile("No package '([^']+)' found"),
            Pattern.compile("Package (?:'|\")?([A-Za-z0-9_.+-]+)(?:'|\")?,? (was not found|required by)"),
            Pattern.compile("Package requirements \\(([^\\s)]+)"),
            Pattern.compile("ModuleNotFoundError: No module named '([^']+)'"));

    private static final Pattern NETWORK =
            Pattern.compile("(?i)could not resolve|name resolution|network is unreachable"
                    + "|name or service not known|failed to lookup address|dial tcp|no route to host|unable to resolve host"
                    + "|unknownhostexception|getaddrinfo");

    private FailureHint() {}

    /**
     * @param known names of SlackBuilds that could be required
     */
    static String of(List<String> tail, SlackBuild failed, Collection<String> known) {
        var missing = new LinkedHashSet<String>();
        boolean network = false;
        for (String line : tail) {
            for (Pattern pattern : MISSING) {
                Matcher matcher = pattern.matcher(line);
                if (matcher.find()) {
                    missing.add(matcher.group(1));
                }
            }
            network |= NETWORK.matcher(line).find();
        }
        if (network) {
            return "A build has no network. Let the script fetch what it needs when SLIPWAY_FETCH is set, into VENDOR, and"
                    + " declare it with a line \"# slipway: network\"; or name it in DOWNLOAD.";
        }
        if (!missing.isEmpty()) {
            Set<String> having = new LinkedHashSet<>();
            for (String name : known) {
                if (!name.equals(failed.name()) && missing.stream().anyMatch(each -> isOf(each, name))) {
                    having.add(name);
                }
            }
            return String.join(", ", missing)
                    + (having.isEmpty()
                            ? " is not there. A build sees the series of its stack and what REQUIRES names: add there what"
                                    + " has it, or take a further series into the stack in stacks.yaml."
                            : " is not there. Perhaps " + String.join(" or ", having)
                                    + " has it: add that to REQUIRES in " + failed.name() + ".info.");
        }
        return "See its log, and mend the script or its sources. A build sees the series of its stack and what REQUIRES"
                + " names, nothing else.";
    }

    private static boolean isOf(String missing, String name) {
        String lower = missing.toLowerCase(Locale.ROOT);
        String wanted = name.toLowerCase(Locale.ROOT);
        return lower.equals(wanted)
                || lower.startsWith(wanted + ".")
                || lower.startsWith(wanted + "/")
                || lower.equals("lib" + wanted)
                || ("lib" + lower).equals(wanted);
    }
}
