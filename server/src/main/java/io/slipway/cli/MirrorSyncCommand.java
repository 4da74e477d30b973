package io.slipway.cli;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Slackware;
import io.slipway.mirror.MirrorProgress;
import io.slipway.mirror.MirrorSync;
import io.slipway.mirror.Snapshot;
import io.slipway.process.LocalCommandRunner;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes a snapshot. */
@Command(
        name = "sync",
        mixinStandardHelpOptions = true,
        description = "Take the snapshot that cluster.yaml names, or find that it is there already.",
        footer = {"", "Example: slipway mirror sync -f cluster.yaml --mirror /srv/slackware64-current"})
final class MirrorSyncCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ClusterOption cluster = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Option(names = "--mirror", paramLabel = "ADDRESS", description = "Read this mirror instead of slackware.mirror.")
    private @Nullable String mirror;

    @Option(
            names = "--snapshot",
            paramLabel = "NAME",
            description = "Take it under this name instead of slackware.snapshot.")
    private @Nullable String snapshot;

    @Override
    public Integer call() throws InterruptedException {
        Cluster read = cluster.read();
        Slackware wanted = read.slackware();
        var series = new LinkedHashSet<>(wanted.series());
        series.addAll(CompiledStacks.series(read));
        String from = mirror;
        String name = snapshot;
        var chosen = new Slackware(
                from == null ? wanted.mirror() : from,
                name == null ? wanted.snapshot() : name,
                wanted.verify(),
                wanted.fingerprint(),
                List.copyOf(series),
                wanted.add(),
                wanted.skip(),
                wanted.tagfiles());
        var progress = new ProgressLines(spec.commandLine().getErr());
        MirrorSync.Outcome outcome = new MirrorSync(
                        state.directory(),
                        new LocalCommandRunner(),
                        (phase, done, total) -> progress.at(label(phase), done, total))
                .sync(chosen);
        Snapshot made = outcome.snapshot();
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "Snapshot \"%s\" %s: %d packages, %d files, %d MiB.%n",
                        made.name(),
                        outcome.made() ? "is taken" : "was there already",
                        made.packages().size(),
                        made.files().size(),
                        made.size() >> 20);
        return 0;
    }

    private static String label(MirrorProgress.Phase phase) {
        return switch (phase) {
            case METADATA -> "Reading the mirror's list of files";
            case DOWNLOAD -> "Downloading";
            case INGEST -> "Checking and storing";
            case SYNC -> "Writing to the disk";
        };
    }
}
