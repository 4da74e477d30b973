package io.slipway.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.ChildJvm;
import io.slipway.Repository;
import io.slipway.SmallDisk;
import io.slipway.authority.ApplianceKey;
import io.slipway.authority.ApplianceSshKey;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.mirror.MirrorSync;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code slipway image build} that is killed, and on a disk that is full. */
class ImageCrashIT {
    @TempDir
    private Path directory;

    private Path yaml;
    private Cluster cluster;
    private Path pristine;
    private Sha256 undisturbed;
    private long grows;

    /** A state directory with a snapshot and keys, and what a build that nobody disturbs makes of it. */
    @BeforeEach
    void buildUndisturbed() throws Exception {
        Path mirror = directory.resolve("mirror");
        TinySlackware.write(mirror);
        yaml = directory.resolve("cluster.yaml");
        Files.writeString(
                yaml,
                Files.readString(Repository.example("lab"))
                        .replaceAll("mirror: .*", "mirror: " + mirror + "\n  verify: checksums")
                        .replaceAll("  (series|add): .*\n", "")
                        .replaceAll("snapshot: .*", "snapshot: tiny\n  series: [a, n]"));
        cluster = ClusterYamlReader.read(yaml);
        Path first = directory.resolve("first");
        new MirrorSync(first, new LocalCommandRunner(), (phase, done, total) -> {}).sync(cluster.slackware());
        String name = cluster.identity().name();
        ApplianceKey.open(first, "Slipway appliance of cluster " + name, Instant.now());
        ApplianceSshKey.open(first, "slipway@" + name);
        pristine = directory.resolve("pristine");
        copy(first, pristine);
        undisturbed = build(first).digest();
        grows = files(first) - files(pristine);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.resolveSibling("."));
                if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.copy(file, target, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }

    private BuiltImage build(Path state) {
        return new ImageBuilder(
                        state,
                        Repository.root().resolve("templates"),
                        Repository.root().resolve("overlays"),
                        what -> {})
                .build(cluster, Compiled.NONE);
    }

    private static long files(Path state) {
        try (var all = Files.walk(state)) {
            return all.count();
        } catch (UncheckedIOException | IOException moved) {
            // A name went away between two looks; the next look is soon.
            return 0;
        }
    }

    /** Whatever is in sight is whole. */
    private static void assertNothingHalfDone(Path state) throws IOException {
        Path current = ImageBuilder.current(state);
        var images = new ImageStore(state).list();
        assertThat(Files.exists(current, LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(images.stream().anyMatch(ImageStore.Entry::current));
        for (ImageStore.Entry image : images) {
            assertThat(Manifest.read(image.directory()).digest().hex()).isEqualTo(image.digest());
            for (Manifest.File file : image.manifest().files().values()) {
                assertThat(Sha256.of(Files.readAllBytes(image.directory().resolve(file.path()))))
                        .as(file.path())
                        .isEqualTo(file.sha256());
            }
        }
    }

    @Test
    void aBuildThatIsKilledAtAnyPointLeavesNothingHalfDoneAndTheNextOneMakesTheSameImage() throws Exception {
        var random = new SplittableRandom(6);
        Path state = directory.resolve("killed");
        copy(pristine, state);
        long before = files(state);
        int killed = 0;
        for (int round = 0; round < 6; round++) {
            Process child = ChildJvm.start(
                    "io.slipway.cli.Main", "image", "build", "-f", yaml.toString(), "--state", state.toString());
            long killAt = before + 1 + random.nextLong(grows);
            while (!child.waitFor(1, TimeUnit.MILLISECONDS) && files(state) < killAt) {
                // waitFor is the pause between two looks.
            }
            child.toHandle().destroyForcibly();
            String said = new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            int status = child.waitFor();
            assertThat(status).as(said).isIn(0, 128 + 9);
            killed += status == 0 ? 0 : 1;
            assertNothingHalfDone(state);
        }
        assertThat(killed).as("builds that did not come to their end").isPositive();
        assertThat(build(state).digest()).isEqualTo(undisturbed);
        assertNothingHalfDone(state);
        try (var left = Files.walk(state)) {
            assertThat(left.filter(path -> String.valueOf(path.getFileName()).startsWith(".aside-")))
                    .isEmpty();
        }
    }

    @Test
    void aFullDiskIsNamedWhereverItStopsTheBuild() throws Exception {
        Path state = directory.resolve("small");
        try (var disk = SmallDisk.mount(state, "32m")) {
            copy(pristine, state);
            int failed = 0;
            for (long room = 0; ; room = room * 3 / 2 + 8192) {
                disk.leave(room);
                try {
                    build(state);
                    break;
                } catch (ProblemException full) {
                    failed++;
                    assertThat(full.kind()).as(full.getMessage()).isEqualTo(ProblemKind.ENVIRONMENT);
                    assertThat(full)
                            .hasMessageContaining(state.toString())
                            .hasMessageContaining("The file system is full")
                            .hasMessageContaining("image gc");
                    assertNothingHalfDone(state);
                    assertThat(ImageBuilder.current(state)).doesNotExist();
                }
            }
            assertThat(failed).as("places where it was full").isGreaterThan(3);
            disk.leave(0);
            assertThat(new ImageStore(state).collect(0, Set::of).images())
                    .as("the cure works on a full disk")
                    .isEmpty();
            disk.makeRoom();
            assertThat(build(state).digest()).isEqualTo(undisturbed);
            assertNothingHalfDone(state);
        }
    }
}
