package io.slipway.image;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.PackageTarReader;
import io.slipway.archive.ReadLimits;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.SlackDesc;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A ready-made package: from one of the directories of {@code packages.local}, or compiled here.
 *
 * @param name its file name
 * @param stored its content in the store
 * @param source where it lies
 * @param uncompressedKib length when installed, in KiB
 * @param description 11 lines or fewer, without {@code NAME:}
 * @param contents one line {@code SIZE PATH} for each regular file outside {@code install/}
 * @param compiled what is known of one that was compiled here
 */
record ReadyPackage(
        PackageFileName name,
        ContentStore.Stored stored,
        Path source,
        long uncompressedKib,
        List<String> description,
        String contents,
        Optional<Compiled.Item> compiled) {

    /** As the manifest says it. */
    String origin() {
        return compiled.map(item -> "compiled:" + item.slackbuild()).orElse("local:" + source.getFileName());
    }

    /**
     * All packages of the directories, by NAME. A file that was read before and did not change is not read again.
     *
     * @throws io.slipway.problem.ProblemException for a package that is damaged or hostile, and for two of one NAME
     */
    static List<ReadyPackage> readAll(List<String> directories, ContentStore store, DerivedCache cache) {
        return list(directories).stream()
                .map(file -> read(file, store(file, cache), Optional.empty(), store, cache))
                .toList();
    }

    /**
     * The same without reading them.
     *
     * @throws io.slipway.problem.ProblemException for two of one NAME
     */
    static List<Path> list(List<String> directories) {
        var byName = new TreeMap<String, Path>();
        for (String text : directories) {
            Path directory = Path.of(text);
            if (!Files.isDirectory(directory)) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "packages.local names " + directory + ", which is no directory.",
                                "Make it, or remove it from cluster.yaml.")
                        .asException();
            }
            try (var files = Files.list(directory)) {
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (!name.matches(".*\\.t[gblx]z") || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        continue;
                    }
                    String called = name(file).name();
                    Path other = byName.putIfAbsent(called, file);
                    if (other != null) {
                        throw Problem.of(
                                        ProblemKind.INVALID_INPUT,
                                        "packages.local has two packages called " + called + ": " + other + " and "
                                                + file + ".",
                                        "Keep the one that is to be installed.")
                                .asException();
                    }
                }
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "listed", directory);
            }
        }
        return List.copyOf(byName.values());
    }

    /**
     * @throws io.slipway.problem.ProblemException if a package cannot be called so
     */
    static PackageFileName name(Path file) {
        return PackageFileName.find(String.valueOf(file.getFileName()))
                .filter(found -> !found.version().isEmpty())
                .orElseThrow(() -> Problem.of(
                                ProblemKind.INVALID_INPUT,
                                file + " is not called NAME-VERSION-ARCH-BUILD.txz.",
                                "Rename it as its SlackBuild would.")
                        .asException());
    }

    /**
     * A package that was compiled here.
     *
     * @throws io.slipway.problem.ProblemException if it is not what its record says, or hostile
     */
    static ReadyPackage read(Compiled.Item item, ContentStore store, DerivedCache cache) {
        PackageFileName name = name(item.path());
        ContentStore.Stored stored = store(item.path(), cache);
        // Before anything is made of its content.
        if (!stored.sha256().equals(item.sha256()) || !name.equals(item.file())) {
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            item.path() + " is not the package that was built.",
                            "Remove the directory " + item.path().getParent()
                                    + " and build it again: slipway packages build " + item.slackbuild())
                    .because("Its SHA-256 is " + stored.sha256() + ", and its record says " + item.sha256() + " of "
                            + item.file() + ".")
                    .asException();
        }
        return read(item.path(), stored, Optional.of(item), store, cache);
    }

    private static ReadyPackage read(
            Path file,
            ContentStore.Stored stored,
            Optional<Compiled.Item> compiled,
            ContentStore store,
            DerivedCache cache) {
        PackageFileName name = name(file);
        byte[] listing = cache.read(cache.get(
                "package-listing 1",
                name.fileName() + "\n" + stored.sha256(),
                () -> listing(store, stored, name, file)));
        String[] parts = new String(listing, StandardCharsets.UTF_8).split("\n\n", 2);
        long bytes = Long.parseLong(parts[0].lines().findFirst().orElse("0"));
        return new ReadyPackage(
                name,
                stored,
                file,
                (bytes + 1023) / 1024,
                parts[0].lines().skip(1).toList(),
                parts[1],
                compiled);
    }

    private static ContentStore.Stored store(Path file, DerivedCache cache) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            String identity = file.toRealPath() + "\n" + attributes.size() + "\n"
                    + attributes.lastModifiedTime().toInstant() + "\n" + attributes.fileKey();
            return cache.get("local-package 1", identity, () -> new BufferedInputStream(Files.newInputStream(file)));
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    /** Uncompressed bytes, description, an empty line, contents: as the cache keeps it. */
    private static InputStream listing(
            ContentStore store, ContentStore.Stored stored, PackageFileName name, Path source) throws IOException {
        var contents = new StringBuilder();
        var description = new ArrayList<String>();
        long[] bytes = new long[1];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(store.path(stored.sha256())))) {
            PackageTarReader.read(in, source.toString(), ReadLimits.PACKAGE, entry -> {
                if (entry instanceof ArchiveEntry.File content) {
                    bytes[0] += content.content().size();
                    if (entry.path().equals("install/slack-desc")
                            && content.content().size() < 1 << 16) {
                        try (InputStream text = content.content().open()) {
                            String desc = new String(text.readAllBytes(), StandardCharsets.UTF_8);
                            description.addAll(
                                    desc.contains("\n" + name.name() + ":") || desc.startsWith(name.name() + ":")
                                            ? SlackDesc.parse(desc, name.name()).lines()
                                            : List.of());
                        }
                    } else if (!entry.path().startsWith("install/")) {
                        contents.append(content.content().size())
                                .append(' ')
                                .append(entry.path())
                                .append('\n');
                    }
                }
            });
        }
        var out = new StringBuilder().append(bytes[0]).append('\n');
        description.forEach(line -> out.append(line.isEmpty() ? " " : line).append('\n'));
        out.append('\n').append(contents);
        return new java.io.ByteArrayInputStream(out.toString().getBytes(StandardCharsets.UTF_8));
    }
}
