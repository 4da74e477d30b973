package io.slipway.slackbuild.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildTree;
import io.slipway.slackbuild.Stacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlackBuildTreesTest {
    @TempDir
    private Path root;

    /** Writes a sample's directory. */
    static Path write(Path directory, SlackBuildFiles files) throws IOException {
        Files.createDirectories(directory);
        for (var each : files.files().entrySet()) {
            Files.writeString(directory.resolve(each.getKey()), each.getValue().text());
        }
        return directory;
    }

    private void sample(String path) throws IOException {
        Path directory = root.resolve(path);
        write(directory, Samples.files(directory.getFileName().toString(), "1.0", ""));
    }

    @Test
    void oneSomeAndCategoriesAreFound() throws Exception {
        sample("b");
        sample("a");
        sample("network/c");
        sample("network/deeper/d");
        sample(".git/e");
        Files.createDirectories(root.resolve("empty"));
        Files.writeString(root.resolve("README"), "x");
        SlackBuildTree tree = SlackBuildTrees.read(root);
        assertThat(tree.slackbuilds().keySet()).containsExactly("a", "b", "c");
        assertThat(tree.broken()).isEmpty();
        assertThat(tree.stacks()).isEqualTo(Stacks.NONE);
        assertThat(SlackBuildTrees.read(root.resolve("a")).slackbuilds().keySet())
                .containsExactly("a");
    }

    @Test
    void oneThatCannotBeReadLeavesTheOthers() throws Exception {
        sample("a");
        sample("b");
        Files.writeString(root.resolve("b/b.info"), "VERSION=$(id)\n");
        SlackBuildTree tree = SlackBuildTrees.read(root);
        assertThat(tree.slackbuilds().keySet()).containsExactly("a");
        assertThat(tree.broken().get("b"))
                .singleElement()
                .extracting(problem -> problem.summary())
                .asString()
                .startsWith(root + "/b/b.info:1:9: ");
    }

    @Test
    void theSameNameTwiceIsNone() throws Exception {
        sample("x/a");
        sample("y/a");
        SlackBuildTree tree = SlackBuildTrees.read(root);
        assertThat(tree.slackbuilds()).isEmpty();
        assertThat(tree.broken().get("a"))
                .singleElement()
                .extracting(problem -> problem.summary())
                .asString()
                .contains("has a twice");
    }

    @Test
    void stacksAreReadAndTheirFaultsSaid() throws Exception {
        sample("a");
        Files.writeString(root.resolve("stacks.yaml"), "stacks: {s: {description: x, slackbuilds: [a], series: [a]}}");
        assertThat(SlackBuildTrees.read(root).stacks().stacks().keySet()).containsExactly("s");
        Files.writeString(root.resolve("stacks.yaml"), "stakcs: {}");
        assertThatThrownBy(() -> SlackBuildTrees.read(root))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(root + "/stacks.yaml:1:1: stakcs");
        Files.delete(root.resolve("stacks.yaml"));
        Files.createDirectory(root.resolve("stacks.yaml"));
        assertThatThrownBy(() -> SlackBuildTrees.read(root)).hasMessageContaining("no file that can be read");
    }

    @Test
    void anAbsentTreeIsSaid() {
        assertThatThrownBy(() -> SlackBuildTrees.read(root.resolve("none")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("There is no directory of SlackBuilds at");
    }

    @Test
    void linksAreFollowedInsideOnly() throws Exception {
        sample("a");
        Path a = root.resolve("a");
        Files.writeString(root.resolve("outside"), "x");
        Files.createSymbolicLink(a.resolve("in"), Path.of("slack-desc"));
        Files.createSymbolicLink(a.resolve("out"), Path.of("../outside"));
        Files.createSymbolicLink(a.resolve("etc"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(a.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(a.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(a.resolve("two"), Path.of("one"));
        Files.createSymbolicLink(a.resolve("gone"), Path.of("nothing"));
        Files.createSymbolicLink(a.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("circle"), Path.of("circle"));
        Files.createSymbolicLink(root.resolve("self"), Path.of("."));
        SlackBuildFiles files = SlackBuildTrees.files(a);
        assertThat(files.findFile("in")).map(FileText::text).contains(Samples.description("a"));
        for (String bad : new String[] {"out", "etc", "loop", "one", "two", "gone", "up"}) {
            assertThat(files.files().get(bad)).as(bad).isEqualTo(new FileText(FileText.Kind.BAD_LINK, 0, ""));
        }
        assertThat(SlackBuildTrees.list(root)).contains(a);
    }

    @Test
    void modesPatchesAndSizesAreSeen() throws Exception {
        sample("a");
        Path a = root.resolve("a");
        Files.createDirectories(a.resolve("patches/more"));
        Files.writeString(a.resolve("patches/more/fix.diff"), "x");
        Files.setPosixFilePermissions(a.resolve("a.SlackBuild"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(a.resolve("a.info"), PosixFilePermissions.fromString("rw-r-----"));
        Files.write(a.resolve("large"), new byte[(1 << 20) + 1]);
        Files.write(a.resolve("not-larger"), new byte[1 << 20]);
        SlackBuildFiles files = SlackBuildTrees.files(a);
        assertThat(files.files().keySet()).contains("patches/more/fix.diff");
        assertThat(files.findFile("a.SlackBuild")).map(FileText::mode).contains(0755);
        assertThat(files.findFile("a.info")).map(FileText::mode).contains(0640);
        assertThat(files.files().get("large")).extracting(FileText::kind).isEqualTo(FileText.Kind.TOO_LARGE);
        assertThat(files.findFile("not-larger")).isPresent();
    }

    @Test
    void moreFilesThanASlackBuildHasAreRefused() throws Exception {
        sample("a");
        for (int i = 0; i < 1001; i++) {
            Files.createFile(root.resolve("a/file" + i));
        }
        assertThat(SlackBuildTrees.read(root).broken().get("a"))
                .singleElement()
                .extracting(problem -> problem.summary())
                .asString()
                .contains("more than 1000 files");
    }
}
