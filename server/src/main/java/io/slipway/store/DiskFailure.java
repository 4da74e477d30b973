package io.slipway.store;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the operating system says about a file, as a problem that a person can act on. */
public final class DiskFailure {
    private DiskFailure() {}

    /**
     * @param doing what was tried, as the end of "could not be …": {@code "written"}
     * @param path the file or directory
     */
    public static ProblemException of(IOException failure, String doing, Path path) {
        String message = String.valueOf(failure.getMessage());
        String summary = path + " could not be " + doing + ".";
        Problem problem;
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            problem = Problem.of(
                            ProblemKind.ENVIRONMENT,
                            summary,
                            "Free space there (\"slipway image gc\" removes old images and what only they use; old"
                                    + " snapshots are directories under snapshots/), or put --state on a larger disk,"
                                    + " then run the same command again: it goes on where it stopped.")
                    .because("The file system is full" + space(path) + ".");
        } else if (failure instanceof AccessDeniedException || message.contains("Permission denied")) {
            problem = Problem.of(
                            ProblemKind.ENVIRONMENT, summary, "Run as the directory's owner, or name another --state.")
                    .because("Permission denied.");
        } else if (message.contains("Read-only file system")) {
            problem = Problem.of(ProblemKind.ENVIRONMENT, summary, "Name another --state.")
                    .because("The file system is read-only.");
        } else {
            problem = Problem.of(ProblemKind.ENVIRONMENT, summary, "See what the system says and try again.")
                    .because(failure.getClass().getSimpleName() + ": " + message);
        }
        return new ProblemException(problem, failure);
    }

    private static String space(Path path) {
        Path there = path.toAbsolutePath();
        while (!Files.exists(there)) {
            Path parent = there.getParent();
            if (parent == null) {
                return "";
            }
            there = parent;
        }
        try {
            FileStore store = Files.getFileStore(there);
            return String.format(
                    Locale.ROOT,
                    " (%s: %d MiB free of %d MiB)",
                    store,
                    store.getUsableSpace() >> 20,
                    store.getTotalSpace() >> 20);
        } catch (IOException unknown) {
            return "";
        }
    }
}
