package io.slipway.inventory.yaml;

import io.slipway.inventory.Cluster;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

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
        ClusterYaml yaml = new YamlBinder(findings).bind(compose(text, name), ClusterYaml.class);
        Cluster cluster = yaml == null ? null : new Derivation(yaml, findings, directory).cluster();
        if (cluster != null && findings.none()) {
            ClusterRules.check(cluster, findings);
        }
        if (cluster == null || !findings.none()) {
            throw new ProblemException(findings.problems());
        }
        return cluster;
    }

    private static Node compose(String text, String name) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST);
        options.setMaxAliasesForCollections(50);
        options.setNestingDepthLimit(20);
        try {
            Node root = new Composer(
                            new ParserImpl(new StreamReader(new StringReader(text)), options), new Resolver(), options)
                    .getSingleNode();
            if (root == null) {
                throw Problem.of(ProblemKind.INVALID_INPUT, name + " is empty.", "Write one with: slipway init")
                        .asException();
            }
            return root;
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            String place = mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.INVALID_INPUT,
                            name + place + ": not YAML: " + e.getProblem() + ".",
                            "Mend the line; indentation is two blanks, lists start with \"- \"."),
                    e);
        } catch (YAMLException e) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.INVALID_INPUT,
                            name + ": not YAML: "
                                    + String.valueOf(e.getMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse("") + ".",
                            "Save it as UTF-8 text without control characters and without deep nesting."),
                    e);
        }
    }

    private static Problem tooLarge(String name) {
        return Problem.of(
                ProblemKind.INVALID_INPUT,
                name + " is larger than " + LARGEST + " characters.",
                "A cluster of a hundred nodes takes about 20,000; check that this is the right file.");
    }
}
