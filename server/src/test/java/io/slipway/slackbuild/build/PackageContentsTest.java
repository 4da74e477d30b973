package io.slipway.slackbuild.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Witness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageContentsTest {
    @TempDir
    private Path directory;

    private Path pack(String name, String script) throws Exception {
        Path staging = Files.createDirectories(directory.resolve("staging-" + name));
        Witness.run(staging, "sh", "-ec", "umask 022; " + script);
        Path file = directory.resolve(name + "-1-noarch-1.tgz");
        Witness.run(staging, "tar", "czf", file.toString(), "--mtime=@1000000000", "--owner=0", "--group=0", ".");
        return file;
    }

    private PackageChecks check(String script, Path... layers) throws Exception {
        return PackageChecks.of(
                PackageContents.read(
                        pack("x" + Integer.toHexString(script.hashCode()), script), List.of("/tmp/slipway-build")),
                List.of(layers));
    }

    private static final String GOOD = "mkdir -p usr/bin install; echo x > usr/bin/x; echo x: > install/slack-desc; ";

    @Test
    void aPackageWithNothingWrongIsSaidNothingOf() throws Exception {
        PackageChecks checks = check(GOOD + "mkdir -m 1777 -p var/spool/x; mkdir -p etc/x var/log/x");
        assertThat(checks.errors()).isEmpty();
        assertThat(checks.warnings()).isEmpty();
    }

    @Test
    void filesOutsideTheUsualPlacesAreErrors() throws Exception {
        assertThat(check(GOOD + "mkdir -p home/me usr/local/bin var/run; touch home/me/x usr/local/bin/y")
                        .errors())
                .singleElement()
                .asString()
                .startsWith("outside the usual places: /home, /home/me, ")
                .contains("/usr/local/bin");
        assertThat(check(GOOD + "touch stray").errors()).containsExactly("outside the usual places: /stray");
    }

    @Test
    void whatEverybodyMayWriteIsAnErrorUnlessSticky() throws Exception {
        assertThat(check(GOOD + "chmod 666 usr/bin/x; mkdir -m 777 -p var/lib/open; mkdir -m 1777 var/lib/sticky;"
                                + " ln -s x usr/bin/y")
                        .errors())
                .containsExactly("writable by everybody: /usr/bin/x, /var/lib/open");
    }

    @Test
    void anEmptyPackageIsAnError() throws Exception {
        assertThat(check("mkdir install; echo x: > install/slack-desc").errors())
                .containsExactly("there is nothing in it");
    }

    @Test
    void tracesOfTheBuildAndAMissingDescriptionAreWarnings() throws Exception {
        // Across the border of two parts that are read.
        PackageChecks checks = check("mkdir -p usr/lib; head -c 65530 /dev/zero | tr '\\0' a > usr/lib/x;"
                + " echo /tmp/slipway-build/raft >> usr/lib/x; echo /tmp/slipway > usr/lib/y");
        assertThat(checks.errors()).isEmpty();
        assertThat(checks.warnings())
                .containsExactly(
                        "it has no description (install/slack-desc)",
                        "naming the directory in which they were built: /usr/lib/x");
    }

    @Test
    void aLibraryThatNothingHasIsNamedWithWhoNeedsIt() throws Exception {
        Path layer = Files.createDirectories(directory.resolve("layer"));
        String copy = GOOD + "cp -L /bin/ls usr/bin/ls; cp -L /bin/tar usr/bin/tar; ";
        assertThat(check(copy, layer).warnings())
                .anyMatch(warning -> warning.matches("/usr/bin/ls and 1 more need libc\\.so\\.6, which neither.*"));
        Files.createDirectories(layer.resolve("opt/odd"));
        Files.createDirectories(layer.resolve("etc/ld.so.conf.d"));
        Files.writeString(layer.resolve("etc/ld.so.conf.d/odd.conf"), "# x\n/opt/odd\n");
        Files.writeString(layer.resolve("opt/odd/libc.so.6"), "");
        assertThat(check(copy, layer).warnings()).noneMatch(warning -> warning.contains("libc.so.6"));
        assertThat(check(copy
                                + "mkdir -p usr/lib64; cp -L \"$(ldd /bin/ls | sed -n 's/.*=> \\(.*libc.so.6\\) .*/\\1/p')\""
                                + " usr/lib64/libc-2.so")
                        .warnings())
                .as("by the name that the library itself says")
                .noneMatch(warning -> warning.contains("need libc.so.6"));
    }

    @Test
    void elfIsReadAsReadelfDoes() throws Exception {
        Witness.require("readelf");
        for (String program : List.of("/bin/ls", "/bin/bash", "/usr/bin/xz")) {
            var expected = Witness.run(
                            directory,
                            "sh",
                            "-c",
                            "readelf -d " + program + " | sed -n 's/.*(NEEDED).*\\[\\(.*\\)\\].*/\\1/p'")
                    .lines()
                    .toList();
            byte[] bytes = Files.readAllBytes(Path.of(program));
            assertThat(ElfFile.read(bytes).orElseThrow().needed()).as(program).isEqualTo(expected);
        }
    }

    @Test
    void aDamagedProgramIsNoneAndDoesNoHarm() throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of("/bin/ls"));
        for (int length : new int[] {0, 3, 4, 51, 64, 200, 4096, bytes.length / 2}) {
            assertThat(ElfFile.read(Arrays.copyOf(bytes, length)))
                    .as(length + " bytes")
                    .isEmpty();
        }
        for (int i = 4; i < 1024; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) 0xff;
            // Whatever it says now.
            ElfFile.read(changed);
        }
    }

    @Test
    void twoBuildsAreComparedFileByFile() throws Exception {
        var first = PackageContents.read(
                pack("a", GOOD + "echo 1 > usr/bin/n; touch usr/bin/gone; echo q > usr/bin/m"), List.of());
        var same = PackageContents.read(
                pack("b", GOOD + "echo 1 > usr/bin/n; touch usr/bin/gone; echo q > usr/bin/m"), List.of());
        var other = PackageContents.read(
                pack(
                        "c",
                        GOOD + "echo 2 > usr/bin/n; echo more > usr/bin/new; echo q > usr/bin/m; chmod 755 usr/bin/m"),
                List.of());
        assertThat(first.differences(same)).isEmpty();
        assertThat(first.differences(other))
                .containsExactly(
                        "usr/bin/gone: only in the first",
                        "usr/bin/m: modes 0644 and 0755",
                        "usr/bin/n: other content",
                        "usr/bin/new: only in the second");
    }

    @Test
    void licencesAreReadFromThePackagesOwnFiles() throws Exception {
        var contents = PackageContents.read(
                pack(
                        "l",
                        GOOD + "mkdir -p usr/doc/x-1; cd usr/doc/x-1; echo 'Apache License' > LICENSE;"
                                + " echo '   Version 2.0, January 2004' >> LICENSE; echo SPDX-License-Identifier: MIT > COPYING.mit;"
                                + " echo 'GNU GENERAL PUBLIC LICENSE Version 2' > README"),
                List.of());
        assertThat(LicenceText.find(contents.licences())).containsExactly("Apache-2.0", "MIT");
        assertThat(LicenceText.find(List.of("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n …"
                        + " the GNU General Public License,\n version 3")))
                .containsExactly("LGPL-3.0");
        assertThat(LicenceText.find(List.of("nothing known"))).isEmpty();
    }
}
