package io.slipway.slackbuild;

import static io.slipway.slackbuild.Samples.changed;
import static io.slipway.slackbuild.Samples.files;
import static io.slipway.slackbuild.Samples.info;
import static io.slipway.slackbuild.Samples.said;
import static io.slipway.slackbuild.Samples.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlackBuildReaderTest {
    private static List<String> assumed(SlackBuildFiles files) {
        return SlackBuildReader.read(files).assumptions().stream()
                .map(Problem::text)
                .toList();
    }

    private static SlackBuildFiles with(String file, String text) {
        return changed(files("sample", "1.0", "a b"), Map.of(file, FileText.of(0644, text)));
    }

    private static SlackBuildFiles without(String file) {
        var all = new TreeMap<>(files("sample", "1.0", "a b").files());
        all.remove(file);
        return new SlackBuildFiles("slackbuilds/sample", "sample", all);
    }

    @Test
    void whatKeepsTheRulesIsReadWithoutAssumptions() {
        SlackBuild sample = SlackBuildReader.read(files("sample", "1.0", "a b"));
        assertThat(sample.assumptions()).isEmpty();
        assertThat(sample.name()).isEqualTo("sample");
        assertThat(sample.version()).isEqualTo("1.0");
        assertThat(sample.packageName()).hasToString("sample-1.0-x86_64-1_slipway.txz");
        assertThat(sample.requires()).extracting(Mention::name).containsExactly("a", "b");
        assertThat(sample.sources())
                .containsExactly(new SlackBuild.Source(
                        "https://example.org/sample-1.0.tar.gz",
                        "0123456789abcdef0123456789abcdef",
                        "slackbuilds/sample/sample.info:4"));
        assertThat(sample.summary()).isEqualTo("a sample");
        assertThat(sample.declarations()).isEmpty();
    }

    @Test
    void declarationsAreComments() {
        String text = script("sample", "1.0")
                .replace("\nset -e\n", "\n# slipway: network\n#  slipway:  kernel \necho '# slipway: x'\nset -e\n");
        assertThat(SlackBuildReader.read(with("sample.SlackBuild", text)).declarations())
                .containsExactlyInAnyOrder(Declaration.NETWORK, Declaration.KERNEL);
    }

    @Test
    void theOtherDialectIsTakenAsItIs() {
        String hard = script("sample", "1.0")
                .replace("VERSION=${VERSION:-1.0}", "VERSION=1.0.1")
                .replace("PRGNAM=sample", "PRGNAM=sampler");
        SlackBuildFiles files = files(
                "sample",
                Map.of(
                        "sample.Slackbuild",
                        hard,
                        "template.info",
                        info("sampel", "1.0", "").replaceAll("MD5SUM=.*", "MD5SUM=\"\"")));
        SlackBuild read = SlackBuildReader.read(files);
        assertThat(read.script()).isEqualTo("sample.Slackbuild");
        assertThat(read.program()).isEqualTo("sampler");
        assertThat(read.version()).isEqualTo("1.0.1");
        assertThat(read.packageName()).hasToString("sampler-1.0.1-x86_64-1_slipway.txz");
        assertThat(read.sources()).extracting(SlackBuild.Source::md5).containsExactly("");
        assertThat(String.join("\n", assumed(files)))
                .contains("slackbuilds/sample has the script sample.Slackbuild")
                .contains("has template.info in the place of sample.info")
                .contains("is \"sampel\" in its .info and \"sampler\" in its script; the script's name is taken")
                .contains("is \"1.0\" in its .info and \"1.0.1\" in its script; the script's version is taken")
                .contains("has no MD5SUM")
                .contains("has no slack-desc");
    }

    @Test
    void aProgramMayHaveAnotherNameThanItsDirectory() {
        SlackBuildFiles files = files(
                "libyang4",
                Map.of(
                        "libyang4.SlackBuild",
                        script("libyang", "4.0"),
                        "libyang4.info",
                        info("libyang", "4.0", ""),
                        "slack-desc",
                        Samples.description("libyang")));
        assertThat(SlackBuildReader.read(files).program()).isEqualTo("libyang");
        assertThat(assumed(files)).singleElement().asString().contains("makes the package \"libyang\"");
    }

    @Test
    void aVersionWithAHyphenChangesTheName() {
        SlackBuildFiles files = files("ui", "ui-1.0", "");
        SlackBuild read = SlackBuildReader.read(files);
        assertThat(read.packageName().name()).isEqualTo("ui-ui");
        assertThat(read.version()).isEqualTo("1.0");
        assertThat(assumed(files)).singleElement().asString().contains("take for the package \"ui-ui\"");
    }

    @Test
    void aNameThatOnlyAShellCanTellIsAssumed() {
        String text = script("sample", "1.0").replace("$BUILD$TAG", "$(date +%s)$TAG");
        SlackBuild read = SlackBuildReader.read(with("sample.SlackBuild", text));
        assertThat(read.packageName()).hasToString("sample-1.0-x86_64-1.tgz");
        assertThat(read.assumptions()).singleElement().asString().contains("does not show the file name");
    }

    @Test
    void theKernelOfAModuleIsLeftOpen() {
        String text = script("sample", "1.0")
                .replace("BUILD=", "KERNEL=${KERNEL:?is not set: the release to build for}\nBUILD=")
                .replace("if [ ! -z", "PACKAGE=$PRGNAM-${VERSION}_${KERNEL//-/_}-$ARCH-$BUILD$TAG.$PKGTYPE\nif [ ! -z")
                .replaceFirst("echo \"[^\n]*", "echo \"\\$PACKAGE\"");
        SlackBuild read = SlackBuildReader.read(with("sample.SlackBuild", text));
        assertThat(read.packageName()).hasToString("sample-1.0_KERNEL-x86_64-1_slipway.txz");
        assertThat(read.assumptions()).isEmpty();
    }

    @Test
    void sourcesForThisArchitectureComeFirst() {
        String own = info("sample", "1.0", "")
                .replace("DOWNLOAD_x86_64=\"\"", "DOWNLOAD_x86_64=\"https://e.org/64.tar.gz\"")
                .replace("MD5SUM_x86_64=\"\"", "MD5SUM_x86_64=\"ABCDEF6789abcdef0123456789abcdef\"");
        assertThat(SlackBuildReader.read(with("sample.info", own)).sources())
                .containsExactly(new SlackBuild.Source(
                        "https://e.org/64.tar.gz",
                        "abcdef6789abcdef0123456789abcdef",
                        "slackbuilds/sample/sample.info:6"));
        String untested = info("sample", "1.0", "").replace("DOWNLOAD_x86_64=\"\"", "DOWNLOAD_x86_64=UNTESTED");
        assertThat(SlackBuildReader.read(with("sample.info", untested)).sources())
                .hasSize(1);
        assertThat(assumed(with("sample.info", untested)))
                .singleElement()
                .asString()
                .contains("UNTESTED");
        String unsupported = info("sample", "1.0", "").replace("DOWNLOAD_x86_64=\"\"", "DOWNLOAD_x86_64=UNSUPPORTED");
        assertThat(said(() -> SlackBuildReader.read(with("sample.info", unsupported))))
                .contains("slackbuilds/sample/sample.info:6: it says UNSUPPORTED");
    }

    @ParameterizedTest
    @CsvSource({
        "0123456789abcdef0123456789abcde",
        "https://example.org/sample-1.0.tar.gz",
        "0123456789abcdef0123456789abcdef 0123456789abcdef0123456789abcdef"
    })
    void copiedJunkIsNoChecksum(String sums) {
        String text = info("sample", "1.0", "").replaceAll("MD5SUM=.*", "MD5SUM=\"" + sums + '"');
        assertThat(SlackBuildReader.read(with("sample.info", text)).sources())
                .containsExactly(new SlackBuild.Source(
                        "https://example.org/sample-1.0.tar.gz", "", "slackbuilds/sample/sample.info:4"));
        assertThat(assumed(with("sample.info", text)))
                .singleElement()
                .asString()
                .contains("MD5SUM that does not fit");
    }

    @Test
    void whatCannotBeBuiltIsSaid() {
        assertThat(said(() -> SlackBuildReader.read(without("sample.SlackBuild"))))
                .contains("slackbuilds/sample has no sample.SlackBuild");
        assertThat(said(() -> SlackBuildReader.read(with("sample.SlackBuild", ""))))
                .contains("has an empty sample.SlackBuild");
        assertThat(said(() -> SlackBuildReader.read(with("sample.SlackBuild", "#!/bin/bash\n\0"))))
                .contains("has NUL bytes in sample.SlackBuild");
        assertThat(said(() -> SlackBuildReader.read(files("sample", Map.of("a.SlackBuild", "x", "b.SlackBuild", "x")))))
                .contains("has several scripts: a.SlackBuild, b.SlackBuild");
        assertThat(said(() -> SlackBuildReader.read(with("sample.info", info("sample", "1.0", "a ../b $(c)")))))
                .contains("runs a command");
        assertThat(said(() -> SlackBuildReader.read(with("sample.info", info("sample", "1.0", "a ../b -c")))))
                .contains("sample.info:8: REQUIRES names \"../b\"")
                .contains("\"-c\"");
        for (String bad : new String[] {"../../etc", "a/b", "-rf", "a b"}) {
            assertThat(said(() -> SlackBuildReader.read(with(
                            "sample.SlackBuild",
                            script("sample", "1.0").replace("PRGNAM=sample", "PRGNAM='" + bad + "'")))))
                    .contains("which no package can have");
            assertThat(said(() -> SlackBuildReader.read(new SlackBuildFiles("x", bad, Map.of()))))
                    .contains("which no package can have");
        }
        assertThat(said(() -> SlackBuildReader.read(
                        with("sample.SlackBuild", script("sample", "1.0").replace(":-1.0}", ":-../1}")))))
                .contains("has the VERSION \"../1\"");
    }

    @Test
    void whatCannotBeReadIsSaid() {
        for (FileText.Kind kind : FileText.Kind.values()) {
            if (kind != FileText.Kind.FILE) {
                assertThat(said(() -> SlackBuildReader.read(
                                changed(files("sample", "1.0", ""), Map.of("sample.info", new FileText(kind, 0, ""))))))
                        .contains("slackbuilds/sample has")
                        .contains("sample.info");
            }
        }
    }

    @Test
    void latin1IsReadAndSaid() {
        byte[] latin1 =
                info("sample", "1.0", "").replace("A Person", "Ren\u00e9").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(assumed(changed(files("sample", "1.0", ""), Map.of("sample.info", FileText.of(0644, latin1)))))
                .singleElement()
                .asString()
                .contains("not UTF-8");
    }
}
