package io.slipway.slackbuild;

import static io.slipway.slackbuild.Samples.said;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.problem.ProblemException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InfoFileTest {
    private static InfoFile read(String text) {
        return InfoFile.read(text, "x.info");
    }

    @Test
    void valuesAreReadAsAShellWould() {
        InfoFile info = read("""
                # a comment
                PRGNAM=plain
                VERSION='1.0'   # behind it
                  HOMEPAGE="https://example.org/?a=b&c=d;e"
                DOWNLOAD="https://example.org/a.tar.gz \\
                          https://example.org/b.tar.gz"
                MAINTAINER=A" \\"B\\" "'C $D'
                EMAIL=
                REQUIRES=one\\ two""");
        assertThat(info.value("PRGNAM")).isEqualTo("plain");
        assertThat(info.value("VERSION")).isEqualTo("1.0");
        assertThat(info.value("HOMEPAGE")).isEqualTo("https://example.org/?a=b&c=d;e");
        assertThat(info.words("DOWNLOAD"))
                .containsExactly(
                        new Mention("https://example.org/a.tar.gz", "x.info:5"),
                        new Mention("https://example.org/b.tar.gz", "x.info:5"));
        assertThat(info.value("MAINTAINER")).isEqualTo("A \"B\" C $D");
        assertThat(info.words("EMAIL")).isEmpty();
        assertThat(info.words("REQUIRES")).extracting(Mention::name).containsExactly("one", "two");
        assertThat(info.line("REQUIRES")).isEqualTo(9);
    }

    @Test
    void earlierFieldsCanBeUsed() {
        assertThat(read("VERSION=1.2\nDOWNLOAD=\"https://e.org/${VERSION}/a-$VERSION.tar.gz\"\n")
                        .value("DOWNLOAD"))
                .isEqualTo("https://e.org/1.2/a-1.2.tar.gz");
    }

    @Test
    void linesMayEndAsOnDos() {
        InfoFile info = read("PRGNAM=\"a\"\r\nREQUIRES=\"b \\\r\n c\"\r\n");
        assertThat(info.value("PRGNAM")).isEqualTo("a");
        assertThat(info.words("REQUIRES")).extracting(Mention::name).containsExactly("b", "c");
    }

    @Test
    void ofTwoTheLastCounts() {
        InfoFile info = read("VERSION=1\nVERSION=2\n");
        assertThat(info.value("VERSION")).isEqualTo("2");
        assertThat(info.twice()).containsExactly(new Mention("VERSION", "x.info:1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '#',
            value = {
                "VERSION=$(id) ~ x.info:1:9: the line runs a command ($( )",
                "VERSION=\"1$(id)\" ~ x.info:1:11: the line runs a command ($( )",
                "VERSION=`id` ~ x.info:1:9: the line runs a command (`)",
                "VERSION=\"`id`\" ~ x.info:1:10: the line runs a command (`)",
                "VERSION=1; id ~ x.info:1:10: the line has shell code (;)",
                "VERSION=1 id ~ x.info:1:11: the line has something behind the value of VERSION",
                "VERSION=1&&id ~ x.info:1:10: the line has shell code (&)",
                "VERSION=1|id ~ x.info:1:10: the line has shell code (|)",
                "VERSION=1>/etc/passwd ~ x.info:1:10: the line has shell code (>)",
                "VERSION=<(id) ~ x.info:1:9: the line has shell code (<)",
                "VERSION=(a b) ~ x.info:1:9: the line has shell code (()",
                "VERSION=$HOME ~ x.info:1:9: the line uses $HOME, which is not set before",
                "VERSION=${A:=b} ~ x.info:1:9: the line changes $A in a way",
                "VERSION=$((1+1)) ~ x.info:1:9: the line runs a command",
                "VERSION=$ ~ x.info:1:9: the line has a $ that no name follows",
                "VERSION=\"1 ~ x.info:1:9: the line has a quote (\") that does not end",
                "VERSION='1 ~ x.info:1:9: the line has a quote (') that does not end",
                "rm -rf / ~ x.info:1:1: the line is no assignment",
                ". ./evil ~ x.info:1:1: the line is no assignment",
                "VERSION = 1 ~ x.info:1:1: the line is no assignment",
                "VERSION ~ x.info:1:1: the line is no assignment",
                "=1 ~ x.info:1:1: the line is no assignment"
            })
    void whatAShellWouldRunIsRefusedWhereItStands(String text, String message) {
        assertThat(said(() -> read(text + "\n"))).contains(message).contains("It says: ");
    }

    @Test
    void everythingIsSaidAtOnce() {
        assertThat(said(() -> read("PRGNAM=a\nVERSION=$(id)\nREQUIRES=b\nEMAIL=`id`\n")))
                .contains("x.info:2:9")
                .contains("x.info:4:7");
    }

    @Test
    void controlCharactersAreRefused() {
        assertThat(said(() -> read("VERSION=\"1\0\"\n"))).contains("x.info:1:9").contains("control character 0");
        assertThat(said(() -> read("VERSION=\"\u001b[2J\"\n"))).contains("control character 27");
    }

    @Test
    void whatIsTooLargeIsRefused() {
        assertThat(said(() -> read("#".repeat(300_000)))).contains("larger than 256 KiB");
        assertThat(said(() -> read("A=\"" + "x".repeat(200) + "\"\nB=\"" + "$A".repeat(2000) + "\"\nC=\"$B$B\"\n")))
                .contains("makes a value of more than 256 KiB");
        assertThat(said(() -> read("A=" + "${B:-".repeat(50_000)))).contains("braces within braces");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void damagedFilesAreReadOrRefused(long seed) {
        var random = new SplittableRandom(seed);
        String whole = Samples.info("sample", "1.0", "a b");
        String alphabet = "\"'`$\\\n\r\t =(){};#A\0\u00e9";
        for (int i = 0; i < 2000; i++) {
            var text = new StringBuilder(whole);
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                text.setCharAt(random.nextInt(text.length()), alphabet.charAt(random.nextInt(alphabet.length())));
            }
            text.setLength(random.nextInt(text.length() + 1));
            try {
                assertThat(read(text.toString()).file()).isEqualTo("x.info");
            } catch (ProblemException refused) {
                assertThat(refused.problems())
                        .allMatch(problem -> problem.summary().startsWith("x.info:"));
            }
        }
    }
}
