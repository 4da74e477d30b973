package io.slipway.slackbuild;

import io.slipway.problem.Problem;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A directory of SlackBuilds.
 *
 * @param path for messages
 * @param stacks what its stacks.yaml says
 * @param slackbuilds those that can be built, by name
 * @param broken what is wrong with the others, by name
 */
public record SlackBuildTree(
        String path, Stacks stacks, Map<String, SlackBuild> slackbuilds, Map<String, List<Problem>> broken) {
    public SlackBuildTree {
        slackbuilds = Collections.unmodifiableMap(new LinkedHashMap<>(slackbuilds));
        broken = Collections.unmodifiableMap(new LinkedHashMap<>(broken));
    }
}
