package io.slipway.slackbuild.tree;

import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackware.PackageFileName;
import java.util.Map;

/** Tells the file name of the package that a SlackBuild will make. */
@FunctionalInterface
public interface PackageNaming {
    /**
     * @param environment what the build will set, such as {@code VERSION}, {@code BUILD}, {@code TAG}, {@code KERNEL}
     * @throws io.slipway.problem.ProblemException if the script prints no package's name, or one of another package
     */
    PackageFileName name(SlackBuild slackbuild, Map<String, String> environment) throws InterruptedException;
}
