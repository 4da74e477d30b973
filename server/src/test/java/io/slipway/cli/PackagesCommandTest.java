package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuildFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagesCommandTest {
    @TempDir
    private Path root;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private void write(SlackBuildFiles files) throws Exception {
        Path directory = Files.createDirectories(root.resolve(files.name()));
        for (var each : files.files().entrySet()) {
            Files.writeString(directory.resolve(each.getKey()), each.getValue().text());
        }
    }

    @BeforeEach
    void aTree() throws Exception {
        write(Samples.files("alpha", "1.0", "beta"));
        write(Samples.files("beta", "2.0", ""));
        Files.writeString(
                root.resolve("stacks.yaml"),
                "stacks: {mine: {description: x, slackbuilds: [alpha], series: [a, l]}}\n");
    }

    @Test
    void graphPrintsTheOrder() {
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "mine"))
                .isZero();
        assertThat(out.toString().lines().map(line -> line.strip().replaceAll(" +", " ")))
                .containsExactly("# NAME VERSION STACK AFTER", "1 beta 2.0 -", "2 alpha 1.0 mine beta");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void graphIsJsonDotOrAPicture() throws Exception {
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "--json", "mine"))
                .isZero();
        JsonNode alpha = new ObjectMapper().readTree(out.toString()).at("/packages/1");
        assertThat(alpha.get("name").asText()).isEqualTo("alpha");
        assertThat(alpha.get("file").asText()).isEqualTo("alpha-1.0-x86_64-1_slipway.txz");
        assertThat(alpha.get("after")).hasSize(1);
        assertThat(alpha.at("/series/1").asText()).isEqualTo("l");
        out.getBuffer().setLength(0);
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "--dot", "mine"))
                .isZero();
        assertThat(out.toString()).contains("\"beta\" -> \"alpha\";");
        Path picture = root.resolve("graph.svg");
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "--svg", picture.toString(), "mine"))
                .isZero();
        assertThat(picture).content().contains(">alpha</text>");
        assertThat(run(
                        "packages",
                        "graph",
                        "--slackbuilds",
                        root.toString(),
                        "--svg",
                        root.resolve("no/where.svg").toString(),
                        "mine"))
                .isEqualTo(8);
    }

    @Test
    void everythingWrongIsSaidAtOnce() throws Exception {
        write(Samples.files("beta", "2.0", "alpha gamma"));
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "mine"))
                .isEqualTo(3);
        assertThat(err.toString())
                .contains("beta requires gamma")
                .contains("Path: stack mine → alpha → beta → gamma")
                .contains("These need each other: alpha → beta → alpha");
    }

    @Test
    void assumptionsAreSaid() throws Exception {
        Files.move(root.resolve("beta/beta.SlackBuild"), root.resolve("beta/beta.Slackbuild"));
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "beta"))
                .isZero();
        assertThat(err.toString()).contains("Assumed: ").contains("has the script beta.Slackbuild");
    }

    @Test
    void ofOursNothingIsAssumedAloud() {
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "ovn", "mine"))
                .isZero();
        assertThat(out.toString()).contains("openvswitch").contains("alpha");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void listShowsWhereEachIsFrom() throws Exception {
        Files.writeString(root.resolve("beta/beta.info"), "VERSION=`id`\n");
        assertThat(run("packages", "list", "--slackbuilds", root.toString())).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" +", " ")))
                .contains("alpha 1.0 mine beta " + root);
        assertThat(err.toString()).contains("beta/beta.info:1:9");
    }

    @Test
    void lintEndsWithStatusTwoIfThereAreErrors() throws Exception {
        assertThat(run("packages", "lint", root.toString())).isZero();
        assertThat(out.toString()).isEqualTo("2 SlackBuilds: 0 errors, 0 warnings.\n");
        Files.writeString(root.resolve("alpha/alpha.info"), "");
        assertThat(run("packages", "lint", root.toString())).isEqualTo(2);
        assertThat(out.toString()).contains("alpha/alpha.info:1: error [info-field]");
        out.getBuffer().setLength(0);
        assertThat(run("packages", "lint", "--json", root.resolve("alpha").toString()))
                .isEqualTo(2);
        assertThat(new ObjectMapper()
                        .readTree(out.toString().lines().findFirst().orElseThrow())
                        .get("rule")
                        .asText())
                .isEqualTo("info-field");
    }

    @Test
    void lintLooksAtWhatIsShippedByDefault() {
        assertThat(run("packages", "lint")).isZero();
        assertThat(out.toString()).contains(" SlackBuilds: 0 errors");
    }
}
