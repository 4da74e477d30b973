package io.slipway.slackbuild;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A directory of a SlackBuild as it was found.
 *
 * @param path for messages and for whoever reads more of it
 * @param name the directory's name
 * @param files by path below the directory, such as {@code patches/fix.diff}
 */
public record SlackBuildFiles(String path, String name, Map<String, FileText> files) {
    public SlackBuildFiles {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /** The file of that name, if it is one that can be read. */
    public Optional<FileText> findFile(String file) {
        return Optional.ofNullable(files.get(file)).filter(found -> found.kind() == FileText.Kind.FILE);
    }
}
