package io.slipway.slackbuild.build;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that makes a package what it is, as a text of one line for each thing; its SHA-256 is what the package is kept under.
 * Lines are sorted by their bytes; names have no blanks (they are written {@code %20}, as in addresses).
 *
 * <pre>{@code
 * file raft.SlackBuild 755 sha256:…      a file of the SlackBuild's directory: mode and content
 * form 1                                 raised when builds come to be made in another way
 * needs libuv sha256:…                   a SlackBuild that it needs directly, by this same digest of it
 * package raft
 * root sha256:…                          the packages that the build root is made of, in their order
 * set ARCH x86_64                        a variable of its environment
 * source raft-0.22.1.tar.gz sha256:…     or "unpinned": nobody has reached it yet, so there is no such package
 * }</pre>
 *
 * <p>How many builds or compilers run side by side is not in it: that is no part of what is built.
 *
 * @param lines what a line says, by its first words: {@code "set ARCH"} to {@code "x86_64"}
 */
public record BuildDigest(SortedMap<String, String> lines) {
    /** To be raised when the same inputs come to be built in another way. */
    private static final String FORM = "1";

    static final String UNPINNED = "unpinned";
    /** What stands alone before its value. */
    private static final Set<String> SINGLE = Set.of("form", "package", "root");

    private static final int LONGEST = 16 << 20;

    public BuildDigest {
        var sorted = new TreeMap<String, String>(EntryPath.BY_BYTES);
        sorted.putAll(lines);
        lines = Collections.unmodifiableSortedMap(sorted);
    }

    /**
     * @param name of the SlackBuild
     * @param inputs what it is made of
     * @param needs digests of what it needs directly, by name
     */
    public static BuildDigest of(String name, BuildInputs inputs, Map<String, Sha256> needs) {
        var lines = new TreeMap<String, String>();
        lines.put("form", FORM);
        lines.put("package", word(name));
        lines.put("root", shown(BuildRoots.digest(inputs.root(), List.of())));
        inputs.files()
                .forEach((file, content) -> lines.put(
                        "file " + word(file), (content.executable() ? "755 " : "644 ") + shown(content.sha256())));
        inputs.sources()
                .forEach((file, sha256) -> lines.put(
                        "source " + word(file), sha256.map(BuildDigest::shown).orElse(UNPINNED)));
        inputs.environment().forEach((variable, value) -> lines.put("set " + variable, word(value)));
        needs.forEach((needed, digest) -> lines.put("needs " + word(needed), shown(digest)));
        return new BuildDigest(lines);
    }

    private static String shown(Sha256 sha256) {
        return "sha256:" + sha256.hex();
    }

    /** Without anything that could be taken for the end of a word or of a line. */
    private static String word(String text) {
        var out = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            int value = each & 0xff;
            if (value <= ' ' || value == '%' || value >= 0x7f) {
                out.append(String.format(Locale.ROOT, "%%%02X", value));
            } else {
                out.append((char) value);
            }
        }
        return out.toString();
    }

    /** The text that is hashed. */
    public String text() {
        var out = new StringBuilder();
        lines.forEach((key, value) -> out.append(key).append(' ').append(value).append('\n'));
        return out.toString();
    }

    /** What the package is kept under. */
    public Sha256 sha256() {
        return Sha256.of(text().getBytes(StandardCharsets.UTF_8));
    }

    /** Digest of the build root. */
    Sha256 root() {
        return new Sha256(lines.getOrDefault("root", "").replaceFirst("^sha256:", ""));
    }

    /** Sources that nobody has reached yet; as long as there are some, this is the digest of nothing. */
    public List<String> unpinned() {
        return lines.entrySet().stream()
                .filter(line ->
                        line.getKey().startsWith("source ") && line.getValue().equals(UNPINNED))
                .map(line -> line.getKey().substring("source ".length()))
                .toList();
    }

    /**
     * @param place for messages
     * @throws io.slipway.problem.ProblemException if it is no such text
     */
    public static BuildDigest parse(String text, String place) {
        var lines = new TreeMap<String, String>();
        if (text.length() <= LONGEST) {
            for (String line : text.lines().toList()) {
                int first = line.indexOf(' ');
                String word = first < 0 ? line : line.substring(0, first);
                int end = SINGLE.contains(word) ? first : line.indexOf(' ', first + 1);
                if (first < 0 || end < 0 || lines.put(line.substring(0, end), line.substring(end + 1)) != null) {
                    lines.clear();
                    break;
                }
            }
        }
        if (!lines.containsKey("package")) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            place + " does not say what a package was made of.",
                            "Remove its directory; the package is then built again.")
                    .asException();
        }
        return new BuildDigest(lines);
    }

    /**
     * Why a package of this digest is another one than a package of an earlier digest, in words.
     *
     * @param roots what differs between the two build roots, of {@link RootDifference}
     * @param rebuilt names of what is about to be built again
     */
    public List<String> reasons(BuildDigest earlier, String roots, Set<String> rebuilt) {
        var keys = new TreeSet<>(EntryPath.BY_BYTES);
        keys.addAll(lines.keySet());
        keys.addAll(earlier.lines.keySet());
        var reasons = new ArrayList<String>();
        for (String key : keys) {
            String now = lines.get(key);
            String before = earlier.lines.get(key);
            if (now == null || before == null || !now.equals(before)) {
                String[] words = key.split(" ", 2);
                String name = words.length > 1 ? words[1] : "";
                reasons.add(
                        words[0].equals("root")
                                ? "the build root is another one" + (roots.isEmpty() ? "" : ": " + roots)
                                : reason(
                                        words[0], name, before == null ? "" : before, now == null ? "" : now, rebuilt));
            }
        }
        return reasons;
    }

    private static String reason(String kind, String name, String before, String now, Set<String> rebuilt) {
        return switch (kind) {
            case "file" -> name + (before.isEmpty() ? " is new" : now.isEmpty() ? " is gone" : " changed");
            case "source" ->
                before.isEmpty()
                        ? "the source " + name + " is new"
                        : now.isEmpty()
                                ? "the source " + name + " is gone"
                                : now.equals(UNPINNED)
                                        ? "the source " + name + " is not pinned any more"
                                        : "the source " + name + " is another one";
            case "set" ->
                before.isEmpty()
                        ? name + " is set to \"" + now + "\""
                        : now.isEmpty()
                                ? name + " is not set any more"
                                : name + " is \"" + now + "\", was \"" + before + "\"";
            case "needs" ->
                before.isEmpty()
                        ? "it needs " + name + " now"
                        : now.isEmpty()
                                ? "it does not need " + name + " any more"
                                : rebuilt.contains(name) ? name + " is rebuilt" : name + " is another one";
            case "form" -> "this version of Slipway builds in another way";
            default -> kind + " is \"" + now + "\", was \"" + before + "\"";
        };
    }
}
