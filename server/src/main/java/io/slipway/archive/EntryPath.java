package io.slipway.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** The rules for names inside an archive: relative, plain, and short enough for Linux. */
public final class EntryPath {
    /** Linux PATH_MAX, including the final NUL ({@code linux/limits.h}). */
    private static final int LONGEST_PATH = 4095;
    /** Linux NAME_MAX. */
    private static final int LONGEST_NAME = 255;

    /** By unsigned UTF-8 bytes, as {@code LC_ALL=C sort} does. */
    public static final Comparator<String> BY_BYTES = (a, b) -> {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            if (a.charAt(i) >= 0x80 || b.charAt(i) >= 0x80) {
                return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
            }
            if (a.charAt(i) != b.charAt(i)) {
                return a.charAt(i) - b.charAt(i);
            }
        }
        return Integer.compare(a.length(), b.length());
    };

    private EntryPath() {}

    /** Why {@code path} cannot be the name of an entry, as the end of a sentence, or empty if it can. */
    public static Optional<String> objection(String path) {
        if (path.isEmpty()) {
            return Optional.of("is empty");
        }
        if (path.startsWith("/")) {
            return Optional.of("is absolute");
        }
        Optional<String> text = objectionToText(path);
        if (text.isPresent()) {
            return text;
        }
        for (String name : path.split("/", -1)) {
            if (name.isEmpty()) {
                return Optional.of("has an empty component");
            }
            if (name.equals(".") || name.equals("..")) {
                return Optional.of("has a component \"" + name + '"');
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                return Optional.of("has a component of more than " + LONGEST_NAME + " bytes");
            }
        }
        return Optional.empty();
    }

    /** Why {@code target} cannot be where the link {@code path} points to, or empty if it can. Absolute is allowed. */
    public static Optional<String> objectionToTarget(String path, String target) {
        if (target.isEmpty()) {
            return Optional.of("is empty");
        }
        Optional<String> text = objectionToText(target);
        if (text.isPresent() || target.startsWith("/")) {
            return text;
        }
        int depth = path.split("/", -1).length - 1;
        for (String name : target.split("/", -1)) {
            if (name.equals("..")) {
                depth--;
            } else if (!name.isEmpty() && !name.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return Optional.of("leaves the root");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> objectionToText(String text) {
        if (text.length() > LONGEST_PATH || text.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            return Optional.of("is longer than " + LONGEST_PATH + " bytes");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == '\uFFFD' || c == '\u2028' || c == '\u2029') {
                return Optional.of("has a control character or bytes that are not UTF-8");
            }
        }
        return Optional.empty();
    }

    /** The path with whatever is unprintable replaced and the length bounded, for messages. */
    public static String shown(String path) {
        String text = path.length() > 200 ? path.substring(0, 200) + "…" : path;
        return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
    }
}
