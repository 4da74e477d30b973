package io.slipway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The kernel's control groups, of version 2 or of those controllers of version 1 that sandboxes use. */
public final class ControlGroups {
    private static final Path HIERARCHY = Path.of("/sys/fs/cgroup");
    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");

    private ControlGroups() {}

    private static List<Path> trees() {
        if (Files.exists(HIERARCHY.resolve("cgroup.controllers"))) {
            return List.of(HIERARCHY);
        }
        return CONTROLLERS.stream()
                .map(HIERARCHY::resolve)
                .filter(Files::isDirectory)
                .toList();
    }

    /** At the top of each tree. */
    public static List<Path> find(Predicate<String> name) throws IOException {
        var found = new ArrayList<Path>();
        for (Path tree : trees()) {
            try (var groups = Files.list(tree)) {
                groups.filter(Files::isDirectory)
                        .filter(group -> name.test(String.valueOf(group.getFileName())))
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** Makes one in each tree, with nothing in it. */
    public static void make(String name) throws IOException {
        for (Path tree : trees()) {
            Files.createDirectory(tree.resolve(name));
        }
    }
}
