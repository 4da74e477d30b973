package io.slipway.inventory;

import java.util.List;
import java.util.Map;

/**
 * @param stacks named sets of SlackBuilds whose packages images get
 * @param slackbuilds further directories of SlackBuilds
 * @param local directories of ready-made packages ({@code *.txz}); relative ones start at cluster.yaml's directory
 * @param set another version, by the name of a SlackBuild, or another value by {@code NAME:VARIABLE}
 * @param sources directories and addresses to look for upstream sources in, before their own
 * @param jobs number of builds side by side
 */
public record Packages(
        List<String> stacks,
        List<String> slackbuilds,
        List<String> local,
        Map<String, String> set,
        List<String> sources,
        int jobs) {
    public Packages {
        stacks = List.copyOf(stacks);
        slackbuilds = List.copyOf(slackbuilds);
        local = List.copyOf(local);
        set = Map.copyOf(set);
        sources = List.copyOf(sources);
    }
}
