package io.slipway.slackbuild;

import java.util.List;

/**
 * What {@code stacks.yaml} adds to what a SlackBuild says about itself.
 *
 * @param requires needed besides its REQUIRES: SlackBuilds, or names in {@link Stacks#slackware()}
 * @param provides further names that a REQUIRES may call it by
 * @param conflicts SlackBuilds that cannot be built or installed together with it, and packages of Slackware that are
 *     left out where it is
 * @param buildOnly whether it serves to build others and is not installed on nodes
 */
public record Supplement(List<Mention> requires, List<Mention> provides, List<Mention> conflicts, boolean buildOnly) {
    /** Nothing to add. */
    public static final Supplement NONE = new Supplement(List.of(), List.of(), List.of(), false);

    public Supplement {
        requires = List.copyOf(requires);
        provides = List.copyOf(provides);
        conflicts = List.copyOf(conflicts);
    }
}
