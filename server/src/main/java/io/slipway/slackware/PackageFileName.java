package io.slipway.slackware;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code NAME-VERSION-ARCH-BUILD[TAG].t?z}, split from the right as installpkg and upgradepkg do, because NAME may
 * contain hyphens and the others may not.
 *
 * @param name what tagfiles and upgradepkg know the package by
 * @param version may be empty together with {@code arch} and {@code build} when the name has fewer than four fields
 * @param arch such as {@code x86_64} or {@code noarch}
 * @param build the leading digits of the last field
 * @param tag the rest of the last field, such as {@code _SBo}; empty for official packages
 * @param extension {@code txz}, {@code tgz}, {@code tbz} or {@code tlz}
 */
public record PackageFileName(String name, String version, String arch, String build, String tag, String extension) {
    private static final int LONGEST = 255;
    private static final Pattern FILE = Pattern.compile("([A-Za-z0-9][A-Za-z0-9@+._~-]*)\\.(t[gblx]z)");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9@+._~]*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9@+._~-]*");
    private static final Pattern BUILD = Pattern.compile("([0-9]*)(.*)");

    public PackageFileName {
        if (!isName(name)
                || !FIELD.matcher(version).matches()
                || !FIELD.matcher(arch).matches()
                || !build.matches("[0-9]*")
                || !FIELD.matcher(tag).matches()
                || !extension.matches("t[gblx]z")
                || version.isEmpty() != arch.isEmpty()) {
            throw new IllegalArgumentException("not the parts of a package's file name: " + name + ", " + version + ", "
                    + arch + ", " + build + ", " + tag + ", " + extension);
        }
        // Otherwise reading what was written would split it elsewhere.
        if (build.isEmpty() && !tag.isEmpty() && Character.isDigit(tag.charAt(0))) {
            throw new IllegalArgumentException("tag \"" + tag + "\" begins with a digit");
        }
    }

    /** Whether {@code text} can be the NAME of a package. */
    public static boolean isName(String text) {
        return text.length() <= LONGEST && NAME.matcher(text).matches();
    }

    /**
     * @throws io.slipway.problem.ProblemException if it is not the file name of a package
     */
    public static PackageFileName parse(String fileName) {
        return find(fileName)
                .orElseThrow(() -> Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "\"" + Line.shown(fileName) + "\" is not the file name of a Slackware package.",
                                "Name it NAME-VERSION-ARCH-BUILD.txz (or .tgz, .tbz, .tlz), with letters, digits and"
                                        + " @ + . _ ~ - only.")
                        .asException());
    }

    /** Empty if {@code fileName} is not the file name of a package. */
    public static Optional<PackageFileName> find(String fileName) {
        if (fileName.length() > LONGEST) {
            return Optional.empty();
        }
        Matcher file = FILE.matcher(fileName);
        if (!file.matches()) {
            return Optional.empty();
        }
        String stem = file.group(1);
        String extension = file.group(2);
        int third = stem.lastIndexOf('-');
        int second = third < 1 ? -1 : stem.lastIndexOf('-', third - 1);
        int first = second < 1 ? -1 : stem.lastIndexOf('-', second - 1);
        if (first < 1 || first + 1 == second || second + 1 == third) {
            return Optional.of(new PackageFileName(stem, "", "", "", "", extension));
        }
        Matcher build = BUILD.matcher(stem.substring(third + 1));
        if (!build.matches()) {
            return Optional.empty();
        }
        return Optional.of(new PackageFileName(
                stem.substring(0, first),
                stem.substring(first + 1, second),
                stem.substring(second + 1, third),
                build.group(1),
                build.group(2),
                extension));
    }

    /** The file name without its extension: what the package database of an installed system calls the package. */
    public String fullName() {
        return version.isEmpty() ? name : name + "-" + version + "-" + arch + "-" + build + tag;
    }

    /** The file name. */
    public String fileName() {
        return fullName() + "." + extension;
    }

    @Override
    public String toString() {
        return fileName();
    }
}
