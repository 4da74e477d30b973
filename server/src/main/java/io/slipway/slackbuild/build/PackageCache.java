package io.slipway.slackbuild.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Packages that were built: {@code STATE/packages/NAME/DIGEST/} with the package, {@code record.json}, {@code digest.txt}
 * and {@code log}. A directory is there whole or not at all: it is written beside its place, synced and renamed.
 */
public final class PackageCache implements BuildPlan.Shelf {
    static final String LOG = "log";
    /** What the last build that came to nothing said. */
    static final String FAILED = "failed.log";

    private static final String RECORD = "record.json";
    private static final String DIGEST = "digest.txt";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path root;

    /**
     * @param state the state directory
     */
    public PackageCache(Path state) {
        this.root = state.resolve("packages");
    }

    @Override
    public Optional<KeptPackage> find(String name, Sha256 digest) {
        return read(root.resolve(name).resolve(digest.hex()));
    }

    @Override
    public Optional<KeptPackage> findLatest(String name) {
        return list(name).stream()
                .max(Comparator.comparing(kept -> kept.record().built()));
    }

    /** All packages of that name, of whatever digest. */
    public List<KeptPackage> list(String name) {
        var all = new ArrayList<KeptPackage>();
        try (var children = Files.newDirectoryStream(root.resolve(name), "[0-9a-f]*")) {
            for (Path child : children) {
                read(child).ifPresent(all::add);
            }
        } catch (NoSuchFileException never) {
            return List.of();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "listed", root.resolve(name));
        }
        return all;
    }

    /** The log of the last build of that name that came to nothing. */
    public Path failedLog(String name) {
        return root.resolve(name).resolve(FAILED);
    }

    /**
     * A new directory for a build of that name: its log and what it makes are put there.
     *
     * @throws io.slipway.problem.ProblemException if the disk is full or refuses
     */
    Path begin(String name) {
        StateDirectory.create(root);
        return AtomicFiles.directoryAside(root.resolve(name).resolve("any"));
    }

    /**
     * Keeps what was built.
     *
     * @param aside of {@link #begin}, with the package and its log
     */
    KeptPackage keep(Path aside, PackageRecord record) {
        Path place =
                root.resolve(record.name()).resolve(record.digest().sha256().hex());
        try {
            AtomicFiles.writeUnsynced(aside.resolve(RECORD), JSON.writeValueAsBytes(json(record)));
            Files.writeString(aside.resolve(DIGEST), record.digest().text());
            try (var files = Files.newDirectoryStream(aside)) {
                for (Path file : files) {
                    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                        channel.force(true);
                    }
                }
            }
            if (!AtomicFiles.publish(aside, place)) {
                // What is there could not be read, or find would have found it.
                AtomicFiles.removeTree(place);
                AtomicFiles.publish(aside, place);
            }
            Files.deleteIfExists(failedLog(record.name()));
            return new KeptPackage(record, place);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "kept", place);
        }
    }

    /** Throws away what a build made, and keeps its log. */
    void discard(String name, Path aside) {
        try {
            Path log = aside.resolve(LOG);
            if (Files.exists(log)) {
                Files.move(log, failedLog(name), StandardCopyOption.REPLACE_EXISTING);
            }
            AtomicFiles.removeTree(aside);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "removed", aside);
        }
    }

    /** Removes what killed programs left unfinished; only to be called under the state's lock. */
    void removeLeftovers() {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (var children = Files.newDirectoryStream(root)) {
            for (Path child : children) {
                AtomicFiles.removeLeftovers(child);
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "cleaned of leftovers", root);
        }
    }

    /** Empty also if what is there is not whole: it is then built again. */
    private static Optional<KeptPackage> read(Path directory) {
        Path file = directory.resolve(RECORD);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            String digest = Files.readString(directory.resolve(DIGEST));
            var kept = new KeptPackage(record(JSON.readTree(file.toFile()), digest, directory), directory);
            boolean whole = Files.size(kept.file()) == kept.record().size()
                    && kept.record().digest().sha256().hex().equals(String.valueOf(directory.getFileName()));
            return whole ? Optional.of(kept) : Optional.empty();
        } catch (IOException | RuntimeException damaged) {
            return Optional.empty();
        }
    }

    private static ObjectNode json(PackageRecord record) {
        ObjectNode node = JSON.createObjectNode()
                .put("name", record.name())
                .put("file", record.file().fileName())
                .put("size", record.size())
                .put("installed", record.installed())
                .put("sha256", record.sha256().hex())
                .put("built", record.built().toString())
                .put("milliseconds", record.duration().toMillis());
        record.peakMemory().ifPresent(bytes -> node.put("peakMemory", bytes));
        var sources = node.putArray("sources");
        record.sources()
                .forEach(source -> sources.addObject()
                        .put("file", source.file())
                        .put("address", source.address())
                        .put("sha256", source.sha256().hex()));
        var root = node.putArray("root");
        record.root().forEach(file -> root.add(file.fileName()));
        record.licences().forEach(node.putArray("licences")::add);
        record.warnings().forEach(node.putArray("warnings")::add);
        return node;
    }

    private static PackageRecord record(JsonNode node, String digest, Path directory) {
        var sources = new ArrayList<PackageRecord.Source>();
        node.required("sources")
                .forEach(source -> sources.add(new PackageRecord.Source(
                        source.required("file").asText(),
                        source.required("address").asText(),
                        new Sha256(source.required("sha256").asText()))));
        return new PackageRecord(
                node.required("name").asText(),
                PackageFileName.parse(node.required("file").asText()),
                node.required("size").asLong(),
                node.required("installed").asLong(),
                new Sha256(node.required("sha256").asText()),
                BuildDigest.parse(digest, directory.toString()),
                texts(node.path("root")).stream().map(PackageFileName::parse).toList(),
                sources,
                texts(node.required("licences")),
                texts(node.required("warnings")),
                Instant.parse(node.required("built").asText()),
                Duration.ofMillis(node.required("milliseconds").asLong()),
                node.has("peakMemory") ? OptionalLong.of(node.get("peakMemory").asLong()) : OptionalLong.empty());
    }

    private static List<String> texts(JsonNode array) {
        var out = new ArrayList<String>();
        array.forEach(text -> out.add(text.asText()));
        return out;
    }
}
