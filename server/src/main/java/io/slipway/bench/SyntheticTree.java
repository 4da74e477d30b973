package io.slipway.bench;

import io.slipway.slackware.ChecksumsMd5;
import io.slipway.slackware.FileListing;
import io.slipway.slackware.ManifestBz2;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A tree with the names and sizes of slackware64-current's packages, full of noise: nothing here looks into packages, and
 * what takes the time is how many there are and how long.
 */
final class SyntheticTree {
    private static final String NAMES = "slackware64-packages.tsv";
    private static final int BLOCK = 1 << 20;
    private static final int FILES_PER_PACKAGE = 5;

    private final Path root;
    private final TreeMap<String, String> sums = new TreeMap<>();
    private final TreeSet<String> series = new TreeSet<>();
    private final byte[] noise = new byte[BLOCK];
    private long packageBytes;
    private long written;

    private SyntheticTree(Path root) {
        this.root = root;
        new SplittableRandom(BLOCK).nextBytes(noise);
    }

    /**
     * Makes the tree.
     *
     * @param root a new directory
     * @param percent of the official sizes
     */
    static SyntheticTree write(Path root, int percent) throws IOException {
        var tree = new SyntheticTree(root);
        var entries = new ArrayList<PackagesTxt.Entry>();
        var records = new ArrayList<String>();
        for (String row : rows()) {
            String[] fields = row.split("\t", -1);
            String path = "slackware64/" + fields[0] + "/" + fields[1];
            PackageFileName name = PackageFileName.find(fields[1]).orElseThrow();
            long size = Math.max(1, Long.parseLong(fields[2]) * percent / 100);
            tree.series.add(fields[0]);
            tree.packageBytes += size;
            tree.noise(path, size);
            String stem = path.substring(0, path.length() - 4);
            tree.text(stem + ".txt", name.name() + ": a package of noise\n");
            tree.noise(path + ".asc", 163);
            entries.add(new PackagesTxt.Entry(
                    name,
                    "slackware64/" + fields[0],
                    (size + 1023) / 1024,
                    size / 256,
                    "",
                    List.of("a package of noise")));
            records.add(ManifestBz2.text(new ManifestBz2.Listing(fields[0] + "/" + fields[1], files(name, size))));
        }
        try (OutputStream out = Files.newOutputStream(root.resolve("slackware64/MANIFEST.bz2"))) {
            ManifestBz2.write(out, records);
        }
        tree.text("slackware64/MANIFEST.bz2", Files.readAllBytes(root.resolve("slackware64/MANIFEST.bz2")));
        tree.text("PACKAGES.TXT", new PackagesTxt(entries).text("today"));
        tree.text("slackware64/FILE_LIST", "");
        tree.text("ChangeLog.txt", "today\n");
        tree.text("GPG-KEY", "");
        tree.text("kernels/VERSIONS.TXT", "6.18.45\n");
        tree.noise("kernels/generic.s/bzImage", 13_000_000L * percent / 100);
        tree.noise("isolinux/initrd.img", 75_000_000L * percent / 100);
        Files.writeString(root.resolve("CHECKSUMS.md5"), new ChecksumsMd5(tree.sums).text());
        return tree;
    }

    private static List<String> rows() throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(SyntheticTree.class.getResourceAsStream(NAMES), NAMES),
                StandardCharsets.UTF_8))) {
            return in.lines().filter(line -> !line.isBlank()).toList();
        }
    }

    private static List<FileListing> files(PackageFileName name, long size) {
        var files = new ArrayList<FileListing>();
        for (int i = 0; i < FILES_PER_PACKAGE; i++) {
            files.add(new FileListing(
                    "-rw-r--r--", "root/root", size, "2026-01-02 03:04", "usr/share/" + name.name() + "/" + i, ""));
        }
        return files;
    }

    private void text(String path, String text) throws IOException {
        text(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private void text(String path, byte[] bytes) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling("."));
        Files.write(file, bytes);
        MessageDigest md5 = md5();
        md5.update(bytes);
        sums.put(path, HexFormat.of().formatHex(md5.digest()));
    }

    /** Each block differs from all others in a number, so that no file has the content of another. */
    private void noise(String path, long size) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling("."));
        MessageDigest md5 = md5();
        try (var out = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            for (long left = size; left > 0; left -= BLOCK) {
                var block = ByteBuffer.wrap(noise, 0, (int) Math.min(left, BLOCK));
                ByteBuffer.wrap(noise).putLong(written++);
                md5.update(block.duplicate());
                while (block.hasRemaining()) {
                    out.write(block);
                }
            }
            // Otherwise whoever is measured first pays for writing this.
            out.force(false);
        }
        sums.put(path, HexFormat.of().formatHex(md5.digest()));
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }

    Path root() {
        return root;
    }

    /** Names of the series. */
    List<String> series() {
        return List.copyOf(series);
    }

    /** Every file that a mirror's checksums name. */
    List<String> paths() {
        return List.copyOf(sums.keySet());
    }

    /** Length of all packages in bytes. */
    long packageBytes() {
        return packageBytes;
    }
}
