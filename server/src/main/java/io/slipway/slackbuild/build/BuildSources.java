package io.slipway.slackbuild.build;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.source.SourceKey;
import io.slipway.slackbuild.source.WantedSource;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a SlackBuild's DOWNLOAD means: files, each under the name that the script expects beside itself. */
public final class BuildSources {
    private BuildSources() {}

    /**
     * The sources of some SlackBuilds, in their order.
     *
     * @throws ProblemException of kind INVALID_INPUT with every address, version or name that makes no sense
     */
    public static List<WantedSource> of(Collection<SlackBuild> slackbuilds) {
        var sources = new ArrayList<WantedSource>();
        var problems = new ArrayList<Problem>();
        for (SlackBuild slackbuild : slackbuilds) {
            for (SlackBuild.Source source : slackbuild.sources()) {
                try {
                    var key = new SourceKey(slackbuild.name(), slackbuild.version(), file(source.url()));
                    sources.add(new WantedSource(key, List.of(URI.create(source.url())), source.md5()));
                } catch (IllegalArgumentException wrong) {
                    problems.add(Problem.of(
                                    ProblemKind.INVALID_INPUT,
                                    source.place() + ": a source of " + slackbuild.name() + " cannot be fetched: "
                                            + EntryPath.shown(source.url()) + ".",
                                    "Correct DOWNLOAD there, or the VERSION that it was set to.")
                            .because(String.valueOf(wrong.getMessage())));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return sources;
    }

    /** The last word of the address. */
    private static String file(String url) {
        String path = url.replaceFirst("[?#].*", "");
        // A plus is a plus in a path.
        return URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
