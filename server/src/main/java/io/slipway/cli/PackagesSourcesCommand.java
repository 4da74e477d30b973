package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.build.BuildSources;
import io.slipway.slackbuild.source.FetchLimits;
import io.slipway.slackbuild.source.SourceBundle;
import io.slipway.slackbuild.source.SourceFetcher;
import io.slipway.slackbuild.source.SourceKey;
import io.slipway.slackbuild.source.SourceProgress;
import io.slipway.slackbuild.source.SourceState;
import io.slipway.slackbuild.source.SourceStore;
import io.slipway.slackbuild.source.SourcesLock;
import io.slipway.slackbuild.source.WantedSource;
import io.slipway.store.StateLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code slipway packages sources}. */
@Command(
        name = "sources",
        mixinStandardHelpOptions = true,
        description = {
            "List what SlackBuilds are made of, and whether it is here: held, missing (its sum is known), or unpinned.",
            "Fetch it, or carry it to a machine without a network. JSON is one a line."
        },
        footer = {
            "",
            "Example: slipway packages sources --fetch ovn",
            "         slipway packages sources --export sources.tar"
        })
final class PackagesSourcesCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "STACK",
            description = "Stacks or single SlackBuilds (default: those of -f FILE, otherwise all SlackBuilds).")
    private List<String> names = new ArrayList<>();

    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private SourceOptions options = new SourceOptions();

    @ArgGroup
    private @Nullable Action action;

    @Mixin
    private Output output = new Output();

    /** At most one of them. */
    private static final class Action {
        @Option(names = "--fetch", description = "Fetch what is not here.")
        private boolean fetch;

        @Option(names = "--export", paramLabel = "FILE", description = "Write all pinned sources into one tar.")
        private @Nullable Path export;

        @Option(names = "--import", paramLabel = "FILE", description = "Take all sources of such a tar.")
        private @Nullable Path bundle;
    }

    private SourceStore store() {
        return new SourceStore(state.directory(), SourceOptions.content(state.directory()));
    }

    @Override
    public Integer call() throws InterruptedException {
        Action asked = action;
        if (asked == null) {
            return list();
        }
        Path export = asked.export;
        Path bundle = asked.bundle;
        if (asked.fetch) {
            return fetch();
        }
        if (export != null) {
            int count = SourceBundle.export(SourcesLock.read(options.lockFile()), store(), export);
            output.out().println(count + " sources are in " + export + ".");
        }
        if (bundle != null) {
            try (var lock = StateLock.acquire(state.directory(), "build", "slipway packages sources --import")) {
                var content = SourceOptions.content(state.directory());
                content.recover(lock);
                int count = SourceBundle.importFrom(
                        bundle, new SourceStore(state.directory(), content), options.lockFile());
                output.out().println(count + " sources were taken from " + bundle + ".");
            }
        }
        return 0;
    }

    private int list() {
        SourcesLock lock = SourcesLock.read(options.lockFile());
        SourceStore store = store();
        if (!output.isJson()) {
            output.out().printf(Locale.ROOT, "%-9s %-20s %-16s %8s  %s%n", "STATE", "NAME", "VERSION", "KIB", "FILE");
        }
        Chosen chosen = choose();
        for (WantedSource source : chosen.sources()) {
            SourceKey key = source.key();
            SourceState now = store.state(key, lock);
            Optional<SourcesLock.Pin> pin = lock.pin(key);
            String word = now.name().toLowerCase(Locale.ROOT);
            if (output.isJson()) {
                ObjectNode node = Json.object()
                        .put("name", key.name())
                        .put("version", key.version())
                        .put("file", key.file())
                        .put("state", word);
                source.addresses()
                        .forEach(address -> node.withArray("addresses").add(address.toString()));
                pin.ifPresent(known -> node.put("bytes", known.size())
                        .put("sha256", known.sha256().hex()));
                output.out().println(node);
            } else {
                output.out()
                        .printf(
                                Locale.ROOT,
                                "%-9s %-20s %-16s %8s  %s%n",
                                word,
                                key.name(),
                                key.version(),
                                pin.map(known -> String.valueOf((known.size() + 1023) >> 10))
                                        .orElse("-"),
                                key.file());
            }
        }
        output.out().flush();
        chosen.orFail(List.of());
        return 0;
    }

    private int fetch() throws InterruptedException {
        Chosen chosen = choose();
        var lines = new ProgressLines(output.err());
        var progress = new SourceProgress() {
            @Override
            public void at(long done, long total) {
                lines.at("Fetching sources", done, total);
            }

            @Override
            public synchronized void obtained(SourceKey key, String place, long size) {
                output.err().println(key + " is here, from " + place + ".");
                output.err().flush();
            }
        };
        try (var lock = StateLock.acquire(state.directory(), "build", "slipway packages sources --fetch")) {
            var content = SourceOptions.content(state.directory());
            content.recover(lock);
            SourceFetcher.Outcome outcome = new SourceFetcher(
                            new SourceStore(state.directory(), content),
                            options.lockFile(),
                            options.places(slackbuilds),
                            FetchLimits.USUAL,
                            progress)
                    .fetch(chosen.sources());
            output.out()
                    .println(outcome.held().size() + " of " + chosen.sources().size() + " sources are here.");
            output.out().flush();
            chosen.orFail(outcome.problems().values());
            return 0;
        }
    }

    /**
     * What is asked for.
     *
     * @param problems with SlackBuilds whose sources nobody can tell
     */
    private record Chosen(List<WantedSource> sources, List<Problem> problems) {
        /**
         * @throws ProblemException with these and more, if there are any
         */
        void orFail(Collection<Problem> more) {
            var all = new ArrayList<>(problems);
            all.addAll(more);
            if (!all.isEmpty()) {
                throw new ProblemException(all);
            }
        }
    }

    private Chosen choose() {
        Catalogue catalogue = slackbuilds.catalogue();
        List<String> asked = slackbuilds.wanted(names);
        if (asked.isEmpty()) {
            return new Chosen(
                    BuildSources.of(catalogue.slackbuilds()),
                    catalogue.broken().values().stream().flatMap(List::stream).toList());
        }
        var partial = BuildGraph.partial(catalogue, asked);
        return new Chosen(
                BuildSources.of(partial.graph().steps().stream()
                        .map(BuildGraph.Step::slackbuild)
                        .toList()),
                partial.problems());
    }
}
