package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.FileMode;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One directory of {@code overlays/}: files that are copied byte for byte, and {@code overlay.yaml}, which says what a
 * working tree cannot keep.
 *
 * @param name the directory's name
 * @param description one line
 * @param initrd whether it goes into the installer; otherwise onto nodes
 * @param roles of the nodes that get it; empty for all
 * @param replaces paths of earlier overlays that it may replace
 * @param entries what it brings
 */
record Overlay(
        String name,
        String description,
        boolean initrd,
        Set<Role> roles,
        Set<String> replaces,
        List<ArchiveEntry> entries) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final long LARGEST_FILE = 64L << 20;

    Overlay {
        roles = Set.copyOf(roles);
        replaces = Set.copyOf(replaces);
        entries = List.copyOf(entries);
    }

    /** What {@code overlay.yaml} may say; modes are octal texts. */
    private record Description(
            @JsonProperty(required = true) String description,
            @JsonProperty(value = "for", required = true) String target,
            @Nullable List<String> roles,
            @Nullable List<String> replaces,
            @Nullable Map<String, String> directories,
            @Nullable Map<String, String> modes) {}

    boolean isFor(Node node) {
        return !initrd && (roles.isEmpty() || roles.stream().anyMatch(node::has));
    }

    /** All overlays, sorted by name. */
    static List<Overlay> readAll(Path root) {
        if (!Files.isDirectory(root)) {
            throw Problem.of(
                            ProblemKind.NOT_FOUND,
                            "There is no directory of overlays at " + root + ".",
                            "Name it with --overlays DIR, or run slipway from its own directory.")
                    .asException();
        }
        var out = new ArrayList<Overlay>();
        try (var directories = Files.list(root)) {
            for (Path directory :
                    directories.filter(Files::isDirectory).sorted().toList()) {
                out.add(read(directory));
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "listed", root);
        }
        var owners = new HashMap<String, String>();
        for (Overlay overlay : out) {
            for (ArchiveEntry entry : overlay.entries) {
                if (entry instanceof ArchiveEntry.Directory) {
                    continue;
                }
                String key = overlay.initrd + ":" + entry.path();
                String other = owners.put(key, overlay.name);
                if (other != null && !overlay.replaces.contains(entry.path())) {
                    throw refuse(
                            root.resolve(overlay.name),
                            "brings " + entry.path() + ", which overlay " + other + " brings too",
                            "Remove one of them, or add it to replaces: in overlay.yaml of " + overlay.name + ".");
                }
            }
        }
        return out;
    }

    private static Overlay read(Path directory) {
        Path file = directory.resolve("overlay.yaml");
        Description description;
        try {
            description = YAML.readValue(Files.readString(file), Description.class);
        } catch (JsonProcessingException e) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.INVALID_INPUT,
                                    file + " is not as it should be.",
                                    "Keys: description, for (initrd or nodes), roles, replaces, directories, modes.")
                            .because(e.getOriginalMessage()),
                    e);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
        String name = directory.getFileName().toString();
        if (!name.matches("[a-z][a-z0-9-]{0,30}")) {
            throw refuse(directory, "has a name that no package can have", "Use lower-case letters, digits, hyphens.");
        }
        if (!Set.of("initrd", "nodes").contains(description.target)) {
            throw refuse(file, "says for: " + description.target, "Write for: initrd or for: nodes.");
        }
        Set<Role> roles = orEmpty(description.roles).stream()
                .map(text -> role(file, text))
                .collect(Collectors.toSet());
        return new Overlay(
                name,
                description.description,
                description.target.equals("initrd"),
                roles,
                Set.copyOf(orEmpty(description.replaces)),
                entries(directory, description));
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }

    private static Role role(Path file, String text) {
        return Arrays.stream(Role.values())
                .filter(role -> role.text().equals(text))
                .findFirst()
                .orElseThrow(() -> refuse(
                        file,
                        "names the role " + text,
                        "Roles: " + Arrays.stream(Role.values()).map(Role::text).collect(Collectors.joining(", "))));
    }

    private static List<ArchiveEntry> entries(Path directory, Description description) {
        Path rootfs = directory.resolve("rootfs");
        var modes = new TreeMap<>(description.modes == null ? Map.<String, String>of() : description.modes);
        var out = new ArrayList<ArchiveEntry>();
        var directories = description.directories == null ? Map.<String, String>of() : description.directories;
        directories.forEach((path, mode) -> out.add(ArchiveEntry.directory(path, mode(directory, path, mode))));
        if (Files.isDirectory(rootfs)) {
            try (var files = Files.walk(rootfs)) {
                for (Path file : files.sorted().toList()) {
                    String path = rootfs.relativize(file).toString();
                    if (Files.isSymbolicLink(file)) {
                        out.add(ArchiveEntry.symlink(
                                path, Files.readSymbolicLink(file).toString()));
                    } else if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        String given = modes.remove(path);
                        FileMode mode = given != null
                                ? mode(directory, path, given)
                                : Files.isExecutable(file) ? FileMode.OF_755 : FileMode.OF_644;
                        out.add(ArchiveEntry.file(path, mode, content(file)));
                    }
                }
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "read", rootfs);
            }
        }
        if (!modes.isEmpty()) {
            throw refuse(
                    directory.resolve("overlay.yaml"),
                    "gives a mode to " + modes.firstKey() + ", which is not in rootfs",
                    "Correct the path, or remove the line.");
        }
        return out;
    }

    private static ByteSource content(Path file) throws IOException {
        if (Files.size(file) > LARGEST_FILE) {
            throw refuse(file, "is larger than " + (LARGEST_FILE >> 20) + " MiB", "Make a package of it instead.");
        }
        return ByteSource.of(Files.readAllBytes(file));
    }

    private static FileMode mode(Path directory, String path, String text) {
        if (!text.matches("0?[0-7]{3,4}")) {
            throw refuse(
                    directory.resolve("overlay.yaml"),
                    "gives " + path + " the mode " + text,
                    "Write it like \"0755\".");
        }
        return new FileMode(Integer.parseInt(text, 8));
    }

    private static ProblemException refuse(Path subject, String what, String correction) {
        return Problem.of(ProblemKind.INVALID_INPUT, subject + " " + what + ".", correction)
                .asException();
    }
}
