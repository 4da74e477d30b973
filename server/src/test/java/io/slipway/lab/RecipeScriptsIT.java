package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shells and shellcheck judge what makes trees, build roots and sources. */
class RecipeScriptsIT {
    @Test
    void shellsUnderstandThem() throws Exception {
        check("standin", "build", "repackage.sh");
        check("standin-sources", "fetch");
        Path prepare = Repository.root().resolve("server/standin/prepare");
        try (var parts = Files.list(prepare)) {
            List<Path> all = parts.toList();
            assertThat(all).isNotEmpty();
            for (Path part : all) {
                Witness.run(prepare, "bash", "-n", part.toString());
            }
        }
    }

    private static void check(String recipe, String... scripts) throws IOException {
        Path directory = Repository.root().resolve("server").resolve(recipe);
        for (String script : scripts) {
            // What a script sources is followed, and is looked for from where shellcheck runs.
            Witness.run(directory, "shellcheck", "-x", "-S", "warning", script);
        }
    }
}
