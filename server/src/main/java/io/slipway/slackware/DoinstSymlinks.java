package io.slipway.slackware;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The symbolic links of a package, which are not in its tar but made by {@code install/doinst.sh} with two lines each.
 * removepkg finds the links by these lines, so their shape is exact.
 */
public final class DoinstSymlinks {
    private static final Pattern REMOVE = Pattern.compile("\\( cd (\\S+) ; rm -rf (\\S+) \\)");
    private static final Pattern LINK = Pattern.compile("\\( cd (\\S+) ; ln -sf (\\S+) (\\S+) \\)");
    /** Shell reads these literally without quotes, which removepkg's patterns do not know. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9@%+=:,./_~\\[\\]-]+");

    private DoinstSymlinks() {}

    /**
     * The lines for the links, sorted by path.
     *
     * @throws io.slipway.problem.ProblemException if a path or target has characters that shell reads as something else
     */
    public static String text(Collection<ArchiveEntry.Symlink> links) {
        var out = new StringBuilder();
        links.stream()
                .sorted(Comparator.comparing(ArchiveEntry.Symlink::path, EntryPath.BY_BYTES))
                .forEach(link -> {
                    int slash = link.path().lastIndexOf('/');
                    String directory = slash < 0 ? "." : link.path().substring(0, slash);
                    String name = link.path().substring(slash + 1);
                    if (!PLAIN.matcher(link.path()).matches()
                            || !PLAIN.matcher(link.target()).matches()
                            || name.startsWith("-")
                            || directory.startsWith("-")
                            || link.target().startsWith("-")
                            || link.path().startsWith("~")
                            || link.target().startsWith("~")) {
                        throw Problem.of(
                                        ProblemKind.INVALID_INPUT,
                                        "The link \"" + link.path() + "\" -> \"" + link.target()
                                                + "\" cannot be in a Slackware package.",
                                        "Use letters, digits and @ % + = : , . _ - [ ] only in names of links.")
                                .because("Such names do not survive the lines of doinst.sh that pkgtools read.")
                                .asException();
                    }
                    out.append("( cd ")
                            .append(directory)
                            .append(" ; rm -rf ")
                            .append(name)
                            .append(" )\n");
                    out.append("( cd ")
                            .append(directory)
                            .append(" ; ln -sf ")
                            .append(link.target())
                            .append(' ');
                    out.append(name).append(" )\n");
                });
        return out.toString();
    }

    /**
     * The links that a doinst.sh makes with such pairs of lines; other lines, and links out of the root, are left aside.
     */
    public static List<ArchiveEntry.Symlink> parse(String doinst) {
        var links = new ArrayList<ArchiveEntry.Symlink>();
        var removed = new ArrayList<String>(List.of(""));
        Line.each(doinst, "doinst.sh", (line, number) -> {
            Matcher link = LINK.matcher(line);
            if (link.matches()) {
                String path = path(link.group(1), link.group(3));
                if (removed.get(0).equals(path)
                        && EntryPath.objection(path).isEmpty()
                        && EntryPath.objectionToTarget(path, link.group(2)).isEmpty()) {
                    links.add(new ArchiveEntry.Symlink(path, link.group(2)));
                }
            }
            Matcher remove = REMOVE.matcher(line);
            removed.set(0, remove.matches() ? path(remove.group(1), remove.group(2)) : "");
        });
        return links;
    }

    private static String path(String directory, String name) {
        return directory.equals(".") ? name : directory + "/" + name;
    }
}
