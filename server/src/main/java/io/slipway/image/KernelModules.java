package io.slipway.image;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether modules belong to a kernel. They load into the very release that they were built for and into no other, and a
 * node without its storage or network would say so only after it was installed.
 */
final class KernelModules {
    private static final Pattern KERNEL = Pattern.compile("kernel-(generic|huge|modules)(-.*)?");
    private static final Pattern MODULE = Pattern.compile("\\d+ (?:usr/)?lib/modules/([^/]+)/.+");
    /** {@code VERSION_KERNEL}, as SlackBuilds of modules have it. */
    private static final Pattern VERSION = Pattern.compile("_(\\d+\\.\\d+\\.\\d+.*)$");

    private KernelModules() {}

    /**
     * A package and the releases that it has modules of.
     *
     * @param releases as {@code uname -r} says them
     */
    record Listing(PackageFileName file, Set<String> releases) {
        /**
         * @param contents lines {@code SIZE PATH}
         */
        static Listing of(PackageFileName file, Stream<String> contents) {
            var releases = new TreeSet<String>();
            contents.map(MODULE::matcher).filter(Matcher::matches).forEach(line -> releases.add(line.group(1)));
            return new Listing(file, releases);
        }

        boolean isKernel() {
            return KernelModules.isKernel(file.name());
        }

        /** Whether it says anything about a kernel. */
        boolean isForKernel() {
            return !releases.isEmpty() || ofVersion().isPresent();
        }

        private Optional<String> ofVersion() {
            return Optional.of(VERSION.matcher(file.version()))
                    .filter(Matcher::find)
                    .map(found -> found.group(1));
        }

        private Set<String> words() {
            var words = new TreeSet<String>();
            releases.forEach(release -> words.add(word(release)));
            return words;
        }

        private boolean belongsTo(Set<String> kernels) {
            return (releases.isEmpty() || !Collections.disjoint(words(), kernels))
                    && ofVersion().map(kernels::contains).orElse(true);
        }

        private String shown() {
            var all = new TreeSet<>(words());
            ofVersion().ifPresent(all::add);
            return file + " is for kernel " + String.join(" and ", all);
        }
    }

    static boolean isKernel(String name) {
        return KERNEL.matcher(name).matches();
    }

    /** A release as it stands in a package's version, which has no hyphens. */
    private static String word(String release) {
        return release.replace('-', '_');
    }

    /**
     * @param kernels the image's
     * @param others packages that may have modules
     * @throws ProblemException that names each that is for another kernel, and the image's
     */
    static void check(List<Listing> kernels, List<Listing> others) {
        var have = new TreeSet<String>();
        for (Listing kernel : kernels) {
            have.addAll(kernel.releases.isEmpty() ? Set.of(kernel.file.version()) : kernel.words());
        }
        var wrong = new ArrayList<String>();
        others.stream().filter(one -> one.isForKernel() && !one.belongsTo(have)).forEach(one -> wrong.add(one.shown()));
        if (!wrong.isEmpty()) {
            String kernel = kernels.isEmpty()
                    ? "the image has no kernel"
                    : "the image has "
                            + String.join(
                                    ", ",
                                    kernels.stream()
                                            .map(each -> each.file.toString())
                                            .toList());
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "Kernel and modules do not belong together: " + String.join(", ", wrong) + "; " + kernel
                                    + ".",
                            "Build the modules for this snapshot's kernel, or take the snapshot that has theirs. A local"
                                    + " package whose version merely ends like a kernel's wants another name.")
                    .asException();
        }
    }
}
