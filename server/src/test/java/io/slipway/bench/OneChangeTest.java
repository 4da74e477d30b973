package io.slipway.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Witness;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneChangeTest {
    private static final String PATCH = """
            --- a/file
            +++ b/file
            @@ -1 +1 @@
            -one
            +two
            """;

    @TempDir
    private Path directory;

    private static SlackBuild slackbuild(String path, String name, String... patches) {
        SlackBuildFiles plain = Samples.files(name, "1.0", "");
        Map<String, FileText> files = new TreeMap<>(plain.files());
        for (String patch : patches) {
            files.put(patch, FileText.of(0644, PATCH));
        }
        return SlackBuildReader.read(new SlackBuildFiles(path, name, files));
    }

    @Test
    void theFirstOneWithAPatchIsChanged() {
        var alpha = slackbuild("/none", "alpha");
        var beta = slackbuild("/none", "beta", "patches/b.patch", "patches/a.diff");
        var gamma = slackbuild("/none", "gamma", "c.patch");
        assertThat(OneChange.choose(List.of(alpha, beta, gamma))).isEqualTo(new OneChange(beta, "patches/a.diff"));
    }

    @Test
    void withoutAPatchTheFirstScriptIsChanged() {
        var alpha = slackbuild("/none", "alpha");
        assertThat(OneChange.choose(List.of(alpha, slackbuild("/none", "beta"))))
                .isEqualTo(new OneChange(alpha, "alpha.SlackBuild"));
    }

    @Test
    void theCommentStandsWhereItMeansNothing() {
        assertThat(OneChange.edited("x.SlackBuild", "#!/bin/bash\nset -e\n"))
                .isEqualTo("#!/bin/bash\n# By slipway bench packages.\nset -e\n");
        assertThat(OneChange.edited("x.SlackBuild", "set -e\n")).isEqualTo("# By slipway bench packages.\nset -e\n");
        assertThat(OneChange.edited("x.patch", "#!/bin/sh is new\n--- a/x\n"))
                .isEqualTo("# By slipway bench packages.\n#!/bin/sh is new\n--- a/x\n");
    }

    @Test
    void aPatchDoesWhatItDidBefore() throws Exception {
        Files.writeString(directory.resolve("file"), "one\n");
        Files.writeString(directory.resolve("change.patch"), OneChange.edited("change.patch", PATCH));
        Witness.run(directory, "patch", "-p1", "-i", "change.patch");
        assertThat(directory.resolve("file")).hasContent("two\n");
    }

    @Test
    void onlyTheCopyIsChangedAndOnlyOneFileOfIt() throws Exception {
        Path from = Files.createDirectories(directory.resolve("from/alpha/patches"));
        byte[] latin = {'-', '-', '-', ' ', (byte) 0xe9, '\n'};
        Files.write(from.resolve("fix.patch"), latin);
        Path script = Files.writeString(from.resolveSibling("alpha.SlackBuild"), "exit\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
        var change = new OneChange(
                slackbuild(directory.resolve("from/alpha").toString(), "alpha", "patches/fix.patch"),
                "patches/fix.patch");

        Path copy = change.copy(Files.createDirectory(directory.resolve("to")));
        assertThat(copy).isEqualTo(directory.resolve("to/alpha"));
        assertThat(copy.resolve("patches/fix.patch")).hasBinaryContent(latin);
        change.apply(copy);

        assertThat(from.resolve("fix.patch")).hasBinaryContent(latin);
        assertThat(Files.readAllBytes(copy.resolve("patches/fix.patch")))
                .startsWith('#', ' ')
                .endsWith(latin);
        assertThat(copy.resolve("alpha.SlackBuild")).hasContent("exit\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("alpha.SlackBuild"))))
                .isEqualTo("rwxr-x---");
    }
}
