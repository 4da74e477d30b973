package io.slipway.slackbuild.build;

import io.slipway.Witness;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackbuild.root.Sandbox;
import io.slipway.slackbuild.root.SandboxLimits;
import io.slipway.slackbuild.source.SourceStore;
import io.slipway.slackbuild.tree.SlackBuildTrees;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.ContentStore;
import io.slipway.store.Sha256;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** SlackBuilds that compile nothing, and a build root that is just enough for them. */
public final class SmallWorld {
    private static final long MIB = 1 << 20;

    /** This machine's shell and what scripts use, with a makepkg that makes archives as Slackware's does. */
    private static final String ROOT = """
            mkdir -p bin sbin etc install root usr/lib64
            for program in bash tar xz busybox; do
              cp -L "$(command -v $program)" bin/$program
              for lib in $(ldd bin/$program | grep -o '/[^ ]*'); do mkdir -p ".${lib%/*}"; cp -L "$lib" ".$lib"; done
            done
            echo 'root:x:0:0::/root:/bin/sh' > etc/passwd
            cat > sbin/makepkg <<'X'
            #!/bin/sh
            for file; do :; done
            tar --sort=name --owner=0 --group=0 "--mtime=@$SOURCE_DATE_EPOCH" -cJf "$file" .
            X
            chmod 755 sbin/makepkg
            for name in sh mv cat ls rm mkdir cp ln chmod touch head sleep timeout setsid env seq uname dirname grep sed tr \\
                yes nproc id sort wc; do
              echo "( cd bin ; rm -rf $name )"; echo "( cd bin ; ln -sf busybox $name )"
            done > install/doinst.sh
            """;

    public final Path state;
    public final Path tree;
    public final Path lock;
    final PackageCache cache;
    private final Path directory;
    private final PackageFile base;

    /** In an empty directory. */
    public SmallWorld(Path directory) throws IOException {
        this(directory, base(directory));
    }

    private SmallWorld(Path directory, PackageFile base) throws IOException {
        this.directory = directory;
        this.base = base;
        this.state = directory.resolve("state");
        this.tree = Files.createDirectories(directory.resolve("slackbuilds"));
        this.lock = directory.resolve("sources.lock");
        this.cache = new PackageCache(state);
    }

    /** The same in another program. */
    static SmallWorld reopen(Path directory) throws IOException {
        return new SmallWorld(directory, packageFile(directory.resolve("root/base-1-noarch-1.tgz")));
    }

    private static PackageFile base(Path directory) throws IOException {
        Path staging = Files.createDirectories(directory.resolve("staging"));
        Witness.run(staging, "sh", "-ec", "umask 022; " + ROOT);
        Path file = Files.createDirectories(directory.resolve("root")).resolve("base-1-noarch-1.tgz");
        Witness.run(staging, "tar", "czf", file.toString(), "--mtime=@1000000000", ".");
        return packageFile(file);
    }

    private static PackageFile packageFile(Path file) throws IOException {
        return new PackageFile(PackageFileName.parse(String.valueOf(file.getFileName())), file, Sha256.of(file));
    }

    /** Directory of the packages of the build root. */
    public Path rootPackages() {
        return directory.resolve("root");
    }

    /** A SlackBuild whose script does something in {@code $PKG} and then makes the package. */
    public void slackbuild(String name, String requires, String work) throws IOException {
        slackbuild(name, requires, "", work + "\ncd $PKG; makepkg -l y -c n $OUTPUT/$PACKAGE", Map.of());
    }

    /**
     * @param declaration such as {@code # slipway: network}
     * @param work all that the script does behind its head
     * @param more further files
     */
    void slackbuild(String name, String requires, String declaration, String work, Map<String, String> more)
            throws IOException {
        Path place = Files.createDirectories(tree.resolve(name));
        Files.writeString(place.resolve(name + ".SlackBuild"), """
                #!/bin/bash
                %s
                set -e
                PRGNAM=%s
                VERSION=${VERSION:-1.0}
                ARCH=${ARCH:-x86_64}
                BUILD=${BUILD:-1}
                TAG=${TAG:-_SBo}
                PKGTYPE=${PKGTYPE:-tgz}
                PACKAGE=$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE
                if [ -n "${PRINT_PACKAGE_NAME:-}" ]; then
                  echo "$PACKAGE"
                  exit 0
                fi
                CWD=$(pwd)
                PKG=$TMP/package-$PRGNAM
                mkdir -p $PKG/install $PKG/usr/bin
                echo "$PRGNAM: x" > $PKG/install/slack-desc
                echo "$PRGNAM" > $PKG/usr/bin/$PRGNAM
                %s
                """.formatted(declaration, name, work));
        Files.writeString(place.resolve(name + ".info"), """
                PRGNAM="%s"
                VERSION="1.0"
                HOMEPAGE="https://example.org/"
                DOWNLOAD=""
                MD5SUM=""
                REQUIRES="%s"
                MAINTAINER="A Person"
                EMAIL="person@example.org"
                """.formatted(name, requires));
        for (Map.Entry<String, String> file : more.entrySet()) {
            Files.writeString(place.resolve(file.getKey()), file.getValue());
        }
    }

    static SandboxLimits limits(Duration time, long disk) {
        return new SandboxLimits(512 * MIB, 2, 200, disk, time, MIB);
    }

    static BuildSettings settings(int jobs) {
        return new BuildSettings(jobs, limits(Duration.ofMinutes(10), 64 * MIB), false, Map.of());
    }

    RootPackages packages() {
        return (series, more, without) -> List.of(base);
    }

    BuildGraph graph(String... names) {
        return BuildGraph.of(new Catalogue(List.of(SlackBuildTrees.read(tree))), List.of(names));
    }

    SourceStore sources() {
        return new SourceStore(
                state, new ContentStore(StateDirectory.create(state).resolve("store")));
    }

    BuildPlan plan(String... names) {
        return BuildRunner.plan(graph(names), lock, packages(), cache);
    }

    BuildReport build(BuildSettings settings, BuildProgress progress, String... names) throws InterruptedException {
        var runner = new LocalCommandRunner();
        var sandbox = new Sandbox(state, runner);
        var rooms =
                new BuildRunner.Rooms(sandbox, new BuildRoots(state, sandbox, runner, what -> {}), cache, sources());
        return new BuildRunner(rooms, lock, packages(), settings, progress, InstantSource.system()).run(graph(names));
    }

    BuildReport build(String... names) throws InterruptedException {
        return build(settings(1), BuildProgress.NONE, names);
    }
}
