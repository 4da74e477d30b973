package io.slipway.image;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.FileMode;
import io.slipway.slackware.ChecksumsMd5;
import io.slipway.slackware.ManifestBz2;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import io.slipway.slackware.SlackDesc;
import io.slipway.slackware.SlackwarePackage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/** A Slackware tree of a few real, small packages. */
public final class TinySlackware {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");
    private static final List<String> PACKAGES = List.of(
            "a/aaa_base-15.1-x86_64-2",
            "a/bash-5.3-x86_64-1",
            "a/kernel-generic-6.18.45-x86_64-1",
            "n/openssh-10.0p1-x86_64-1",
            "n/wget-1.25-x86_64-1");

    private TinySlackware() {}

    public static SlackwarePackage content(String name, int size) {
        PackageFileName file = PackageFileName.find(name + ".txz").orElseThrow();
        return new SlackwarePackage(
                file,
                SlackDesc.of(file.name(), "a test package", "Nothing in it matters."),
                List.of(ArchiveEntry.file(
                        "usr/share/" + file.name(), FileMode.OF_644, ByteSource.of("x".repeat(size)))),
                "");
    }

    public static void writePackage(Path file, SlackwarePackage content) {
        try (OutputStream out = Files.newOutputStream(file)) {
            content.write(out, TIME, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the tree below {@code root}. */
    public static void write(Path root) {
        try {
            var entries = new ArrayList<PackagesTxt.Entry>();
            var records = new ArrayList<String>();
            for (String path : PACKAGES) {
                String name = path.substring(2);
                SlackwarePackage content = content(name, 100 + path.length());
                Path file = root.resolve("slackware64/" + path + ".txz");
                Files.createDirectories(file.resolveSibling("."));
                writePackage(file, content);
                Files.writeString(
                        root.resolve("slackware64/" + path + ".txt"),
                        content.description().textLines());
                entries.add(new PackagesTxt.Entry(
                        content.file(), "slackware64/" + path.substring(0, 1), 1, 1, "", List.of("text")));
                records.add(ManifestBz2.text(ManifestBz2.of(path + ".txz", content, TIME)));
            }
            try (OutputStream out = Files.newOutputStream(root.resolve("slackware64/MANIFEST.bz2"))) {
                ManifestBz2.write(out, records);
            }
            Files.writeString(root.resolve("PACKAGES.TXT"), new PackagesTxt(entries).text("today"));
            Files.writeString(root.resolve("slackware64/FILE_LIST"), "");
            Files.writeString(root.resolve("ChangeLog.txt"), "today\n");
            Files.writeString(root.resolve("GPG-KEY"), "");
            Files.createDirectories(root.resolve("kernels/generic.s"));
            Files.writeString(root.resolve("kernels/generic.s/bzImage"), "kernel\n");
            Files.writeString(root.resolve("kernels/VERSIONS.TXT"), "6.18.45\n");
            Files.createDirectories(root.resolve("isolinux"));
            Files.writeString(root.resolve("isolinux/initrd.img"), "stock initrd\n");
            checksums(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checksums(Path root) throws IOException {
        var sums = new TreeMap<String, String>();
        try (var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] md5 = MessageDigest.getInstance("MD5").digest(Files.readAllBytes(file));
                sums.put(root.relativize(file).toString(), HexFormat.of().formatHex(md5));
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        Files.writeString(root.resolve("CHECKSUMS.md5"), new ChecksumsMd5(sums).text());
    }
}
