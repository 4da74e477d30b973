package io.slipway.slackbuild.lint;

import static io.slipway.slackbuild.Samples.changed;
import static io.slipway.slackbuild.Samples.files;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinterTest {
    private static List<Finding> lint(SlackBuildFiles files) throws InterruptedException {
        return Linter.lint(files, script -> Optional.empty());
    }

    private static List<Finding> lint(String file, String text) throws InterruptedException {
        return lint(changed(
                files("sample", "1.0", "a b"),
                Map.of(file, FileText.of(SlackBuildReader.isScript(file) ? 0755 : 0644, text))));
    }

    @Test
    void whatKeepsTheRulesHasNoFindings() throws Exception {
        assertThat(lint(files("sample", "1.0", "a b"))).isEmpty();
        assertThat(lint(files("incus-ui-canonical", "1.0", ""))).isEmpty();
    }

    /** One change to a good file each, and the rule that it breaks, with the line. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '§',
            value = {
                "info ~ EMAIL=\"person@example.org\"\\n ~ ~ info-field:1",
                "info ~ EMAIL=\"person@example.org\" ~ EMAIL=\"\" ~ info-field:10",
                "info ~ EMAIL= ~ EMIAL= ~ info-unknown:10",
                "info ~ EMAIL= ~ VERSION=1.0\\nEMAIL= ~ info-twice:2",
                "info ~ PRGNAM=\"sample\" ~ PRGNAM=\"other\" ~ info-prgnam:1",
                "info ~ https://example.org/\"\\nDOWN ~ example.org\"\\nDOWN ~ info-url:3",
                "info ~ https://example.org/sample-1.0.tar.gz ~ sample-1.0.tar.gz ~ info-url:4",
                "info ~ sample-1.0.tar.gz ~ archive/main.tar.gz ~ info-moving:4",
                "info ~ DOWNLOAD=\"https://example.org/sample-1.0.tar.gz\" ~ DOWNLOAD=\"\" ~ info-download:4",
                "info ~ MD5SUM=\"0123 ~ MD5SUM=\"xyz3 ~ info-md5:5",
                "info ~ MD5SUM=\"0123456789abcdef0123456789abcdef\" ~ MD5SUM=\"\" ~ info-md5:5",
                "info ~ REQUIRES=\"a b\" ~ REQUIRES=\"a %README%\" ~ info-requires:8",
                "info ~ REQUIRES=\"a b\" ~ REQUIRES=\"a ../b\" ~ info-requires:8",
                "info ~ REQUIRES=\"a b\" ~ REQUIRES=\"sample\" ~ info-requires:8",
                "info ~ REQUIRES=\"a b\" ~ REQUIRES=$(ls) ~ info-syntax:8",
                "info ~ REQUIRES=\"a b\" ~ REQUIRES=\"a\\tb\" ~ tabs:8",
                "info ~ REQUIRES=\"a b\"\\n ~ REQUIRES=\"a b\"\\r\\n ~ line-ends:8",
                "info ~ example.org\"\\n ~ example.org\" ~ line-ends:10",
                "desc ~ sample: sample (a sample) ~ sample: A sample ~ desc-first:2",
                "desc ~ sample:\\n ~ ~ desc-lines:1",
                "desc ~ sample:\\n ~ sampel:\\n ~ desc-line:3",
                "desc ~ sample:\\n ~ sample:text\\n ~ desc-line:3",
                "desc ~ sample:\\n ~ sample: \\n ~ desc-line:3",
                "desc ~ §      |§ ~ §     |§ ~ desc-ruler:1",
                "desc ~ handy-ruler ~ ruler ~ desc-ruler:1",
                "desc ~ (a sample) ~ (a sample of a description that is much too long for the width that there is, x) ~"
                        + " desc-width:2",
                "script ~ #!/bin/bash ~ #!/usr/bin/env python3 ~ script-shebang:1",
                "script ~ \\nset -e\\n ~ \\n ~ script-set-e:1",
                "script ~ VERSION=${VERSION:-1.0} ~ VERSION=1.0 ~ script-overridable:8",
                "script ~ VERSION=${VERSION:-1.0} ~ VERSION=${VERSION:-1.1} ~ script-version:8",
                "script ~ BUILD=${BUILD:-1} ~ BUILD=1 ~ script-overridable:9",
                "script ~ TAG=${TAG:-_slipway} ~ TAG=_slipway ~ script-overridable:10",
                "script ~ PKGTYPE=${PKGTYPE:-txz} ~ PKGTYPE=txz ~ script-overridable:11",
                "script ~ TMP=${TMP:-/tmp/SBo} ~ TMP=/tmp/SBo ~ script-overridable:25",
                "script ~ PKG=$TMP/ ~ PKG=/tmp/ ~ script-overridable:26",
                "script ~ OUTPUT=${OUTPUT:-/tmp} ~ OUTPUT=/tmp ~ script-overridable:27",
                "script ~ if [ -z \"$ARCH\" ] ~ if true ~ script-overridable:15",
                "script ~ PRGNAM=sample ~ PRGNAM=sampler ~ script-prgnam:7",
                "script ~ ${PRINT_PACKAGE_NAME} ~ ${PRINT_NAME} ~ script-print-name:1",
                "script ~ if [ ! -z ~ mkdir -p /x\\nif [ ! -z ~ script-print-name:20",
                "script ~ echo \"$PRGNAM-$VERSION ~ echo \"$PRGNAM-$(date) ~ script-print-name:20",
                "script ~ chown -R root:root . ~ true ~ script-chown:1",
                "script ~ make\\n ~ curl -O https://example.org/x\\n ~ script-network:51",
                "script ~ make\\n ~ cd x && wget https://example.org/x\\n ~ script-network:51",
                "script ~ make\\n ~ git -C x clone https://example.org/x\\n ~ script-network:51",
                "script ~ make\\n ~ GOFLAGS=-v go mod download\\n ~ script-network:51",
                "script ~ make\\n ~ ( ./gradlew assemble )\\n ~ script-network:51",
                "script ~ make\\n ~ if ! pip3 install x; then\\n ~ script-network:51",
                "script ~ --mandir=/usr/man ~ --mandir=/usr/share/man ~ script-man:48",
                "script ~ --docdir=/usr/doc ~ --docdir=/usr/share/doc ~ script-doc:49",
                "script ~ make\\n ~ make KVER=$(uname -r)\\n ~ script-kernel:51",
                "script ~ make\\n ~ # slipway: kernel\\nmake\\n ~ script-kernel:1",
                "script ~ make\\n ~ # slipway: netwrok\\nmake\\n ~ script-declaration:51",
                "script ~ lib${LIBDIRSUFFIX} ~ lib64 ~ script-libdir:47",
                "script ~ lib${LIBDIRSUFFIX} ~ lib ~ script-libdir:47",
                "script ~ LIBDIRSUFFIX ~ SUFFIX ~ script-libdir:1",
                "script ~ make\\n ~ sudo make\\n ~ script-sudo:51",
                "script ~ make\\n ~ make \\n ~ script-blanks:51",
                "script ~ make\\n ~ \\tmake\\n ~ script-tabs:51",
                "script ~ makepkg -l y -c n ~ makepkg -c n ~ script-makepkg:62",
                "script ~ /sbin/makepkg ~ true ~ script-makepkg:1",
                "script ~ n $OUTPUT/ ~ n /tmp/ ~ script-makepkg:62",
                "script ~ cat $CWD/slack-desc > $PKG/install/slack-desc ~ true ~ script-slack-desc:1",
                "script ~ make\\n ~ mv x $PKG/etc/x.new\\n ~ doinst-config:51",
                "script ~ cd $PKG\\n ~ cat $CWD/doinst.sh > $PKG/install/doinst.sh\\ncd $PKG\\n ~ doinst-missing:61"
            })
    void eachRuleIsLookedAfter(String which, String from, @Nullable String to, String rule) throws Exception {
        String file = Map.of("info", "sample.info", "desc", "slack-desc", "script", "sample.SlackBuild")
                .getOrDefault(which, "");
        FileText good = files("sample", "1.0", "a b").files().get(file);
        assertThat(good).isNotNull();
        String old = plain(from);
        String now = to == null ? "" : to;
        assertThat(good.text()).contains(old);
        String text = which.equals("script") && old.equals("LIBDIRSUFFIX")
                ? good.text().replace(old, plain(now))
                : replaceFirst(good.text(), old, plain(now));
        assertThat(lint(file, text).stream().map(finding -> finding.rule() + ':' + finding.line()))
                .contains(rule);
    }

    private static String plain(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
    }

    private static String replaceFirst(String text, String from, String to) {
        int at = text.indexOf(from);
        return text.substring(0, at) + to + text.substring(at + from.length());
    }

    @Test
    void aFindingSaysWhatWhyAndWhatToDo() throws Exception {
        String script = Samples.script("sample", "1.0").replace("\nmake\n", "\nwget x\n");
        assertThat(lint("sample.SlackBuild", script))
                .singleElement()
                .extracting(Finding::text)
                .isEqualTo("""
                        slackbuilds/sample/sample.SlackBuild:51: error [script-network] It fetches something: "wget x".
                          Why: A build has no network: it would fail, or what it made could not be made again.
                          Do: Name the source in DOWNLOAD, or declare "# slipway: network".""");
    }

    @Test
    void whatIsDeclaredOrOnlyTextIsNoFetching() throws Exception {
        for (String line : List.of(
                "# slipway: network\ncargo fetch",
                "# curl x",
                "echo 'to fetch it, use curl'",
                "cat << EOF > x\nwget y\nEOF",
                "make CURL=/usr/bin/curl",
                "rm -rf .git",
                "mv $PKG/usr/share/man $PKG/usr/man",
                "rmdir $PKG/usr/share/doc",
                "./configure --with-curl --disable-wget",
                "cp git-clone.1 x",
                "pip3 install --no-index --root=$PKG .")) {
            String script = Samples.script("sample", "1.0").replace("\nmake\n", "\n" + line + "\nmake\n");
            assertThat(lint("sample.SlackBuild", script)).as(line).isEmpty();
        }
    }

    @Test
    void theRightBarMarksTheLastColumn() throws Exception {
        String description = Samples.description("sample");
        int width = description.indexOf('\n');
        String full = "sample: " + "x".repeat(width - 8) + "\n";
        assertThat(lint("slack-desc", description.replaceFirst("sample:\n", full)))
                .isEmpty();
        assertThat(lint("slack-desc", description.replaceFirst("sample:\n", "sample: x" + full.substring(8))))
                .extracting(Finding::rule)
                .containsExactly("desc-width");
    }

    @Test
    void configurationNeedsItsFunction() throws Exception {
        String script = Samples.script("sample", "1.0")
                .replace("\nmake\n", "\ncp x $PKG/etc/x.new\n")
                .replace("\ncd $PKG\n", "\ncat $CWD/doinst.sh > $PKG/install/doinst.sh\ncd $PKG\n");
        SlackBuildFiles files =
                changed(files("sample", "1.0", ""), Map.of("sample.SlackBuild", FileText.of(0755, script)));
        String config = """
                config() {
                  NEW="$1"
                  OLD="$(dirname $NEW)/$(basename $NEW .new)"
                  if [ ! -r $OLD ]; then
                    mv $NEW $OLD
                  elif [ "$(cat $OLD | md5sum)" = "$(cat $NEW | md5sum)" ]; then
                    rm $NEW
                  fi
                }
                config etc/x.new
                """;
        assertThat(lint(changed(files, Map.of("doinst.sh", FileText.of(0644, config)))))
                .isEmpty();
        assertThat(lint(changed(files, Map.of("doinst.sh", FileText.of(0644, "mv etc/x.new etc/x\n")))))
                .extracting(Finding::rule)
                .containsExactly("doinst-config");
        assertThat(lint(changed(
                        files, Map.of("doinst.sh", FileText.of(0644, config.replace("config etc", "config /etc"))))))
                .extracting(Finding::rule)
                .containsExactly("doinst-absolute");
        assertThat(lint(changed(files("sample", "1.0", ""), Map.of("doinst.sh", FileText.of(0644, config)))))
                .extracting(Finding::rule)
                .containsExactly("doinst-unused");
    }

    @Test
    void modesLinksAndMissingFilesAreSaid() throws Exception {
        SlackBuildFiles good = files("sample", "1.0", "");
        assertThat(lint(changed(good, Map.of("fix.diff", FileText.of(0755, "x\n")))))
                .extracting(Finding::rule)
                .containsExactly("mode");
        assertThat(lint(changed(good, Map.of("fix.diff", FileText.of(0666, "x\n")))))
                .extracting(Finding::what)
                .containsExactly("Everybody may write it (mode 666).");
        for (FileText.Kind kind : FileText.Kind.values()) {
            if (kind != FileText.Kind.FILE) {
                assertThat(lint(changed(good, Map.of("x", new FileText(kind, 0, "")))))
                        .as(kind.name())
                        .hasSize(1);
            }
        }
        for (String file : good.files().keySet()) {
            var fewer = new TreeMap<>(good.files());
            fewer.remove(file);
            assertThat(lint(new SlackBuildFiles("x", "sample", fewer)))
                    .extracting(Finding::line)
                    .containsExactly(1);
        }
    }

    @Test
    void theOtherSpellingIsLintedToo() throws Exception {
        assertThat(lint(files("sample", Map.of("sample.Slackbuild", "#!/bin/bash\nset -e\n"))))
                .extracting(Finding::rule)
                .contains("script-name", "script-makepkg", "info-missing", "desc-missing");
    }

    @Test
    void whatBashSaysIsAFinding() throws Exception {
        assertThat(Linter.lint(files("sample", "1.0", ""), script -> Optional.of("line 12: syntax error near `fi'")))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.rule()).isEqualTo("script-syntax");
                    assertThat(finding.line()).isEqualTo(12);
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedDirectoriesHaveFindingsAndNothingWorse(long seed) throws Exception {
        var random = new SplittableRandom(seed);
        SlackBuildFiles good = files("sample", "1.0", "a");
        for (int i = 0; i < 200; i++) {
            var damaged = new TreeMap<String, FileText>();
            good.files().forEach((name, file) -> {
                var bytes = new StringBuilder(file.bytes());
                for (int changes = random.nextInt(5); changes > 0; changes--) {
                    bytes.setCharAt(random.nextInt(bytes.length()), (char) random.nextInt(256));
                }
                bytes.setLength(random.nextInt(bytes.length() + 1));
                damaged.put(name, new FileText(FileText.Kind.FILE, file.mode(), bytes.toString()));
            });
            assertThat(lint(new SlackBuildFiles("x", "sample", damaged))).isNotEmpty();
        }
    }

    @Test
    void longLinesAreNotReadToTheirEnd() throws Exception {
        String script = Samples.script("sample", "1.0").replace("\nmake\n", "\n" + "a=b ".repeat(100_000) + "\n");
        assertThat(lint("sample.SlackBuild", script)).extracting(Finding::rule).contains("script-line");
    }
}
