package io.slipway.slackbuild.build;

import io.slipway.slackbuild.Declaration;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.root.SandboxRequest;
import java.time.Instant;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The variables that a SlackBuild is run with: the same for everybody, everywhere and always. */
final class BuildEnvironment {
    /** Stands in packages as the time of whatever was made while they were built: makepkg clamps to it. */
    static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    static final String ARCH = "x86_64";
    /** Marks packages as ours: tagfiles and slackpkg's blacklist know them by it. */
    static final String TAG = "_slipway";
    /** Of its own, so that it can be told in what was built. */
    static final String TMP = "/tmp/slipway-build";

    static final String OUTPUT = "/output";
    static final String VENDOR = TMP + "/vendor";

    /** Change nothing but how long it takes. */
    private static final Set<String> INDIFFERENT = Set.of("MAKEFLAGS", "JOBS");

    private BuildEnvironment() {}

    /** Where the SlackBuild's files and its sources lie in the sandbox. */
    static String directory(String name) {
        return "/slackbuilds/" + name;
    }

    /** The part of it that a package's digest has. */
    static SortedMap<String, String> deciding(SlackBuild slackbuild) {
        SortedMap<String, String> environment = of(slackbuild, 1);
        environment.keySet().removeAll(INDIFFERENT);
        return environment;
    }

    /**
     * All but {@code KERNEL}, which only the build root says.
     *
     * @param compilers how many may run side by side
     */
    static SortedMap<String, String> of(SlackBuild slackbuild, int compilers) {
        var environment = new TreeMap<>(SandboxRequest.fixedEnvironment(EPOCH, compilers));
        String build = slackbuild.packageName().build();
        environment.put("BUILD", build.isEmpty() ? "1" : build);
        environment.put("ARCH", ARCH);
        environment.put("TAG", TAG);
        environment.putAll(slackbuild.settings());
        // What the builder itself relies on is not to be set.
        environment.put("JOBS", String.valueOf(compilers));
        environment.put("OUTPUT", OUTPUT);
        environment.put("TMP", TMP);
        environment.put("PKGTYPE", "txz");
        environment.put("VERSION", slackbuild.version());
        if (slackbuild.declarations().contains(Declaration.NETWORK)) {
            environment.put("VENDOR", VENDOR);
        }
        return environment;
    }
}
