package io.slipway.slackware;

import io.slipway.archive.EntryPath;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code FILELIST.TXT} and {@code FILE_LIST}: rows as {@code ls -l} prints them with ISO dates.
 *
 * @param rows in the file's order
 */
public record FileList(List<Row> rows) {
    private static final int MOST = 2_000_000;

    /**
     * One file or directory.
     *
     * @param letters type and permissions, such as {@code -rw-r--r--}
     * @param size in bytes
     * @param time {@code YYYY-MM-DD HH:MM}
     * @param path without leading {@code ./}; {@code .} for the root
     */
    public record Row(String letters, long size, String time, String path) {}

    public FileList {
        rows = List.copyOf(rows);
    }

    /**
     * Reads the rows and ignores the prose above them. Column widths vary, so the path is the eighth field and what
     * follows it.
     *
     * @param file stands in messages
     * @throws io.slipway.problem.ProblemException if a path is hostile
     */
    public static FileList parse(Reader in, String file) {
        var rows = new ArrayList<Row>();
        Line.each(in, file, (line, number) -> {
            String[] fields = line.split(" +", 8);
            if (fields.length < 8
                    || !fields[0].matches("[-dl][-rwxsStT]{9}[.+@]?")
                    || !fields[4].matches("[0-9]{1,18}")
                    || !fields[5].matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
                return;
            }
            String path = fields[7].startsWith("./") ? fields[7].substring(2) : fields[7];
            int arrow = fields[0].charAt(0) == 'l' ? path.indexOf(" -> ") : -1;
            String plain = EscapedName.read(arrow > 0 ? path.substring(0, arrow) : path);
            if (!plain.equals(".") && EntryPath.objection(plain).isPresent()) {
                throw Line.refuse(
                        file,
                        number,
                        "the path \"" + Line.shown(plain) + "\" "
                                + EntryPath.objection(plain).orElse(""));
            }
            rows.add(new Row(fields[0], Long.parseLong(fields[4]), fields[5] + " " + fields[6], plain));
            if (rows.size() > MOST) {
                throw Line.refuse(file, number, "the file has more than " + MOST + " rows");
            }
        });
        return new FileList(rows);
    }

    /**
     * The file.
     *
     * @param date the first line, as {@code date -u} prints it
     */
    public String text(String date) {
        var out = new StringBuilder(date).append("\n\n");
        out.append("The files of this tree: type and permissions, links, owner,\n");
        out.append("group, length in bytes, time of the last change (UTC), and\n");
        out.append("path. CHECKSUMS.md5 has their sums, and PACKAGES.TXT says what\n");
        out.append("the packages among them are for.\n\n");
        for (Row row : rows) {
            out.append(row.letters())
                    .append(" 1 root root ")
                    .append(" "
                            .repeat(Math.max(0, 10 - String.valueOf(row.size()).length())))
                    .append(row.size())
                    .append(' ')
                    .append(row.time())
                    .append(" ")
                    .append(row.path().equals(".") ? "." : "./" + EscapedName.write(row.path()))
                    .append('\n');
        }
        return out.toString();
    }
}
