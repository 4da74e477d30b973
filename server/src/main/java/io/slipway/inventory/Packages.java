package io.slipway.inventory;

import java.util.List;

/**
 * @param stacks named sets of SlackBuilds to compile
 * @param slackbuilds further directories of SlackBuilds
 * @param local directories of ready-made packages ({@code *.txz}); relative ones start at cluster.yaml's directory
 * @param sources directories and addresses to look for upstream sources in, before their own
 * @param jobs number of builds side by side
 */
public record Packages(
        List<String> stacks, List<String> slackbuilds, List<String> local, List<String> sources, int jobs) {
    public Packages {
        stacks = List.copyOf(stacks);
        slackbuilds = List.copyOf(slackbuilds);
        local = List.copyOf(local);
        sources = List.copyOf(sources);
    }
}
