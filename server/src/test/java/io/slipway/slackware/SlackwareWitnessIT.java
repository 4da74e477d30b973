package io.slipway.slackware;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Witness;
import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.FileMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GNU tar, md5sum, bzip2 and a shell judge packages and metadata. */
class SlackwareWitnessIT {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path directory;

    @Test
    void aShellMakesTheLinksWhenItRunsDoinstInTheRoot() throws IOException {
        try (var out = Files.newOutputStream(directory.resolve("p.txz"))) {
            SlackwarePackageTest.sample(SlackwarePackageTest.ENTRIES, "touch ran\n")
                    .write(out, TIME, 6);
        }
        Files.createDirectory(directory.resolve("root"));
        Witness.run(directory, "tar", "xf", "p.txz", "-C", "root");
        Witness.run(directory.resolve("root"), "sh", "-e", "install/doinst.sh");
        assertThat(directory.resolve("root/top")).isSymbolicLink();
        assertThat(Files.readSymbolicLink(directory.resolve("root/usr/lib64/libx.so")))
                .hasToString("libx.so.1");
        assertThat(directory.resolve("root/ran")).exists();
    }

    @Test
    void theManifestSaysWhatTarSays() throws IOException {
        var entries = new ArrayList<>(SlackwarePackageTest.ENTRIES);
        entries.add(ArchiveEntry.file("usr/café \\x2d", FileMode.OF_644, ByteSource.of("x")));
        var made = SlackwarePackageTest.sample(entries, "");
        try (var out = Files.newOutputStream(directory.resolve("p.txz"))) {
            made.write(out, TIME, 6);
        }
        try (var out = Files.newOutputStream(directory.resolve("MANIFEST.bz2"))) {
            ManifestBz2.write(out, List.of(ManifestBz2.text(ManifestBz2.of("cluster/p.txz", made, TIME))));
        }
        String listed = Witness.run(directory, "tar", "tvf", "p.txz");
        String manifest = Witness.run(directory, "bzip2", "-dc", "MANIFEST.bz2");
        assertThat(manifest.lines().skip(5).filter(line -> !line.isEmpty()).toList())
                .isEqualTo(listed.lines().toList());
    }

    @Test
    void md5sumReadsTheChecksumsFromLineThirteenOn() throws IOException {
        Files.createDirectory(directory.resolve("a"));
        Files.writeString(directory.resolve("a/file"), "hello\n");
        var sums = new TreeMap<String, String>();
        sums.put("a/file", "b1946ac92492d2347c6235b4d2611184");
        Files.writeString(directory.resolve("CHECKSUMS.md5"), new ChecksumsMd5(sums).text());
        assertThat(Witness.run(directory, "sh", "-c", "tail -n +13 CHECKSUMS.md5 | md5sum --check --strict"))
                .isEqualTo("./a/file: OK\n");
    }
}
