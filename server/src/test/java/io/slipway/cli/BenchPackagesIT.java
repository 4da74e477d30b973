package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.ChildJvm;
import io.slipway.Leftovers;
import io.slipway.Witness;
import io.slipway.slackbuild.build.SmallWorld;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchPackagesIT {
    /** What a sandbox is called. */
    private static final String IN_SANDBOX = "[ \"$(uname -n)\" = slipway-build ]";

    @TempDir
    private Path directory;

    private SmallWorld world;
    private Path place;
    /** In the command line of what scripts start. */
    private final String marker = "marker-" + UUID.randomUUID();

    @BeforeEach
    void make() throws IOException {
        Witness.requireRoot("making namespaces and mounts");
        Witness.require("busybox");
        world = new SmallWorld(Files.createDirectory(directory.resolve("world")));
        place = Files.createDirectory(directory.resolve("in"));
    }

    /** No process, no mount, no file; and nothing of the user's was changed. */
    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(Leftovers.find(marker, "BenchPackagesIT")).isEmpty();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(place.toString());
        assertThat(place).isEmptyDirectory();
        assertThat(world.state).doesNotExist();
        assertThat(world.lock).doesNotExist();
    }

    private String[] arguments(String... more) {
        var all = new ArrayList<>(List.of("bench", "packages", "--json", "--rounds", "1", "--in", place.toString()));
        all.addAll(List.of("--slackbuilds", world.tree.toString(), "--state", world.state.toString()));
        all.addAll(List.of("--root", world.rootPackages().toString(), "--lock", world.lock.toString()));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private JsonNode measure(String... more) throws IOException {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments(more));
        assertThat(status).as(err.toString()).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    private static List<String> built(JsonNode step) {
        return Stream.iterate(0, i -> i < step.get("built").size(), i -> i + 1)
                .map(i -> step.get("built").get(i).asText())
                .toList();
    }

    @Test
    void everyStepIsRunAndBothRunsByHandAndInTheSandboxMakeTheSame() throws Exception {
        world.slackbuild("one", "", "");
        Files.writeString(world.tree.resolve("one/fix.patch"), "--- a\n");
        // Only what runs on top of what it needs has this file.
        world.slackbuild("two", "one", "cat /usr/bin/one > $PKG/usr/bin/two");
        world.slackbuild("three", "", "");
        JsonNode figures = measure("--overhead", "two", "two", "three");
        assertThat(built(figures.get("cold"))).containsExactlyInAnyOrder("one", "two", "three");
        assertThat(built(figures.get("unchanged"))).isEmpty();
        assertThat(built(figures.get("changed"))).containsExactly("one", "two");
        assertThat(figures.at("/changed/change").asText()).isEqualTo("fix.patch of one");
        assertThat(world.tree.resolve("one/fix.patch")).hasContent("--- a\n");
        for (String figure : List.of("/cold/seconds", "/cold/peakMemory", "/unchanged/start", "/unchanged/inside")) {
            assertThat(figures.at(figure).asDouble()).as(figure).isPositive();
        }
        assertThat(figures.at("/overhead/pairs")).hasSize(1);
        assertThat(figures.at("/overhead/byHand").asDouble()).isPositive();
        assertThat(figures.at("/overhead/sandboxed").asDouble()).isPositive();
        assertThat(figures.at("/overhead/sameBytes").asBoolean()).isTrue();
    }

    @Test
    void whatIsRunByHandHasNoSandboxAroundIt() throws Exception {
        world.slackbuild("one", "", IN_SANDBOX + " || echo host > $PKG/usr/bin/one");
        assertThat(measure("--overhead", "one", "one").at("/overhead/sameBytes").asBoolean())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " || "})
    void nothingIsLeftAfterAnInterrupt(String or) throws Exception {
        // In the sandbox, or not there but by hand.
        world.slackbuild("one", "", (or.isEmpty() ? "" : IN_SANDBOX + or) + "bash -c 'sleep 1000; true' " + marker);
        Process bench = ChildJvm.startInForeground(Main.class.getName(), arguments("--overhead", "one", "one"));
        try {
            while (Leftovers.find(marker, "BenchPackagesIT").isEmpty()) {
                assertThat(bench.isAlive()).as("it should be building").isTrue();
                TimeUnit.MILLISECONDS.sleep(50);
            }
            Witness.run(directory, "kill", "-INT", String.valueOf(bench.pid()));
            assertThat(bench.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("fault", "Exception");
            assertThat(bench.exitValue()).isEqualTo(StopOnSignal.EXIT_STATUS);
        } finally {
            bench.destroyForcibly();
        }
    }
}
