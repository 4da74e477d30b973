package io.slipway.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories that only their owner may enter. */
public final class StateDirectory {
    private StateDirectory() {}

    /**
     * Makes {@code directory} (and its parents) if it is missing, itself with mode 700; one that exists keeps its mode.
     *
     * @return {@code directory}
     * @throws io.slipway.problem.ProblemException if it cannot be made or is no directory
     */
    public static Path create(Path directory) {
        try {
            Path parent = directory.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            try {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException there) {
                if (!Files.isDirectory(directory)) {
                    throw there;
                }
            }
            return directory;
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", directory);
        }
    }
}
