package io.slipway.slackbuild.root;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Runs commands as one would by hand: a root is mounted, with this machine's {@code /dev}, and entered with {@code
 * chroot}. Nothing is bounded, taken away or counted; what is written goes to an ordinary directory. For comparison with a
 * {@link Sandbox}. Only mounts and processes have namespaces, so that the kernel removes both whatever happens. Needs root.
 */
public final class BareRoot implements RootRunner {
    private final Path directory;

    /**
     * @param directory for what commands write, on a file system that can be overlaid; the last one's stays until the next
     *     run, so that removing it costs nobody's time
     */
    public BareRoot(Path directory) {
        this.directory = directory;
    }

    /**
     * @param request without a network and binds; its limits do not hold but for the time and the log
     */
    @Override
    public SandboxResult run(SandboxRequest request, Path log, Path output, Consumer<String> line)
            throws InterruptedException {
        if (request.network() || !request.root().binds().isEmpty()) {
            throw new IllegalArgumentException("a network or binds by hand");
        }
        Path place = directory.resolve("last").toAbsolutePath();
        try (var kept = new BoundedLog(log, request.limits().log())) {
            AtomicFiles.removeTree(place);
            Files.createDirectories(place.resolve("produced"));
            Sandbox.link(request.root().layers(), place);
            long began = System.nanoTime();
            var process = new TiedProcess(arguments(request), variables(place, request), kept.and(line));
            boolean inTime = process.run(handle -> {}, request.limits().time());
            Duration duration = Duration.ofNanos(System.nanoTime() - began);
            process.drain();
            if (!Files.exists(place.resolve("made"))) {
                throw Problem.of(
                                ProblemKind.ENVIRONMENT,
                                "A root could not be mounted.",
                                "It needs root, and a file system that can be overlaid.")
                        .withDetails(String.join("\n", kept.tail()))
                        .asException();
            }
            return new SandboxResult(
                    inTime ? SandboxResult.End.EXITED : SandboxResult.End.TIMED_OUT,
                    process.status(),
                    inTime ? Sandbox.take(place.resolve("produced"), output) : List.of(),
                    duration,
                    OptionalLong.empty(),
                    kept.tail(),
                    List.of());
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "used for a root", place);
        }
    }

    private static List<String> arguments(SandboxRequest request) {
        var words = new ArrayList<String>(List.of(Sandbox.program("setsid"), Sandbox.program("unshare")));
        words.addAll(List.of("--mount", "--propagation", "private", "--fork", "--pid", "--kill-child"));
        words.addAll(List.of(Sandbox.program("sh"), "-c", SandboxScript.BARE, "root"));
        words.addAll(Sandbox.entering(request, "root"));
        return words;
    }

    private static Map<String, String> variables(Path place, SandboxRequest request) {
        return Map.of(
                "PATH", String.join(":", Sandbox.PATH),
                "LC_ALL", "C",
                "SLIPWAY_PLACE", place.toString(),
                "SLIPWAY_LOWER", Sandbox.lower(request.root().layers()),
                "SLIPWAY_DIRECTORY", request.directory());
    }
}
