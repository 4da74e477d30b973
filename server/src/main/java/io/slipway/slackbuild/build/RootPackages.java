package io.slipway.slackbuild.build;

import io.slipway.slackbuild.root.PackageFile;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Where build roots get their packages from. */
@FunctionalInterface
public interface RootPackages {
    /**
     * The packages of a build root, in the order in which they are installed.
     *
     * @param series of Slackware
     * @param more names of packages that are needed besides
     * @param without names of packages that are left out
     * @throws io.slipway.problem.ProblemException of kind NOT_FOUND if there is no such series or package
     */
    List<PackageFile> choose(List<String> series, Collection<String> more, Set<String> without);
}
