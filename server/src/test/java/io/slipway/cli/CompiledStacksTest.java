package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.image.Compiled;
import io.slipway.image.ImageBuilder;
import io.slipway.image.TinySlackware;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.mirror.MirrorSync;
import io.slipway.mirror.Snapshot;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.BuildRunner;
import io.slipway.slackbuild.build.KeptPackage;
import io.slipway.slackbuild.build.PackageCache;
import io.slipway.slackbuild.build.Shelves;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledStacksTest {
    private static final String COMMAND = "slipway packages build";

    @TempDir
    private Path root;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Map<String, KeptPackage> kept = new HashMap<>();
    private Path state = Path.of("");
    private Path lock = Path.of("");
    private Path tree = Path.of("");

    /** zeta, which alpha needs; compiler, which serves to build it, and what only that one needs. */
    @BeforeEach
    void aTree() throws Exception {
        state = root.resolve("state");
        lock = root.resolve("sources.lock");
        tree = root.resolve("slackbuilds");
        Samples.write(tree, Samples.files("alpha", "1.0", "zeta compiler"));
        Samples.write(tree, Samples.files("zeta", "2.0", ""));
        Samples.write(tree, Samples.files("compiler", "1.24", "bootstrap"));
        Samples.write(tree, Samples.files("bootstrap", "1.20", ""));
        Files.writeString(tree.resolve("stacks.yaml"), """
                stacks:
                  mine: {description: x, slackbuilds: [alpha, compiler], series: [a, n]}
                  other: {description: x, slackbuilds: [zeta, bootstrap], series: [a, n]}
                slackbuilds:
                  alpha: {conflicts: [wget]}
                  compiler: {buildOnly: true, conflicts: [bash]}
                """);
        Path mirror = root.resolve("mirror");
        TinySlackware.write(mirror);
        new MirrorSync(state, new LocalCommandRunner(), (phase, done, total) -> {})
                .sync(cluster("").slackware());
    }

    private Path file(String packages) throws Exception {
        return Files.writeString(
                root.resolve("cluster.yaml"),
                Files.readString(Repository.example("lab"))
                        .replaceAll("mirror: .*", "mirror: " + root.resolve("mirror") + "\n  verify: checksums")
                        .replaceAll("  series: .*\n", "")
                        .replaceAll("  (skip|add): .*\n", "")
                        .replaceAll("snapshot: .*", "snapshot: tiny\n  series: [a, n]")
                        .replace("serve:\n", packages + "\nserve:\n"));
    }

    private Cluster cluster(String packages) throws Exception {
        return ClusterYamlReader.read(file(packages));
    }

    private String mine(String more) {
        return "packages: {stacks: [mine], slackbuilds: [" + tree + "]" + more + "}";
    }

    private Compiled offered(Cluster cluster) {
        return CompiledStacks.of(cluster, state, lock, COMMAND);
    }

    private BuildPlan plan(Cluster cluster) {
        return BuildRunner.plan(
                BuildGraph.of(SlackBuildOptions.catalogue(cluster.packages()), List.of("mine")),
                lock,
                BuildRootOptions.fromSnapshot(Snapshot.get(state, "tiny")),
                new PackageCache(state));
    }

    /** Everything as it would have been built. */
    private void keep(Cluster cluster) throws Exception {
        for (BuildPlan.Item item : plan(cluster).items()) {
            String fullName = item.name() + "-" + item.step().slackbuild().version() + "-x86_64-1_slipway";
            Path file = root.resolve(fullName + ".txz");
            TinySlackware.writePackage(file, TinySlackware.content(fullName, 30));
            kept.put(item.name(), Shelves.keep(state, item, file));
        }
    }

    private int image(Path file, String... more) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var arguments = new java.util.ArrayList<>(List.of("image", "build", "-f", file.toString()));
        arguments.addAll(List.of("--state", state.toString(), "--lock", lock.toString()));
        arguments.addAll(List.of(more));
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }

    @Test
    void stacksThatNobodyAsksForAreNotLookedAt() throws Exception {
        Files.writeString(tree.resolve("stacks.yaml"), "stacks: [broken");
        assertThat(offered(cluster("packages: {slackbuilds: [" + tree + "]}"))).isSameAs(Compiled.NONE);
    }

    @Test
    void whatIsKeptIsOfferedAfterWhatItNeedsWithoutWhatOnlyServesToBuild() throws Exception {
        Cluster cluster = cluster(mine(""));
        keep(cluster);
        Compiled offered = offered(cluster);
        assertThat(offered.packages()).extracting(Compiled.Wanted::name).containsExactly("zeta", "alpha");
        assertThat(offered.leftOut()).containsExactlyInAnyOrder("bootstrap", "compiler");
        assertThat(offered.packages().get(1)).isInstanceOfSatisfying(Compiled.Item.class, alpha -> {
            KeptPackage there = kept.get("alpha");
            assertThat(there).isNotNull();
            assertThat(alpha.path()).isEqualTo(there.file());
            assertThat(alpha.sha256()).isEqualTo(there.record().sha256());
            assertThat(alpha.licences()).containsExactly("MIT");
            assertThat(alpha.sources())
                    .extracting(Compiled.Source::address)
                    .containsExactly("https://example.org/alpha-1.0.tar.gz");
            assertThat(alpha.conflicts()).containsExactly("wget");
        });
        assertThat(offered.packages().get(0).conflicts())
                .as("of a compiler that is not installed, conflicts are none of the image's")
                .isEmpty();
    }

    @Test
    void whatWasBuiltOfOtherInputsIsMissingWithTheReason() throws Exception {
        keep(cluster(mine("")));
        Samples.write(tree, Samples.files("zeta", "2.1", ""));
        assertThat(offered(cluster(mine(""))).packages())
                .extracting(wanted -> wanted instanceof Compiled.Missing missing
                        ? missing.name() + ": "
                                + missing.reasons().get(missing.reasons().size() - 1)
                        : wanted.name() + " is there")
                .satisfies(said -> {
                    assertThat(said.get(0)).startsWith("zeta: ").contains("2.1");
                    assertThat(said.get(1)).isEqualTo("alpha: zeta is rebuilt");
                });
    }

    @Test
    void otherVersionsOfTheClustersFileAreWhatIsLookedFor() throws Exception {
        Cluster later = cluster(mine(", set: {zeta: 2.5}"));
        keep(later);
        assertThat(offered(later).packages()).allMatch(Compiled.Item.class::isInstance);
        assertThat(offered(later).packages().get(0))
                .isInstanceOfSatisfying(
                        Compiled.Item.class,
                        zeta -> assertThat(zeta.file().version()).isEqualTo("2.5"));
        assertThat(offered(cluster(mine(""))).packages()).allMatch(Compiled.Missing.class::isInstance);
        assertThatThrownBy(() -> offered(cluster(mine(", set: {gamma: 1}"))))
                .hasMessageContaining("packages.set: gamma=1 is not understood");
    }

    @Test
    void recordOfAnotherPackageIsRefused() throws Exception {
        Cluster cluster = cluster(mine(""));
        keep(cluster);
        KeptPackage zeta = kept.get("zeta");
        assertThat(zeta).isNotNull();
        Path record = zeta.directory().resolve("record.json");
        String text = Files.readString(record);
        Files.copy(zeta.file(), zeta.directory().resolve("sudo-2.0-x86_64-1_slipway.txz"));
        for (String[] change : List.of(
                new String[] {"zeta-2.0-x86_64-1_slipway.txz", "sudo-2.0-x86_64-1_slipway.txz"},
                new String[] {"\"name\":\"zeta\"", "\"name\":\"../../zeta\""})) {
            assertThat(text).contains(change[0]);
            Files.writeString(record, text.replace(change[0], change[1]));
            assertThatThrownBy(() -> offered(cluster))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                    .hasMessageContaining("does not have the package zeta");
        }
        // What is no file name at all is no package: as if it had never been built.
        Files.writeString(record, text.replace("zeta-2.0-x86_64-1_slipway.txz", "../../../etc/shadow"));
        assertThat(offered(cluster).packages().get(0)).isInstanceOf(Compiled.Missing.class);
    }

    @Test
    void imageNamesTheCommandAndThenTakesWhatItBuilt() throws Exception {
        Path file = file(mine(""));
        assertThat(image(file)).isEqualTo(3);
        assertThat(err.toString())
                .contains("asks for what is not compiled: zeta, alpha.")
                .contains("Do: slipway packages build -f " + file + " --state " + state + " --lock " + lock
                        + " zeta alpha\n");
        assertThat(ImageBuilder.current(state)).doesNotExist();

        keep(ClusterYamlReader.read(file));
        assertThat(image(file)).as(err.toString()).isZero();
        assertThat(err.toString()).contains("wget-1.25-x86_64-1.txz is left out: it conflicts with alpha");
        assertThat(Files.readAllLines(ImageBuilder.current(state).resolve("nodes/node1/packages")))
                .extracting(line -> line.substring(line.lastIndexOf('/') + 1))
                .containsSubsequence("zeta-2.0-x86_64-1_slipway.txz", "alpha-1.0-x86_64-1_slipway.txz")
                .contains("bash-5.3-x86_64-1.txz")
                .noneMatch(name -> name.startsWith("compiler") || name.startsWith("bootstrap"));
    }

    @Test
    void whatIsBroughtNeedsNotBeCompiled() throws Exception {
        Path local = Files.createDirectories(root.resolve("local"));
        for (String name : List.of("alpha-9-x86_64-1_me", "zeta-9-x86_64-1_me")) {
            TinySlackware.writePackage(local.resolve(name + ".txz"), TinySlackware.content(name, 10));
        }
        assertThat(image(file(mine(", local: [" + local + "]"))))
                .as(err.toString())
                .isZero();
        assertThat(Files.readAllLines(ImageBuilder.current(state).resolve("nodes/node1/packages")))
                .extracting(line -> line.substring(line.lastIndexOf('/') + 1))
                .containsSubsequence("zeta-9-x86_64-1_me.txz", "alpha-9-x86_64-1_me.txz");
    }

    @Test
    void dryRunSaysWhatThereIsAndBuildsNothing() throws Exception {
        Path file = file(mine(""));
        assertThat(image(file, "--dry-run")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("missing").contains("it was never built");
        keep(ClusterYamlReader.read(file));
        assertThat(image(file, "--dry-run")).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" +", " ")))
                .startsWith(
                        "NAME STATE PACKAGE",
                        "zeta compiled zeta-2.0-x86_64-1_slipway.txz",
                        "alpha compiled alpha-1.0-x86_64-1_slipway.txz")
                .contains("compiler build-only not installed")
                .endsWith("Slackware's wget is left out where there is one: it conflicts with alpha.");
        assertThat(image(file, "--dry-run", "--json")).isZero();
        assertThat(new ObjectMapper()
                        .readTree(out.toString().lines().findFirst().orElseThrow())
                        .get("licences")
                        .get(0)
                        .asText())
                .isEqualTo("MIT");
        assertThat(state.resolve("images")).doesNotExist();
    }
}
