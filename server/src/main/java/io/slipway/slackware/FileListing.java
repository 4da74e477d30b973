package io.slipway.slackware;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.EntryPath;
import io.slipway.archive.FileMode;
import io.slipway.archive.Owner;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of {@code tar tvvf}, as MANIFEST.bz2 has it.
 *
 * @param letters type and permissions, such as {@code -rw-r--r--}
 * @param owner {@code owner/group} as written
 * @param size in bytes
 * @param time {@code YYYY-MM-DD HH:MM}
 * @param path without leading {@code ./} and final {@code /}; {@code .} for the root
 * @param target of a symbolic or hard link, or empty
 */
public record FileListing(String letters, String owner, long size, String time, String path, String target) {
    private static final Pattern ROW =
            Pattern.compile("([-dlhbcps][-rwxsStT]{9}) +(\\S+/\\S+) +([0-9]{1,18}|[0-9]+,[0-9]+) +"
                    + "([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?) (.+)");
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Empty if the line is not a row of {@code tar tvvf} or its path is hostile. */
    static Optional<FileListing> find(String line) {
        Matcher row = ROW.matcher(line);
        if (!row.matches()) {
            return Optional.empty();
        }
        String rest = row.group(5);
        String target = "";
        for (String arrow : List.of(" -> ", " link to ")) {
            int at = rest.indexOf(arrow);
            char type = line.charAt(0);
            if (at > 0 && (type == 'l' || type == 'h')) {
                target = rest.substring(at + arrow.length());
                rest = rest.substring(0, at);
            }
        }
        String path = EscapedName.read(rest.startsWith("./") ? rest.substring(2) : rest);
        if (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (path.isEmpty()) {
            path = ".";
        }
        if (!path.equals(".") && EntryPath.objection(path).isPresent()) {
            return Optional.empty();
        }
        long size = row.group(3).contains(",") ? 0 : Long.parseLong(row.group(3));
        return Optional.of(
                new FileListing(row.group(1), row.group(2), size, row.group(4), path, EscapedName.read(target)));
    }

    /** The rows of a package of ours, the root's first. */
    static List<FileListing> of(List<ArchiveEntry> members, Instant time) {
        String at = MINUTE.format(time);
        var rows = new ArrayList<FileListing>();
        rows.add(new FileListing("drwxr-xr-x", "root/root", 0, at, ".", ""));
        for (ArchiveEntry entry : members) {
            if (entry instanceof ArchiveEntry.Directory directory) {
                rows.add(row('d', directory.mode(), directory.owner(), 0, at, entry.path()));
            } else if (entry instanceof ArchiveEntry.File file) {
                rows.add(row('-', file.mode(), file.owner(), file.content().size(), at, entry.path()));
            } else {
                throw new IllegalArgumentException("\"" + entry.path() + "\" is no member of a package");
            }
        }
        return rows;
    }

    private static FileListing row(char type, FileMode mode, Owner owner, long size, String at, String path) {
        String who = (owner.uid() == 0 ? "root" : String.valueOf(owner.uid())) + "/"
                + (owner.gid() == 0 ? "root" : String.valueOf(owner.gid()));
        return new FileListing(type + mode.letters(), who, size, at, path, "");
    }

    /** The row, with the columns where GNU tar begins to put them. */
    String text() {
        String shown = EscapedName.write(path);
        String name = path.equals(".") ? "./" : letters.charAt(0) == 'd' ? shown + "/" : shown;
        String length = String.valueOf(size);
        String blanks = " ".repeat(Math.max(1, 19 - owner.length() - length.length()));
        String arrow =
                target.isEmpty() ? "" : (letters.charAt(0) == 'h' ? " link to " : " -> ") + EscapedName.write(target);
        return letters + " " + owner + blanks + length + " " + time + " " + name + arrow;
    }
}
