package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Witness;
import io.slipway.slackbuild.build.SmallWorld;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagesBuildIT {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(SmallWorld world, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of("packages"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--slackbuilds", world.tree.toString(), "--state", world.state.toString()));
        all.addAll(List.of("--root", world.rootPackages().toString(), "--lock", world.lock.toString()));
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
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

        assertThat(run(world, "build", "--follow", "two", "never")).isEqualTo(2);
        assertThat(out.toString())
                .contains("one-1.0-x86_64-1_slipway.txz: ", "two-1.0-x86_64-1_slipway.txz: ")
                .endsWith("2 built, 0 were there, 1 failed, 1 not tried.\n");
        assertThat(err.toString())
                .contains("one: said", "wrong 1.0 could not be built.", "status 7", "last words", "failed.log")
                .contains("never was not built: it needs wrong.");

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
}
