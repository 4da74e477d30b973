package io.slipway.slackbuild.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Witness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Archives that others have packed. */
class ArchiveShapeIT {
    @TempDir
    private Path directory;

    /** Real packers, each judged whole, and cut off at any place judged not. */
    @ParameterizedTest
    @CsvSource({
        "x.tar.gz, gzip -c",
        "x.tar.xz, xz -c",
        "x.txz, xz -c --block-size=65536",
        "x.tar.bz2, bzip2 -c",
        "x.tar.zst, zstd -c",
        "x.tar.lz, lzip -c",
        "x.tar, cat",
        "x.zip, sh -c \"zip -q - data\"",
        "x.jar, sh -c \"jar cf x.jar data && cat x.jar\""
    })
    void whatAPackerWritesIsWholeAndNoPieceOfItIs(String name, String packer) throws Exception {
        Witness.require(packer.startsWith("sh") ? name.substring(2) : packer.split(" ")[0]);
        var random = new byte[200_000];
        new Random(4).nextBytes(random);
        Files.write(directory.resolve("data"), random);
        String input = name.endsWith("zip") || name.endsWith("jar") ? "true" : "tar cf - data";
        Witness.run(directory, "sh", "-c", input + " | " + packer + " > packed");
        byte[] packed = Files.readAllBytes(directory.resolve("packed"));
        assertThat(ArchiveShape.objection(directory.resolve("packed"), name, ""))
                .isEmpty();
        var lengths = new Random(5).ints(30, 1, packed.length - 1).boxed().toList();
        for (int length : lengths) {
            // A tar has more zeros at its end than it needs.
            if (name.equals("x.tar") && length > random.length + 1024) {
                continue;
            }
            assertThat(ArchiveShape.objection(
                            Files.write(directory.resolve("file"), Arrays.copyOf(packed, length)), name, ""))
                    .as(name + " of " + packed.length + " bytes cut off at " + length)
                    .isPresent();
        }
    }

    @Test
    void whateverItIsCalledAnArchiveIsAnArchive() throws Exception {
        // Some SlackBuilds call every download NAME.tar.gz; tar does not mind.
        Files.writeString(directory.resolve("data"), "x");
        Witness.run(directory, "sh", "-c", "tar cf - data | xz > packed");
        assertThat(ArchiveShape.objection(directory.resolve("packed"), "x.tar.gz", "text/html"))
                .isEmpty();
    }
}
