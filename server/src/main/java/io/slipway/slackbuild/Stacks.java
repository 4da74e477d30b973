package io.slipway.slackbuild;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code slackbuilds/stacks.yaml} says, in the file's order.
 *
 * @param stacks by name; no SlackBuild is in two
 * @param supplements by the SlackBuild's name
 * @param slackware names that a REQUIRES may use, and the package of Slackware's own that satisfies each
 */
public record Stacks(Map<String, Stack> stacks, Map<String, Supplement> supplements, Map<String, Mention> slackware) {
    /** What a directory without the file says. */
    public static final Stacks NONE = new Stacks(Map.of(), Map.of(), Map.of());

    public Stacks {
        stacks = Collections.unmodifiableMap(new LinkedHashMap<>(stacks));
        supplements = Collections.unmodifiableMap(new LinkedHashMap<>(supplements));
        slackware = Collections.unmodifiableMap(new LinkedHashMap<>(slackware));
    }

    /**
     * The stack that a SlackBuild belongs to.
     *
     * @param slackbuild its name
     */
    public Optional<Stack> findStackOf(String slackbuild) {
        return stacks.values().stream()
                .filter(stack -> stack.slackbuilds().stream()
                        .anyMatch(mention -> mention.name().equals(slackbuild)))
                .findFirst();
    }
}
