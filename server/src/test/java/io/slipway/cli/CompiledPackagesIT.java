package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.Soak;
import io.slipway.StandIn;
import io.slipway.Witness;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our SlackBuilds are compiled for real, of the sources that Debian has and in a root made of the stand-in tree. Needs root
 * and Debian's archive; tree and sources are kept in the lab's cache. A soak compiles the long ones, too, and all twice.
 */
class CompiledPackagesIT {
    /** Open vSwitch is compiled for the nodes of FormationE2E. */
    private static final List<String> NAMES = Soak.isOn()
            ? List.of("numactl", "raft", "cowsql", "drbd-utils", "openvswitch", "ovn", "openzfs")
            : List.of("numactl", "raft", "cowsql", "drbd-utils");

    @TempDir
    private static Path directory;

    private static StandIn standIn = StandIn.NONE;
    private static List<JsonNode> built = List.of();

    @BeforeAll
    static void build() throws Exception {
        Witness.requireRoot("compiling in a sandbox");
        Witness.require("apt-get");
        standIn = StandIn.make(NAMES);
        Files.writeString(
                directory.resolve("cluster.yaml"),
                standIn.clusterFile(Files.readString(Repository.root().resolve("server/examples/lab.yaml")), NAMES));
        assertThat(slipway(0, "mirror", "sync")).contains("is taken");
        built = run(0, List.of());
    }

    /** What a command with our file and state prints. */
    private static String slipway(int status, String... words) {
        var arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("-f", directory.resolve("cluster.yaml").toString()));
        arguments.addAll(List.of("--state", directory.resolve("state").toString()));
        var out = new StringWriter();
        var err = new StringWriter();
        int ended = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        assertThat(ended).as(err.toString()).isEqualTo(status);
        return out.toString();
    }

    /** What {@code packages build} says of each package. */
    private static List<JsonNode> run(int status, List<String> names, String... options) throws IOException {
        var words = new ArrayList<>(List.of("packages", "build", "--json"));
        words.addAll(List.of("--lock", directory.resolve("sources.lock").toString()));
        words.addAll(List.of(options));
        words.addAll(names);
        var packages = new ArrayList<JsonNode>();
        for (String line : slipway(status, words.toArray(String[]::new)).lines().toList()) {
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
            Path place = unpacked(file);
            String version = standIn.version(name);
            Path modules = place.resolve("lib/modules");
            String kernel = Files.isDirectory(modules) ? "_" + only(modules).replace('-', '_') : "";
            assertThat(file).hasFileName(name + "-" + version + kernel + "-x86_64-1_slipway.txz");
            assertThat(Files.readAllLines(place.resolve("install/slack-desc")))
                    .filteredOn(line -> line.startsWith(name + ":"))
                    .hasSize(11);
            assertThat(place.resolve("usr/doc/" + name + "-" + version + "/" + name + ".SlackBuild"))
                    .isNotEmptyFile();
        }
    }

    private static String only(Path directory) throws IOException {
        try (var all = Files.list(directory)) {
            var names = all.map(Path::getFileName).map(String::valueOf).toList();
            assertThat(names).hasSize(1);
            return names.get(0);
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
    void nothingIsBuiltAgain() throws Exception {
        assertThat(run(0, List.of()))
                .hasSameSizeAs(NAMES)
                .allSatisfy(node -> assertThat(node.get("state").asText()).isEqualTo("kept"));
    }

    @Test
    void theSecondTimeTheyHaveTheSameBytes() throws Exception {
        List<String> names = Soak.isOn() ? NAMES : List.of("numactl", "raft");
        assertThat(run(0, names, "--verify"))
                .hasSameSizeAs(names)
                .allSatisfy(node -> assertThat(node.get("differences"))
                        .as(node.get("name").asText())
                        .isEmpty());
    }
}
