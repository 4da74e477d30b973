package io.slipway.mirror;

import io.slipway.authority.ApplianceKey;
import io.slipway.inventory.Slackware;
import io.slipway.slackware.ChecksumsMd5;
import io.slipway.slackware.FileList;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** A mirror of a few files in official shape, signed by a key of its own. */
public final class SmallMirror {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    public final Path root;
    private final ApplianceKey key;

    private SmallMirror(Path root, ApplianceKey key) {
        this.root = root;
        this.key = key;
    }

    /** One that another program has made. */
    static SmallMirror existing(Path root, Path keys) {
        return new SmallMirror(root, ApplianceKey.open(keys, "Stand-in of the Slackware key", TIME));
    }

    /**
     * @param keys where the key of the mirror's owner is kept; several mirrors may share it
     */
    public SmallMirror(Path root, Path keys) {
        this.root = root;
        this.key = ApplianceKey.open(keys, "Stand-in of the Slackware key", TIME);
        for (String path : List.of(
                "slackware64/a/aaa_base-15.1-x86_64-2.txz",
                "slackware64/a/kernel-generic-6.18.45-x86_64-1.txz",
                "slackware64/n/openssh-10.0p1-x86_64-1.txz",
                "slackware64/xap/gimp-3.0-x86_64-1.txz",
                "slackware64/xap/vim-gvim-9.1-x86_64-1.txz")) {
            write(path, "package " + path + "\n");
            write(path.replace(".txz", ".txt"), "text " + path + "\n");
            write(path + ".asc", "signature " + path + "\n");
        }
        for (String series : List.of("a", "n", "xap")) {
            write("slackware64/" + series + "/tagfile", "");
        }
        write("slackware64/FILE_LIST", "list\n");
        write("slackware64/MANIFEST.bz2", "manifest\n");
        write("kernels/generic.s/bzImage", "kernel\n");
        write("kernels/generic.s/config", "CONFIG_X=y\n");
        write("kernels/huge.s/bzImage", "huge kernel\n");
        write("kernels/VERSIONS.TXT", "6.18.45\n");
        write("isolinux/initrd.img", "initrd\n");
        write("isolinux/isolinux.bin", "not kept\n");
        write("extra/x/x-1-noarch-1.txz", "not kept\n");
        write("ChangeLog.txt", "today\n");
        write("GPG-KEY", key.publicKey());
        publish();
    }

    public Slackware wanted(String snapshot) {
        return new Slackware(
                root.toString(),
                snapshot,
                Slackware.Verify.SIGNATURE,
                key.fingerprint().hex(),
                List.of("a", "n"),
                List.of("vim-gvim"),
                List.of(),
                "");
    }

    static Slackware with(Slackware wanted, String mirror, Slackware.Verify verify) {
        return new Slackware(
                mirror,
                wanted.snapshot(),
                verify,
                wanted.fingerprint(),
                wanted.series(),
                wanted.add(),
                wanted.skip(),
                wanted.tagfiles());
    }

    static Slackware with(Slackware wanted, List<String> series, List<String> add) {
        return new Slackware(
                wanted.mirror(),
                wanted.snapshot(),
                wanted.verify(),
                wanted.fingerprint(),
                series,
                add,
                wanted.skip(),
                wanted.tagfiles());
    }

    void write(String path, String text) {
        write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    void write(String path, byte[] bytes) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.resolveSibling("."));
            Files.write(file, bytes);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Packages of random bytes, for what takes a while. */
    void addLarge(int count, int size) {
        var random = new Random(1);
        for (int i = 0; i < count; i++) {
            var bytes = new byte[size];
            random.nextBytes(bytes);
            write("slackware64/a/large" + i + "-1-noarch-1.txz", bytes);
        }
        publish();
    }

    void delete(String path) {
        try {
            Files.delete(root.resolve(path));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes PACKAGES.TXT, FILELIST.TXT and CHECKSUMS.md5, and signs them. */
    void publish() {
        try {
            var entries = new ArrayList<PackagesTxt.Entry>();
            for (String path : files()) {
                var name = PackageFileName.find(path.substring(path.lastIndexOf('/') + 1));
                if (name.isPresent() && path.startsWith("slackware64/")) {
                    entries.add(new PackagesTxt.Entry(
                            name.get(), path.substring(0, path.lastIndexOf('/')), 1, 1, "", List.of("text")));
                }
            }
            write("PACKAGES.TXT", new PackagesTxt(entries).text("today"));
            Path link = root.resolve("slackware64/PACKAGES.TXT");
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of("../PACKAGES.TXT"));
            }
            var rows = new ArrayList<FileList.Row>();
            for (String path : files()) {
                rows.add(new FileList.Row("-rw-r--r--", Files.size(root.resolve(path)), "2026-01-02 03:04", path));
            }
            write("FILELIST.TXT", new FileList(rows).text("today"));
            resum();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes CHECKSUMS.md5 for what is there now, and signs it. */
    void resum() throws IOException {
        var sums = new TreeMap<String, String>();
        for (String path : files()) {
            if (!path.startsWith("CHECKSUMS.md5")) {
                sums.put(path, md5(Files.readAllBytes(root.resolve(path))));
            }
        }
        String text = new ChecksumsMd5(sums).text();
        write("CHECKSUMS.md5", text);
        write("CHECKSUMS.md5.asc", key.sign(text.getBytes(StandardCharsets.UTF_8), TIME));
    }

    private List<String> files() throws IOException {
        try (var paths = Files.walk(root)) {
            return paths.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .map(path -> root.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
