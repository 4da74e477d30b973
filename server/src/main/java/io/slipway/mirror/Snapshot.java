package io.slipway.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.slipway.inventory.Slackware;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.PackagesTxt;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A named, verified copy of a part of a mirror; never changed once it is there.
 *
 * @param directory {@code <state>/snapshots/<name>}
 * @param name as in {@code slackware.snapshot}
 * @param mirror where it was taken from
 * @param verify what vouches for it
 * @param kernel path of the installer's kernel in the tree
 * @param initrd path of the installer's initrd in the tree
 * @param files by path
 */
public record Snapshot(
        Path directory,
        String name,
        String mirror,
        Slackware.Verify verify,
        String kernel,
        String initrd,
        SortedMap<String, SnapshotFile> files) {
    /** The file whose content tells one state of a mirror from another. */
    public static final String CHECKSUMS = "CHECKSUMS.md5";

    private static final String FILE = "snapshot.json";
    private static final JsonFactory JSON = new JsonFactory();

    public Snapshot {
        checkName(name);
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        for (String needed : List.of(kernel, initrd, CHECKSUMS)) {
            if (!files.containsKey(needed)) {
                throw new IllegalArgumentException("a snapshot without " + needed);
            }
        }
    }

    /** The tree as a mirror has it, without what was not needed. */
    public Path tree() {
        return directory.resolve("tree");
    }

    /** Where a file of the tree lies. */
    public Path path(SnapshotFile file) {
        return tree().resolve(file.path());
    }

    /**
     * @throws io.slipway.problem.ProblemException if the tree has no such file
     */
    public SnapshotFile getFile(String path) {
        SnapshotFile file = files.get(path);
        if (file == null) {
            throw Problem.of(
                            ProblemKind.NOT_FOUND,
                            "Snapshot \"" + name + "\" has no file " + path + ".",
                            "Take a new snapshot under another name: \"slipway mirror sync\".")
                    .asException();
        }
        return file;
    }

    public Optional<SnapshotFile> findFile(String path) {
        return Optional.ofNullable(files.get(path));
    }

    /** The packages of PACKAGES.TXT whose files are in this snapshot, in the order of that file. */
    public List<PackagesTxt.Entry> packages() {
        Path file = path(getFile("PACKAGES.TXT"));
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return PackagesTxt.parse(in, file.toString()).entries().stream()
                    .filter(entry -> files.containsKey(entry.path()))
                    .toList();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    /** Length of all files in bytes. */
    public long size() {
        return files.values().stream().mapToLong(SnapshotFile::size).sum();
    }

    /** Where the snapshot of that name lies or would lie. */
    public static Path directory(Path state, String name) {
        checkName(name);
        return state.resolve("snapshots").resolve(name);
    }

    private static void checkName(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "\"" + name.replaceAll("\\p{Cntrl}", "?") + "\" cannot be the name of a snapshot.",
                            "In slackware.snapshot, use at most 64 letters, digits and . _ -, beginning with a letter or"
                                    + " digit.")
                    .asException();
        }
    }

    /** The snapshot of that name, or empty if there is none. */
    public static Optional<Snapshot> find(Path state, String name) {
        Path directory = directory(state, name);
        return Files.isRegularFile(directory.resolve(FILE)) ? Optional.of(load(directory)) : Optional.empty();
    }

    /**
     * @throws io.slipway.problem.ProblemException of kind NOT_FOUND that names those there are
     */
    public static Snapshot get(Path state, String name) {
        return find(state, name).orElseThrow(() -> {
            List<String> names = list(state).stream().map(Snapshot::name).toList();
            return Problem.of(
                            ProblemKind.NOT_FOUND,
                            "There is no snapshot \"" + name + "\" in " + state + ".",
                            "Take it with \"slipway mirror sync\""
                                    + (names.isEmpty()
                                            ? "."
                                            : ", or name one of those there are: " + String.join(", ", names)))
                    .asException();
        });
    }

    /** All snapshots by name. */
    public static List<Snapshot> list(Path state) {
        Path parent = state.resolve("snapshots");
        var all = new ArrayList<Snapshot>();
        if (Files.isDirectory(parent)) {
            try (var children = Files.newDirectoryStream(parent)) {
                for (Path child : children) {
                    if (Files.isRegularFile(child.resolve(FILE))
                            && !String.valueOf(child.getFileName()).startsWith(".")) {
                        all.add(load(child));
                    }
                }
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "listed", parent);
            }
        }
        all.sort(Comparator.comparing(Snapshot::name));
        return all;
    }

    /** Writes {@code snapshot.json}: one line a file. */
    void write(OutputStream out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeStringField("mirror", mirror);
            json.writeStringField("verify", verify.name());
            json.writeStringField("kernel", kernel);
            json.writeStringField("initrd", initrd);
            json.writeArrayFieldStart("files");
            for (SnapshotFile file : files.values()) {
                json.writeRaw('\n');
                json.writeStartObject();
                json.writeStringField("path", file.path());
                json.writeNumberField("size", file.size());
                json.writeStringField("md5", file.md5());
                json.writeStringField("sha256", file.sha256().hex());
                json.writeEndObject();
            }
            json.writeRaw('\n');
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private static Snapshot load(Path directory) {
        Path file = directory.resolve(FILE);
        try (JsonParser json = JSON.createParser(Files.newInputStream(file))) {
            var fields = new HashMap<String, String>();
            var files = new TreeMap<String, SnapshotFile>();
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                if (json.nextToken() == JsonToken.START_ARRAY) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        SnapshotFile read = file(json);
                        files.put(read.path(), read);
                    }
                } else {
                    fields.put(field, json.getText());
                }
            }
            return new Snapshot(
                    directory,
                    field(fields, "name"),
                    field(fields, "mirror"),
                    Slackware.Verify.valueOf(field(fields, "verify")),
                    field(fields, "kernel"),
                    field(fields, "initrd"),
                    files);
        } catch (IOException | IllegalArgumentException failure) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    file + " cannot be used.",
                                    "Remove the directory " + directory + " and take the snapshot again.")
                            .because(String.valueOf(failure.getMessage())),
                    failure);
        }
    }

    private static SnapshotFile file(JsonParser json) throws IOException {
        var fields = new HashMap<String, String>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            fields.put(name, json.getText());
        }
        return new SnapshotFile(
                field(fields, "path"),
                Long.parseLong(field(fields, "size")),
                field(fields, "md5"),
                new Sha256(field(fields, "sha256")));
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the field \"" + name + "\" is missing");
        }
        return value;
    }
}
