package io.slipway.mirror;

import io.slipway.inventory.Slackware;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.ChecksumsMd5;
import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a mirror is kept: its own metadata, the chosen series, packages from elsewhere that were asked for, one
 * installer kernel and the installer's initrd.
 *
 * @param files MD5 by path
 * @param kernel path of the installer's kernel
 * @param initrd path of the installer's initrd
 */
record Selection(SortedMap<String, String> files, String kernel, String initrd) {
    private static final String PACKAGES = "slackware64/";
    private static final String INITRD = "isolinux/initrd.img";
    private static final Pattern KERNEL = Pattern.compile("kernels/([^/]+\\.s)/bzImage");
    /** Today's and yesterday's name of the installer's kernel. */
    private static final List<String> PREFERRED = List.of("generic.s", "huge.s");

    Selection {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * Chooses from what CHECKSUMS.md5 lists; the list itself is not among it.
     *
     * @throws ProblemException with everything that the mirror lacks
     */
    static Selection of(ChecksumsMd5 sums, Slackware wanted) {
        var problems = new ArrayList<Problem>();
        var files = new TreeMap<String, String>();
        var seriesSeen = new TreeSet<String>();
        var elsewhere = new HashMap<String, String>();
        var chosen = new TreeSet<String>();
        Optional<String> kernel = kernel(sums);
        String kernelDirectory =
                kernel.map(path -> path.substring(0, path.lastIndexOf('/') + 1)).orElse("/");
        for (Map.Entry<String, String> entry : sums.byPath().entrySet()) {
            String path = entry.getKey();
            boolean kept;
            if (path.startsWith(PACKAGES)) {
                String rest = path.substring(PACKAGES.length());
                int slash = rest.indexOf('/');
                String series = slash < 0 ? "" : rest.substring(0, slash);
                String file = rest.substring(slash + 1);
                Optional<PackageFileName> name = series.isEmpty() ? Optional.empty() : PackageFileName.find(file);
                kept = series.isEmpty() || (wanted.series().contains(series) && file.indexOf('/') < 0);
                if (name.isPresent()) {
                    seriesSeen.add(series);
                    if (kept) {
                        chosen.add(name.get().name());
                    } else {
                        elsewhere.put(name.get().name(), path);
                    }
                }
            } else {
                kept = path.indexOf('/') < 0
                        || path.equals(INITRD)
                        || path.equals("kernels/VERSIONS.TXT")
                        || path.startsWith(kernelDirectory);
            }
            if (kept) {
                files.put(path, entry.getValue());
            }
        }
        for (String name : wanted.add()) {
            String path = elsewhere.get(name);
            if (path != null) {
                String stem = path.substring(0, path.lastIndexOf('.'));
                for (String kept : List.of(path, stem + ".txt", path + ".asc")) {
                    sums.find(kept).ifPresent(md5 -> files.put(kept, md5));
                }
            } else if (!chosen.contains(name)) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "slackware.add: the mirror has no package \"" + name + "\".",
                        "Look for its NAME in PACKAGES.TXT, or remove it."));
            }
        }
        for (String series : wanted.series()) {
            if (!seriesSeen.contains(series)) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "slackware.series: the mirror has no series \"" + series + "\".",
                        "Name some of: " + String.join(", ", seriesSeen)));
            }
        }
        if (kernel.isEmpty()) {
            problems.add(lacks("an installer kernel (kernels/*.s/bzImage)"));
        }
        if (!files.containsKey(INITRD)) {
            problems.add(lacks("the installer's initrd (" + INITRD + ")"));
        }
        if (!files.containsKey("PACKAGES.TXT")) {
            problems.add(lacks("PACKAGES.TXT"));
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return new Selection(files, kernel.orElseThrow(), INITRD);
    }

    private static Problem lacks(String what) {
        return Problem.of(
                ProblemKind.INVALID_INPUT,
                "The mirror lacks " + what + ".",
                "Name the root of a slackware64 tree in slackware.mirror; a trimmed mirror must keep slackware64/,"
                        + " kernels/ and isolinux/.");
    }

    private static Optional<String> kernel(ChecksumsMd5 sums) {
        var found = new TreeMap<String, String>();
        for (String path : sums.byPath().keySet()) {
            Matcher kernel = KERNEL.matcher(path);
            if (kernel.matches()) {
                found.put(kernel.group(1), path);
            }
        }
        for (String flavour : PREFERRED) {
            if (found.containsKey(flavour)) {
                return Optional.ofNullable(found.get(flavour));
            }
        }
        return found.values().stream().findFirst();
    }
}
