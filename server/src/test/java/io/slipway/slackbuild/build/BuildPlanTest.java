package io.slipway.slackbuild.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildReader;
import io.slipway.slackbuild.SlackBuildTree;
import io.slipway.slackbuild.Stacks;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackbuild.source.SourceKey;
import io.slipway.slackbuild.source.SourcesLock;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BuildPlanTest {
    private final Map<String, SlackBuildFiles> directories = new LinkedHashMap<>();
    private SourcesLock lock = SourcesLock.EMPTY;
    private List<PackageFile> root = List.of(file("gcc-15.1.0-x86_64-1"), file("make-4.4-x86_64-1"));
    private final List<PackageRecord> built = new ArrayList<>();

    private final BuildPlan.Shelf shelf = new BuildPlan.Shelf() {
        @Override
        public Optional<KeptPackage> find(String name, Sha256 digest) {
            return built.stream()
                    .filter(record -> record.name().equals(name)
                            && record.digest().sha256().equals(digest))
                    .findFirst()
                    .map(record -> new KeptPackage(record, Path.of("/kept")));
        }

        @Override
        public Optional<KeptPackage> findLatest(String name) {
            return built.stream()
                    .filter(record -> record.name().equals(name))
                    .reduce((earlier, later) -> later)
                    .map(record -> new KeptPackage(record, Path.of("/kept")));
        }
    };

    BuildPlanTest() {
        add("raft", "");
        add("cowsql", "raft");
        add("go", "");
        add("incus", "go cowsql");
        add("openvswitch", "");
    }

    private static Sha256 sha256(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static PackageFile file(String name) {
        return new PackageFile(PackageFileName.parse(name + ".txz"), Path.of("/packages", name), sha256(name));
    }

    private void add(String name, String requires) {
        directories.put(name, Samples.files(name, "1.0", requires));
        pin(name, "first");
    }

    private void pin(String name, String content) {
        lock = lock.with(
                new SourceKey(name, "1.0", name + "-1.0.tar.gz"),
                Optional.of(new SourcesLock.Pin(1, sha256(name + content), "0".repeat(32))));
    }

    private SlackBuildFiles files(String name) {
        SlackBuildFiles found = directories.get(name);
        if (found == null) {
            throw new AssertionError("there is no " + name);
        }
        return found;
    }

    private void change(String name, String file, String text) {
        directories.put(name, Samples.changed(files(name), Map.of(file, FileText.of(0644, text))));
    }

    private BuildPlan plan() {
        var slackbuilds = new LinkedHashMap<String, SlackBuild>();
        directories.forEach((name, files) -> slackbuilds.put(name, SlackBuildReader.read(files)));
        var catalogue = new Catalogue(List.of(new SlackBuildTree("tree", Stacks.NONE, slackbuilds, Map.of())));
        BuildGraph graph = BuildGraph.of(catalogue, List.copyOf(directories.keySet()));
        return BuildPlan.of(graph, step -> BuildInputs.of(step.slackbuild(), lock, root), shelf);
    }

    private void build(BuildPlan plan) {
        plan.toBuild()
                .forEach(item -> built.add(new PackageRecord(
                        item.name(),
                        PackageFileName.parse(item.name() + "-1.0-x86_64-1_slipway.txz"),
                        1,
                        1,
                        sha256(item.name()),
                        item.digest(),
                        root.stream().map(PackageFile::name).toList(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Instant.EPOCH,
                        Duration.ZERO,
                        OptionalLong.empty())));
    }

    private Map<String, List<String>> toBuild() {
        var out = new LinkedHashMap<String, List<String>>();
        plan().toBuild().forEach(item -> out.put(item.name(), item.reasons()));
        return out;
    }

    @Test
    void whatWasBuiltIsNotBuiltAgain() {
        assertThat(toBuild())
                .hasSize(5)
                .allSatisfy((name, reasons) -> assertThat(reasons).containsExactly("it was never built"));
        build(plan());
        assertThat(toBuild()).isEmpty();
    }

    @Test
    void oneChangedLineInRaftRebuildsRaftAndWhatNeedsItAndNothingElse() {
        build(plan());
        change("raft", "raft.SlackBuild", Samples.script("raft", "1.0").replace("make install", "make -k install"));
        assertThat(toBuild())
                .containsExactly(
                        Map.entry("raft", List.of("raft.SlackBuild changed")),
                        Map.entry("cowsql", List.of("raft is rebuilt")),
                        Map.entry("incus", List.of("cowsql is rebuilt")));
        build(plan());
        assertThat(toBuild()).isEmpty();
        directories.put("raft", Samples.files("raft", "1.0", ""));
        assertThat(toBuild()).as("back to what was built at first").isEmpty();
    }

    @Test
    void whateverItIsMadeOfIsAReason() {
        build(plan());
        change("raft", "patches/fix.patch", "x");
        change("raft", "README", "y");
        pin("raft", "second");
        assertThat(toBuild().get("raft"))
                .containsExactly(
                        "README is new", "patches/fix.patch is new", "the source raft-1.0.tar.gz is another one");
    }

    @Test
    void ofAnotherBuildRootItIsSaidWhatDiffers() {
        build(plan());
        root = List.of(file("bc-1.08-x86_64-1"), file("gcc-15.2.0-x86_64-1"));
        assertThat(toBuild())
                .hasSize(5)
                .containsEntry(
                        "openvswitch",
                        List.of(
                                "the build root is another one: new bc-1.08-x86_64-1, gcc-15.2.0-x86_64-1 in the place of"
                                        + " gcc-15.1.0-x86_64-1, without make-4.4-x86_64-1"));
        root = List.of(file("make-4.4-x86_64-1"), file("gcc-15.1.0-x86_64-1"));
        assertThat(toBuild().get("openvswitch"))
                .containsExactly("the build root is another one: packages of the same names with other content, or in"
                        + " another order");
        root = Stream.of("a", "b", "c", "d", "e", "f")
                .map(name -> file(name + "-1-noarch-1"))
                .toList();
        assertThat(toBuild().get("openvswitch"))
                .singleElement()
                .asString()
                .endsWith(": new a-1-noarch-1, new b-1-noarch-1, new c-1-noarch-1, new d-1-noarch-1, 4 more");
    }

    @Test
    void aScriptThatBecomesExecutableIsAnotherOne() {
        build(plan());
        String name = "go.SlackBuild";
        directories.put(
                "go", Samples.changed(files("go"), Map.of(name, FileText.of(0644, Samples.script("go", "1.0")))));
        assertThat(toBuild().get("go")).containsExactly("go.SlackBuild changed");
    }

    @Test
    void requirementsThatComeAndGoAreSaid() {
        build(plan());
        directories.put("incus", Samples.files("incus", "1.0", "cowsql openvswitch"));
        assertThat(toBuild().get("incus"))
                .contains("it does not need go any more", "it needs openvswitch now", "incus.info changed");
    }

    @Test
    void theTextCanBeReadAndReadBack() {
        BuildDigest digest = plan().items().stream()
                .filter(item -> item.name().equals("cowsql"))
                .findFirst()
                .orElseThrow()
                .digest();
        assertThat(digest.text().lines())
                .contains(
                        "form 1",
                        "package cowsql",
                        "root sha256:" + BuildRoots.digest(root, List.of()),
                        "set ARCH x86_64",
                        "set TAG _slipway")
                .anyMatch(line -> line.matches("file cowsql\\.SlackBuild 755 sha256:[0-9a-f]{64}"))
                .anyMatch(line -> line.matches("needs raft sha256:[0-9a-f]{64}"))
                .contains("source cowsql-1.0.tar.gz sha256:" + sha256("cowsqlfirst"))
                .as("how fast it is built is no part of it")
                .noneMatch(line -> line.contains("MAKEFLAGS") || line.contains("JOBS"))
                .isSortedAccordingTo((a, b) -> a.compareTo(b));
        assertThat(BuildDigest.parse(digest.text(), "here")).isEqualTo(digest);
        assertThat(BuildDigest.parse(digest.text(), "here").sha256()).isEqualTo(digest.sha256());
        assertThatThrownBy(() -> BuildDigest.parse("nonsense", "here")).isInstanceOf(ProblemException.class);
    }

    @Test
    void namesCannotPretendToBeLines() {
        change("raft", "a\nset TAG other", "x");
        String text = plan().items().get(0).digest().text();
        assertThat(text.lines()).contains("set TAG _slipway").doesNotContain("set TAG other");
        assertThat(text).contains("file a%0Aset%20TAG%20other 644 ");
    }

    @Test
    void aSourceThatNobodyReachedIsSaid() {
        lock = SourcesLock.EMPTY;
        assertThat(toBuild().get("raft"))
                .containsExactly("it was never built", "its source raft-1.0.tar.gz was never fetched");
    }

    @Test
    void settingsChangeVersionSourcesAndDigest() {
        SlackBuild set =
                SlackBuildReader.read(files("raft"), Map.of("VERSION", "2.5", "PKGTYPE", "tgz", "FEATURE", "yes"));
        assertThat(set.version()).isEqualTo("2.5");
        assertThat(set.packageName().version()).isEqualTo("2.5");
        assertThat(set.sources()).singleElement().satisfies(source -> {
            assertThat(source.url()).isEqualTo("https://example.org/raft-2.5.tar.gz");
            assertThat(source.md5()).as("it is another file").isEmpty();
        });
        assertThat(BuildEnvironment.deciding(set))
                .containsEntry("VERSION", "2.5")
                .containsEntry("FEATURE", "yes")
                .as("the builder's own")
                .containsEntry("PKGTYPE", "txz");
    }

    @Test
    void aDirectoryWithSomethingUnreadableIsRefusedWithItsName() {
        directories.put(
                "go", Samples.changed(files("go"), Map.of("patches/x", new FileText(FileText.Kind.BAD_LINK, 0, ""))));
        assertThatThrownBy(this::plan).hasMessageContaining("go cannot be built: patches/x");
    }

    @Test
    void aCopyOfTheSourceBesideTheScriptIsNotLookedAt() {
        build(plan());
        directories.put(
                "go",
                Samples.changed(files("go"), Map.of("go-1.0.tar.gz", new FileText(FileText.Kind.TOO_LARGE, 0644, ""))));
        assertThat(toBuild()).isEmpty();
    }
}
