package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.Soak;
import io.slipway.Witness;
import io.slipway.process.Command;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our SlackBuilds are compiled for real, of the sources that Debian has and in a root made of Debian's compilers. Needs
 * root and Debian's archive; root and sources are kept in the lab's cache.
 */
class CompiledPackagesIT {
    private static final Path RECIPE = Repository.root().resolve("server/standin-devel");
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache/slipway-lab");
    private static final Path ROOT = CACHE.resolve("root-trixie");
    private static final Path SOURCES = CACHE.resolve("sources");
    private static final List<String> NAMES = List.of("numactl", "raft", "cowsql", "drbd-utils", "openvswitch");
    private static final List<String> LONG = List.of("openvswitch", "ovn", "openzfs");

    @TempDir
    private static Path directory;

    /** Of the SlackBuilds and of what else takes them, as {@code --set} wants them. */
    private static final Map<String, String> VERSIONS = new TreeMap<>();

    private static List<JsonNode> built = List.of();

    @BeforeAll
    static void build() throws Exception {
        Witness.requireRoot("compiling in a sandbox");
        Witness.require("apt-get");
        must(
                RECIPE.resolve("build").toString(),
                "--suite",
                "trixie",
                "--out",
                ROOT.toString(),
                "--cache",
                CACHE.toString());
        var sources = new ArrayList<>(List.of(RECIPE.resolve("sources").toString(), SOURCES.toString()));
        sources.addAll(NAMES);
        if (Soak.isOn()) {
            LONG.stream().filter(name -> !NAMES.contains(name)).forEach(sources::add);
        }
        must(sources.toArray(String[]::new)).lines().forEach(line -> {
            String[] parts = line.split("=", 2);
            VERSIONS.put(parts[0], parts[1]);
        });
        built = run(0, NAMES);
    }

    private static String must(String... command) throws InterruptedException {
        long start = System.nanoTime();
        var result = new LocalCommandRunner().run(Command.of(Duration.ofMinutes(30), command));
        assertThat(result.succeeded())
                .as(result.command().shown() + "\n" + result.output() + result.error())
                .isTrue();
        System.out.println(Path.of(command[0]).getFileName() + ": "
                + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s");
        return result.output();
    }

    /** What {@code packages build} says of each package. */
    private static List<JsonNode> run(int status, List<String> names, String... options) throws IOException {
        var arguments = new ArrayList<>(List.of("packages", "build", "--json"));
        arguments.addAll(List.of("--state", directory.resolve("state").toString()));
        arguments.addAll(List.of("--lock", directory.resolve("sources.lock").toString()));
        arguments.addAll(List.of("--root", ROOT.toString(), "--from", SOURCES.toString()));
        VERSIONS.forEach((name, version) -> arguments.addAll(List.of("--set", name + "=" + version)));
        arguments.addAll(List.of(options));
        arguments.addAll(names);
        var out = new StringWriter();
        var err = new StringWriter();
        int ended = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        assertThat(ended).as(err.toString()).isEqualTo(status);
        var packages = new ArrayList<JsonNode>();
        for (String line : out.toString().lines().toList()) {
            JsonNode node = new ObjectMapper().readTree(line);
            packages.add(node);
            System.out.println(
                    node.get("name").asText() + ": " + node.get("state").asText() + ", "
                            + Math.round(node.get("seconds").asDouble()) + " s");
        }
        return packages;
    }

    private static Path file(List<JsonNode> packages, String name) {
        return packages.stream()
                .filter(node -> node.get("name").asText().equals(name))
                .map(node -> Path.of(node.get("package").asText()))
                .findFirst()
                .orElseThrow();
    }

    private static Path unpacked(Path file) throws IOException {
        Path place = Files.createTempDirectory(directory, "unpacked");
        Witness.run(place, "tar", "xpf", file.toString());
        return place;
    }

    @Test
    void packagesAreNamedAndDescribed() throws Exception {
        assertThat(built).hasSameSizeAs(NAMES);
        for (String name : NAMES) {
            Path file = file(built, name);
            assertThat(file).hasFileName(name + "-" + VERSIONS.get(name) + "-x86_64-1_slipway.txz");
            Path place = unpacked(file);
            assertThat(Files.readAllLines(place.resolve("install/slack-desc")))
                    .filteredOn(line -> line.startsWith(name + ":"))
                    .hasSize(11);
            assertThat(place.resolve("usr/doc/" + name + "-" + VERSIONS.get(name) + "/" + name + ".SlackBuild"))
                    .isNotEmptyFile();
        }
    }

    @Test
    void nothingIsToBeWarnedOf() {
        assertThat(built)
                .allSatisfy(node -> assertThat(node.get("state").asText()).isEqualTo("built"))
                // A library that nothing has would be one.
                .allSatisfy(node -> assertThat(node.get("warnings"))
                        .as(node.get("name").asText())
                        .isNullOrEmpty());
    }

    @Test
    void theSwitchFindsItsLibrariesAndRuns() throws Exception {
        Path place = unpacked(file(built, "openvswitch"));
        byte[] program = Files.readAllBytes(place.resolve("usr/sbin/ovs-vswitchd"));
        assertThat(new String(program, 0, 4, StandardCharsets.ISO_8859_1)).isEqualTo("\177ELF");
        Witness.run(place, "sh", "-e", "install/doinst.sh");
        Path mount = Files.createDirectories(directory.resolve("mount"));
        assertThat(Witness.run(
                        mount,
                        "unshare",
                        "--mount",
                        "sh",
                        "-ec",
                        "mount -t overlay -o \"lowerdir=$1:$2\" overlay \"$3\"; cd \"$3\"; chroot . /usr/sbin/ovs-vswitchd --version",
                        "sh",
                        place.toString(),
                        buildRoot().toString(),
                        mount.toString()))
                .contains("Open vSwitch) " + VERSIONS.get("openvswitch"));
    }

    private static Path buildRoot() throws IOException {
        try (var roots = Files.list(directory.resolve("state/roots"))) {
            return roots.filter(root -> Files.exists(root.resolve("usr/bin/gcc")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void nothingIsBuiltAgain() throws Exception {
        assertThat(run(0, NAMES))
                .hasSameSizeAs(NAMES)
                .allSatisfy(node -> assertThat(node.get("state").asText()).isEqualTo("kept"));
    }

    @Test
    void theSecondTimeTheyHaveTheSameBytes() throws Exception {
        assertThat(run(0, List.of("numactl", "raft"), "--verify"))
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.get("differences")).isEmpty());
    }

    @Test
    void theLongOnesAreBuiltToo() throws Exception {
        assumeTrue(Soak.isOn(), "only in a soak: a quarter of an hour");
        List<JsonNode> more = run(0, LONG);
        assertThat(unpacked(file(more, "ovn")).resolve("usr/bin/ovn-northd")).isNotEmptyFile();
        Path modules = unpacked(file(more, "openzfs")).resolve("lib/modules");
        try (var releases = Files.list(modules)) {
            Path release = releases.findFirst().orElseThrow();
            assertThat(file(more, "openzfs"))
                    .hasFileName("openzfs-" + VERSIONS.get("openzfs") + "_"
                            + String.valueOf(release.getFileName()).replace('-', '_') + "-x86_64-1_slipway.txz");
            assertThat(buildRoot().resolve("usr/lib/modules").resolve(release.getFileName()))
                    .isDirectory();
            assertThat(Files.readString(release.resolve("extra/zfs.ko"), StandardCharsets.ISO_8859_1))
                    .contains("vermagic=" + release.getFileName() + " ");
        }
    }
}
