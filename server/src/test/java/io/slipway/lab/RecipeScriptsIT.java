package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.Witness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shells and shellcheck judge what makes trees, build roots and sources. */
class RecipeScriptsIT {
    private static final Path SERVER = Repository.root().resolve("server");

    @Test
    void shellsUnderstandThem() throws Exception {
        for (String script :
                List.of("standin/build", "standin/repackage.sh", "standin-devel/build", "standin-devel/sources")) {
            Path file = SERVER.resolve(script);
            // What a script sources is followed, from its own directory.
            Witness.run(file.getParent(), "shellcheck", "-x", "-S", "warning", String.valueOf(file.getFileName()));
        }
        var parts = new ArrayList<Path>();
        for (String recipe : List.of("standin", "standin-devel")) {
            try (var files = Files.list(SERVER.resolve(recipe).resolve("prepare"))) {
                files.forEach(parts::add);
            }
        }
        assertThat(parts).hasSizeGreaterThan(20);
        for (Path part : parts) {
            Witness.run(SERVER, "bash", "-n", part.toString());
        }
    }
}
