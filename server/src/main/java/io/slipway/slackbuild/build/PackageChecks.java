package io.slipway.slackbuild.build;

import io.slipway.slackbuild.build.PackageContents.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * What is wrong with a package that was built.
 *
 * @param errors why it is not kept
 * @param warnings what its user should know
 */
record PackageChecks(List<String> errors, List<String> warnings) {
    private static final Set<String> PLACES =
            Set.of("bin", "boot", "etc", "install", "lib", "lib64", "opt", "sbin", "srv", "usr", "var");
    /** Below usual places, but for whoever administers a machine, or gone when it starts. */
    private static final Set<String> NOT_THERE = Set.of("usr/local", "usr/tmp", "var/tmp", "var/run", "var/lock");

    private static final List<String> LIBRARIES = List.of(
            "lib64",
            "usr/lib64",
            "lib",
            "usr/lib",
            "lib/x86_64-linux-gnu",
            "usr/lib/x86_64-linux-gnu",
            "usr/local/lib64",
            "usr/local/lib");

    /** Of a list, before the rest is only counted. */
    private static final int SHOWN = 5;
    /** Slackware has larger ones (firmware, compilers); who packages such a thing means it. */
    private static final long LARGE = 2L << 30;

    PackageChecks {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /**
     * @param layers what it was built on: the build root and what it needs, as directories
     */
    static PackageChecks of(PackageContents contents, List<Path> layers) {
        var errors = new ArrayList<String>();
        var warnings = new ArrayList<String>();
        var elsewhere = new ArrayList<String>();
        var writable = new ArrayList<String>();
        var owned = new ArrayList<String>();
        boolean any = false;
        for (Map.Entry<String, Member> entry : contents.members().entrySet()) {
            String path = entry.getKey();
            Member member = entry.getValue();
            any |= !path.equals("install") && !path.startsWith("install/");
            if (isElsewhere(path)) {
                elsewhere.add("/" + path);
            }
            int mode = member.mode().bits();
            boolean sticky = member.type() == 'd' && (mode & 01000) != 0;
            if ((member.type() == '-' || member.type() == 'd') && (mode & 0002) != 0 && !sticky) {
                writable.add("/" + path);
            }
            if (member.owner().uid() >= 1000 || member.owner().gid() >= 1000) {
                owned.add("/" + path);
            }
        }
        if (!any) {
            errors.add("there is nothing in it");
        }
        add(errors, "outside the usual places: ", elsewhere);
        add(errors, "writable by everybody: ", writable);
        add(warnings, "belonging to a person rather than to the system: ", owned);
        if (!contents.members().containsKey("install/slack-desc")) {
            warnings.add("it has no description (install/slack-desc)");
        }
        add(warnings, "naming the directory in which they were built: ", contents.traces());
        if (contents.installed() > LARGE) {
            warnings.add("it has " + (contents.installed() >> 20) + " MiB");
        }
        warnings.addAll(missing(contents, layers));
        return new PackageChecks(errors, warnings);
    }

    private static boolean isElsewhere(String path) {
        int slash = path.indexOf('/');
        if (!PLACES.contains(slash < 0 ? path : path.substring(0, slash))) {
            return true;
        }
        return NOT_THERE.stream().anyMatch(place -> path.equals(place) || path.startsWith(place + "/"));
    }

    private static void add(List<String> to, String what, List<String> paths) {
        if (!paths.isEmpty()) {
            to.add(what
                    + String.join(", ", paths.subList(0, Math.min(SHOWN, paths.size())))
                    + (paths.size() > SHOWN ? " and " + (paths.size() - SHOWN) + " more" : ""));
        }
    }

    /** Libraries that nothing has which was there when it was built. */
    private static List<String> missing(PackageContents contents, List<Path> layers) {
        var out = new ArrayList<String>();
        Set<String> places = places(layers);
        for (Map.Entry<String, SortedSet<String>> entry : contents.needed().entrySet()) {
            String name = entry.getKey();
            boolean there = contents.libraries().contains(name)
                    || layers.stream().anyMatch(layer -> places.stream().anyMatch(place -> has(layer, place, name)));
            if (!there) {
                var wanting = List.copyOf(entry.getValue());
                out.add("/" + wanting.get(0) + (wanting.size() > 1 ? " and " + (wanting.size() - 1) + " more" : "")
                        + " need " + name + ", which neither it nor anything that it requires has");
            }
        }
        return out;
    }

    private static boolean has(Path layer, String place, String name) {
        // A link to a directory may lead out of the layer; what it leads to is looked at by its own name.
        return !name.contains("/")
                && !Files.isSymbolicLink(layer.resolve(place))
                && Files.exists(layer.resolve(place).resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** The usual directories, and those of ld.so.conf. */
    private static Set<String> places(List<Path> layers) {
        var places = new LinkedHashSet<>(LIBRARIES);
        for (Path layer : layers) {
            var files = new ArrayList<>(List.of(layer.resolve("etc/ld.so.conf")));
            try (var more = Files.newDirectoryStream(layer.resolve("etc/ld.so.conf.d"), "*.conf")) {
                more.forEach(files::add);
            } catch (IOException none) {
                // Most have none.
            }
            for (Path file : files) {
                try {
                    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        Files.readAllLines(file).stream()
                                .map(String::strip)
                                .filter(line -> line.matches("/[A-Za-z0-9_./+-]+") && !line.contains("/.."))
                                .forEach(line -> places.add(line.substring(1)));
                    }
                } catch (IOException unreadable) {
                    // The dynamic linker would not read it either.
                }
            }
        }
        return places;
    }
}
