package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Witness;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.store.StateLock;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        Samples.write(root, files);
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

    /** An upstream archive of alpha in a directory, whose MD5SUM nobody gives. */
    private Path source(String text) throws Exception {
        Path info = root.resolve("alpha/alpha.info");
        Files.writeString(
                info,
                Files.readString(info)
                        .replaceFirst("MD5SUM=.*", "MD5SUM=\"\"")
                        .replace("beta", "")
                        .replace("example.org/alpha", "127.0.0.1:1/alpha"));
        Path upstream = Files.createDirectories(root.resolve("upstream"));
        Path readme = Files.writeString(root.resolve("README"), text);
        Path tar = upstream.resolve("alpha-1.0.tar.gz");
        Witness.run(root, "tar", "czf", tar.toString(), String.valueOf(readme.getFileName()));
        return tar;
    }

    private int sources(String... arguments) {
        out.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of("packages", "sources", "--slackbuilds", root.toString(), "alpha"));
        all.addAll(List.of("--lock", root.resolve("sources.lock").toString()));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    @Test
    void sourcesAreFetchedPinnedAndCarriedToAnotherMachine() throws Exception {
        Path upstream = source("alpha");
        String state = root.resolve("state").toString();
        assertThat(sources("--state", state)).isZero();
        assertThat(out.toString()).contains("unpinned  alpha").contains("alpha-1.0.tar.gz");
        assertThat(sources(
                        "--state",
                        state,
                        "--fetch",
                        "--from",
                        root.resolve("upstream").toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).isEqualTo("1 of 1 sources are here.\n");
        assertThat(root.resolve("sources.lock")).content().contains("alpha 1.0 alpha-1.0.tar.gz ");
        assertThat(sources("--state", state, "--json")).isZero();
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("state").asText()).isEqualTo("held");
        assertThat(line.get("bytes").asLong()).isEqualTo(Files.size(upstream));

        Path bundle = root.resolve("sources.tar");
        assertThat(sources("--state", state, "--export", bundle.toString())).isZero();
        assertThat(out.toString()).isEqualTo("1 sources are in " + bundle + ".\n");
        String other = root.resolve("other").toString();
        assertThat(sources("--state", other)).isZero();
        assertThat(out.toString()).contains("missing   alpha");
        assertThat(sources("--state", other, "--import", bundle.toString())).isZero();
        assertThat(sources("--state", other)).isZero();
        assertThat(out.toString()).contains("held      alpha");
    }

    @Test
    void aSourceThatIsNowhereOrAnotherOneIsAnError() throws Exception {
        source("alpha");
        String from = root.resolve("upstream").toString();
        String state = root.resolve("state").toString();
        assertThat(sources("--state", state, "--fetch", "--from", from)).isZero();
        source("something else, and longer than that");
        String other = root.resolve("other").toString();
        assertThat(sources("--state", other, "--fetch", "--from", from)).isNotZero();
        assertThat(err.toString()).contains("alpha-1.0.tar.gz").contains(from);
        assertThat(out.toString()).isEqualTo("0 of 1 sources are here.\n");
        assertThat(sources("--state", other)).isZero();
        assertThat(out.toString()).contains("missing");
    }

    @Test
    void anAddressThatMakesNoSenseIsSaidWithItsSlackBuild() throws Exception {
        Path info = root.resolve("alpha/alpha.info");
        Files.writeString(
                info, Files.readString(info).replace("https://example.org/alpha-", "https://exa{mple.org/alpha-"));
        assertThat(sources("--state", root.resolve("state").toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "alpha/alpha.info:4: a source of alpha cannot be fetched: https://exa{mple.org/alpha-1.0.tar.gz")
                .contains("Correct DOWNLOAD");
    }

    @Test
    void whatCannotBeUsedStopsOnlyWhatNeedsItAndIsSaidOnce() throws Exception {
        write(Samples.files("gamma", "1.0", ""));
        write(Samples.files("delta", "1.0", "beta"));
        Path info = root.resolve("beta/beta.info");
        Files.writeString(info, Files.readString(info).replace("https://example.org/", "https://exa{mple.org/"));
        assertThat(planned("build", "--dry-run", "gamma")).as(err.toString()).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(planned("why", "gamma")).as(err.toString()).isZero();

        assertThat(planned("build", "--dry-run", "mine", "delta", "gamma")).isEqualTo(2);
        assertThat(out.toString()).contains("gamma ").doesNotContain("alpha", "beta", "delta");
        assertThat(err.toString())
                .containsOnlyOnce("beta/beta.info:4: a source of beta cannot be fetched")
                .contains("Path: stack mine → alpha → beta")
                .contains("alpha was not built: it needs beta.", "delta was not built: it needs beta.");
        err.getBuffer().setLength(0);
        assertThat(planned("build", "mine", "delta")).isEqualTo(2);
        assertThat(err.toString()).contains("a source of beta cannot be fetched");

        err.getBuffer().setLength(0);
        assertThat(run(
                        "packages",
                        "sources",
                        "--slackbuilds",
                        root.toString(),
                        "--state",
                        root + "/state",
                        "alpha",
                        "gamma"))
                .isEqualTo(2);
        assertThat(out.toString()).contains("gamma-1.0.tar.gz");
        assertThat(err.toString()).containsOnlyOnce("a source of beta cannot be fetched");
    }

    private int planned(String... arguments) throws Exception {
        out.getBuffer().setLength(0);
        Path packages = Files.createDirectories(root.resolve("packages"));
        Files.writeString(packages.resolve("base-1-noarch-1.txz"), "of which only the sum is asked");
        var all = new ArrayList<>(List.of("packages"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--slackbuilds", root.toString(), "--root", packages.toString()));
        all.addAll(List.of("--state", root.resolve("state").toString()));
        all.addAll(List.of("--lock", root.resolve("sources.lock").toString()));
        return run(all.toArray(String[]::new));
    }

    @Test
    void aDryRunSaysWhatWouldBeBuiltAndWhy() throws Exception {
        assertThat(planned("build", "--dry-run", "mine")).as(err.toString()).isZero();
        assertThat(out.toString().lines().map(line -> line.strip().replaceAll(" +", " ")))
                .containsExactly(
                        "NAME VERSION STATE WHY",
                        "beta 2.0 build it was never built, its source beta-2.0.tar.gz was never fetched",
                        "alpha 1.0 build it was never built, its source alpha-1.0.tar.gz was never fetched");
        assertThat(planned("build", "--dry-run", "--json", "--set", "beta=2.5", "beta"))
                .isZero();
        JsonNode beta = new ObjectMapper().readTree(out.toString());
        assertThat(beta.get("version").asText()).isEqualTo("2.5");
        assertThat(beta.get("reasons").toString()).contains("beta-2.5.tar.gz");
        assertThat(beta.get("digest").asText()).hasSize(64);
    }

    @Test
    void whySaysWhoNeedsIt() throws Exception {
        assertThat(planned("why", "beta")).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("""
                        beta would be built:
                          it was never built
                          its source beta-2.0.tar.gz was never fetched
                        Required by alpha.
                        """);
        assertThat(planned("why", "alpha")).isZero();
        assertThat(out.toString())
                .contains("and beta before it: it was never built")
                .endsWith("Nothing requires it.\n");
    }

    @Test
    void showPrintsWhatAPackageIsMadeOf() throws Exception {
        assertThat(planned("show", "alpha")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("alpha 1.0: a sample", "needs:     beta", "  package alpha\n", "  set TAG _slipway\n")
                .contains("It is not built: it was never built");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "betta | 3 | There is no stack and no SlackBuild \"betta\". | Did you mean \"beta\"?",
                "--stack=mien | 3 | There is no stack and no SlackBuild \"mien\". | Did you mean \"mine\"?",
                "--set=gamma=1 | 2 | --set gamma=1 is not understood. | Write the name of a SlackBuild",
                "--jobs=0 | 2 | --jobs 0 is not possible. | Give it 1 or more.",
                "--jobs=-1 | 2 | --jobs -1 is not possible. | Give it 1 or more.",
                "--time-limit=0 | 2 | --time-limit 0 is not possible. | Give it 1 or more."
            })
    void whatIsAskedForInAWrongWayIsSaidAndNothingIsBegun(String argument, int status, String said, String correction)
            throws Exception {
        assertThat(planned("build", argument)).isEqualTo(status);
        assertThat(err.toString())
                .startsWith(said)
                .contains("Do: " + correction)
                .doesNotContain("fault");
        assertThat(out.toString()).isEmpty();
        assertThat(root.resolve("state")).doesNotExist();
    }

    @Test
    void aRootWithoutPackagesIsRefused() throws Exception {
        Path empty = Files.createDirectory(root.resolve("empty"));
        assertThat(run(
                        "packages",
                        "build",
                        "--slackbuilds",
                        root.toString(),
                        "--root",
                        empty.toString(),
                        "--state",
                        root.resolve("state").toString(),
                        "mine"))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith(empty + " has no packages to make a build root of.");
    }

    private int plannedBy(String user, String... arguments) throws Exception {
        String before = System.getProperty("user.name");
        System.setProperty("user.name", user);
        try {
            return planned(arguments);
        } finally {
            System.setProperty("user.name", before);
        }
    }

    @Test
    void onlyRootBuildsAndOnlyOneAtATime() throws Exception {
        assertThat(plannedBy("somebody", "build", "beta")).isEqualTo(8);
        assertThat(err.toString()).startsWith("Only root can build packages");
        assertThat(root.resolve("state")).doesNotExist();
        for (String other : List.of("slipway packages build", "slipway image build")) {
            err.getBuffer().setLength(0);
            try (var held = StateLock.acquire(root.resolve("state"), "build", other)) {
                assertThat(held).isNotNull();
                assertThat(plannedBy("root", "build", "beta")).isEqualTo(4);
                assertThat(err.toString())
                        .contains("is in use by process "
                                + ProcessHandle.current().pid() + " (" + other + ").")
                        .contains("Wait until it has ended");
            }
        }
    }

    @Test
    void withoutASnapshotItIsSaidWhatToDo() {
        assertThat(run(
                        "packages",
                        "build",
                        "--dry-run",
                        "--slackbuilds",
                        root.toString(),
                        "--state",
                        root.resolve("none").toString(),
                        "mine"))
                .isEqualTo(3);
        assertThat(err.toString()).contains("There is no snapshot").contains("slipway mirror sync");
    }

    @Test
    void aSettingOfWhatIsNotThereIsRefused() {
        assertThat(run("packages", "graph", "--slackbuilds", root.toString(), "--set", "gamma=1", "mine"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--set gamma=1 is not understood");
    }
}
