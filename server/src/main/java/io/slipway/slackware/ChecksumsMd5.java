package io.slipway.slackware;

import io.slipway.archive.EntryPath;
import java.io.Reader;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code CHECKSUMS.md5}: the MD5 of every file below its directory.
 *
 * @param byPath 32 lower-case hexadecimal digits by path, without leading {@code ./}
 */
public record ChecksumsMd5(SortedMap<String, String> byPath) {
    private static final int MOST = 2_000_000;
    private static final Pattern RECORD = Pattern.compile("([0-9a-f]{32})\\s+\\*?(?:\\./)?(.+)");

    public ChecksumsMd5 {
        var sorted = new TreeMap<String, String>(EntryPath.BY_BYTES);
        sorted.putAll(byPath);
        byPath = Collections.unmodifiableSortedMap(sorted);
    }

    /**
     * Reads the lines that are records and ignores the others.
     *
     * @param file stands in messages
     * @throws io.slipway.problem.ProblemException if a path goes up, is absolute or has control characters, or comes
     *     twice with different sums
     */
    public static ChecksumsMd5 parse(Reader in, String file) {
        var sums = new TreeMap<String, String>(EntryPath.BY_BYTES);
        Line.each(in, file, (line, number) -> {
            Matcher record = RECORD.matcher(line);
            if (!record.matches()) {
                return;
            }
            String path = record.group(2);
            Optional<String> objection = EntryPath.objection(path);
            if (objection.isPresent()) {
                throw Line.refuse(file, number, "the path \"" + Line.shown(path) + "\" " + objection.get());
            }
            String other = sums.put(path, record.group(1));
            if (other != null && !other.equals(record.group(1))) {
                throw Line.refuse(file, number, "\"" + Line.shown(path) + "\" comes twice with different sums");
            }
            if (sums.size() > MOST) {
                throw Line.refuse(file, number, "the file has more than " + MOST + " records");
            }
        });
        return new ChecksumsMd5(sums);
    }

    public Optional<String> find(String path) {
        return Optional.ofNullable(byPath.get(path));
    }

    /** The file as Slackware's tools expect it: twelve lines for people, then the records. */
    public String text() {
        var out = new StringBuilder("""
                These are the MD5 sums of the files in this directory and below it.

                To check them, run this in the directory where this file lies:

                tail -n +13 CHECKSUMS.md5 | md5sum --check --quiet

                Nothing is printed when all files are as they should be. A sum
                guards against damage; the signature in CHECKSUMS.md5.asc says
                who vouches for the sums.


                MD5 message digest                Filename
                """);
        byPath.forEach(
                (path, sum) -> out.append(sum).append("  ./").append(path).append('\n'));
        return out.toString();
    }
}
