package io.slipway.slackbuild.build;

import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What differs between the packages of two build roots, in words. */
final class RootDifference {
    /** Names that are said; a snapshot changes hundreds. */
    private static final int MOST = 4;

    private RootDifference() {}

    /**
     * Says what differs, such as {@code gcc-15.2.0-x86_64-1 in the place of gcc-15.1.0-x86_64-1, new bc-1.08-x86_64-1, 17
     * more}.
     *
     * @param before of the earlier build root; none where nobody has written them down
     * @param now likewise
     * @return nothing where one of them is not known
     */
    static String of(List<PackageFileName> before, List<PackageFileName> now) {
        if (before.isEmpty() || now.isEmpty()) {
            return "";
        }
        Map<String, PackageFileName> old = byName(before);
        var changes = new ArrayList<String>();
        byName(now).forEach((name, file) -> {
            PackageFileName other = old.remove(name);
            if (other == null) {
                changes.add("new " + file.fullName());
            } else if (!other.fullName().equals(file.fullName())) {
                changes.add(file.fullName() + " in the place of " + other.fullName());
            }
        });
        old.values().forEach(file -> changes.add("without " + file.fullName()));
        if (changes.isEmpty()) {
            return "packages of the same names with other content, or in another order";
        }
        String said = String.join(", ", changes.subList(0, Math.min(MOST, changes.size())));
        return changes.size() > MOST ? said + ", " + (changes.size() - MOST) + " more" : said;
    }

    private static Map<String, PackageFileName> byName(List<PackageFileName> files) {
        var out = new TreeMap<String, PackageFileName>();
        files.forEach(file -> out.put(file.name(), file));
        return out;
    }
}
