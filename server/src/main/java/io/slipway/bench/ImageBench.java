package io.slipway.bench;

import io.slipway.image.BuiltImage;
import io.slipway.image.Compiled;
import io.slipway.image.ImageBuilder;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A snapshot and an image from nothing against {@code sha256sum} over the same files; and the same image again after one
 * address changed.
 */
public final class ImageBench {
    private static final int ROUNDS = 2;
    private static final int REBUILDS = 3;
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private static final String CLUSTER = """
            cluster: {name: bench, domain: bench.internal}
            slackware: {mirror: %s, snapshot: bench, verify: checksums, series: [%s]}
            serve: {address: 10.77.0.2}
            networks:
              lan: {interfaces: [eth0], bridge: br0, subnet: 10.77.0.0/24}
            nodes:
              - {name: node1, interfaces: {eth0: {mac: "52:54:00:77:00:11"}}, addresses: {lan: 10.77.0.11}}
              - {name: node2, interfaces: {eth0: {mac: "52:54:00:77:00:12"}}, addresses: {lan: 10.77.0.12}}
              - {name: node3, interfaces: {eth0: {mac: "52:54:00:77:00:13"}}, addresses: {lan: 10.77.0.%d}}
            """;

    private final Path directory;
    private final Path templates;
    private final Path overlays;
    private final Consumer<String> out;
    private final SyntheticTree tree;
    private final Path state;
    private final Path file;
    private final MeasuredProcess processes;

    private ImageBench(Path directory, Path templates, Path overlays, SyntheticTree tree, Consumer<String> out) {
        this.directory = directory;
        this.templates = templates;
        this.overlays = overlays;
        this.tree = tree;
        this.out = out;
        this.state = directory.resolve("state");
        this.file = directory.resolve("cluster.yaml");
        this.processes = new MeasuredProcess(
                directory.resolve("log"), LONGEST, "Look at what it says; is there space for twice the tree?");
    }

    /**
     * Runs it.
     *
     * @param directory an empty directory; twice the tree's size must fit
     * @param templates the templates
     * @param overlays the overlays
     * @param percent how large the tree is, of the official one's 4.19 GB
     * @param out takes one line at a time
     */
    public static void run(Path directory, Path templates, Path overlays, int percent, Consumer<String> out)
            throws IOException, InterruptedException {
        SyntheticTree tree = SyntheticTree.write(directory.resolve("tree"), percent);
        out.accept(String.format(
                Locale.ROOT,
                "A tree of %d files, %.0f MB of packages, %d %% of the official sizes.",
                tree.paths().size(),
                tree.packageBytes() / 1e6,
                percent));
        var bench = new ImageBench(directory, templates, overlays, tree, out);
        bench.fromNothing();
        bench.again();
    }

    private void fromNothing() throws IOException, InterruptedException {
        var hashing = new ArrayList<String>(List.of("sha256sum", "--"));
        hashing.addAll(tree.paths());
        double theirs = Double.MAX_VALUE;
        double ours = Double.MAX_VALUE;
        long peak = 0;
        address(13);
        for (int round = 0; round < ROUNDS; round++) {
            AtomicFiles.removeTree(state);
            processes.settle();
            theirs = Math.min(theirs, processes.run(hashing, tree.root()).seconds());
            processes.settle();
            MeasuredProcess.Run sync = processes.run(slipway("mirror", "sync"), Path.of(""));
            MeasuredProcess.Run build = processes.run(slipway("image", "build"), Path.of(""));
            out.accept(String.format(
                    Locale.ROOT,
                    "  round %d: mirror sync %.2f s, image build %.2f s",
                    round + 1,
                    sync.seconds(),
                    build.seconds()));
            ours = Math.min(ours, sync.seconds() + build.seconds());
            peak = Math.max(peak, Math.max(sync.peakKib(), build.peakKib()));
        }
        out.accept(String.format(
                Locale.ROOT,
                "From nothing: slipway %.2f s, sha256sum %.2f s, ratio %.2f (aim: at most 1.15).",
                ours,
                theirs,
                ours / theirs));
        out.accept(String.format(Locale.ROOT, "Most memory with -Xmx256m: %d MiB resident.", peak / 1024));
    }

    private void again() throws IOException, InterruptedException {
        List<Path> packages = List.copyOf(packages());
        double process = Double.MAX_VALUE;
        double start = Double.MAX_VALUE;
        double inside = Double.MAX_VALUE;
        int address = 20;
        boolean watched = forgetReading(packages);
        processes.settle();
        for (int i = 0; i < REBUILDS; i++) {
            address(address++);
            process = Math.min(
                    process,
                    processes.run(slipway("image", "build"), Path.of("")).seconds());
            start = Math.min(
                    start, processes.run(slipway("--version"), Path.of("")).seconds());
        }
        for (int i = 0; i < REBUILDS; i++) {
            var cluster = ClusterYamlReader.read(text(address++), "bench", directory);
            long begin = System.nanoTime();
            BuiltImage built = new ImageBuilder(state, templates, overlays, what -> {}).build(cluster, Compiled.NONE);
            inside = Math.min(inside, (System.nanoTime() - begin) / 1e9);
            if (!built.isNew()) {
                throw new IllegalStateException("another address gave the same image");
            }
        }
        out.accept(String.format(
                Locale.ROOT,
                "One address changed: %.2f s as a new process (of which %.2f s is Java's start), %.2f s inside a running"
                        + " one (aim: below 0.5).",
                process,
                start,
                inside));
        long read = packages.stream().filter(ImageBench::wasRead).count();
        out.accept(
                watched
                        ? "Packages that were read again meanwhile: " + read + " of " + packages.size() + "."
                        : "Whether packages were read again is not known: this file system keeps no times of access.");
    }

    private List<Path> packages() throws IOException {
        try (var files = Files.walk(state.resolve("snapshots/bench/tree/slackware64"))) {
            return files.filter(path -> path.toString().endsWith(".txz")).toList();
        }
    }

    /**
     * Sets the times of access far back. Linux moves one forward at the next reading even with {@code relatime}, since it
     * is older than the time of change (mount(8)).
     *
     * @return false where it does not
     */
    private boolean forgetReading(List<Path> files) throws IOException {
        Path probe = Files.writeString(state.resolve("probe"), "probe");
        for (Path path : files) {
            Files.setAttribute(path, "lastAccessTime", FileTime.fromMillis(0));
        }
        Files.setAttribute(probe, "lastAccessTime", FileTime.fromMillis(0));
        Files.readString(probe);
        boolean seen = wasRead(probe);
        Files.delete(probe);
        return seen;
    }

    private static boolean wasRead(Path path) {
        try {
            return Files.getAttribute(path, "lastAccessTime") instanceof FileTime time && time.toMillis() > 0;
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private String text(int address) {
        return CLUSTER.formatted(tree.root(), String.join(", ", tree.series()), address);
    }

    private void address(int address) throws IOException {
        Files.writeString(file, text(address));
    }

    /** This program as a new process, started as a person starts it. */
    private List<String> slipway(String... command) {
        var arguments = new ArrayList<String>();
        arguments.add(templates.resolveSibling("slipway").toString());
        arguments.addAll(List.of(command));
        if (command.length > 1) {
            arguments.addAll(List.of("-f", file.toString(), "--state", state.toString()));
            if (command[0].equals("image")) {
                arguments.addAll(List.of("--templates", templates.toString(), "--overlays", overlays.toString()));
            }
        }
        return arguments;
    }
}
