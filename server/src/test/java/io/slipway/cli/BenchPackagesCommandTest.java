package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be wrong is said before anything is made. */
class BenchPackagesCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();

    private int run(String... arguments) throws Exception {
        var all = new ArrayList<>(List.of("bench", "packages"));
        all.addAll(List.of("--state", directory.resolve("state").toString()));
        Path place = Files.createDirectories(directory.resolve("in"));
        all.addAll(List.of("--in", place.toString()));
        all.addAll(List.of(arguments));
        int status = Main.commandLine()
                .setOut(new PrintWriter(new StringWriter(), true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
        assertThat(place).isEmptyDirectory();
        assertThat(directory.resolve("state")).doesNotExist();
        return status;
    }

    @Test
    void nothingToRepeatIsRefused() throws Exception {
        assertThat(run("--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds: write a number from 1 on.");
    }

    @Test
    void whatDoesNotExistIsNamed() throws Exception {
        assertThat(run("nonesuch")).isEqualTo(run("--overhead", "nonesuch")).isPositive();
        assertThat(err.toString().split("nonesuch", -1)).hasSizeGreaterThan(2);
    }

    @Test
    void aStackIsNotBuiltByHand() throws Exception {
        assertThat(run("--overhead", "storage")).isEqualTo(2);
        assertThat(err.toString()).contains("--overhead storage", "Do: Name one SlackBuild");
    }

    @Test
    void withoutABuildRootNothingIsMeasured() throws Exception {
        assertThat(run()).isEqualTo(3);
        assertThat(err.toString()).contains("There is no snapshot", "--root");
        assertThat(run("--root", directory.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no packages to make a build root of");
    }

    @Test
    void onlyRootCanMeasure() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.writeString(root.resolve("bash-5.3-x86_64-1.txz"), "never looked into");
        String user = System.setProperty("user.name", "nobody");
        try {
            assertThat(run("--root", root.toString())).isEqualTo(8);
        } finally {
            System.setProperty("user.name", user);
        }
        assertThat(err.toString()).contains("only root can make", "Do: Run the same command as root.");
    }
}
