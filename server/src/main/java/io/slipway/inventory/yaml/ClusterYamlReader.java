package io.slipway.inventory.yaml;

import io.slipway.inventory.Cluster;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.yaml.Findings;
import io.slipway.yaml.YamlBinder;
import io.slipway.yaml.YamlText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** From the text of {@code cluster.yaml} to a checked {@link Cluster}. */
public final class ClusterYamlReader {
    /** Characters; a hundred nodes take about 20,000. */
    private static final int LARGEST = 2_000_000;

    private ClusterYamlReader() {}

    /**
     * @throws ProblemException with everything that is wrong, in the order of the file
     */
    public static Cluster read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw tooLarge(file.toString()).asException();
            }
            Path directory = file.toAbsolutePath().getParent();
            return read(Files.readString(file), file.toString(), directory == null ? Path.of("/") : directory);
        } catch (NoSuchFileException e) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.NOT_FOUND,
                            "There is no file " + file + ".",
                            "Name the cluster's file with -f, or write one with: slipway init"),
                    e);
        } catch (CharacterCodingException e) {
            throw new ProblemException(
                    Problem.of(ProblemKind.INVALID_INPUT, file + " is not UTF-8 text.", "Save it as UTF-8."), e);
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(ProblemKind.ENVIRONMENT, "Cannot read " + file + ".", "Check its permissions.")
                            .because(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /**
     * @param text the file's content
     * @param name the file's name for messages
     * @param directory where relative paths in it start
     * @throws ProblemException with everything that is wrong, in the order of the file
     */
    public static Cluster read(String text, String name, Path directory) {
        if (text.length() > LARGEST) {
            throw tooLarge(name).asException();
        }
        Findings findings = new Findings(name);
        ClusterYaml yaml = new YamlBinder(ClusterYaml.SCALARS, findings)
                .bind(YamlText.compose(text, name, LARGEST, "Write one with: slipway init"), ClusterYaml.class);
        Cluster cluster = yaml == null ? null : new Derivation(yaml, findings, directory).cluster();
        if (cluster != null && findings.none()) {
            ClusterRules.check(cluster, findings);
        }
        if (cluster == null || !findings.none()) {
            throw new ProblemException(findings.problems());
        }
        return cluster;
    }

    private static Problem tooLarge(String name) {
        return Problem.of(
                ProblemKind.INVALID_INPUT,
                name + " is larger than " + LARGEST + " characters.",
                "A cluster of a hundred nodes takes about 20,000; check that this is the right file.");
    }
}
