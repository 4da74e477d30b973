package io.slipway.yaml;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.StringReader;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/** From text to the tree of nodes that {@link YamlBinder} binds. */
public final class YamlText {
    private YamlText() {}

    /**
     * The root of the one document.
     *
     * @param name the file's name for messages
     * @param largest number of characters
     * @param ifEmpty what to do where there is no document
     * @throws ProblemException if it is empty, is no YAML (with line and column), or is larger or deeper than sensible
     */
    public static Node compose(String text, String name, int largest, String ifEmpty) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(largest);
        options.setMaxAliasesForCollections(50);
        options.setNestingDepthLimit(20);
        try {
            Node root = new Composer(
                            new ParserImpl(new StreamReader(new StringReader(text)), options), new Resolver(), options)
                    .getSingleNode();
            if (root == null) {
                throw Problem.of(ProblemKind.INVALID_INPUT, name + " is empty.", ifEmpty)
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
}
