package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.BuildRunner;
import io.slipway.slackbuild.build.KeptPackage;
import io.slipway.slackbuild.build.PackageCache;
import io.slipway.slackbuild.build.Shelves;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.Layer;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackbuild.tree.SlackBuildTrees;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.AtomicFiles;
import io.slipway.store.Sha256;
import io.slipway.store.StateLock;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagesPruneTest {
    @TempDir
    private Path root;

    private Path tree;
    private Path state;
    private List<PackageFile> base = List.of();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void make() throws IOException {
        tree = root.resolve("slackbuilds");
        state = root.resolve("state");
        write("alpha", "beta");
        write("beta", "");
        String name = "base-1-noarch-1.txz";
        Path file = Files.createDirectory(root.resolve("packages")).resolve(name);
        Files.writeString(file, "base");
        base = List.of(new PackageFile(PackageFileName.parse(name), file, Sha256.of(file)));
    }

    private void write(String name, String requires) throws IOException {
        Samples.write(tree, Samples.files(name, "1.0", requires));
    }

    /** As it was built on the given day from what the tree has now. */
    private KeptPackage built(String name, int day) throws IOException {
        BuildGraph graph = BuildGraph.of(new Catalogue(List.of(SlackBuildTrees.read(tree))), List.of(name));
        BuildPlan plan = BuildRunner.plan(
                graph, root.resolve("sources.lock"), (series, more, without) -> base, new PackageCache(state));
        Path file = Files.writeString(root.resolve(name + "-1.0-x86_64-1_slipway.txz"), name + day);
        KeptPackage kept = Shelves.keep(state, plan.items().get(plan.items().size() - 1), file);
        Path record = kept.directory().resolve("record.json");
        Files.writeString(record, Files.readString(record).replace("1970-01-01", "2026-01-0" + day));
        return kept;
    }

    private Path directory(String path) throws IOException {
        Path made = Files.createDirectories(state.resolve(path));
        Files.writeString(made.resolve("file"), "content");
        return made;
    }

    private int prune(String... more) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] usual = {
            "packages",
            "prune",
            "--slackbuilds",
            tree.toString(),
            "--root",
            root.resolve("packages").toString(),
            "--state",
            state.toString(),
            "--lock",
            root.resolve("sources.lock").toString()
        };
        String[] all = Arrays.copyOf(usual, usual.length + more.length);
        System.arraycopy(more, 0, all, usual.length, more.length);
        return line.execute(all);
    }

    private Path rootOf(Sha256 digest) throws IOException {
        return directory("roots/" + digest.hex());
    }

    @Test
    void whatNobodyAsksForGoesAndWhatStaysIsSaidWithItsReason() throws Exception {
        KeptPackage[] betas = new KeptPackage[6];
        for (int day = 1; day <= 5; day++) {
            Files.writeString(tree.resolve("beta/README"), "day " + day);
            betas[day] = built("beta", day);
        }
        Path broken = directory("packages/beta/" + "a".repeat(64));
        write("gone", "");
        KeptPackage gone = built("gone", 1);
        AtomicFiles.removeTree(tree.resolve("gone"));
        Sha256 digest = BuildRoots.digest(base, List.of());
        Path used = rootOf(digest);
        Path layer = rootOf(BuildRoots.digest(
                List.of(new PackageFile(
                        betas[5].record().file(),
                        betas[5].file(),
                        betas[5].record().sha256())),
                List.of(new Layer(digest, used))));
        Path unused = directory("roots/" + "b".repeat(64));
        Path log = Files.writeString(Path.of(unused + ".log"), "said");
        Path left = directory("roots/.aside-of-a-killed-program");

        assertThat(prune("--dry-run")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("roots/" + "b".repeat(64) + ": no build would use it now")
                .contains("KiB to be removed, ");
        assertThat(betas[1].directory()).exists();
        assertThat(left).exists();

        try (var held = StateLock.acquire(state, "build", "slipway packages build")) {
            assertThat(held).isNotNull();
            assertThat(prune()).isEqualTo(4);
        }

        assertThat(prune()).as(err.toString()).isZero();
        assertThat(out.toString())
                .containsPattern("kept +[12] KiB  packages/beta/" + name(betas[5]) + ": it is what would be built now")
                .containsPattern("kept +[12] KiB  packages/beta/" + name(betas[3]) + ": it is among the newest others")
                .containsPattern("removed +[12] KiB  packages/beta/" + name(betas[2]) + ": newer ones stay")
                .containsPattern("removed +[12] KiB  packages/beta/a+: it is not whole")
                .containsPattern("kept +1 KiB  roots/" + digest.hex() + ": builds use it");
        assertThat(List.of(betas[1].directory(), betas[2].directory(), broken, unused, log, left))
                .allSatisfy(path -> assertThat(path).doesNotExist());
        assertThat(List.of(betas[3].file(), betas[4].file(), betas[5].file(), gone.file(), used, layer))
                .allSatisfy(path -> assertThat(path).exists());

        assertThat(prune("--keep", "0", "--json")).isZero();
        assertThat(out.toString().lines().filter(line -> line.contains("\"state\":\"removed\"")))
                .hasSize(3);
        assertThat(prune("--keep", "-1")).isEqualTo(2);
    }

    @Test
    void ofWhatCannotBeToldAllStays() throws Exception {
        KeptPackage beta = built("beta", 1);
        Path unused = directory("roots/" + "b".repeat(64));
        Files.writeString(tree.resolve("beta/beta.info"), "VERSION=`id`\n");
        assertThat(prune("--keep", "0")).isZero();
        assertThat(err.toString()).contains("Of beta nothing can be told: ", "Of alpha nothing can be told: ");
        assertThat(out.toString())
                .contains("what would be built now cannot be told")
                .contains("what alpha, beta would use cannot be told");
        assertThat(beta.file()).exists();
        assertThat(unused).exists();
    }

    private static String name(KeptPackage kept) {
        return kept.directory().getFileName().toString();
    }
}
