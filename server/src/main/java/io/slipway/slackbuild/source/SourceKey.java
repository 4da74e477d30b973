package io.slipway.slackbuild.source;

import io.slipway.archive.EntryPath;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * What a source is known by.
 *
 * @param name of the SlackBuild
 * @param version of the SlackBuild
 * @param file name under which the script expects it
 */
public record SourceKey(String name, String version, String file) implements Comparable<SourceKey> {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+~@-]*");
    /** All three are names of directories and files, and words of a line. */
    private static final Pattern FILE = Pattern.compile("[^\\s/.][^\\s/]*");

    private static final Comparator<SourceKey> ORDER = Comparator.comparing(SourceKey::name, EntryPath.BY_BYTES)
            .thenComparing(SourceKey::version, EntryPath.BY_BYTES)
            .thenComparing(SourceKey::file, EntryPath.BY_BYTES);

    /**
     * @throws IllegalArgumentException if one of them cannot be a word of a line and the name of a file
     */
    public SourceKey {
        if (!WORD.matcher(name).matches() || !WORD.matcher(version).matches()) {
            throw new IllegalArgumentException("\"" + EntryPath.shown(name) + "\", version \""
                    + EntryPath.shown(version) + "\": letters, digits and _ . + ~ @ - only");
        }
        if (!FILE.matcher(file).matches() || EntryPath.objection(file).isPresent()) {
            throw new IllegalArgumentException("\"" + EntryPath.shown(file)
                    + "\" cannot be the name of a source: no spaces, no slashes, no dot first");
        }
    }

    /** Where it lies below a directory of sources: {@code NAME/VERSION/FILE}. */
    public String path() {
        return name + "/" + version + "/" + file;
    }

    @Override
    public int compareTo(SourceKey other) {
        return ORDER.compare(this, other);
    }

    /** For messages: {@code FILE of NAME VERSION}. */
    @Override
    public String toString() {
        return file + " of " + name + " " + version;
    }
}
