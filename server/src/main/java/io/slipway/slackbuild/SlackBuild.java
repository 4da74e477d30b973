package io.slipway.slackbuild;

import io.slipway.problem.Problem;
import io.slipway.slackware.PackageFileName;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A SlackBuild that can be built.
 *
 * @param name its directory's, which is what a REQUIRES and stacks.yaml call it
 * @param files its directory
 * @param program PRGNAM: the NAME of the package that it makes
 * @param version without the environment saying otherwise
 * @param packageName the file name of its package as far as looking at the script tells; what the script prints when it
 *     is asked is the truth
 * @param script name of the script in the directory
 * @param requires REQUIRES
 * @param sources what it is made of
 * @param declarations of the script
 * @param settings variables that it is run with besides what all are run with, by name; what they mean for version and
 *     sources is in these already
 * @param summary of the slack-desc; may be empty
 * @param assumptions what was assumed because it deviates from the conventions
 */
public record SlackBuild(
        String name,
        SlackBuildFiles files,
        String program,
        String version,
        PackageFileName packageName,
        String script,
        List<Mention> requires,
        List<Source> sources,
        Set<Declaration> declarations,
        Map<String, String> settings,
        String summary,
        List<Problem> assumptions) {
    public SlackBuild {
        requires = List.copyOf(requires);
        sources = List.copyOf(sources);
        declarations = Set.copyOf(declarations);
        settings = Map.copyOf(settings);
        assumptions = List.copyOf(assumptions);
    }

    /**
     * An upstream source.
     *
     * @param url where its makers have it
     * @param md5 32 lower-case hex digits, or empty where the .info gives none
     * @param place of its DOWNLOAD, for messages: {@code FILE:LINE}
     */
    public record Source(String url, String md5, String place) {}
}
