package io.slipway.cli;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.build.NeededBuilds;
import io.slipway.slackbuild.build.PackageCache;
import io.slipway.slackbuild.build.Pruning;
import io.slipway.store.StateLock;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code slipway packages prune}. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        description = {
            "Remove packages and build roots that the present SlackBuilds do not ask for, and say what stays and why.",
            "Give it the same -f, --slackbuilds, --set and --root as packages build. JSON is one directory a line."
        },
        footer = {"", "Example: slipway packages prune --dry-run", "         slipway packages prune -f cluster.yaml"})
final class PackagesPruneCommand implements Callable<Integer> {
    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Mixin
    private LockOption lockFile = new LockOption();

    @Mixin
    private BuildRootOptions roots = new BuildRootOptions();

    @Mixin
    private StateOption state = new StateOption();

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "2",
            description = "Packages of each name to keep besides the present one, the newest (default: 2).")
    private int keep = 2;

    @Option(names = "--dry-run", description = "Only say what would be removed.")
    private boolean dry;

    @Mixin
    private Output output = new Output();

    @Override
    @SuppressWarnings("try") // the lock is held, and asked nothing
    public Integer call() {
        if (keep < 0) {
            throw Problem.of(ProblemKind.INVALID_INPUT, "--keep " + keep + " is not possible.", "Give it 0 or more.")
                    .asException();
        }
        if (dry) {
            show(look());
            return 0;
        }
        // Looked at under the lock, too: a build in between could ask for what was to go.
        try (var lock = StateLock.acquire(state.directory(), "build", "slipway packages prune")) {
            Pruning pruning = look();
            pruning.remove();
            show(pruning);
            return 0;
        }
    }

    private Pruning look() {
        Path directory = state.directory();
        var needed = NeededBuilds.of(
                slackbuilds.catalogue(),
                lockFile.file(),
                roots.packages(directory, slackbuilds.snapshot()),
                new PackageCache(directory));
        needed.unknown().forEach((name, why) -> output.err().println("Of " + name + " nothing can be told: " + why));
        output.err().flush();
        return Pruning.of(directory, needed, keep);
    }

    private void show(Pruning pruning) {
        long removed = 0;
        long kept = 0;
        for (Pruning.Entry entry : pruning.entries()) {
            removed += entry.stays() ? 0 : entry.bytes();
            kept += entry.stays() ? entry.bytes() : 0;
            String word = entry.stays() ? "kept" : dry ? "to be removed" : "removed";
            Path path = pruning.state().relativize(entry.path());
            if (output.isJson()) {
                output.out()
                        .println(Json.object()
                                .put("path", entry.path().toString())
                                .put("state", word)
                                .put("bytes", entry.bytes())
                                .put("why", entry.why()));
            } else {
                output.out()
                        .printf(Locale.ROOT, "%-13s %,9d KiB  %s: %s%n", word, kib(entry.bytes()), path, entry.why());
            }
        }
        if (!output.isJson()) {
            output.out()
                    .printf(
                            Locale.ROOT,
                            "%,d KiB %s, %,d KiB kept.%n",
                            kib(removed),
                            dry ? "to be removed" : "removed",
                            kib(kept));
        }
        output.out().flush();
    }

    private static long kib(long bytes) {
        return (bytes + 1023) >> 10;
    }
}
