package io.slipway.slackbuild.source;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What every source was when it was fetched first: {@code sources.lock}, which belongs under version control beside the
 * SlackBuilds. One line a source, sorted by name, version and file, so that two of them can be compared and merged by
 * line:
 *
 * <pre>{@code
 * raft 0.22.1 raft-0.22.1.tar.gz 271829 sha256:… md5:…
 * incus 7.3.0 incus-7.3.0.tar.xz unpinned
 * }</pre>
 *
 * @param entries by key; empty for a source that nobody could reach yet
 */
public record SourcesLock(SortedMap<SourceKey, Optional<Pin>> entries) {
    /** Its name in a directory of SlackBuilds. */
    public static final String FILE = "sources.lock";

    /** None yet. */
    public static final SourcesLock EMPTY = new SourcesLock(new TreeMap<>());

    private static final String HEADER = """
            # What each source was when it was first fetched; written by "slipway packages sources".
            # NAME VERSION FILE SIZE sha256:… md5:…    or    NAME VERSION FILE unpinned
            # To take a source that upstream has replaced, remove its line.
            """;
    private static final String UNPINNED = "unpinned";
    private static final int LONGEST = 16 << 20;

    /**
     * Content that a source must have.
     *
     * @param size bytes
     * @param md5 32 lower-case hexadecimal digits; what MD5SUM of a SlackBuild is compared with
     */
    public record Pin(long size, Sha256 sha256, String md5) {
        public Pin {
            if (size < 1 || !md5.matches("[0-9a-f]{32}")) {
                throw new IllegalArgumentException("size " + size + ", MD5 \"" + md5 + '"');
            }
        }
    }

    public SourcesLock {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /** What the source must be, if that is known. */
    public Optional<Pin> pin(SourceKey key) {
        return entries.getOrDefault(key, Optional.empty());
    }

    /** The sources whose content is known, sorted. */
    public SortedMap<SourceKey, Pin> pins() {
        var pins = new TreeMap<SourceKey, Pin>();
        entries.forEach((key, entry) -> entry.ifPresent(pin -> pins.put(key, pin)));
        return pins;
    }

    /** With one more entry, or another one in its place. */
    public SourcesLock with(SourceKey key, Optional<Pin> entry) {
        var more = new TreeMap<>(entries);
        more.put(key, entry);
        return new SourcesLock(more);
    }

    /** The file's text; the same entries give the same text. */
    public String text() {
        var out = new StringBuilder(HEADER);
        entries.forEach((key, entry) -> {
            out.append(key.name()).append(' ').append(key.version()).append(' ');
            out.append(key.file()).append(' ');
            out.append(entry.map(pin -> pin.size() + " sha256:" + pin.sha256().hex() + " md5:" + pin.md5())
                    .orElse(UNPINNED));
            out.append('\n');
        });
        return out.toString();
    }

    /**
     * @param name stands in messages
     * @throws ProblemException with every line that is wrong
     */
    public static SourcesLock parse(String text, String name) {
        var entries = new TreeMap<SourceKey, Optional<Pin>>();
        var problems = new ArrayList<Problem>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String where = name + ", line " + (i + 1);
            try {
                String[] words = line.split("\\s+", -1);
                if (words.length != 4 && words.length != 6) {
                    throw new IllegalArgumentException("it has " + words.length + " words instead of 4 or 6");
                }
                var key = new SourceKey(words[0], words[1], words[2]);
                if (entries.putIfAbsent(key, entry(words)) != null) {
                    throw new IllegalArgumentException("there is a line for " + key + " already");
                }
            } catch (IllegalArgumentException wrong) {
                problems.add(Problem.of(
                                ProblemKind.INVALID_INPUT,
                                where + " is not understood.",
                                "Lines are NAME VERSION FILE SIZE sha256:… md5:…, or NAME VERSION FILE unpinned. Take"
                                        + " the file back from version control, or remove the line: the source is then"
                                        + " fetched and pinned again.")
                        .because(String.valueOf(wrong.getMessage())));
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return new SourcesLock(entries);
    }

    private static Optional<Pin> entry(String[] words) {
        if (words.length == 4) {
            if (!words[3].equals(UNPINNED)) {
                throw new IllegalArgumentException("\"" + words[3] + "\" is not \"" + UNPINNED + '"');
            }
            return Optional.empty();
        }
        if (!words[3].matches("[0-9]{1,15}") || !words[4].startsWith("sha256:") || !words[5].startsWith("md5:")) {
            throw new IllegalArgumentException("behind the file there are no size, sha256: and md5:");
        }
        return Optional.of(new Pin(
                Long.parseLong(words[3]),
                new Sha256(words[4].substring("sha256:".length())),
                words[5].substring("md5:".length())));
    }

    /** The file's entries, or none where there is no file yet. */
    public static SourcesLock read(Path file) {
        try {
            if (Files.size(file) > LONGEST) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                file + " is longer than a list of sources can be.",
                                "Take it back from version control.")
                        .asException();
            }
            return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file.toString());
        } catch (NoSuchFileException absent) {
            return EMPTY;
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    /** Replaces the file from one moment to the next. */
    public void write(Path file) {
        AtomicFiles.write(file, text().getBytes(StandardCharsets.UTF_8));
    }
}
