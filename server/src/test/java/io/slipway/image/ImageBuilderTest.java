package io.slipway.image;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.packageurl.PackageURL;
import io.slipway.Repository;
import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.FileMode;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.mirror.MirrorSync;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.SlackDesc;
import io.slipway.slackware.SlackwarePackage;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.cyclonedx.Version;
import org.cyclonedx.model.Component;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageBuilderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path state = Path.of("");
    private Path mirror = Path.of("");

    static List<String> examples() {
        return Repository.examples();
    }

    @BeforeEach
    void trees() {
        state = directory.resolve("state");
        mirror = directory.resolve("mirror");
        TinySlackware.write(mirror);
    }

    private Cluster cluster(String example, String from, String to) throws Exception {
        String text = Files.readString(Repository.example(example))
                .replaceAll("mirror: .*", "mirror: " + mirror + "\n  verify: checksums")
                .replaceAll("  series: .*\n", "")
                .replaceAll("  (skip|add): .*\n", "")
                .replaceAll("snapshot: .*", "snapshot: tiny\n  series: [a, n]");
        assertThat(text).contains(from);
        Cluster cluster = ClusterYamlReader.read(text.replace(from, to), example + ".yaml", directory);
        new MirrorSync(state, new LocalCommandRunner(), (phase, done, total) -> {}).sync(cluster.slackware());
        return cluster;
    }

    private BuiltImage build(Cluster cluster) {
        return build(cluster, Compiled.NONE);
    }

    private BuiltImage build(Cluster cluster, Compiled compiled) {
        return new ImageBuilder(
                        state,
                        Repository.root().resolve("templates"),
                        Repository.root().resolve("overlays"),
                        what -> {})
                .build(cluster, compiled);
    }

    private Set<String> stored() throws IOException {
        try (var files = Files.walk(state.resolve("store"))) {
            return new TreeSet<>(
                    files.filter(Files::isRegularFile).map(Path::toString).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void builtTwiceIsTheSameBytes(String example) throws Exception {
        Cluster cluster = cluster(example, "", "");
        BuiltImage first = build(cluster);
        // A second appliance with the same keys, that knows nothing of the first one's work.
        Path other = directory.resolve("other");
        Files.createDirectories(other);
        for (String part : List.of("authority", "snapshots", "store")) {
            copy(state.resolve(part), other.resolve(part));
        }
        state = other;
        BuiltImage second = build(cluster);
        assertThat(second.isNew()).isTrue();
        assertThat(second.digest()).isEqualTo(first.digest());
        for (String path : Manifest.read(first.directory()).files().keySet()) {
            assertThat(Files.mismatch(
                            first.directory().resolve(path), second.directory().resolve(path)))
                    .as(path)
                    .isEqualTo(-1);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    @Test
    void nameIsTheDigestOfTheManifestAndEveryFileIsWhatTheManifestSays() throws Exception {
        BuiltImage built = build(cluster("lab", "", ""));
        assertThat(Sha256.of(Files.readAllBytes(built.directory().resolve("manifest.json"))))
                .isEqualTo(built.digest());
        Manifest manifest = Manifest.read(built.directory());
        assertThat(manifest.digest()).isEqualTo(built.digest());
        for (Manifest.File file : manifest.files().values()) {
            byte[] bytes = Files.readAllBytes(built.directory().resolve(file.path()));
            assertThat(Sha256.of(bytes)).as(file.path()).isEqualTo(file.sha256());
            assertThat((long) bytes.length).isEqualTo(file.size());
        }
        assertThat(ImageBuilder.current(state).toRealPath())
                .isEqualTo(built.directory().toRealPath());
    }

    @Test
    void manifestHasOneFileALineForAShell() throws Exception {
        BuiltImage built = build(cluster("lab", "", ""));
        assertThat(Files.readAllLines(built.directory().resolve("manifest.json")))
                .filteredOn(line -> line.contains("\"nodes/node1/plan\""))
                .singleElement()
                .asString()
                .matches(
                        "\\{\"path\":\"nodes/node1/plan\",\"size\":\\d+,\"sha256\":\"[0-9a-f]{64}\",\"origin\":\"templates\"\\},?");
    }

    @Test
    void billOfMaterialsIsCycloneDxAndNamesEachPackageOfSoftwareOnce() throws Exception {
        Path local = Files.createDirectories(directory.resolve("local"));
        TinySlackware.writePackage(
                local.resolve("c++lib-6.0_rc~1-x86_64-1_SBo.txz"),
                TinySlackware.content("c++lib-6.0_rc~1-x86_64-1_SBo", 10));
        BuiltImage built = build(cluster("lab", "serve:\n", "packages: {local: [" + local + "]}\nserve:\n"));
        byte[] bytes = Files.readAllBytes(built.directory().resolve("sbom.cdx.json"));
        var judge = new JsonParser();
        assertThat(judge.validate(bytes, Version.VERSION_15)).isEmpty();
        assertThat(judge.validate(
                        new String(bytes, StandardCharsets.UTF_8)
                                .replace("SHA-256", "SHA-0")
                                .getBytes(StandardCharsets.UTF_8),
                        Version.VERSION_15))
                .as("the judge judges")
                .isNotEmpty();
        Manifest manifest = Manifest.read(built.directory());
        assertThat(judge.parse(bytes).getComponents()).allSatisfy(component -> {
            assertThat(new PackageURL(component.getPurl()).getName()).isEqualTo(component.getName());
            assertThat(component.getHashes().get(0).getValue())
                    .isEqualTo(requireNonNull(manifest.files().get(component.getBomRef()))
                            .sha256()
                            .hex());
        });
        // A node's own package holds nothing but what is rendered from cluster.yaml.
        assertThat(judge.parse(bytes).getComponents())
                .extracting(Component::getBomRef)
                .containsExactlyInAnyOrderElementsOf(manifest.files().keySet().stream()
                        .filter(path -> path.endsWith(".txz") && !path.startsWith("nodes/"))
                        .toList());
    }

    @Test
    void stockInitrdIsAnUntouchedPrefix() throws Exception {
        BuiltImage built = build(cluster("lab", "", ""));
        byte[] initrd = Files.readAllBytes(built.directory().resolve("boot/initrd.img"));
        assertThat(new String(initrd, 0, 13, StandardCharsets.UTF_8)).isEqualTo("stock initrd\n");
        assertThat(initrd[13]).isEqualTo((byte) 0x1f);
        assertThat(Files.mismatch(
                        built.directory().resolve("boot/vmlinuz"), mirror.resolve("kernels/generic.s/bzImage")))
                .isEqualTo(-1);
    }

    @Test
    void oneAddressChangedWritesOnlyWhatNamesIt() throws Exception {
        BuiltImage before = build(cluster("lab", "", ""));
        Set<String> old = stored();
        BuiltImage after = build(cluster("lab", "lan: 10.77.0.13", "lan: 10.77.0.33"));
        assertThat(ImageStore.diff(Manifest.read(before.directory()), Manifest.read(after.directory())))
                .extracting(ImageStore.Difference::path)
                .allMatch(path -> path.startsWith("nodes/")
                        || List.of("CHECKSUMS.md5", "FILELIST.TXT").contains(path));
        // Packages of the tree stay the very same files on the disk.
        String one = "slackware64/a/bash-5.3-x86_64-1.txz";
        assertThat(Files.getAttribute(before.directory().resolve(one), "unix:ino"))
                .isEqualTo(Files.getAttribute(after.directory().resolve(one), "unix:ino"));
        assertThat(stored().size() - old.size()).isLessThan(20);
    }

    @Test
    void unchangedClusterIsNotBuiltAgain() throws Exception {
        Cluster cluster = cluster("lab", "", "");
        build(cluster);
        assertThat(build(cluster).isNew()).isFalse();
    }

    @Test
    void nodePackageIsInstalledLast() throws Exception {
        BuiltImage built = build(cluster("vlans", "", ""));
        List<String> lines = Files.readAllLines(built.directory().resolve("nodes/node5/packages"));
        assertThat(lines.get(0)).endsWith("slackware64/a/aaa_base-15.1-x86_64-2.txz");
        assertThat(lines.get(lines.size() - 1))
                .matches("[0-9a-f]{64} \\d+ nodes/node5/slipway-node-node5-[0-9a-f]{12}-noarch-1.txz");
        assertThat(lines).anyMatch(line -> line.contains("cluster/slipway-overlay-linstor-"));
        assertThat(Files.readAllLines(built.directory().resolve("nodes/node5/contents")))
                .anyMatch(line -> line.matches("\\d+ etc/rc.d/rc.inet1.conf"));
    }

    @Test
    void overlaysGoOnlyToNodesWithTheirRole() throws Exception {
        BuiltImage built = build(cluster("lab", "", ""));
        assertThat(Files.readString(built.directory().resolve("nodes/node1/packages")))
                .contains("slipway-overlay-incus-")
                .doesNotContain("slipway-overlay-linstor-");
    }

    @Test
    void localPackageTakesThePlaceOfSlackwaresAndIsReadOnce() throws Exception {
        Path local = Files.createDirectories(directory.resolve("local"));
        Path file = local.resolve("bash-6.0-x86_64-1_SBo.txz");
        TinySlackware.writePackage(file, TinySlackware.content("bash-6.0-x86_64-1_SBo", 10));
        Cluster cluster = cluster("lab", "serve:\n", "packages: {local: [" + local + "]}\nserve:\n");
        BuiltImage built = build(cluster);
        assertThat(built.notes()).singleElement().asString().contains("bash");
        String packages = Files.readString(built.directory().resolve("nodes/node1/packages"));
        assertThat(packages).contains("cluster/bash-6.0-x86_64-1_SBo.txz").doesNotContain("bash-5.3");
        assertThat(Files.readString(built.directory().resolve("slackware64/a/tagfile")))
                .contains("bash:SKP");
        // Unreadable now: a second build that looked into it would fail.
        FileTime time = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        Files.write(file, new byte[(int) size]);
        Files.setLastModifiedTime(file, time);
        assertThat(build(cluster).digest()).isEqualTo(built.digest());
    }

    @Test
    void damagedLocalPackageIsRefusedByNameAndNothingIsPublished() throws Exception {
        Path local = Files.createDirectories(directory.resolve("local"));
        Files.writeString(local.resolve("evil-1.0-x86_64-1.txz"), "not an archive");
        Cluster cluster = cluster("lab", "serve:\n", "packages: {local: [" + local + "]}\nserve:\n");
        assertThatThrownBy(() -> build(cluster))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("evil-1.0-x86_64-1.txz");
        assertThat(ImageBuilder.current(state)).doesNotExist();
        assertThat(new ImageStore(state).list()).isEmpty();
    }

    /** A package as a build would have kept it. */
    private Compiled.Item compiled(String fullName, SlackwarePackage content, String... conflicts) throws IOException {
        Path file = Files.createDirectories(directory.resolve("kept")).resolve(fullName + ".txz");
        TinySlackware.writePackage(file, content);
        return new Compiled.Item(
                content.file().name(),
                content.file(),
                file,
                Sha256.of(file),
                List.of("LGPL-3.0"),
                List.of(new Compiled.Source(
                        "x.tar.gz",
                        "https://example.org/x.tar.gz",
                        Sha256.of(fullName.getBytes(StandardCharsets.UTF_8)))),
                Set.of(conflicts));
    }

    private Compiled.Item compiled(String fullName, String... conflicts) throws IOException {
        return compiled(fullName, TinySlackware.content(fullName, 20), conflicts);
    }

    private static Compiled offer(Compiled.Wanted... packages) {
        return new Compiled(List.of(packages), List.of(), "slipway packages build");
    }

    @Test
    void compiledPackagesAreInstalledInTheirOrderBeforeLocalOnes() throws Exception {
        Path local = Files.createDirectories(directory.resolve("local"));
        for (String name : List.of("aaa-1-x86_64-1_SBo", "raft-9-x86_64-1_SBo")) {
            TinySlackware.writePackage(local.resolve(name + ".txz"), TinySlackware.content(name, 10));
        }
        Cluster cluster = cluster("lab", "serve:\n", "packages: {local: [" + local + "]}\nserve:\n");
        BuiltImage built = build(
                cluster,
                offer(
                        compiled("zlibng-1-x86_64-1_slipway"),
                        compiled("raft-1-x86_64-1_slipway"),
                        compiled("bash-6-x86_64-1_slipway", "wget")));
        assertThat(Files.readAllLines(built.directory().resolve("nodes/node1/packages")))
                .extracting(line -> line.substring(line.lastIndexOf('/') + 1))
                .containsSubsequence(
                        "openssh-10.0p1-x86_64-1.txz",
                        "zlibng-1-x86_64-1_slipway.txz",
                        "raft-9-x86_64-1_SBo.txz",
                        "bash-6-x86_64-1_slipway.txz",
                        "aaa-1-x86_64-1_SBo.txz")
                .doesNotContain("bash-5.3-x86_64-1.txz", "wget-1.25-x86_64-1.txz", "raft-1-x86_64-1_slipway.txz");
        assertThat(built.notes())
                .hasSize(3)
                .anyMatch(note -> note.contains("local package raft"))
                .anyMatch(note -> note.contains("compiled package bash takes the place of Slackware's bash-5.3"))
                .anyMatch(note -> note.contains("wget-1.25-x86_64-1.txz is left out: it conflicts with bash"));
        assertThat(Files.readString(built.directory().resolve("slackware64/n/tagfile")))
                .contains("wget:SKP");
        assertThat(Manifest.read(built.directory()).files().get("cluster/zlibng-1-x86_64-1_slipway.txz"))
                .extracting(Manifest.File::origin)
                .isEqualTo("compiled:zlibng");
    }

    @Test
    void billOfMaterialsNamesLicencesAndSourcesOfWhatWasCompiled() throws Exception {
        BuiltImage built = build(cluster("lab", "", ""), offer(compiled("raft-1-x86_64-1_slipway")));
        byte[] bytes = Files.readAllBytes(built.directory().resolve("sbom.cdx.json"));
        var judge = new JsonParser();
        assertThat(judge.validate(bytes, Version.VERSION_15)).isEmpty();
        assertThat(judge.parse(bytes).getComponents())
                .filteredOn(component -> component.getName().equals("raft"))
                .singleElement()
                .satisfies(raft -> {
                    assertThat(raft.getLicenses().getLicenses().get(0).getId()).isEqualTo("LGPL-3.0");
                    assertThat(raft.getExternalReferences().get(0).getUrl()).isEqualTo("https://example.org/x.tar.gz");
                });
    }

    @Test
    void compiledPackageThatIsNotWhatItsRecordSaysIsRefused() throws Exception {
        Cluster cluster = cluster("lab", "", "");
        Compiled.Item honest = compiled("raft-1-x86_64-1_slipway");
        TinySlackware.writePackage(honest.path(), TinySlackware.content("raft-1-x86_64-1_slipway", 21));
        assertThatThrownBy(() -> build(cluster, offer(honest)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                .hasMessageContaining(honest.path().toString())
                .hasMessageContaining("slipway packages build raft");
        var renamed = new Compiled.Item(
                "raft",
                PackageFileName.parse("raft-2-x86_64-1_slipway.txz"),
                honest.path(),
                Sha256.of(honest.path()),
                List.of(),
                List.of(),
                Set.of());
        assertThatThrownBy(() -> build(cluster, offer(renamed))).hasMessageContaining("raft-2-x86_64-1_slipway.txz");
        assertThat(ImageBuilder.current(state)).doesNotExist();
    }

    @Test
    void compiledPackageWithoutTheImagesKernelIsRefusedAndNothingIsPublished() throws Exception {
        Cluster cluster = cluster("lab", "", "");
        String name = "drbd-9.3.3-x86_64-1_slipway";
        PackageFileName file = PackageFileName.parse(name + ".txz");
        var content = new SlackwarePackage(
                file,
                SlackDesc.of("drbd", "a test package", "Nothing in it matters."),
                List.of(ArchiveEntry.file(
                        "lib/modules/6.12.48/updates/drbd.ko", FileMode.OF_644, ByteSource.of("module"))),
                "");
        for (Compiled.Item wrong :
                List.of(compiled(name, content), compiled("openzfs-2.4.3_6.12.48-x86_64-1_slipway"))) {
            assertThatThrownBy(() -> build(cluster, offer(wrong)))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining(wrong.file() + " is for kernel 6.12.48")
                    .hasMessageContaining("kernel-generic-6.18.45-x86_64-1.txz");
        }
        assertThat(ImageBuilder.current(state)).doesNotExist();
        assertThat(build(cluster, offer(compiled("openzfs-2.4.3_6.18.45-x86_64-1_slipway")))
                        .isNew())
                .isTrue();
    }

    @Test
    void whatIsNotCompiledYetStopsTheImage() throws Exception {
        Cluster cluster = cluster("lab", "", "");
        assertThatThrownBy(() -> build(
                        cluster, offer(new Compiled.Missing("raft", "raft", List.of("it was never built"), Set.of()))))
                .hasMessageContaining("slipway packages build raft");
        assertThat(ImageBuilder.current(state)).doesNotExist();
    }

    @Test
    void templateAndOverlayForOnePathAreRefused() throws Exception {
        Path overlays = directory.resolve("overlays");
        copy(Repository.root().resolve("overlays"), overlays);
        Path rootfs = Files.createDirectories(overlays.resolve("mine/rootfs/etc"));
        Files.writeString(overlays.resolve("mine/overlay.yaml"), "description: mine\nfor: nodes\n");
        Files.writeString(rootfs.resolve("hosts"), "127.0.0.1 all\n");
        Cluster cluster = cluster("lab", "", "");
        assertThatThrownBy(() -> new ImageBuilder(state, Repository.root().resolve("templates"), overlays, what -> {})
                        .build(cluster, Compiled.NONE))
                .hasMessageContaining("/etc/hosts");
    }

    @Test
    void brokenOverlayDescriptionsAreRefusedByName() throws Exception {
        for (String text : List.of(
                "",
                "description: x\n",
                "description: x\nfor: moon\n",
                "description: x\nfor: nodes\nroles: [king]\n",
                "description: x\nfor: nodes\nmodes: {none: \"0644\"}\n",
                "description: x\nfor: nodes\ndirectories: {var/x: \"rwx\"}\n",
                "description: x\nfor: nodes\nunknown: 1\n")) {
            Path overlay = Files.createDirectories(directory.resolve("broken/mine"));
            Files.writeString(overlay.resolve("overlay.yaml"), text);
            assertThatThrownBy(() -> Overlay.readAll(directory.resolve("broken")))
                    .as(text)
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("mine");
        }
    }

    @Test
    void garbageCollectionKeepsTheCurrentImageAndItsContent() throws Exception {
        BuiltImage old = build(cluster("lab", "", ""));
        BuiltImage current = build(cluster("lab", "lan: 10.77.0.13", "lan: 10.77.0.33"));
        var store = new ImageStore(state);
        assertThat(store.garbage(0, Set.of())).hasSize(1);
        assertThat(store.collect(0, () -> Set.of(old.digest().hex())).images()).isEmpty();
        assertThat(store.list()).hasSize(2);
        assertThat(store.collect(0, Set::of).images())
                .containsExactly(old.digest().hex());
        assertThat(store.list()).singleElement().matches(ImageStore.Entry::current);
        for (Manifest.File file : Manifest.read(current.directory()).files().values()) {
            assertThat(Sha256.of(Files.readAllBytes(current.directory().resolve(file.path()))))
                    .isEqualTo(file.sha256());
        }
    }
}
