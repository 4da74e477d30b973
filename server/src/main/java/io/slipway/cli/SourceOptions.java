package io.slipway.cli;

import io.slipway.store.ContentStore;
import io.slipway.store.StateDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say where the sources of SlackBuilds come from and what they must be. */
final class SourceOptions {
    @Option(
            names = "--from",
            paramLabel = "PLACE",
            description = "A directory, or the address of a mirror, to look for sources in before their own addresses;"
                    + " may be repeated.")
    private List<String> from = new ArrayList<>();

    @Mixin
    private LockOption lock = new LockOption();

    /** {@code sources.lock}. */
    Path lockFile() {
        return lock.file();
    }

    /** What the command line names, then what the cluster's file does. */
    List<String> places(SlackBuildOptions slackbuilds) {
        var places = new ArrayList<>(from);
        places.addAll(slackbuilds.sources());
        return places;
    }

    /** The content store of a state directory, which is made if it is missing. */
    static ContentStore content(Path state) {
        return new ContentStore(StateDirectory.create(state).resolve("store"));
    }
}
