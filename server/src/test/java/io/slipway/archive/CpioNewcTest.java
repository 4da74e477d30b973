package io.slipway.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpioNewcTest {
    private static final ReadLimits SMALL = new ReadLimits(100, 1 << 20, 2_000);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyOrderOfEntriesGivesTheSameBytes(long seed) throws IOException {
        var shuffled = new ArrayList<>(tree());
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(gzip(shuffled)).isEqualTo(gzip(tree()));
    }

    @Test
    void everythingComesBack() throws IOException {
        var seen = new ArrayList<String>();
        read(cpio(tree()), seen);
        assertThat(seen)
                .containsSequence("d 0755 0:0 dev", "n 0600 0:0 dev/console CHARACTER 5:1")
                .contains("l bin/sh -> /bin/bash", "f 4755 0:0 usr/bin/tool = #!/bin/sh\nexit 0\n");
    }

    @Test
    void inodesCountFromOneAndNothingIsLinkedTwice() throws IOException {
        String bytes =
                new String(cpio(List.of(ArchiveEntry.directory("a/b", FileMode.OF_755))), StandardCharsets.UTF_8);
        assertThat(bytes)
                .startsWith("070701" + "00000001" + "000041ED" + "00000000" + "00000000" + "00000001")
                .contains("070701" + "00000002" + "000041ED")
                .contains("TRAILER!!!");
        assertThat(bytes.length() % 4).isZero();
    }

    @Test
    void gzipHasNeitherTimeNorName() throws IOException {
        byte[] bytes = gzip(tree());
        assertThat(Arrays.copyOf(bytes, 8)).isEqualTo(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0});
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = cpio(tree());
        for (int length = 0; length < whole.length - 4; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(part, new ArrayList<>()))
                    .as("first %d bytes", length)
                    .isInstanceOf(ProblemException.class);
        }
    }

    @Test
    void flippedBytesAreRefusedOrHarmless() throws IOException {
        byte[] whole = cpio(tree());
        var random = new Random(11);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                read(bytes, new ArrayList<>());
            } catch (ProblemException refused) {
                assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED);
            }
        }
    }

    @Test
    void namesThatGoUpAreRefused() throws IOException {
        String good =
                new String(cpio(List.of(ArchiveEntry.directory("aa/b", FileMode.OF_755))), StandardCharsets.ISO_8859_1);
        byte[] bad = good.replace("aa/b", "../b").getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> read(bad, new ArrayList<>())).hasMessageContaining("\"..\"");
    }

    @Test
    void otherFormatsOfCpioAreNamed() {
        assertThatThrownBy(() -> read("070707".repeat(40).getBytes(StandardCharsets.US_ASCII), new ArrayList<>()))
                .hasMessageContaining("not newc");
    }

    private static List<ArchiveEntry> tree() {
        var all = new ArrayList<>(Entries.tree());
        all.add(ArchiveEntry.symlink("bin/sh", "/bin/bash"));
        all.add(new ArchiveEntry.Device(
                "dev/console", FileMode.parse("0600"), Owner.ROOT, ArchiveEntry.DeviceType.CHARACTER, 5, 1));
        return all;
    }

    private static byte[] cpio(List<? extends ArchiveEntry> entries) throws IOException {
        var out = new ByteArrayOutputStream();
        CpioNewcWriter.write(out, entries, Entries.TIME);
        return out.toByteArray();
    }

    private static byte[] gzip(List<? extends ArchiveEntry> entries) throws IOException {
        var out = new ByteArrayOutputStream();
        CpioNewcWriter.writeGzip(out, entries, Entries.TIME);
        return out.toByteArray();
    }

    private static void read(byte[] bytes, List<String> into) throws IOException {
        CpioNewcReader.read(new ByteArrayInputStream(bytes), "x.cpio", SMALL, entry -> into.add(Shown.of(entry)));
    }
}
