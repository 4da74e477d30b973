package io.slipway.template;

import freemarker.core.CommonMarkupOutputFormat;
import freemarker.core.CommonTemplateMarkupOutputModel;
import freemarker.template.TemplateModelException;
import java.io.IOException;
import java.io.Writer;
import java.util.regex.Pattern;

/**
 * Output formats that let a value through unchanged or not at all. What reaches a template was checked when {@code
 * cluster.yaml} was read; this is the second lock: a value with a line break can never start a line of its own in a
 * node's file, and one with a shell metacharacter can never become a command.
 */
final class SafeText extends CommonMarkupOutputFormat<SafeText.Output> {
    /** For files that are read line by line. */
    static final SafeText LINE = new SafeText("Line", Pattern.compile("[^\\x00-\\x1f\\x7f\\u0080-\\u009f]*"));

    /** For files that a shell reads; values may stand bare or between double quotes. */
    static final SafeText SHELL = new SafeText("Shell", Pattern.compile("[A-Za-z0-9 ._:/@%+,=|()~*?-]*"));

    private final String name;
    private final Pattern allowed;

    private SafeText(String name, Pattern allowed) {
        this.name = name;
        this.allowed = allowed;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getMimeType() {
        return "text/plain";
    }

    @Override
    public void output(String text, Writer out) throws IOException, TemplateModelException {
        out.write(escapePlainText(text));
    }

    @Override
    public String escapePlainText(String text) throws TemplateModelException {
        if (!allowed.matcher(text).matches()) {
            throw new TemplateModelException("the value \"" + text.replaceAll("[^\\x20-\\x7e]", "?")
                    + "\" has characters that may not go into a file of the format " + name);
        }
        return text;
    }

    @Override
    public boolean isLegacyBuiltInBypassed(String builtIn) {
        return false;
    }

    @Override
    protected Output newTemplateMarkupOutputModel(String plain, String markup) {
        return new Output(this, plain, markup);
    }

    /** A piece of text that was checked already. */
    static final class Output extends CommonTemplateMarkupOutputModel<Output> {
        private final SafeText format;

        private Output(SafeText format, String plain, String markup) {
            super(plain, markup);
            this.format = format;
        }

        @Override
        public SafeText getOutputFormat() {
            return format;
        }
    }
}
