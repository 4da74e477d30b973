package io.slipway.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageTarTest {
    private static final ReadLimits SMALL = new ReadLimits(100, 1 << 20, 2_000);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyOrderOfEntriesGivesTheSameBytes(long seed) throws IOException {
        var shuffled = new ArrayList<>(Entries.tree());
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(xz(shuffled)).isEqualTo(xz(Entries.tree()));
    }

    @Test
    void everythingComesBackSortedByBytesWithParents() throws IOException {
        var seen = new ArrayList<String>();
        read(xz(Entries.tree()), "a.txz", SMALL, seen);
        assertThat(seen)
                .containsSubsequence(
                        "d 0755 0:0 etc",
                        "f 0600 0:0 etc/empty = ",
                        "f 0644 12:34 etc/owned = owned\n",
                        "d 0755 0:0 usr",
                        "d 0755 0:0 usr/bin",
                        "f 0644 0:0 usr/bin-x = x",
                        "f 4755 0:0 usr/bin/tool = #!/bin/sh\nexit 0\n",
                        "f 0644 0:0 " + Entries.LONG + " = deep\n",
                        "f 0644 0:0 usr/\uE000 = private use",
                        "f 0644 0:0 usr/\uD83D\uDE00 = beyond the first plane",
                        "d 0755 0:0 var",
                        "d 1777 0:0 var/tmp");
    }

    @Test
    void linksAndDevicesAreNotWritten() {
        var link = List.of(ArchiveEntry.symlink("usr/lib", "lib64"));
        assertThatThrownBy(() -> xz(link))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("usr/lib")
                .hasMessageContaining("doinst.sh");
    }

    @Test
    void twoEntriesOfOneNameAreAConflict() {
        var twice = List.of(
                ArchiveEntry.file("etc/a", FileMode.OF_644, ByteSource.of("1")),
                ArchiveEntry.file("etc/a", FileMode.OF_644, ByteSource.of("2")));
        assertThatThrownBy(() -> xz(twice)).hasMessageContaining("\"etc/a\"");
    }

    @Test
    void aFileIsNoDirectory() {
        var nested = List.of(
                ArchiveEntry.file("etc/a", FileMode.OF_644, ByteSource.of("1")),
                ArchiveEntry.file("etc/a/b/c", FileMode.OF_644, ByteSource.of("2")));
        assertThatThrownBy(() -> xz(nested)).hasMessageContaining("\"etc/a\" is not a directory");
    }

    @Test
    void contentThatGrowsWhileItIsReadStopsTheWriting() {
        var growing = new ByteSource() {
            @Override
            public long size() {
                return 3;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(new byte[5]);
            }
        };
        assertThatThrownBy(() -> xz(List.of(ArchiveEntry.file("a", FileMode.OF_644, growing))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("changed while it was read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/etc/passwd", "..", "a/../b", "./a", "a//b", "a/", "a\nb", "a\u0000b", "a\u007fb", "a\u2028"
            })
    void hostilePathsAreNoEntries(String path) {
        assertThatThrownBy(() -> ArchiveEntry.directory(path, FileMode.OF_755))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pathsAreBounded() {
        assertThatThrownBy(() -> ArchiveEntry.directory("x".repeat(256), FileMode.OF_755))
                .hasMessageContaining("255 bytes");
        assertThatThrownBy(() -> ArchiveEntry.directory("xyz/".repeat(1024) + "a", FileMode.OF_755))
                .hasMessageContaining("4095 bytes");
    }

    @ParameterizedTest
    @CsvSource({"usr/bin/x,../../../etc/passwd", "x,..", "a/b,../../c"})
    void linkTargetsStayInside(String path, String target) {
        assertThatThrownBy(() -> ArchiveEntry.symlink(path, target)).hasMessageContaining("leaves the root");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../etc/passwd", "/etc/passwd", "usr/../../x", "a\nb", "a//b"})
    void hostileNamesInAnArchiveAreRefused(String name) throws IOException {
        refused(foreign(tar -> file(tar, name, "evil")), "is refused");
    }

    @Test
    void deviceNodesAreRefused() throws IOException {
        refused(
                foreign(tar -> {
                    var entry = new TarArchiveEntry("dev/sda", (byte) '4');
                    tar.putArchiveEntry(entry);
                    tar.closeArchiveEntry();
                }),
                "device node");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc", "/etc"})
    void linksOutOfTheRootAreRefused(String target) throws IOException {
        refused(foreign(tar -> link(tar, "usr/x", target)), "leaves the root");
    }

    @Test
    void writingThroughALinkIsRefused() throws IOException {
        refused(
                foreign(tar -> {
                    link(tar, "usr/x", "bin");
                    file(tar, "usr/x/y", "evil");
                }),
                "through the link");
    }

    @Test
    void hardLinksKeepTheirTarget() throws IOException {
        byte[] bytes = foreign(tar -> {
            file(tar, "./usr/a", "one");
            var entry = new TarArchiveEntry("usr/b", (byte) '1');
            entry.setLinkName("./usr/a");
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        });
        var seen = new ArrayList<String>();
        read(bytes, "x.tgz", SMALL, seen);
        assertThat(seen).containsExactly("f 0644 0:0 usr/a = one", "h usr/b -> usr/a");
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = xz(Entries.tree());
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(part, "x.txz", SMALL, new ArrayList<>()))
                    .as("first %d bytes", length)
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("x.txz is refused");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.txz", "x.tgz", "x.tbz", "x.tlz"})
    void damageNeverEscapesAsAnotherException(String name) throws IOException {
        var random = new Random(name.hashCode());
        for (int round = 0; round < 300; round++) {
            var bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            assertThatThrownBy(() -> read(bytes, name, SMALL, new ArrayList<>()))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.kind()).isEqualTo(ProblemKind.UNTRUSTED));
        }
    }

    @Test
    void flippedBytesInTheTarAreRefusedOrHarmless() throws IOException {
        var plain = new ByteArrayOutputStream();
        PackageTarWriter.writeTar(plain, Entries.tree(), Entries.TIME);
        var random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = plain.toByteArray();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] packed = gzip(bytes);
            try {
                read(packed, "x.tgz", SMALL, new ArrayList<>());
            } catch (ProblemException refused) {
                assertThat(refused.kind()).isEqualTo(ProblemKind.UNTRUSTED);
            }
        }
    }

    @Test
    void tooManyEntriesAreRefused() throws IOException {
        byte[] bytes = foreign(tar -> {
            for (int i = 0; i < 101; i++) {
                file(tar, "f" + i, "");
            }
        });
        refused(bytes, "more than 100 entries");
    }

    @Test
    void tooManyBytesAreRefused() throws IOException {
        refused(foreign(tar -> file(tar, "f", "x".repeat(1 << 20))), "expands to more than 1048576 bytes");
    }

    @Test
    void aBombIsRefusedByItsRatio() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var zeros = new ByteSource() {
            @Override
            public long size() {
                return 64 << 20;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(new byte[64 << 20]);
            }
        };
        PackageTarWriter.writeXz(bytes, List.of(ArchiveEntry.file("bomb", FileMode.OF_644, zeros)), Entries.TIME, 1);
        assertThatThrownBy(() -> read(bytes.toByteArray(), "x.txz", ReadLimits.PACKAGE, new ArrayList<>()))
                .hasMessageContaining("2000 times its length");
    }

    @Test
    void aLongNameOfAGigabyteIsRefusedBeforeItIsRead() throws IOException {
        refused(
                foreign(tar -> {
                    var entry = new TarArchiveEntry("././@LongLink", (byte) 'L');
                    entry.setSize(1L << 30);
                    tar.putArchiveEntry(entry);
                    tar.write(new byte[1024]);
                }),
                "a header of 1073741824 bytes");
    }

    @Test
    void visitorsMayIgnoreContentOrReadItInPart() throws IOException {
        var seen = new ArrayList<String>();
        PackageTarReader.read(new ByteArrayInputStream(xz(Entries.tree())), "x.txz", SMALL, entry -> {
            if (entry instanceof ArchiveEntry.File file && file.path().equals("usr/bin/tool")) {
                try (var in = file.content().open()) {
                    seen.add(new String(in.readNBytes(2), StandardCharsets.UTF_8));
                }
            } else if (entry.path().equals("var/tmp")) {
                seen.add("end");
            }
        });
        assertThat(seen).containsExactly("#!", "end");
    }

    @Test
    void whatTheVisitorThrowsIsNotTheArchivesFault() throws IOException {
        byte[] bytes = xz(Entries.tree());
        assertThatThrownBy(() -> PackageTarReader.read(new ByteArrayInputStream(bytes), "x.txz", SMALL, entry -> {
                    throw new IOException("disk full");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("disk full");
    }

    @Test
    void otherNamesAreNoPackages() {
        assertThatThrownBy(() -> read(new byte[10], "x.zip", SMALL, new ArrayList<>()))
                .hasMessageContaining(".txz, .tgz, .tbz or .tlz");
    }

    @Test
    void gzipAndBzip2AreReadToo() throws IOException {
        var plain = new ByteArrayOutputStream();
        PackageTarWriter.writeTar(plain, Entries.tree(), Entries.TIME);
        var expected = new ArrayList<String>();
        read(xz(Entries.tree()), "x.txz", SMALL, expected);

        var fromGzip = new ArrayList<String>();
        read(gzip(plain.toByteArray()), "x.tgz", SMALL, fromGzip);
        assertThat(fromGzip).isEqualTo(expected);

        var packed = new ByteArrayOutputStream();
        try (var bzip2 = new BZip2CompressorOutputStream(packed)) {
            bzip2.write(plain.toByteArray());
        }
        var fromBzip2 = new ArrayList<String>();
        read(packed.toByteArray(), "x.tbz", SMALL, fromBzip2);
        assertThat(fromBzip2).isEqualTo(expected);
    }

    private interface Filling {
        void fill(TarArchiveOutputStream tar) throws IOException;
    }

    private static byte[] foreign(Filling filling) throws IOException {
        var plain = new ByteArrayOutputStream();
        // Not closed: some of these archives are unfinished on purpose.
        var tar = new TarArchiveOutputStream(plain, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        filling.fill(tar);
        try {
            tar.finish();
        } catch (IOException unfinished) {
            tar.flush();
        }
        return gzip(plain.toByteArray());
    }

    private static void file(TarArchiveOutputStream tar, String name, String content) throws IOException {
        var entry = new TarArchiveEntry(name, (byte) '0', true);
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String target) throws IOException {
        var entry = new TarArchiveEntry(name, (byte) '2');
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private static void refused(byte[] bytes, String message) {
        assertThatThrownBy(() -> read(bytes, "x.tgz", SMALL, new ArrayList<>()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.kind()).isEqualTo(ProblemKind.UNTRUSTED))
                .hasMessageContaining("x.tgz")
                .hasMessageContaining(message);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] xz(List<? extends ArchiveEntry> entries) throws IOException {
        var out = new ByteArrayOutputStream();
        PackageTarWriter.writeXz(out, entries, Entries.TIME, 6);
        return out.toByteArray();
    }

    private static void read(byte[] bytes, String name, ReadLimits limits, List<String> into) throws IOException {
        PackageTarReader.read(new ByteArrayInputStream(bytes), name, limits, entry -> into.add(Shown.of(entry)));
    }
}
