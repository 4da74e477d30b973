package io.slipway.bench;

import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.SlackBuild;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A change of one SlackBuild that changes nothing of what is built: a comment in a patch.
 *
 * @param slackbuild whose
 * @param file its file, a path below the directory; a patch, or else the script
 */
record OneChange(SlackBuild slackbuild, String file) {
    private static final String COMMENT = "# By slipway bench packages.\n";

    /**
     * Chooses the first one with a patch, because that is what people change; otherwise the script of the first one, on
     * which the others depend.
     *
     * @param inOrder of building; at least one
     */
    static OneChange choose(List<SlackBuild> inOrder) {
        for (SlackBuild each : inOrder) {
            Optional<String> patch = each.files().files().entrySet().stream()
                    .filter(file -> isPatch(file.getKey()) && file.getValue().kind() == FileText.Kind.FILE)
                    .map(Map.Entry::getKey)
                    .findFirst();
            if (patch.isPresent()) {
                return new OneChange(each, patch.get());
            }
        }
        SlackBuild first = inOrder.get(0);
        return new OneChange(first, first.script());
    }

    private static boolean isPatch(String file) {
        return file.endsWith(".patch") || file.endsWith(".diff");
    }

    /**
     * The same with a comment: a line before a patch, which patch(1) takes for a description; the second line of a script,
     * behind the one that names its shell.
     */
    static String edited(String file, String text) {
        int at = !isPatch(file) && text.startsWith("#!") ? text.indexOf('\n') + 1 : 0;
        return text.substring(0, at) + COMMENT + text.substring(at);
    }

    /**
     * Copies the SlackBuild, unchanged.
     *
     * @param parent an existing directory
     * @return the copy, which has the same name
     */
    Path copy(Path parent) throws IOException {
        Path from = Path.of(slackbuild.files().path());
        Path to = parent.resolve(slackbuild.name());
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(
                        path,
                        to.resolve(from.relativize(path).toString()),
                        LinkOption.NOFOLLOW_LINKS,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return to;
    }

    /** Makes the change in a copy. */
    void apply(Path copy) throws IOException {
        Path place = copy.resolve(file);
        // Whatever its encoding is.
        String text = Files.readString(place, StandardCharsets.ISO_8859_1);
        Files.writeString(place, edited(file, text), StandardCharsets.ISO_8859_1);
    }
}
