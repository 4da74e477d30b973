package io.slipway.slackbuild.build;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.Declaration;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.root.Layer;
import io.slipway.slackbuild.root.RootRunner;
import io.slipway.slackbuild.root.SandboxLimits;
import io.slipway.slackbuild.root.SandboxRequest;
import io.slipway.slackbuild.root.SandboxResult;
import io.slipway.slackbuild.root.SandboxRoot;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Runs one SlackBuild on a root that has what it needs and nothing else. */
final class SandboxedBuild {
    /** What the script says that its package will be called. */
    private static final String PROMISE = "slipway-name";

    private static final int LONGEST_PROMISE = 4096;

    /**
     * Arguments: the script. Its name for the package is asked first: a script that does not know the question is stopped
     * soon. Scripts are run by bash whatever their first line and mode say, since a user's directory may have neither.
     */
    private static final String BUILD = """
            umask 022
            mkdir -p "$TMP" || exit
            PRINT_PACKAGE_NAME=1 timeout 60 bash --noprofile --norc "./$1" </dev/null >/output/slipway-name || {
              echo "slipway: asked with PRINT_PACKAGE_NAME for the name of its package, the script ended with status $?"
              exit 1
            }
            if [ -n "${VENDOR:-}" ]; then
              mkdir -p "$VENDOR" && tar -xf vendor.tar -C "$VENDOR" || exit
            fi
            exec bash --noprofile --norc "./$1" </dev/null
            """;

    /** The same content is to give the same tar. */
    private static final String FETCH = """
            umask 022
            mkdir -p "$TMP" "$VENDOR" || exit
            SLIPWAY_FETCH=1 bash --noprofile --norc "./$1" </dev/null || exit
            cd "$VENDOR" || exit
            if [ -z "$(ls -A)" ]; then
              echo "slipway: run with SLIPWAY_FETCH=1, the script left nothing in VENDOR"
              exit 1
            fi
            exec tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf /output/vendor.tar .
            """;

    private final RootRunner sandbox;
    private final SandboxLimits limits;
    private final int compilers;
    /** What can be required, for hints. */
    private final Collection<String> known;

    SandboxedBuild(RootRunner sandbox, SandboxLimits limits, int compilers, Collection<String> known) {
        this.sandbox = sandbox;
        this.limits = limits;
        this.compilers = compilers;
        this.known = List.copyOf(known);
    }

    /**
     * A package that was made.
     *
     * @param name that the script had promised
     */
    record Made(PackageFileName name, Path file, SandboxResult result) {}

    /**
     * @param sources files by the name that the script expects
     * @param layers the build root and what the SlackBuild needs, the lowest first
     * @param aside an empty directory, which gets the log and the package
     * @throws ProblemException if the script fails, is ended, or does not make the package that it promised
     */
    Made build(SlackBuild slackbuild, Map<String, Path> sources, List<Layer> layers, Path aside, Consumer<String> line)
            throws InterruptedException {
        Map<String, String> environment = environment(slackbuild, layers);
        SandboxResult result = run(slackbuild, sources, layers, BUILD, environment, false, aside, line);
        try {
            return made(slackbuild, result, aside);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", aside);
        }
    }

    /**
     * Lets the script take from the network what its build will need.
     *
     * @param proxies variables that say how the network is reached
     * @return a tar of what it left in VENDOR, in {@code aside}
     */
    Path fetch(
            SlackBuild slackbuild,
            Map<String, Path> sources,
            List<Layer> layers,
            Path aside,
            Map<String, String> proxies,
            Consumer<String> line)
            throws InterruptedException {
        var environment = new TreeMap<>(environment(slackbuild, layers));
        environment.putAll(proxies);
        SandboxResult result = run(slackbuild, sources, layers, FETCH, environment, true, aside, line);
        return result.produced().stream()
                .filter(file -> file.endsWith(BuildInputs.VENDOR))
                .findFirst()
                .orElseThrow(() -> refuse(slackbuild, "Its fetch step left nothing.", "See its log.", result));
    }

    private Map<String, String> environment(SlackBuild slackbuild, List<Layer> layers) {
        Map<String, String> environment = BuildEnvironment.of(slackbuild, compilers);
        if (slackbuild.declarations().contains(Declaration.KERNEL)) {
            environment.put("KERNEL", kernel(slackbuild, layers.get(0).directory()));
        }
        return environment;
    }

    /** The release of the kernel that a build root has the means to build for. */
    private static String kernel(SlackBuild slackbuild, Path root) {
        var releases = new ArrayList<String>();
        for (String place : List.of("lib/modules", "usr/lib/modules")) {
            if (Files.isSymbolicLink(root.resolve("lib")) && place.startsWith("lib/")) {
                continue;
            }
            try (var children = Files.newDirectoryStream(root.resolve(place))) {
                for (Path child : children) {
                    if (Files.exists(child.resolve("build"), LinkOption.NOFOLLOW_LINKS)) {
                        releases.add(String.valueOf(child.getFileName()));
                    }
                }
            } catch (IOException none) {
                // Perhaps the other one.
            }
        }
        if (releases.size() != 1) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            slackbuild.name() + " cannot be built: it is for a kernel, and its build root has "
                                    + (releases.isEmpty() ? "none." : "several: " + String.join(", ", releases) + "."),
                            "Let the series of its stack in stacks.yaml have one kernel with what modules are built from"
                                    + " (lib/modules/RELEASE/build; packages kernel-source or kernel-headers).")
                    .asException();
        }
        return releases.get(0);
    }

    private SandboxResult run(
            SlackBuild slackbuild,
            Map<String, Path> sources,
            List<Layer> layers,
            String driver,
            Map<String, String> environment,
            boolean network,
            Path aside,
            Consumer<String> line)
            throws InterruptedException {
        try {
            Path top = Files.createDirectory(aside.resolve("layer"));
            Path produced = Files.createDirectory(aside.resolve("produced"));
            String place = BuildEnvironment.directory(slackbuild.name());
            stage(slackbuild, sources, Files.createDirectories(top.resolve(place.substring(1))));
            var all = new ArrayList<Path>();
            layers.forEach(layer -> all.add(layer.directory()));
            all.add(top);
            var binds = new ArrayList<SandboxRoot.Bind>();
            if (network && Files.exists(Path.of("/etc/resolv.conf"))) {
                binds.add(new SandboxRoot.Bind(Path.of("/etc/resolv.conf"), "/etc/resolv.conf"));
            }
            SandboxResult result = sandbox.run(
                    new SandboxRequest(
                            new SandboxRoot(all, binds),
                            List.of("/bin/sh", "-c", driver, "slipway", slackbuild.script()),
                            place,
                            environment,
                            limits,
                            network),
                    aside.resolve(PackageCache.LOG),
                    produced,
                    line);
            AtomicFiles.removeTree(top);
            if (!result.succeeded()) {
                throw failed(slackbuild, result);
            }
            return result;
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "prepared for a build", aside);
        }
    }

    /** As a layer, so that scripts may write beside themselves; sources are not copied for that. */
    private static void stage(SlackBuild slackbuild, Map<String, Path> sources, Path directory) throws IOException {
        for (Map.Entry<String, FileText> entry : slackbuild.files().files().entrySet()) {
            if (sources.containsKey(entry.getKey())) {
                continue;
            }
            Path target = directory.resolve(entry.getKey());
            Path parent = target.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (entry.getValue().kind() == FileText.Kind.FILE) {
                Files.write(target, entry.getValue().bytes().getBytes(StandardCharsets.ISO_8859_1));
            } else {
                Files.copy(Path.of(slackbuild.files().path(), entry.getKey()), target);
            }
            Files.setPosixFilePermissions(
                    target,
                    PosixFilePermissions.fromString(entry.getValue().isExecutable() ? "rwxr-xr-x" : "rw-r--r--"));
        }
        for (Map.Entry<String, Path> source : sources.entrySet()) {
            Path target = directory.resolve(source.getKey());
            try {
                Files.createLink(target, source.getValue());
            } catch (IOException elsewhere) {
                Files.copy(source.getValue(), target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static Made made(SlackBuild slackbuild, SandboxResult result, Path aside) throws IOException {
        String promise = "";
        var packages = new TreeMap<String, Path>();
        for (Path file : result.produced()) {
            String name = String.valueOf(file.getFileName());
            if (name.equals(PROMISE)) {
                try (var in = Files.newInputStream(file)) {
                    promise = new String(in.readNBytes(LONGEST_PROMISE), StandardCharsets.UTF_8).strip();
                }
            } else if (name.matches(".*\\.t[gblx]z")) {
                packages.put(name, file);
            }
        }
        String said = promise;
        PackageFileName name = PackageFileName.find(promise)
                .filter(found -> found.name().equals(slackbuild.packageName().name()))
                .orElseThrow(() -> refuse(
                        slackbuild,
                        "Asked with PRINT_PACKAGE_NAME for the name of its package, it did not print the file name of a"
                                + " package \"" + slackbuild.packageName().name() + "\" but \"" + shown(said) + "\".",
                        "Let it print one line, \"$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE\", and exit, before it does"
                                + " anything.",
                        result));
        if (packages.isEmpty()) {
            throw refuse(
                    slackbuild,
                    "Its script ended well and left no package in OUTPUT, where " + name + " was to be.",
                    "Let it end with makepkg -l y -c n \"$OUTPUT/…\".",
                    result);
        }
        Path file = packages.remove(name.fileName());
        if (file == null || !packages.isEmpty()) {
            throw refuse(
                    slackbuild,
                    "It had promised " + name + " and made "
                            + (file == null ? "" : "also ")
                            + shown(String.join(", ", packages.keySet())) + ".",
                    "Let the script make the package that it prints for PRINT_PACKAGE_NAME, and nothing else; it is to"
                            + " take ARCH, TAG, BUILD and PKGTYPE from outside.",
                    result);
        }
        Path kept = Files.move(file, aside.resolve(name.fileName()));
        AtomicFiles.removeTree(aside.resolve("produced"));
        return new Made(name, kept, result);
    }

    private static String shown(String text) {
        String line = EntryPath.shown(text.length() > 200 ? text.substring(0, 200) + "…" : text);
        return line.isEmpty() ? "nothing" : line;
    }

    static ProblemException refuse(SlackBuild slackbuild, String cause, String correction, SandboxResult result) {
        return problem(ProblemKind.INVALID_INPUT, slackbuild, cause, correction, result)
                .asException();
    }

    private static Problem problem(
            ProblemKind kind, SlackBuild slackbuild, String cause, String correction, SandboxResult result) {
        Problem problem = Problem.of(
                        kind, slackbuild.name() + " " + slackbuild.version() + " could not be built.", correction)
                .because(cause);
        return result.tail().isEmpty()
                ? problem
                : problem.withDetails("The last lines that it said:\n" + String.join("\n", result.tail()));
    }

    private ProblemException failed(SlackBuild slackbuild, SandboxResult result) {
        return (switch (result.end()) {
                    case TIMED_OUT ->
                        problem(
                                ProblemKind.TIMED_OUT,
                                slackbuild,
                                "It had not ended after " + limits.time().toSeconds() + " s and was stopped, with all"
                                        + " that it had started.",
                                "Give it more time with --time-limit, or see where it hangs.",
                                result);
                    case OUT_OF_MEMORY ->
                        problem(
                                ProblemKind.ENVIRONMENT,
                                slackbuild,
                                "It needed more than " + (limits.memory() >> 20) + " MiB of memory.",
                                "Let fewer compilers run (--jobs), or build on a machine with more memory.",
                                result);
                    case DISK_FULL ->
                        problem(
                                ProblemKind.ENVIRONMENT,
                                slackbuild,
                                "It filled its disk of " + (limits.disk() >> 20) + " MiB.",
                                "See in its log what it writes.",
                                result);
                    case EXITED ->
                        problem(
                                ProblemKind.INVALID_INPUT,
                                slackbuild,
                                "Its script ended with status " + result.status() + ".",
                                FailureHint.of(result.tail(), slackbuild, known),
                                result);
                })
                .asException();
    }
}
