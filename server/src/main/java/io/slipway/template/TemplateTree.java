package io.slipway.template;

import freemarker.cache.FileTemplateLoader;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapperBuilder;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The directory of templates. A template's path is its target path with {@code .ftl} added. */
public final class TemplateTree {
    private static final String SUFFIX = ".ftl";

    private final Path root;
    private final Configuration configuration;

    /**
     * @param root the directory, normally {@code templates/} beside the program
     * @throws ProblemException if there is no such directory
     */
    public TemplateTree(Path root) {
        this.root = root;
        var freemarker = new Configuration(Configuration.VERSION_2_3_34);
        try {
            freemarker.setTemplateLoader(new FileTemplateLoader(root.toFile()));
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.NOT_FOUND,
                            "There is no directory of templates at " + root + ".",
                            "Name it with --templates DIR, or run slipway from its own directory."),
                    e);
        }
        freemarker.setObjectWrapper(new DefaultObjectWrapperBuilder(Configuration.VERSION_2_3_34).build());
        freemarker.setDefaultEncoding("UTF-8");
        freemarker.setInterpolationSyntax(Configuration.SQUARE_BRACKET_INTERPOLATION_SYNTAX);
        freemarker.setTagSyntax(Configuration.ANGLE_BRACKET_TAG_SYNTAX);
        // Numbers as machines read them: 1500, not 1,500.
        freemarker.setNumberFormat("computer");
        freemarker.setBooleanFormat("c");
        freemarker.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        freemarker.setLogTemplateExceptions(false);
        freemarker.setWrapUncheckedExceptions(true);
        freemarker.setLocalizedLookup(false);
        freemarker.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
        freemarker.setAPIBuiltinEnabled(false);
        freemarker.setRegisteredCustomOutputFormats(List.of(SafeText.LINE, SafeText.SHELL));
        freemarker.setOutputFormat(SafeText.LINE);
        freemarker.setRecognizeStandardFileExtensions(false);
        this.configuration = freemarker;
    }

    /** What a template made. {@code mode} is what its header asks for, as in {@code chmod}. */
    public record Rendered(String text, int mode) {}

    /** Target paths (relative, without {@code .ftl}) of all templates below one directory of the tree, sorted. */
    public List<String> list(String directory) {
        Path below = root.resolve(directory);
        if (!Files.isDirectory(below)) {
            return List.of();
        }
        try (var files = Files.walk(below)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> below.relativize(file).toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(ProblemKind.ENVIRONMENT, "Cannot list " + below + ".", "Check its permissions.")
                            .because(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /**
     * @param path the target path with the directory it is under, such as {@code node/etc/HOSTNAME}
     * @param model names that the template may use
     * @throws ProblemException naming the template, line and column, if a value is missing or may not go there
     */
    public Rendered render(String path, Map<String, ?> model) {
        try {
            Template template = configuration.getTemplate(path + SUFFIX);
            var out = new StringWriter();
            template.process(model, out);
            Object mode = template.getCustomAttribute("mode");
            return new Rendered(out.toString(), mode == null ? 0644 : Integer.parseInt(mode.toString(), 8));
        } catch (TemplateException | IOException e) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.INVALID_INPUT,
                                    "The template " + root.resolve(path + SUFFIX) + " cannot be rendered.",
                                    "Mend the template, or give the value in cluster.yaml.")
                            .because(reason(e)),
                    e);
        }
    }

    private static String reason(Exception e) {
        String message = e instanceof TemplateException failure
                ? failure.getMessageWithoutStackTop() + " (line " + failure.getLineNumber() + ", column "
                        + failure.getColumnNumber() + ")"
                : e.getMessage();
        return String.valueOf(message)
                .replaceAll("\\s*\\R\\s*", " ")
                .replace("----", "")
                .strip();
    }
}
