package io.slipway.slackbuild.build;

import io.slipway.slackware.PackageFileName;
import java.util.List;

/** Is told how building goes on; called by several threads. */
public interface BuildProgress {
    /** Nobody listens. */
    BuildProgress NONE = new BuildProgress() {};

    /**
     * A build begins.
     *
     * @param name of the SlackBuild
     * @param what it is that begins, as the end of a sentence: {@code "is fetched from the network"}
     * @param reasons why it is built at all
     */
    default void began(String name, String what, List<String> reasons) {}

    /** A package of the build root is being installed. */
    default void installing(PackageFileName name) {}

    /** A line that a build says. */
    default void line(String name, String text) {}

    /** A package is there, or will not be. */
    default void ended(BuildReport.Outcome outcome) {}
}
