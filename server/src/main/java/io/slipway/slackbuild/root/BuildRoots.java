package io.slipway.slackbuild.root;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The directories that builds run on, {@code STATE/roots/DIGEST}: a build root made of a snapshot's packages, and one
 * layer for each package that a build depends on. Made once; a layer belongs to what it was installed on, because the
 * rest of its doinst.sh runs there, in a sandbox whose changes become part of the layer. As with installpkg a doinst.sh
 * that fails is no failure; the log beside the layer says what it said.
 */
public final class BuildRoots {
    /** To be raised when the same packages come to be installed in another way. */
    private static final String FORM = "1";
    /** Scripts find their own text here; nothing of it stays. */
    private static final String SCRIPTS = "/tmp/slipway-install";

    private static final Duration SCRIPT_TIME = Duration.ofMinutes(30);
    private static final Duration SYNC_TIME = Duration.ofMinutes(30);
    /** For what scripts write to {@code /tmp}. */
    private static final long SCRATCH = 256L << 20;

    private static final String RUN = """
            for script in "$0"/*; do
              [ -e "$script" ] || continue
              echo "== ${script##*/}"
              ( cd / && exec /bin/sh "$script" -install ) </dev/null || echo "== it ended with status $?"
            done
            if [ -x /sbin/ldconfig ]; then /sbin/ldconfig; fi
            exit 0
            """;

    private final Path root;
    private final Sandbox sandbox;
    private final CommandRunner runner;
    private final Consumer<String> progress;

    /**
     * @param state the state directory, whose lock the caller holds
     * @param runner runs {@code sync}
     * @param progress is told which package is being installed
     */
    public BuildRoots(Path state, Sandbox sandbox, CommandRunner runner, Consumer<String> progress) {
        this.root = state.resolve("roots");
        this.sandbox = sandbox;
        this.runner = runner;
        this.progress = progress;
    }

    /** What a root or layer of these packages is called. */
    public static Sha256 digest(List<PackageFile> packages, List<Layer> below) {
        var text = new StringBuilder("form ").append(FORM).append('\n');
        below.forEach(layer -> text.append("on ").append(layer.digest()).append('\n'));
        packages.forEach(file ->
                text.append(file.name()).append(' ').append(file.sha256()).append('\n'));
        return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Packages as a directory, made now or before.
     *
     * @param packages in the order in which they are installed; the later one's file stays
     * @param below what they are installed on, the lowest first; none for a build root
     * @throws io.slipway.problem.ProblemException if a package is refused or the disk is full; nothing is left then
     * @throws InterruptedException before the next package is installed; nothing is left then either
     */
    public synchronized Layer make(List<PackageFile> packages, List<Layer> below) throws InterruptedException {
        Sha256 digest = digest(packages, below);
        Path place = root.resolve(digest.hex());
        if (Files.isDirectory(place)) {
            return new Layer(digest, place);
        }
        StateDirectory.create(root);
        AtomicFiles.removeLeftovers(root);
        Path aside = AtomicFiles.directoryAside(place);
        boolean done = false;
        try {
            List<Path> lower = below.stream().map(Layer::directory).toList();
            Path scripts = AtomicFiles.directoryAside(place);
            Path log = root.resolve(digest.hex() + ".log");
            install(packages, aside, lower, scripts);
            configure(aside, lower, scripts, log);
            AtomicFiles.removeTree(scripts);
            // File by file it would take minutes.
            runner.run(Command.of(SYNC_TIME, "sync", "-f", aside.toString()))
                    .orFail(ProblemKind.ENVIRONMENT, root + " could not be synced", "See what the system says.");
            done = AtomicFiles.publish(aside, place);
            return new Layer(digest, place);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", place);
        } finally {
            if (!done) {
                AtomicFiles.removeLeftovers(root);
            }
        }
    }

    private void install(List<PackageFile> packages, Path aside, List<Path> lower, Path scripts)
            throws IOException, InterruptedException {
        var tree = new PackageTree(aside, lower);
        if (lower.isEmpty()) {
            for (String directory : List.of("dev", "proc", "tmp", "root", "var/lib/pkgtools/packages")) {
                tree.makeDirectories(directory);
            }
        }
        int number = 0;
        for (PackageFile file : packages) {
            number++;
            // A whole series takes minutes, in which nothing else would notice.
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while a build root was made");
            }
            progress.accept(String.format(Locale.ROOT, "%s (%d of %d)", file.name(), number, packages.size()));
            String script = tree.install(file);
            if (!script.isEmpty()) {
                // In the order of installation.
                Files.write(
                        scripts.resolve(String.format(Locale.ROOT, "%05d-%s", number, file.name())),
                        script.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        tree.finish();
    }

    /** Runs what is left of doinst.sh, there where the packages are installed and nowhere else. */
    private void configure(Path aside, List<Path> lower, Path scripts, Path log)
            throws IOException, InterruptedException {
        Path work = Files.createDirectory(aside.resolveSibling(aside.getFileName() + ".work"));
        Path nothing = AtomicFiles.directoryAside(aside);
        var layers = new ArrayList<Path>(lower.isEmpty() ? List.of(nothing) : lower);
        var limits = SandboxLimits.usual();
        var request = new SandboxRequest(
                new SandboxRoot(layers, List.of(new SandboxRoot.Bind(scripts, SCRIPTS))),
                List.of("/bin/sh", "-c", RUN, SCRIPTS),
                "/",
                SandboxRequest.fixedEnvironment(Instant.EPOCH, 1),
                new SandboxLimits(
                        limits.memory(), limits.cpus(), limits.processes(), SCRATCH, SCRIPT_TIME, limits.log()),
                false);
        SandboxResult result = sandbox.runKeeping(request, aside, log, line -> {});
        AtomicFiles.removeTree(work);
        AtomicFiles.removeTree(nothing);
        if (!result.succeeded()) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "A build root could not be made: what its packages do when they are installed failed.",
                            "A build root needs at least a shell with its libraries (packages bash and aaa_glibc-solibs)"
                                    + ". The log is " + log + ".")
                    .because("It ended with status " + result.status() + " (" + result.end() + ").")
                    .withDetails(String.join("\n", result.tail()))
                    .asException();
        }
    }
}
