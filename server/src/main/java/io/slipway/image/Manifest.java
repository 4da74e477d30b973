package io.slipway.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Every file of an image. Its text is canonical, and the SHA-256 of the text is the image's name. One file a line, so
 * that the installer, which has no JSON parser, finds what it needs with awk and sed.
 *
 * @param cluster the cluster's name
 * @param snapshot the snapshot's name
 * @param files by path, sorted by the paths' bytes
 */
public record Manifest(String cluster, String snapshot, SortedMap<String, File> files) {
    static final String NAME = "manifest.json";

    /** What JSON writes as it is: all paths but the odd one. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+:-]*");

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    public Manifest {
        var sorted = new TreeMap<String, File>(EntryPath.BY_BYTES);
        sorted.putAll(files);
        files = Collections.unmodifiableSortedMap(sorted);
    }

    /**
     * @param size in bytes
     * @param origin where it came from: {@code snapshot}, {@code generated}, {@code local:FILE}, {@code compiled:NAME},
     *     {@code overlay:NAME}, {@code templates}
     */
    public record File(String path, long size, Sha256 sha256, String origin) {}

    /** The canonical text, with a final newline. */
    public String text() {
        var out = new StringBuilder(files.size() * 200);
        out.append("{\"format\":1,\"cluster\":")
                .append(quoted(cluster))
                .append(",\"snapshot\":")
                .append(quoted(snapshot))
                .append(",\"files\":[\n");
        String separator = "";
        for (File file : files.values()) {
            out.append(separator)
                    .append("{\"path\":")
                    .append(quoted(file.path))
                    .append(",\"size\":")
                    .append(file.size)
                    .append(",\"sha256\":\"")
                    .append(file.sha256.hex())
                    .append("\",\"origin\":")
                    .append(quoted(file.origin))
                    .append('}');
            separator = ",\n";
        }
        return out.append("\n]}\n").toString();
    }

    /** The image's name. */
    public Sha256 digest() {
        return Sha256.of(text().getBytes(StandardCharsets.UTF_8));
    }

    private static String quoted(String text) {
        if (PLAIN.matcher(text).matches()) {
            return '"' + text + '"';
        }
        try {
            return JSON.writeValueAsString(text);
        } catch (IOException e) {
            throw new IllegalStateException("a text cannot be written as JSON", e);
        }
    }

    /**
     * The manifest of an image.
     *
     * @throws ProblemException if it is damaged
     */
    public static Manifest read(Path image) {
        Path file = image.resolve(NAME);
        try {
            JsonNode root = JSON.readTree(Files.readString(file));
            var files = new TreeMap<String, File>();
            for (JsonNode row : root.required("files")) {
                String path = row.required("path").textValue();
                files.put(
                        path,
                        new File(
                                path,
                                row.required("size").longValue(),
                                new Sha256(row.required("sha256").textValue()),
                                row.required("origin").textValue()));
            }
            return new Manifest(
                    root.required("cluster").textValue(),
                    root.required("snapshot").textValue(),
                    files);
        } catch (IOException | IllegalArgumentException e) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.UNTRUSTED,
                                    "The manifest " + file + " cannot be read.",
                                    "Build the image again: slipway image build")
                            .because(String.valueOf(e.getMessage())),
                    e);
        }
    }
}
