package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
    @TempDir
    private Path directory;

    @Test
    void aProcessIsFoundWhileItBecomesAnotherProgram() throws Exception {
        Path script = directory.resolve("again");
        Files.writeString(script, "#!/bin/sh\n[ \"$1\" -eq 0 ] || exec \"$0\" $(($1 - 1)) serve\nread line\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        Process process = new ProcessBuilder(script.toString(), "1000", "serve").start();
        Path pid = Files.writeString(directory.resolve("pid"), process.pid() + "\n");
        Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        long seen = 0;
        while (!Files.readString(line).contains("\0" + "0\0serve")) {
            assertThat(Processes.find(pid, "serve"))
                    .as("after %d looks", seen++)
                    .isPresent();
        }
        process.getOutputStream().close();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(Processes.find(pid, "serve")).isEmpty();
    }

    @Test
    void anotherProcessWithTheSameNumberIsNotIt() throws Exception {
        Path pid = Files.writeString(
                directory.resolve("pid"), ProcessHandle.current().pid() + "\n");
        assertThat(Processes.find(pid, "java")).isPresent();
        assertThat(Processes.find(pid, "no such words")).isEmpty();
        assertThat(Processes.find(Files.writeString(pid, "damaged"), "")).isEmpty();
        assertThat(Processes.find(directory.resolve("none"), "")).isEmpty();
    }

    @Test
    void onlyWhatHasAllTheWordsIsFound() throws Exception {
        String place = directory.resolve("appliance").toString();
        Process pager = new ProcessBuilder("sh", "-c", "read line", "pager", place).start();
        Process build = new ProcessBuilder("sh", "-c", "read line", "packages", "build", place).start();
        assertThat(Processes.withArguments("packages", "build", place)).containsExactly(build.pid());
        assertThat(Processes.withArguments("packages", "build", place + "/other"))
                .isEmpty();
        pager.getOutputStream().close();
        build.getOutputStream().close();
    }
}
