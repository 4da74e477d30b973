package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.ChildJvm;
import io.slipway.ControlGroups;
import io.slipway.Leftovers;
import io.slipway.Witness;
import io.slipway.slackbuild.build.SmallWorld;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagesBuildIT {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private static String[] commandLine(SmallWorld world, String... arguments) {
        var all = new ArrayList<>(List.of("packages"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--slackbuilds", world.tree.toString(), "--state", world.state.toString()));
        all.addAll(List.of("--root", world.rootPackages().toString(), "--lock", world.lock.toString()));
        return all.toArray(String[]::new);
    }

    private int run(SmallWorld world, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(commandLine(world, arguments));
    }

    @Test
    void packagesAreBuiltShownAndNotBuiltAgain() throws Exception {
        Witness.requireRoot("making namespaces and mounts");
        Witness.require("busybox");
        var world = new SmallWorld(directory);
        world.slackbuild("one", "", "echo said");
        world.slackbuild("two", "one", "echo $RANDOM$RANDOM > $PKG/usr/bin/two");
        world.slackbuild("wrong", "", "echo last words; exit 7");
        world.slackbuild("never", "wrong", "");
        world.slackbuild("shell", "", "");
        Files.writeString(world.tree.resolve("shell/shell.info"), "VERSION=`id`\n");
        world.slackbuild("after", "shell", "");

        assertThat(run(world, "build", "--follow", "two", "after", "never")).isEqualTo(2);
        assertThat(out.toString())
                .contains("one-1.0-x86_64-1_slipway.txz: ", "two-1.0-x86_64-1_slipway.txz: ")
                .endsWith("2 built, 0 were there, 2 failed, 2 not tried.\n");
        assertThat(err.toString())
                .contains("one: said", "wrong 1.0 could not be built.", "status 7", "last words", "failed.log")
                .contains("never was not built: it needs wrong.", "after was not built: it needs shell.")
                .containsOnlyOnce("shell/shell.info:1:9: ");

        assertThat(run(world, "build", "--json", "two")).isZero();
        JsonNode first =
                new ObjectMapper().readTree(out.toString().lines().findFirst().orElseThrow());
        assertThat(first.get("state").asText()).isEqualTo("kept");
        assertThat(Path.of(first.get("package").asText())).isRegularFile();

        assertThat(run(world, "build", "--verify", "two")).isEqualTo(7);
        assertThat(out.toString())
                .contains("one-1.0-x86_64-1_slipway.txz: the same bytes the second time")
                .contains("two-1.0-x86_64-1_slipway.txz differs the second time:\n  usr/bin/two: ");

        assertThat(run(world, "show", "one")).isZero();
        assertThat(out.toString()).contains("usr/bin/one\n", "package one\n", "needs:     -");
        assertThat(run(world, "why", "one")).isZero();
        assertThat(out.toString()).contains("one is there, as it would be built now.\nRequired by two.\n");
    }

    /** A real process, ended in the middle of a build whose script hangs, with a child and with one that forked away. */
    @ParameterizedTest
    @CsvSource({"INT, 130", "KILL, 137"})
    void whatIsEndedInTheMiddleLeavesNothingAndCanBeRunAgain(String signal, int status) throws Exception {
        Witness.requireRoot("making namespaces and mounts");
        Witness.require("busybox");
        var world = new SmallWorld(directory);
        String marker = "marker-" + UUID.randomUUID();
        String hangs = "bash -c 'trap \"\" TERM INT HUP; while :; do sleep 1; done' " + marker;
        world.slackbuild("quick", "", "");
        world.slackbuild(
                "slow",
                "quick",
                "if [ ! -e $CWD/go ]; then echo half > $OUTPUT/$PACKAGE; (setsid " + hangs + " &); " + hangs
                        + " & echo began; wait; fi");
        Process child =
                ChildJvm.startInForeground("io.slipway.cli.Main", commandLine(world, "build", "--follow", "slow"));
        List<Path> groups;
        try (BufferedReader said = child.inputReader()) {
            assertThat(said.lines().takeWhile(line -> !line.equals("slow: began")))
                    .contains("quick is built.");
            while (Leftovers.find(marker, "java").size() < 2) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            groups = groups(world);
            // As a terminal does: to all that is in the foreground.
            Witness.run(directory, "kill", "-" + signal, "--", "-" + child.pid());
            assertThat(said.lines().toList()).noneMatch(line -> line.contains("fault"));
        }
        assertThat(child.waitFor()).isEqualTo(status);
        while (!Leftovers.find(marker, "java").isEmpty()) {
            // After kill -9 the kernel ends them, when it has noticed.
            assertThat(signal).isEqualTo("KILL");
            TimeUnit.MILLISECONDS.sleep(20);
        }
        if (signal.equals("INT")) {
            assertNothingIsLeft(world, groups);
            assertThat(world.state.resolve("packages/slow/failed.log"))
                    .content()
                    .startsWith("began\n");
        }

        Files.writeString(world.tree.resolve("slow/go"), "");
        assertThat(run(world, "build", "slow")).as(err.toString()).isZero();
        assertThat(out.toString()).endsWith("1 built, 1 were there, 0 failed, 0 not tried.\n");
        assertNothingIsLeft(world, groups);
    }

    /** Control groups of the sandboxes that there are now. */
    private static List<Path> groups(SmallWorld world) throws IOException {
        var groups = new ArrayList<Path>();
        try (var places = Files.newDirectoryStream(world.state.resolve("sandboxes"), Files::isDirectory)) {
            for (Path place : places) {
                groups.addAll(ControlGroups.find(name -> name.equals("slipway-" + place.getFileName())));
            }
        }
        return groups;
    }

    private static void assertNothingIsLeft(SmallWorld world, List<Path> groups) throws IOException {
        assertThat(groups).allSatisfy(group -> assertThat(group).doesNotExist());
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(world.state.toString());
        try (Stream<Path> all = Files.walk(world.state)) {
            assertThat(all.map(path -> world.state.relativize(path).toString()))
                    .noneMatch(path -> path.contains(".aside-"))
                    .noneMatch(path -> path.startsWith("sandboxes/") && !path.equals("sandboxes/all.lock"));
        }
    }
}
