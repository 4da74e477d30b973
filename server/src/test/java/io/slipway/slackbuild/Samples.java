package io.slipway.slackbuild;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** SlackBuilds that keep every rule, for tests that break them. */
public final class Samples {
    private Samples() {}

    /** An .info. */
    public static String info(String name, String version, String requires) {
        return """
                PRGNAM="%s"
                VERSION="%s"
                HOMEPAGE="https://example.org/"
                DOWNLOAD="https://example.org/%s-%s.tar.gz"
                MD5SUM="0123456789abcdef0123456789abcdef"
                DOWNLOAD_x86_64=""
                MD5SUM_x86_64=""
                REQUIRES="%s"
                MAINTAINER="A Person"
                EMAIL="person@example.org"
                """.formatted(name, version, name, version, requires);
    }

    /** A script. */
    public static String script(String name, String version) {
        return """
                #!/bin/bash

                # Slackware build script for NAME

                cd $(dirname $0) ; CWD=$(pwd)

                PRGNAM=NAME
                VERSION=${VERSION:-1.0}
                BUILD=${BUILD:-1}
                TAG=${TAG:-_slipway}
                PKGTYPE=${PKGTYPE:-txz}

                if [ -z "$ARCH" ]; then
                  case "$( uname -m )" in
                    i?86) ARCH=i586 ;;
                    *) ARCH=$( uname -m ) ;;
                  esac
                fi

                if [ ! -z "${PRINT_PACKAGE_NAME}" ]; then
                  echo "$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE"
                  exit 0
                fi

                TMP=${TMP:-/tmp/SBo}
                PKG=$TMP/package-$PRGNAM
                OUTPUT=${OUTPUT:-/tmp}

                if [ "$ARCH" = "x86_64" ]; then
                  LIBDIRSUFFIX="64"
                else
                  LIBDIRSUFFIX=""
                fi

                set -e

                rm -rf $PKG
                mkdir -p $TMP $PKG $OUTPUT
                cd $TMP
                rm -rf $PRGNAM-$VERSION
                tar xvf $CWD/$PRGNAM-$VERSION.tar.gz
                cd $PRGNAM-$VERSION
                chown -R root:root .

                ./configure \\
                  --prefix=/usr \\
                  --libdir=/usr/lib${LIBDIRSUFFIX} \\
                  --mandir=/usr/man \\
                  --docdir=/usr/doc/$PRGNAM-$VERSION

                make
                make install DESTDIR=$PKG

                mkdir -p $PKG/usr/doc/$PRGNAM-$VERSION
                cp -a README $PKG/usr/doc/$PRGNAM-$VERSION
                cat $CWD/$PRGNAM.SlackBuild > $PKG/usr/doc/$PRGNAM-$VERSION/$PRGNAM.SlackBuild

                mkdir -p $PKG/install
                cat $CWD/slack-desc > $PKG/install/slack-desc

                cd $PKG
                /sbin/makepkg -l y -c n $OUTPUT/$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE
                """.replace("NAME}", "@")
                .replace("NAME", name)
                .replace("@", "NAME}")
                .replace(":-1.0", ":-" + version);
    }

    /** A slack-desc. */
    public static String description(String name) {
        return " ".repeat(name.length())
                + "|-----handy-ruler------------------------------------------------------|\n"
                + name + ": " + name + " (a sample)\n"
                + (name + ":\n").repeat(10);
    }

    /** A directory that keeps every rule. */
    public static SlackBuildFiles files(String name, String version, String requires) {
        return files(
                name,
                Map.of(
                        name + ".SlackBuild",
                        script(name, version),
                        name + ".info",
                        info(name, version, requires),
                        "slack-desc",
                        description(name)));
    }

    /** A directory with these texts; scripts are executable. */
    public static SlackBuildFiles files(String name, Map<String, String> texts) {
        var files = new TreeMap<String, FileText>();
        texts.forEach(
                (file, text) -> files.put(file, FileText.of(SlackBuildReader.isScript(file) ? 0755 : 0644, text)));
        return new SlackBuildFiles("slackbuilds/" + name, name, files);
    }

    /** A directory with other texts in the place of some. */
    public static SlackBuildFiles changed(SlackBuildFiles files, Map<String, FileText> changes) {
        var all = new TreeMap<>(files.files());
        all.putAll(changes);
        return new SlackBuildFiles(files.path(), files.name(), all);
    }

    /**
     * A tree.
     *
     * @param stacks text of its stacks.yaml
     * @param requirements {@code NAME: REQUIRES}
     */
    static SlackBuildTree tree(String stacks, String... requirements) {
        var slackbuilds = new LinkedHashMap<String, SlackBuild>();
        for (String each : requirements) {
            String[] parts = each.split(":\\s*", 2);
            slackbuilds.put(parts[0], SlackBuildReader.read(files(parts[0], "1.0", parts.length > 1 ? parts[1] : "")));
        }
        return new SlackBuildTree("slackbuilds", StacksYaml.read(stacks, "stacks.yaml"), slackbuilds, Map.of());
    }

    /** What is refused, one problem after the other. */
    static List<Problem> problems(Runnable work) {
        try {
            work.run();
            return List.of();
        } catch (ProblemException refused) {
            return refused.problems();
        }
    }

    /** All of it as text. */
    static String said(Runnable work) {
        var out = new StringBuilder();
        problems(work).forEach(problem -> out.append(problem.text()).append('\n'));
        return out.toString();
    }

    /**
     * Writes one to disk.
     *
     * @param tree directory of SlackBuilds, which is made if it is not there
     */
    public static void write(Path tree, SlackBuildFiles files) throws IOException {
        Path directory = Files.createDirectories(tree.resolve(files.name()));
        for (var each : files.files().entrySet()) {
            Files.writeString(directory.resolve(each.getKey()), each.getValue().text());
        }
    }
}
