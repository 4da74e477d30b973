package io.slipway.cli;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/**
 * Starting this program again as another user. A Java program cannot drop its own rights, so util-linux' {@code setpriv}
 * starts it with all of them gone but CAP_NET_BIND_SERVICE.
 *
 * @param user whose rights remain
 */
record DroppedPrivileges(UserPrincipal user) {

    /** The way to do it, or empty where it is not needed: not root, or no such user. */
    static Optional<DroppedPrivileges> of(String name) {
        if (!System.getProperty("user.name").equals("root") || name.equals("root")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new DroppedPrivileges(
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name)));
        } catch (UserPrincipalNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Gives the user what it must write, runs, and returns the exit status. */
    int run(Path state, ParseResult parsed) throws InterruptedException {
        StateDirectory.create(state);
        var command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + user.getName(),
                "--regid=" + user.getName(),
                "--init-groups",
                "--inh-caps=-all,+net_bind_service",
                "--ambient-caps=-all,+net_bind_service",
                "--bounding-set=-all,+net_bind_service",
                "--no-new-privs"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(parsed.originalArgs());
        command.add("--yes");
        try {
            hand(state);
            Process process = new ProcessBuilder(command).inheritIO().start();
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                process.destroy();
                                process.onExit().join();
                            },
                            "slipway-stop"));
            return process.waitFor();
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    "slipway serve cannot be started as user " + user.getName() + ".",
                                    "Install util-linux (setpriv), or start it with --user root.")
                            .because(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /** The log, the token and the key; images stay root's, since they are only read. */
    private void hand(Path state) throws IOException {
        own(state);
        try (var entries = Files.list(state)) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                if (name.startsWith("slipway.db")
                        || name.startsWith("admin.")
                        || name.equals("images")
                        || name.equals("form.lock")) {
                    own(entry);
                } else if (name.equals("authority")) {
                    own(entry);
                    try (var keys = Files.list(entry)) {
                        for (Path key : keys.toList()) {
                            own(key);
                        }
                    }
                }
            }
        }
    }

    private void own(Path path) throws IOException {
        // Never through a link: the directory is the other user's once it was handed over.
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setOwner(user);
    }
}
