package io.slipway.slackware;

import io.slipway.archive.EntryPath;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code PACKAGES.TXT}: what a tree offers.
 *
 * @param entries in the file's order
 */
public record PackagesTxt(List<Entry> entries) {
    private static final int MOST = 200_000;
    private static final int MOST_DESCRIPTION_LINES = 100;
    private static final String PREFIX = "PACKAGE ";

    /**
     * One package.
     *
     * @param location directory relative to the tree's root, without leading {@code ./}, such as {@code slackware64/a}
     * @param compressedKib length of the file in KiB
     * @param uncompressedKib length when installed, in KiB
     * @param required third-party dependencies ({@code PACKAGE REQUIRED}), as written; official files have none
     * @param description lines without the leading {@code NAME:} and one space
     */
    public record Entry(
            PackageFileName file,
            String location,
            long compressedKib,
            long uncompressedKib,
            String required,
            List<String> description) {
        public Entry {
            description = List.copyOf(description);
            Optional<String> objection = EntryPath.objection(location);
            if (objection.isPresent() || compressedKib < 0 || uncompressedKib < 0) {
                throw new IllegalArgumentException("location \"" + Line.shown(location) + "\" "
                        + objection.orElse("has sizes below 0") + " (" + file + ")");
            }
        }

        /** Path of the file relative to the tree's root. */
        public String path() {
            return location + "/" + file.fileName();
        }

        /** The last directory of the location; empty if it is not a series' name. */
        public Optional<Series> series() {
            String last = location.substring(location.lastIndexOf('/') + 1);
            return last.matches("[a-z][a-z0-9_-]{0,30}") ? Optional.of(new Series(last)) : Optional.empty();
        }
    }

    public PackagesTxt {
        entries = List.copyOf(entries);
    }

    /**
     * Reads official files and third-party ones: any header, missing sizes, more fields, descriptions of any length up
     * to a bound.
     *
     * @param file stands in messages
     * @throws io.slipway.problem.ProblemException if a name or a location is hostile, or a block is incomplete
     */
    public static PackagesTxt parse(Reader in, String file) {
        var parser = new Parser(file);
        Line.each(in, file, parser::line);
        parser.end();
        return new PackagesTxt(parser.entries);
    }

    /** The entry of that NAME, the first if there are several. */
    public Optional<Entry> find(String name) {
        return entries.stream()
                .filter(entry -> entry.file().name().equals(name))
                .findFirst();
    }

    /**
     * The file in its official form.
     *
     * @param date what the header says after the file's name, as {@code date -u} prints it
     */
    public String text(String date) {
        long compressed = entries.stream().mapToLong(Entry::compressedKib).sum();
        long uncompressed = entries.stream().mapToLong(Entry::uncompressedKib).sum();
        var out = new StringBuilder();
        out.append("\nPACKAGES.TXT;  ").append(date).append("\n\n");
        out.append("These are the packages of this tree, with their sizes and\n");
        out.append("descriptions, found in the directories named below.\n\n");
        out.append("Total size of all packages (compressed):  ")
                .append(compressed / 1024)
                .append(" MB\n");
        out.append("Total size of all packages (uncompressed):  ")
                .append(uncompressed / 1024)
                .append(" MB\n\n\n");
        for (Entry entry : entries) {
            out.append("PACKAGE NAME:  ").append(entry.file().fileName()).append('\n');
            out.append("PACKAGE LOCATION:  ./").append(entry.location()).append('\n');
            out.append("PACKAGE SIZE (compressed):  ")
                    .append(entry.compressedKib())
                    .append(" K\n");
            out.append("PACKAGE SIZE (uncompressed):  ")
                    .append(entry.uncompressedKib())
                    .append(" K\n");
            if (!entry.required().isEmpty()) {
                out.append("PACKAGE REQUIRED:  ").append(entry.required()).append('\n');
            }
            out.append("PACKAGE DESCRIPTION:\n");
            for (String line : entry.description()) {
                out.append(entry.file().name())
                        .append(line.isEmpty() ? ":" : ": ")
                        .append(line)
                        .append('\n');
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static final class Parser {
        private final String file;
        private final List<Entry> entries = new ArrayList<>();
        private final HashSet<String> paths = new HashSet<>();
        private final Map<String, String> fields = new HashMap<>();
        private final List<String> description = new ArrayList<>();
        private @Nullable PackageFileName name;
        private int start;
        private boolean inDescription;

        Parser(String file) {
            this.file = file;
        }

        void line(String line, int number) {
            if (line.startsWith("PACKAGE NAME:")) {
                end();
                start = number;
                String value = line.substring("PACKAGE NAME:".length()).strip();
                name = PackageFileName.find(value)
                        .orElseThrow(() -> Line.refuse(
                                file, number, "\"" + Line.shown(value) + "\" is not the file name of a package"));
                if (entries.size() >= MOST) {
                    throw Line.refuse(file, number, "the file has more than " + MOST + " packages");
                }
                return;
            }
            if (name == null) {
                return;
            }
            if (inDescription && line.startsWith(name.name() + ":")) {
                if (description.size() >= MOST_DESCRIPTION_LINES) {
                    throw Line.refuse(file, number, "a description has more than " + MOST_DESCRIPTION_LINES + " lines");
                }
                String text = line.substring(name.name().length() + 1);
                description.add(text.startsWith(" ") ? text.substring(1) : text);
                return;
            }
            if (line.startsWith(PREFIX)) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    String key = line.substring(PREFIX.length(), colon);
                    fields.putIfAbsent(key, line.substring(colon + 1).strip());
                    inDescription = key.equals("DESCRIPTION");
                }
            } else if (line.isBlank()) {
                inDescription = false;
            }
        }

        void end() {
            PackageFileName current = name;
            if (current == null) {
                return;
            }
            String location = fields.getOrDefault("LOCATION", "");
            String plain = location.startsWith("./") ? location.substring(2) : location;
            if (plain.endsWith("/")) {
                plain = plain.substring(0, plain.length() - 1);
            }
            Optional<String> objection = EntryPath.objection(plain);
            if (objection.isPresent()) {
                throw Line.refuse(
                        file,
                        start,
                        "the location \"" + Line.shown(location) + "\" of " + current + " " + objection.get());
            }
            var entry = new Entry(
                    current,
                    plain,
                    kib(current, "SIZE (compressed)"),
                    kib(current, "SIZE (uncompressed)"),
                    fields.getOrDefault("REQUIRED", ""),
                    description);
            if (!paths.add(entry.path())) {
                throw Line.refuse(file, start, entry.path() + " comes a second time");
            }
            entries.add(entry);
            name = null;
            inDescription = false;
            fields.clear();
            description.clear();
        }

        /** {@code 64 K} officially; {@code 64K}, {@code 1.5M} and nothing at all elsewhere. */
        private long kib(PackageFileName current, String key) {
            String value = fields.getOrDefault(key, "")
                    .replace(" ", "")
                    .replace("iB", "")
                    .replace("B", "");
            if (value.isEmpty()) {
                return 0;
            }
            if (!value.matches("[0-9]{1,12}(\\.[0-9]{1,6})?[KMG]?")) {
                throw Line.refuse(file, start, "the " + key + " of " + current + " is \"" + Line.shown(value) + '"');
            }
            char unit = value.charAt(value.length() - 1);
            String digits = Character.isDigit(unit) ? value : value.substring(0, value.length() - 1);
            double number = Double.parseDouble(digits);
            return Math.round(unit == 'G' ? number * 1024 * 1024 : unit == 'M' ? number * 1024 : number);
        }
    }
}
