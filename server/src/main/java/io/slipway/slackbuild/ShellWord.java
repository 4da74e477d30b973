package io.slipway.slackbuild;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The right side of an assignment as a POSIX shell reads it (quotes, backslashes, parameters), without running anything:
 * what would run a command is refused where it stands.
 */
final class ShellWord {
    /** Characters; parameters that hold parameters could grow without bounds. */
    private static final int LONGEST = 1 << 18;
    /** Of braces within braces. */
    private static final int DEEPEST = 10;

    private final String text;
    private final Function<String, @Nullable String> variables;
    private int at;
    private int depth;

    private ShellWord(String text, int start, Function<String, @Nullable String> variables) {
        this.text = text;
        this.at = start;
        this.variables = variables;
    }

    /**
     * @param value after quotes are gone
     * @param end offset behind the word
     */
    record Read(String value, int end) {}

    /** What is no plain word. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final int offset;

        Refused(int offset, String what) {
            super(what);
            this.offset = offset;
        }

        /** Where it stands. */
        int offset() {
            return offset;
        }

        /** The end of a sentence that begins with the file and place. */
        String what() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * The word that begins at {@code start}; it ends before a blank or the end of the line.
     *
     * @param variables the value of a parameter, or null if it is not known
     */
    static Read read(String text, int start, Function<String, @Nullable String> variables) throws Refused {
        var word = new ShellWord(text, start, variables);
        var out = new StringBuilder();
        word.unquoted(out, false);
        return new Read(out.toString(), word.at);
    }

    /** Up to a blank or the end of the line; in braces up to the closing one. */
    private void unquoted(StringBuilder out, boolean braces) throws Refused {
        while (at < text.length()) {
            char c = text.charAt(at);
            switch (c) {
                case ' ', '\t', '\n', '\r' -> {
                    if (!braces) {
                        return;
                    }
                    out.append(c);
                    at++;
                }
                case '}' -> {
                    if (braces) {
                        return;
                    }
                    out.append(c);
                    at++;
                }
                case '\'' -> singleQuoted(out);
                case '"' -> doubleQuoted(out);
                case '\\' -> backslash(out, "");
                case '$' -> parameter(out);
                case '`' -> throw new Refused(at, "runs a command (`)");
                case ';', '&', '|', '<', '>', '(', ')' ->
                    throw new Refused(at, "has shell code (" + c + ") outside of quotes");
                default -> {
                    out.append(c);
                    at++;
                }
            }
        }
    }

    private void singleQuoted(StringBuilder out) throws Refused {
        int end = text.indexOf('\'', at + 1);
        if (end < 0) {
            throw new Refused(at, "has a quote (') that does not end");
        }
        out.append(text, at + 1, end);
        at = end + 1;
    }

    private void doubleQuoted(StringBuilder out) throws Refused {
        int start = at++;
        while (at < text.length()) {
            char c = text.charAt(at);
            switch (c) {
                case '"' -> {
                    at++;
                    return;
                }
                case '\\' -> backslash(out, "$`\"\\");
                case '$' -> parameter(out);
                case '`' -> throw new Refused(at, "runs a command (`)");
                default -> {
                    out.append(c);
                    at++;
                }
            }
        }
        throw new Refused(start, "has a quote (\") that does not end");
    }

    /**
     * @param special what a backslash takes the meaning of; empty for everything. A newline behind it vanishes with it.
     */
    private void backslash(StringBuilder out, String special) throws Refused {
        if (at + 1 >= text.length()) {
            throw new Refused(at, "ends with a backslash");
        }
        char next = text.charAt(at + 1);
        if (next == '\r' && at + 2 < text.length() && text.charAt(at + 2) == '\n') {
            at++;
            next = '\n';
        }
        if (next != '\n') {
            if (!special.isEmpty() && special.indexOf(next) < 0) {
                out.append('\\');
            }
            out.append(next);
        }
        at += 2;
    }

    private void parameter(StringBuilder out) throws Refused {
        int start = at++;
        boolean braces = at < text.length() && text.charAt(at) == '{';
        if (braces) {
            at++;
        } else if (at < text.length() && text.charAt(at) == '(') {
            throw new Refused(start, "runs a command ($( )");
        }
        String name = name();
        if (name.isEmpty()) {
            throw new Refused(start, "has a $ that no name follows");
        }
        String value = variables.apply(name);
        if (braces) {
            value = modified(start, name, value);
        }
        if (value == null) {
            throw new Refused(start, "uses $" + name + ", which is not set before");
        }
        if (out.length() + value.length() > LONGEST) {
            throw new Refused(start, "makes a value of more than " + (LONGEST >> 10) + " KiB");
        }
        out.append(value);
    }

    /** Between the name and the closing brace: defaults and the replacement of plain text. */
    private @Nullable String modified(int start, String name, @Nullable String value) throws Refused {
        String result = value;
        if (text.startsWith(":-", at) || text.startsWith("-", at)) {
            boolean emptyToo = text.charAt(at) == ':';
            at += emptyToo ? 2 : 1;
            if (++depth > DEEPEST) {
                throw new Refused(start, "has braces within braces, more than " + DEEPEST + " deep");
            }
            var otherwise = new StringBuilder();
            unquoted(otherwise, true);
            depth--;
            result = value == null || (emptyToo && value.isEmpty()) ? otherwise.toString() : value;
        } else if (text.startsWith("/", at)) {
            boolean all = text.startsWith("//", at);
            at += all ? 2 : 1;
            String from = upTo('/', start);
            String to = upTo('}', start);
            at--;
            if (from.isEmpty() || (from + to).matches(".*[*?\\[\\]\\\\\"'$`#%].*")) {
                throw new Refused(start, "changes $" + name + " in a way that is not understood");
            }
            if (value != null) {
                int first = value.indexOf(from);
                result = all
                        ? value.replace(from, to)
                        : first < 0 ? value : value.substring(0, first) + to + value.substring(first + from.length());
            }
        }
        if (at >= text.length() || text.charAt(at) != '}') {
            throw new Refused(start, "changes $" + name + " in a way that is not understood");
        }
        at++;
        return result;
    }

    private String upTo(char end, int start) throws Refused {
        int found = text.indexOf(end, at);
        if (found < 0 || text.substring(at, found).indexOf('\n') >= 0) {
            throw new Refused(start, "has a brace that does not end");
        }
        String part = text.substring(at, found);
        at = found + 1;
        return part;
    }

    private String name() {
        int start = at;
        while (at < text.length() && isNameCharacter(text.charAt(at), at > start)) {
            at++;
        }
        return text.substring(start, at);
    }

    /** Whether a shell allows {@code c} in the name of a variable. */
    static boolean isNameCharacter(char c, boolean digits) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (digits && c >= '0' && c <= '9');
    }
}
