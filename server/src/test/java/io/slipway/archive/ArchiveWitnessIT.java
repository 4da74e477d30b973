package io.slipway.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Witness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** tar, xz, lzip, cpio and gzip judge what was written, and write what is read. */
class ArchiveWitnessIT {
    @TempDir
    private Path directory;

    @Test
    void gnuTarListsThePackageAsMakepkgWouldHaveMadeIt() throws IOException {
        write("p.txz");
        Witness.run(directory, "xz", "-t", "p.txz");
        assertThat(Witness.run(directory, "tar", "tvf", "p.txz").lines().map(line -> line.replaceAll(" +", " ")))
                .startsWith(
                        "drwxr-xr-x root/root 0 2026-01-02 03:04 ./",
                        "drwxr-xr-x root/root 0 2026-01-02 03:04 etc/",
                        "-rw------- root/root 0 2026-01-02 03:04 etc/empty",
                        "-rw-r--r-- 12/34 6 2026-01-02 03:04 etc/owned",
                        "drwxr-xr-x root/root 0 2026-01-02 03:04 usr/",
                        "drwxr-xr-x root/root 0 2026-01-02 03:04 usr/bin/",
                        "-rw-r--r-- root/root 1 2026-01-02 03:04 usr/bin-x",
                        "-rwsr-xr-x root/root 17 2026-01-02 03:04 usr/bin/tool")
                .endsWith("drwxrwxrwt root/root 0 2026-01-02 03:04 var/tmp/");
    }

    @Test
    void theOrderIsThatOfSortInTheCLocale() throws IOException {
        write("p.txz");
        Files.createDirectory(directory.resolve("root"));
        Witness.run(directory, "tar", "xf", "p.txz", "-C", "root");
        String sorted = Witness.run(
                directory.resolve("root"),
                "sh",
                "-c",
                "find ./ | LC_ALL=C sort | sed '2,$s,^\\./,,' | sed '1s,.*,./,'");
        String listed = Witness.run(directory, "tar", "tf", "p.txz", "--quoting-style=literal");
        assertThat(listed.replaceAll("(?m)(.)/$", "$1")).isEqualTo(sorted.replaceAll("(?m)(.)/$", "$1"));
    }

    @Test
    void aSecondLaterTheBytesAreTheSame() throws IOException {
        write("a.txz");
        Witness.run(directory, "sleep", "1.1");
        write("b.txz");
        assertThat(directory.resolve("a.txz")).hasSameBinaryContentAs(directory.resolve("b.txz"));
    }

    @Test
    void whatGnuTarMadeIsRead() throws IOException {
        write("p.txz");
        Files.createDirectory(directory.resolve("root"));
        Witness.run(directory, "tar", "xpf", "p.txz", "--no-same-owner", "-C", "root");
        var expected = new ArrayList<String>();
        read("p.txz", expected);
        expected.replaceAll(line -> line.replace("12:34", "0:0"));
        for (String format : new String[] {"gnu", "pax", "ustar"}) {
            for (String[] suffix : new String[][] {{"txz", "xz"}, {"tgz", "gzip"}, {"tbz", "bzip2"}, {"tlz", "lzip"}}) {
                String name = format + "." + suffix[0];
                Witness.require(suffix[1]);
                Witness.run(
                        directory,
                        "tar",
                        "-c",
                        "--use-compress-program=" + suffix[1],
                        "--format=" + format,
                        "--owner=root:0",
                        "--group=root:0",
                        "--sort=name",
                        "-f",
                        name,
                        "-C",
                        "root",
                        "./");
                var seen = new ArrayList<String>();
                read(name, seen);
                assertThat(seen).as(name).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }

    @Test
    void everyTruncationOfLzipIsRefused() throws IOException {
        Files.writeString(directory.resolve("a"), "content");
        Witness.run(directory, "tar", "-c", "--use-compress-program=lzip", "-f", "x.tlz", "a");
        byte[] whole = Files.readAllBytes(directory.resolve("x.tlz"));
        for (int length = 0; length < whole.length; length++) {
            Files.write(directory.resolve("cut.tlz"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> read("cut.tlz", new ArrayList<>())).hasMessageContaining("cut.tlz is refused");
        }
        whole[whole.length - 15] ^= 1;
        Files.write(directory.resolve("cut.tlz"), whole);
        assertThatThrownBy(() -> read("cut.tlz", new ArrayList<>())).hasMessageContaining("does not agree");
    }

    @Test
    void cpioListsTheInitrdAndGzipChecksIt() throws IOException {
        var out = new ByteArrayOutputStream();
        var entries = new ArrayList<>(Entries.tree());
        entries.add(ArchiveEntry.symlink("bin/sh", "/bin/bash"));
        CpioNewcWriter.writeGzip(out, entries, Entries.TIME);
        Files.write(directory.resolve("i.gz"), out.toByteArray());
        Witness.run(directory, "gzip", "-t", "i.gz");
        assertThat(Witness.run(directory, "sh", "-c", "gzip -dc i.gz | cpio -itv --quiet -n")
                        .lines()
                        .map(line -> line.replaceAll(" +", " ")))
                .startsWith(
                        "drwxr-xr-x 1 0 0 0 Jan 2 2026 bin",
                        "lrwxrwxrwx 1 0 0 9 Jan 2 2026 bin/sh -> /bin/bash",
                        "drwxr-xr-x 1 0 0 0 Jan 2 2026 etc")
                .contains("-rwsr-xr-x 1 0 0 17 Jan 2 2026 usr/bin/tool");
    }

    @Test
    void whatCpioMadeIsRead() throws IOException {
        Files.createDirectories(directory.resolve("root/a/b"));
        Files.writeString(directory.resolve("root/a/b/c"), "content\n");
        Files.createSymbolicLink(directory.resolve("root/l"), Path.of("a/b"));
        Witness.run(
                directory,
                "sh",
                "-c",
                "cd root && chmod 755 a a/b && chmod 644 a/b/c && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 > ../x.cpio");
        var seen = new ArrayList<String>();
        try (var in = Files.newInputStream(directory.resolve("x.cpio"))) {
            CpioNewcReader.read(in, "x.cpio", ReadLimits.PACKAGE, entry -> seen.add(Shown.of(entry)));
        }
        assertThat(seen)
                .containsExactly("d 0755 0:0 a", "d 0755 0:0 a/b", "f 0644 0:0 a/b/c = content\n", "l l -> a/b");
    }

    private void write(String name) throws IOException {
        try (var out = Files.newOutputStream(directory.resolve(name))) {
            PackageTarWriter.writeXz(out, Entries.tree(), Entries.TIME, 6);
        }
    }

    private void read(String name, List<String> into) throws IOException {
        try (var in = Files.newInputStream(directory.resolve(name))) {
            PackageTarReader.read(in, name, ReadLimits.PACKAGE, entry -> into.add(Shown.of(entry)));
        }
    }
}
