package io.slipway.slackbuild.root;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With directories in the place of the kernel's trees; SandboxIT has the kernel's. */
class CgroupTest {
    private static final SandboxLimits LIMITS =
            new SandboxLimits(1 << 30, 3, 100, 1 << 30, Duration.ofMinutes(1), 1 << 20);

    @TempDir
    private Path tree;

    private Path group(String parent, String... files) throws IOException {
        Path directory = Files.createDirectories(tree.resolve(parent).resolve("slipway-x"));
        for (String file : files) {
            Files.writeString(directory.resolve(file), "");
        }
        return directory;
    }

    @Test
    void versionTwoIsOneDirectoryWithAllLimits() throws Exception {
        Files.writeString(tree.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(tree.resolve("cgroup.subtree_control"), "memory cpu pids\n");
        Path group = group("", "memory.max", "memory.swap.max", "cpu.max", "pids.max");
        var cgroup = Cgroup.create(tree, "slipway-x", LIMITS, 4);
        assertThat(cgroup.unbounded()).isEmpty();
        assertThat(group.resolve("memory.max")).hasContent("1073741824");
        assertThat(group.resolve("memory.swap.max")).hasContent("0");
        assertThat(group.resolve("cpu.max")).hasContent("300000 100000");
        assertThat(group.resolve("pids.max")).hasContent("100");
    }

    @Test
    void whereAllProcessorsMayBeUsedThereIsNoGroupForThem() throws Exception {
        Files.createDirectories(tree.resolve("cpu"));
        var cgroup = Cgroup.create(tree, "slipway-x", LIMITS, 3);
        assertThat(tree.resolve("cpu")).isEmptyDirectory();
        assertThat(cgroup.unbounded()).noneMatch(said -> said.startsWith("cpu"));
    }

    @Test
    void whatIsNotThereIsSaid() throws Exception {
        Path memory = group("memory", "memory.limit_in_bytes");
        Files.createDirectories(tree.resolve("pids"));
        var cgroup = Cgroup.create(tree, "slipway-x", LIMITS, 4);
        assertThat(memory.resolve("memory.limit_in_bytes")).hasContent("1073741824");
        assertThat(cgroup.unbounded()).hasSize(2).allMatch(said -> said.matches("(cpu|pids): .*no such.*"));
        assertThat(cgroup.peak()).isEmpty();
        cgroup.remove();
        assertThat(tree.resolve("pids/slipway-x")).doesNotExist();
    }

    @Test
    void peakAndOutOfMemoryAreReadFromEitherVersion() throws Exception {
        Path one = group("memory", "x");
        Files.writeString(one.resolve("memory.max_usage_in_bytes"), "4096\n");
        Files.writeString(one.resolve("memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        assertThat(Cgroup.of(java.util.List.of(one)).peak()).hasValue(4096);
        assertThat(Cgroup.of(java.util.List.of(one)).ranOutOfMemory()).isTrue();
        Path two = group("two", "x");
        Files.writeString(two.resolve("memory.peak"), "8192\n");
        Files.writeString(two.resolve("memory.events"), "low 0\noom 0\noom_kill 0\n");
        assertThat(Cgroup.of(java.util.List.of(two)).peak()).hasValue(8192);
        assertThat(Cgroup.of(java.util.List.of(two)).ranOutOfMemory()).isFalse();
    }
}
