package io.slipway.slackbuild.build;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.FileMode;
import io.slipway.archive.Owner;
import io.slipway.archive.PackageTarReader;
import io.slipway.archive.ReadLimits;
import io.slipway.slackware.DoinstSymlinks;
import io.slipway.store.DiskFailure;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is in a package, read once.
 *
 * @param members by path, in the order of paths; what {@code doinst.sh} links is among them
 * @param needed names of libraries that its programs want, and which want them
 * @param libraries names by which it has libraries
 * @param traces files that have one of the words that were looked for in them
 * @param licences texts of its licences
 */
public record PackageContents(
        SortedMap<String, Member> members,
        SortedMap<String, SortedSet<String>> needed,
        SortedSet<String> libraries,
        List<String> traces,
        List<String> licences) {
    /** Larger programs are not looked into. */
    private static final int LARGEST_PROGRAM = 512 << 20;

    private static final int LONGEST_TEXT = 1 << 18;
    private static final int LONGEST_SCRIPT = 16 << 20;
    private static final int BUFFER = 1 << 16;

    public PackageContents {
        members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
        needed = Collections.unmodifiableSortedMap(new TreeMap<>(needed));
        libraries = Collections.unmodifiableSortedSet(new TreeSet<>(libraries));
        traces = List.copyOf(traces);
        licences = List.copyOf(licences);
    }

    /**
     * A file, directory or link.
     *
     * @param type {@code -}, {@code d}, {@code l} for a link, {@code h} for a second name
     * @param content SHA-256 of a file, target of a link, otherwise empty
     */
    public record Member(char type, FileMode mode, Owner owner, long size, Instant time, String content) {}

    /**
     * @param words that are looked for in files, such as paths of the builder
     * @throws io.slipway.problem.ProblemException if the package is refused
     */
    public static PackageContents read(Path file, List<String> words) {
        var reading = new Reading(words);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 17)) {
            PackageTarReader.readTimed(in, String.valueOf(file.getFileName()), ReadLimits.PACKAGE, reading::add);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
        return reading.contents();
    }

    /** Bytes of all files. */
    public long installed() {
        return members.values().stream()
                .filter(member -> member.type() == '-')
                .mapToLong(Member::size)
                .sum();
    }

    /** What differs from another package, by path and in words; none if nothing does. */
    public List<String> differences(PackageContents other) {
        var paths = new TreeSet<>(members.keySet());
        paths.addAll(other.members.keySet());
        var out = new ArrayList<String>();
        for (String path : paths) {
            Member mine = members.get(path);
            Member theirs = other.members.get(path);
            if (mine == null || theirs == null) {
                out.add(path + ": only in the " + (mine == null ? "second" : "first"));
            } else if (!mine.equals(theirs)) {
                out.add(path + ": " + String.join(", ", differences(mine, theirs)));
            }
        }
        return out;
    }

    private static List<String> differences(Member mine, Member theirs) {
        var out = new ArrayList<String>();
        if (mine.type() != theirs.type()) {
            out.add("another kind of file");
        }
        if (mine.size() != theirs.size()) {
            out.add(mine.size() + " and " + theirs.size() + " bytes");
        } else if (!mine.content().equals(theirs.content())) {
            out.add(mine.type() == 'l' ? "links to " + mine.content() + " and " + theirs.content() : "other content");
        }
        if (!mine.mode().equals(theirs.mode())) {
            out.add("modes " + mine.mode() + " and " + theirs.mode());
        }
        if (!mine.owner().equals(theirs.owner())) {
            out.add("other owners");
        }
        if (!mine.time().equals(theirs.time())) {
            out.add("times " + mine.time() + " and " + theirs.time());
        }
        return out;
    }

    private static final class Reading {
        private final List<byte[]> words;
        private final SortedMap<String, Member> members = new TreeMap<>();
        private final SortedMap<String, SortedSet<String>> needed = new TreeMap<>();
        private final SortedSet<String> libraries = new TreeSet<>();
        private final List<String> traces = new ArrayList<>();
        private final List<String> licences = new ArrayList<>();

        Reading(List<String> words) {
            this.words = words.stream()
                    .map(word -> word.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }

        void add(ArchiveEntry entry, Instant time) throws IOException {
            String path = entry.path();
            if (entry instanceof ArchiveEntry.Directory directory) {
                members.put(path, new Member('d', directory.mode(), directory.owner(), 0, time, ""));
            } else if (entry instanceof ArchiveEntry.Symlink link) {
                link(link, time);
            } else if (entry instanceof ArchiveEntry.HardLink link) {
                members.put(path, new Member('h', FileMode.OF_644, Owner.ROOT, 0, time, link.target()));
                library(path);
            } else if (entry instanceof ArchiveEntry.File file) {
                members.put(
                        path,
                        new Member(
                                '-', file.mode(), file.owner(), file.content().size(), time, content(file)));
                library(path);
            }
        }

        private void link(ArchiveEntry.Symlink link, Instant time) {
            members.put(link.path(), new Member('l', new FileMode(0777), Owner.ROOT, 0, time, link.target()));
            library(link.path());
        }

        private void library(String path) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            if (name.endsWith(".so") || name.contains(".so.")) {
                libraries.add(name);
            }
        }

        /** Reads it once for all purposes. */
        private String content(ArchiveEntry.File file) throws IOException {
            MessageDigest digest = sha256();
            String path = file.path();
            boolean script = path.equals("install/doinst.sh");
            boolean licence = LicenceText.isLicence(path);
            var kept = new ByteArrayOutputStream();
            int limit = script ? LONGEST_SCRIPT : licence ? LONGEST_TEXT : 0;
            boolean traced = false;
            int longest = words.stream().mapToInt(word -> word.length).max().orElse(1);
            var buffer = new byte[BUFFER + longest];
            // So many bytes of the part before are looked at once more.
            int carried = 0;
            boolean first = true;
            try (InputStream in = file.content().open()) {
                for (int count = in.readNBytes(buffer, carried, BUFFER);
                        count > 0;
                        count = in.readNBytes(buffer, carried, BUFFER)) {
                    digest.update(buffer, carried, count);
                    if (first && isElf(buffer, count) && file.content().size() <= LARGEST_PROGRAM) {
                        limit = LARGEST_PROGRAM;
                    }
                    first = false;
                    kept.write(buffer, carried, Math.min(count, limit - kept.size()));
                    int length = carried + count;
                    traced |= !traced && hasWord(buffer, length);
                    carried = Math.min(longest - 1, length);
                    System.arraycopy(buffer, length - carried, buffer, 0, carried);
                }
            }
            if (traced) {
                traces.add("/" + path);
            }
            if (limit == LARGEST_PROGRAM) {
                ElfFile.read(kept.toByteArray()).ifPresent(elf -> {
                    elf.needed()
                            .forEach(name -> needed.computeIfAbsent(name, any -> new TreeSet<>())
                                    .add(path));
                    if (!elf.name().isEmpty()) {
                        libraries.add(elf.name());
                    }
                });
            } else if (script) {
                DoinstSymlinks.parse(kept.toString(StandardCharsets.ISO_8859_1))
                        .forEach(link -> link(link, Instant.EPOCH));
            } else if (licence) {
                licences.add(kept.toString(StandardCharsets.ISO_8859_1));
            }
            return HexFormat.of().formatHex(digest.digest());
        }

        private static boolean isElf(byte[] bytes, int count) {
            return count > 4 && bytes[0] == 0x7f && bytes[1] == 'E' && bytes[2] == 'L' && bytes[3] == 'F';
        }

        private boolean hasWord(byte[] bytes, int length) {
            for (byte[] word : words) {
                for (int i = 0; i + word.length <= length; i++) {
                    if (bytes[i] == word[0] && startsWith(bytes, i, word)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private static boolean startsWith(byte[] bytes, int offset, byte[] word) {
            for (int i = 1; i < word.length; i++) {
                if (bytes[offset + i] != word[i]) {
                    return false;
                }
            }
            return true;
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
            }
        }

        PackageContents contents() {
            return new PackageContents(members, needed, libraries, traces, licences);
        }
    }
}
