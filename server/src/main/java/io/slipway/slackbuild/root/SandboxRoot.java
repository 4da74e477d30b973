package io.slipway.slackbuild.root;

import java.nio.file.Path;
import java.util.List;

/**
 * What a command in a sandbox sees as {@code /}. It may change all of it and changes none of it.
 *
 * @param layers directories, the lowest first; a file in one hides the same path in those before
 * @param binds further directories of this machine
 */
public record SandboxRoot(List<Path> layers, List<Bind> binds) {
    public SandboxRoot {
        layers = List.copyOf(layers);
        binds = List.copyOf(binds);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a root has at least one layer");
        }
    }

    /** Of layers alone. */
    public static SandboxRoot of(List<Path> layers) {
        return new SandboxRoot(layers, List.of());
    }

    /**
     * A directory or file of this machine that can be read there, and not written.
     *
     * @param target absolute path inside; made if it is missing
     */
    public record Bind(Path source, String target) {
        public Bind {
            if (!target.startsWith("/") || (source + target).matches("(?s).*[\\n\\t].*")) {
                throw new IllegalArgumentException("a bind of " + source + " to \"" + target + '"');
            }
        }
    }
}
