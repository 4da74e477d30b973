package io.slipway.slackware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PACKAGES.TXT, CHECKSUMS.md5, MANIFEST.bz2 and FILELIST.TXT. */
class MirrorFilesTest {
    private static final String SUM = "0123456789abcdef0123456789abcdef";

    private static final String OFFICIAL = """

            PACKAGES.TXT;  Sun Jul 28 21:06:14 UTC 2024

            Prose about the packages that are found
            in the ./slackware64/ directory.

            Total size of all packages (compressed):  4000 MB
            Total size of all packages (uncompressed):  16000 MB


            PACKAGE NAME:  aaa_base-15.1-x86_64-2.txz
            PACKAGE LOCATION:  ./slackware64/a
            PACKAGE SIZE (compressed):  11 K
            PACKAGE SIZE (uncompressed):  90 K
            PACKAGE DESCRIPTION:
            aaa_base: aaa_base (basic directories)
            aaa_base:
            aaa_base: Text with  two spaces.

            PACKAGE NAME:  slackpkg+-1.8.0-noarch-13mt.txz
            PACKAGE LOCATION:  ./slackware64/ap
            PACKAGE SIZE (compressed):  64 K
            PACKAGE SIZE (uncompressed):  650 K
            PACKAGE DESCRIPTION:
            slackpkg+: slackpkg+

            """;

    @Test
    void officialPackagesTxtIsReadAndWritten() {
        var parsed = PackagesTxt.parse(new StringReader(OFFICIAL), "PACKAGES.TXT");
        assertThat(parsed.entries()).hasSize(2);
        var first = parsed.entries().get(0);
        assertThat(first.path()).isEqualTo("slackware64/a/aaa_base-15.1-x86_64-2.txz");
        assertThat(first.series()).contains(new Series("a"));
        assertThat(first.compressedKib()).isEqualTo(11);
        assertThat(first.description()).containsExactly("aaa_base (basic directories)", "", "Text with  two spaces.");
        assertThat(parsed.find("slackpkg+").orElseThrow().file().tag()).isEqualTo("mt");

        String written = parsed.text("Thu Jan  1 00:00:00 UTC 2026");
        assertThat(written).contains(OFFICIAL.substring(OFFICIAL.indexOf("PACKAGE NAME")));
        assertThat(PackagesTxt.parse(new StringReader(written), "again")).isEqualTo(parsed);
    }

    @Test
    void thirdPartyPackagesTxtIsRead() {
        var parsed = PackagesTxt.parse(new StringReader("""
                        PACKAGES.TXT;  today
                        PACKAGE NAME:  a-1-noarch-1_x.tgz
                        PACKAGE LOCATION:  ./
                        PACKAGE LOCATION:  ./ignored
                        """.replace("./\n", "./pkgs/\n") + """
                        PACKAGE SIZE (compressed):  1.5M
                        PACKAGE SIZE (uncompressed):  2 MB
                        PACKAGE REQUIRED:  b,c >= 2
                        PACKAGE CONFLICTS:
                        PACKAGE SUGGESTS:  d
                        PACKAGE DESCRIPTION:
                        a: a
                        a: PACKAGE NAME:  fake-1-noarch-1.txz
                        """), "PACKAGES.TXT");
        var entry = parsed.entries().get(0);
        assertThat(parsed.entries()).hasSize(1);
        assertThat(entry.location()).isEqualTo("pkgs");
        assertThat(entry.compressedKib()).isEqualTo(1536);
        assertThat(entry.uncompressedKib()).isEqualTo(2048);
        assertThat(entry.required()).isEqualTo("b,c >= 2");
        assertThat(entry.description()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"./../etc", "/etc", "./slackware64/../../x", "", "./a\u0007b"})
    void hostileLocationsAreRefused(String location) {
        String text = OFFICIAL.replace("./slackware64/ap", location);
        assertThatThrownBy(() -> PackagesTxt.parse(new StringReader(text), "PACKAGES.TXT"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                .hasMessageContaining("PACKAGES.TXT, line 20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x-1-noarch-1.txz", "x;id-1-noarch-1.txz", "x", ""})
    void hostileNamesAreRefused(String name) {
        String text = OFFICIAL.replace("slackpkg+-1.8.0-noarch-13mt.txz", name);
        assertThatThrownBy(() -> PackagesTxt.parse(new StringReader(text), "PACKAGES.TXT"))
                .hasMessageContaining("line 20");
    }

    @Test
    void aLineWithoutEndIsRefused() {
        assertThatThrownBy(() -> PackagesTxt.parse(new StringReader("x".repeat(10_000)), "PACKAGES.TXT"))
                .hasMessageContaining("longer than 8192");
    }

    @Test
    void noTruncationOfPackagesTxtEscapesAsAnotherException() {
        for (int length = 0; length < OFFICIAL.length(); length++) {
            String part = OFFICIAL.substring(0, length);
            try {
                PackagesTxt.parse(new StringReader(part), "PACKAGES.TXT");
            } catch (ProblemException refused) {
                assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED);
            }
        }
    }

    @Test
    void checksumsAreReadInAllSpellings() {
        var parsed = ChecksumsMd5.parse(
                new StringReader("MD5 message digest                Filename\n"
                        + SUM + "  ./slackware64/a/x-1-noarch-1.txz\n"
                        + SUM + " *b with space\r\n"
                        + SUM.toUpperCase(java.util.Locale.ROOT) + "  ./ignored\n"),
                "CHECKSUMS.md5");
        assertThat(parsed.byPath()).containsOnlyKeys("slackware64/a/x-1-noarch-1.txz", "b with space");
        assertThat(parsed.find("b with space")).contains(SUM);
        assertThat(parsed.find("ignored")).isEmpty();
    }

    @Test
    void checksumsAreWrittenWithTwelveLinesAboveThem() {
        var sums = new TreeMap<String, String>();
        sums.put("b", SUM);
        sums.put("a/c", SUM);
        String text = new ChecksumsMd5(sums).text();
        assertThat(text.lines().skip(11))
                .containsExactly("MD5 message digest                Filename", SUM + "  ./a/c", SUM + "  ./b");
        assertThat(text).endsWith("\n").doesNotEndWith("\n\n");
        assertThat(ChecksumsMd5.parse(new StringReader(text), "x").byPath()).isEqualTo(sums);
    }

    @ParameterizedTest
    @ValueSource(strings = {"./../x", "/x", "./a/../../x", "./a//b", "./a\u001bb"})
    void hostilePathsInChecksumsAreRefused(String path) {
        assertThatThrownBy(() -> ChecksumsMd5.parse(new StringReader(SUM + "  " + path + "\n"), "CHECKSUMS.md5"))
                .hasMessageContaining("CHECKSUMS.md5, line 1");
    }

    @Test
    void twoSumsOfOneFileAreRefused() {
        String text = SUM + "  ./a\n" + SUM.replace('0', '1') + "  ./a\n";
        assertThatThrownBy(() -> ChecksumsMd5.parse(new StringReader(text), "CHECKSUMS.md5"))
                .hasMessageContaining("line 2")
                .hasMessageContaining("twice");
    }

    @Test
    void manifestsAreWrittenAndRead() throws IOException {
        var files = List.of(
                new FileListing("drwxr-xr-x", "root/root", 0, "2026-01-02 03:04", ".", ""),
                new FileListing("-rwsr-x--x", "root/12", 1_234_567_890_123L, "2026-01-02 03:04", "bin/a b", ""),
                new FileListing("hrw-r--r--", "root/root", 0, "2026-01-02 03:04", "bin/c", "bin/a b"));
        var first = new ManifestBz2.Listing("a/x-1-noarch-1.txz", files);
        var second = new ManifestBz2.Listing("ap/y-1-noarch-1.txz", List.of());
        byte[] bytes = manifest(ManifestBz2.text(first), ManifestBz2.text(second));
        assertThat(records(bytes)).containsExactly(first, second);
        assertThat(manifest(ManifestBz2.text(first), ManifestBz2.text(second))).isEqualTo(bytes);
    }

    @Test
    void officialAndThirdPartyManifestsAreRead() throws IOException {
        byte[] bytes = manifest("""
                ++========================================
                ||
                ||   Package:  ./a/x-1-noarch-1.txz
                ||
                ++========================================
                drwxr-xr-x root/root         0 2024-07-28 21:06 ./
                -rw-r--r-- root/root      1234 2024-07-28 21:06 etc/x.conf.new
                crw-rw---- root/disk       8,0 2024-07-28 21:06 dev/x
                lrwxrwxrwx root/root         0 2024-07-28 21:06 usr/l -> ../lib


                ++==================================================
                ||   Package:  ./a/z-1-noarch-1.txz
                ++==================================================
                -rw-r--r-- root/root 1 2024-07-28 21:06:07 ./z
                -rw-r--r-- root/root 1 2024-07-28 21:06 ../evil
                """);
        assertThat(records(bytes))
                .containsExactly(
                        new ManifestBz2.Listing(
                                "a/x-1-noarch-1.txz",
                                List.of(
                                        row("drwxr-xr-x", 0, "root/root", ".", ""),
                                        row("-rw-r--r--", 1234, "root/root", "etc/x.conf.new", ""),
                                        row("crw-rw----", 0, "root/disk", "dev/x", ""),
                                        row("lrwxrwxrwx", 0, "root/root", "usr/l", "../lib"))),
                        new ManifestBz2.Listing(
                                "a/z-1-noarch-1.txz",
                                List.of(new FileListing(
                                        "-rw-r--r--", "root/root", 1, "2024-07-28 21:06:07", "z", ""))));
    }

    @Test
    void namesThatTarEscapesAreReadAsTheyAreOnTheDisk() throws IOException {
        byte[] bytes = manifest("""
                ||   Package:  ./a/x-1-noarch-1.txz
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/caf\\303\\251 au lait
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/already é
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/dev-disk-by\\\\x2dlabel
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/one\\x2done
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/latin\\351
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/end\\
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/\\056\\056/\\056\\056/evil
                -rw-r--r-- root/root 1 2024-07-28 21:06 \\057evil
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/two\\nlines
                -rw-r--r-- root/root 1 2024-07-28 21:06 usr/two\\012lines
                lrwxrwxrwx root/root 0 2024-07-28 21:06 usr/\\304\\200 -> \\303\\251
                """);
        List<FileListing> files = records(bytes).get(0).files();
        assertThat(files.stream().map(FileListing::path))
                .containsExactly(
                        "usr/café au lait",
                        "usr/already é",
                        "usr/dev-disk-by\\x2dlabel",
                        "usr/one\\x2done",
                        "usr/latin\\351",
                        "usr/end\\",
                        "usr/Ā");
        assertThat(files.get(6).target()).isEqualTo("é");
        byte[] again = manifest(ManifestBz2.text(records(bytes).get(0)));
        assertThat(records(again).get(0).files()).isEqualTo(files);
        assertThat(ManifestBz2.text(records(bytes).get(0)))
                .contains("usr/caf\\303\\251 au lait\n")
                .contains("usr/dev-disk-by\\\\x2dlabel\n");
    }

    @Test
    void escapedNamesInFileListsAreReadToo() {
        var parsed = FileList.parse(new StringReader("""
                        -rw-r--r-- 1 root root 1 2024-07-28 21:06 ./caf\\303\\251\\ x
                        -rw-r--r-- 1 root root 1 2024-07-28 21:06 ./plain\\x2d
                        """), "FILELIST.TXT");
        assertThat(parsed.rows().stream().map(FileList.Row::path)).containsExactly("café x", "plain\\x2d");
        assertThat(FileList.parse(new StringReader(parsed.text("today")), "x")).isEqualTo(parsed);
        assertThatThrownBy(() -> FileList.parse(
                        new StringReader("-rw-r--r-- 1 root root 1 2024-07-28 21:06 ./\\056./x\n"), "FILELIST.TXT"))
                .hasMessageContaining("FILELIST.TXT, line 1");
    }

    private static FileListing row(String letters, long size, String owner, String path, String target) {
        return new FileListing(letters, owner, size, "2024-07-28 21:06", path, target);
    }

    @Test
    void damagedManifestsAreRefused() throws IOException {
        byte[] whole = manifest("||   Package:  ./a/x-1-noarch-1.txz\n");
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> records(part)).as("%d bytes", length).isInstanceOf(ProblemException.class);
        }
        var random = new Random(5);
        for (int round = 0; round < 500; round++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                records(damaged);
            } catch (ProblemException refused) {
                assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED);
            }
        }
    }

    @Test
    void fileListsAreReadWhateverTheWidthOfTheirColumns() {
        var parsed = FileList.parse(new StringReader("""
                        Sun Jul 28 21:06:14 UTC 2024

                        Prose.

                        drwxr-xr-x 12 root root      4096 2024-07-28 21:06 .
                        -rw-r--r--  1 root root     10720 2024-07-28 21:06 ./slackware64/a/x y.txz
                        lrwxrwxrwx 1 root root 15 2024-07-28 21:06 ./slackware64/PACKAGES.TXT -> ../PACKAGES.TXT
                        """), "FILELIST.TXT");
        assertThat(parsed.rows())
                .containsExactly(
                        new FileList.Row("drwxr-xr-x", 4096, "2024-07-28 21:06", "."),
                        new FileList.Row("-rw-r--r--", 10720, "2024-07-28 21:06", "slackware64/a/x y.txz"),
                        new FileList.Row("lrwxrwxrwx", 15, "2024-07-28 21:06", "slackware64/PACKAGES.TXT"));
        assertThat(FileList.parse(new StringReader(parsed.text("today")), "x")).isEqualTo(parsed);
        assertThatThrownBy(() -> FileList.parse(
                        new StringReader("-rw-r--r-- 1 root root 1 2024-07-28 21:06 ./../x\n"), "FILELIST.TXT"))
                .hasMessageContaining("FILELIST.TXT, line 1");
    }

    private static byte[] manifest(String... records) throws IOException {
        var out = new ByteArrayOutputStream();
        ManifestBz2.write(out, List.of(records));
        return out.toByteArray();
    }

    private static List<ManifestBz2.Listing> records(byte[] bytes) {
        var all = new ArrayList<ManifestBz2.Listing>();
        ManifestBz2.parse(new ByteArrayInputStream(bytes), "MANIFEST.bz2", all::add);
        return all;
    }
}
