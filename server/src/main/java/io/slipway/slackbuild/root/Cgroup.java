package io.slipway.slackbuild.root;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A control group that bounds and counts what a sandbox's processes use, as far as this machine lets it: version 2 (one
 * tree, see {@code Documentation/admin-guide/cgroup-v2.rst}), or version 1 (a tree for each controller), which Slackware's
 * rc.S mounts unless told otherwise.
 */
final class Cgroup {
    /** Where everybody mounts it. */
    static final Path HIERARCHY = Path.of("/sys/fs/cgroup");

    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");
    /** Microseconds; the kernel's default, and what version 1 understands, too. */
    private static final int PERIOD = 100_000;
    /** For processes that were ended to be gone. */
    private static final int TRIES = 200;

    private final List<Path> directories;
    private final List<String> unbounded;

    private Cgroup(List<Path> directories, List<String> unbounded) {
        this.directories = List.copyOf(directories);
        this.unbounded = List.copyOf(unbounded);
    }

    /**
     * Makes one and sets its limits; what cannot be bounded here is said by {@link #unbounded}.
     *
     * <p>Where all processors may be used there is no group for them: it would count as one process of ordinary priority
     * and make {@code nice slipway …} be nothing but words.
     *
     * @param name not used by another
     * @param processors that this machine has
     */
    static Cgroup create(Path hierarchy, String name, SandboxLimits limits, int processors) {
        var made = new ArrayList<Path>();
        var unbounded = new ArrayList<String>();
        boolean one = Files.exists(hierarchy.resolve("cgroup.controllers"));
        for (String controller : CONTROLLERS) {
            if (controller.equals("cpu") && limits.cpus() >= processors) {
                continue;
            }
            Path parent = one ? hierarchy : hierarchy.resolve(controller);
            Path directory = parent.resolve(name);
            try {
                if (one
                        && !Files.readString(hierarchy.resolve("cgroup.subtree_control"))
                                .matches("(?s).*\\b" + controller + "\\b.*")) {
                    Files.writeString(hierarchy.resolve("cgroup.subtree_control"), "+" + controller);
                }
                if (!Files.isDirectory(directory)) {
                    Files.createDirectory(directory);
                    made.add(directory);
                }
                limit(directory, controller, one, limits);
            } catch (NoSuchFileException absent) {
                unbounded.add(controller + ": this machine has no such control group mounted");
            } catch (IOException refused) {
                unbounded.add(controller + ": the kernel says \"" + refused.getMessage() + '"');
            }
        }
        return new Cgroup(made, unbounded);
    }

    /** One that was made under that name, or a part of it, by a program that was killed; to be removed. */
    static Cgroup left(Path hierarchy, String name) {
        return of(Stream.concat(Stream.of(hierarchy), CONTROLLERS.stream().map(hierarchy::resolve))
                .map(parent -> parent.resolve(name))
                .filter(Files::isDirectory)
                .toList());
    }

    static Cgroup of(Collection<Path> directories) {
        return new Cgroup(List.copyOf(directories), List.of());
    }

    private static void limit(Path directory, String controller, boolean one, SandboxLimits limits) throws IOException {
        switch (controller) {
            case "memory" -> {
                set(directory, one ? "memory.max" : "memory.limit_in_bytes", String.valueOf(limits.memory()));
                // Without swap a limit means what it says.
                Path swap = directory.resolve(one ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
                if (Files.exists(swap)) {
                    Files.writeString(swap, one ? "0" : String.valueOf(limits.memory()));
                }
            }
            case "cpu" -> {
                long quota = (long) limits.cpus() * PERIOD;
                if (one) {
                    set(directory, "cpu.max", quota + " " + PERIOD);
                } else {
                    set(directory, "cpu.cfs_quota_us", String.valueOf(quota));
                }
            }
            default -> set(directory, "pids.max", String.valueOf(limits.processes()));
        }
    }

    private static void set(Path directory, String file, String value) throws IOException {
        // Never made: where the kernel has no such file, nothing would be bounded by one.
        Files.writeString(directory.resolve(file), value, StandardOpenOption.WRITE);
    }

    /** Limits that are not set, each with the reason. */
    List<String> unbounded() {
        return unbounded;
    }

    List<Path> directories() {
        return directories;
    }

    /** Most memory that was used at a time, in bytes. */
    OptionalLong peak() {
        for (Path directory : directories) {
            for (String file : List.of("memory.peak", "memory.max_usage_in_bytes")) {
                try {
                    return OptionalLong.of(Long.parseLong(
                            Files.readString(directory.resolve(file)).strip()));
                } catch (IOException | NumberFormatException other) {
                    // Of another controller, or of a kernel before 5.19.
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Whether the kernel ended a process because the memory was used up. */
    boolean ranOutOfMemory() {
        for (Path directory : directories) {
            for (String file : List.of("memory.events", "memory.oom_control")) {
                try {
                    if (Files.readString(directory.resolve(file))
                            .lines()
                            .anyMatch(line -> line.matches("oom_kill [1-9][0-9]*"))) {
                        return true;
                    }
                } catch (IOException other) {
                    // Of another controller or version.
                }
            }
        }
        return false;
    }

    /** Removes it; its processes must have been ended. */
    void remove() throws InterruptedException, IOException {
        for (Path directory : directories) {
            for (int attempt = 1; Files.isDirectory(directory); attempt++) {
                try {
                    Files.delete(directory);
                } catch (NoSuchFileException gone) {
                    break;
                } catch (IOException busy) {
                    // The kernel counts processes that are ending until they have ended.
                    if (attempt == TRIES) {
                        throw busy;
                    }
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            }
        }
    }
}
