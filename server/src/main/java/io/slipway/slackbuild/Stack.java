package io.slipway.slackbuild;

import java.util.List;

/**
 * A named set of SlackBuilds.
 *
 * @param name as {@code packages.stacks} of cluster.yaml names it
 * @param description one line
 * @param slackbuilds what it consists of; what these need besides is found by their REQUIRES
 * @param series of Slackware that the build root of these SlackBuilds is made of, in the order of installation
 */
public record Stack(String name, String description, List<Mention> slackbuilds, List<String> series) {
    public Stack {
        slackbuilds = List.copyOf(slackbuilds);
        series = List.copyOf(series);
    }
}
