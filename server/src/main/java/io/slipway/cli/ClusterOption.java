package io.slipway.cli;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the cluster's file. */
final class ClusterOption {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            defaultValue = "cluster.yaml",
            description = "The cluster's file (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("cluster.yaml");

    Path file() {
        return file;
    }

    /**
     * @throws io.slipway.problem.ProblemException with everything that is wrong with the file
     */
    Cluster read() {
        return ClusterYamlReader.read(file);
    }
}
