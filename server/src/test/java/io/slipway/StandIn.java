package io.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.process.Command;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tree and the sources that are made of Debian, where the lab keeps them.
 *
 * @param tree of Slackware's shape
 * @param sources upstream's
 * @param versions of the SlackBuilds whose sources are there, and of what else takes them, as {@code packages.set} has it
 */
public record StandIn(Path tree, Path sources, Map<String, String> versions) {
    public static final StandIn NONE = new StandIn(Path.of(""), Path.of(""), Map.of());
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache/slipway-lab");
    private static final String SUITE = "trixie";

    /**
     * Makes what is not there yet.
     *
     * @param names of SlackBuilds whose sources are wanted
     */
    public static StandIn make(List<String> names) throws InterruptedException {
        var standIn = new StandIn(CACHE.resolve("tree-" + SUITE), CACHE.resolve("sources"), new TreeMap<>());
        run(List.of(
                recipe("standin/build"),
                "--suite",
                SUITE,
                "--out",
                standIn.tree.toString(),
                "--cache",
                CACHE.toString()));
        var fetch = new ArrayList<>(List.of(recipe("standin-sources/fetch"), standIn.sources.toString()));
        fetch.addAll(names);
        run(fetch).lines().forEach(line -> {
            String[] parts = line.split("=", 2);
            standIn.versions.put(parts[0], parts[1]);
        });
        return standIn;
    }

    private static String recipe(String path) {
        return Repository.root().resolve("server").resolve(path).toString();
    }

    private static String run(List<String> command) throws InterruptedException {
        long start = System.nanoTime();
        var result = new LocalCommandRunner().run(Command.of(Duration.ofMinutes(30), command));
        assertThat(result.succeeded())
                .as(result.command().shown() + "\n" + result.output() + result.error())
                .isTrue();
        System.out.println(result.command().shown() + ": "
                + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s");
        return result.output();
    }

    public String version(String name) {
        return versions.getOrDefault(name, "");
    }

    /**
     * A cluster's file with the tree as its mirror and with compiled packages.
     *
     * @param example without a section for packages
     * @param stacks names of stacks and SlackBuilds
     */
    public String clusterFile(String example, List<String> stacks) throws IOException {
        String fingerprint = Files.readString(tree.resolveSibling(tree.getFileName() + ".fingerprint"))
                .strip();
        var text = new StringBuilder(
                example.replaceFirst("  mirror: .*", "  mirror: " + tree + "\n  fingerprint: " + fingerprint + "\n"));
        text.append("\npackages:\n  stacks: ").append(stacks);
        text.append("\n  sources: [").append(sources).append("]\n  set:\n");
        versions.forEach((name, version) -> text.append("    \"" + name + "\": \"" + version + "\"\n"));
        return text.toString();
    }
}
