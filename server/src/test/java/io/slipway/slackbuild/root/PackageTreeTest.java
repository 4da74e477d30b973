package io.slipway.slackbuild.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.ChildJvm;
import io.slipway.Witness;
import io.slipway.problem.ProblemException;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageTreeTest {
    @TempDir
    private Path directory;

    /** A package out of a shell script that makes its files. */
    static PackageFile pack(Path directory, String name, String script) throws IOException {
        Path staging = Files.createDirectories(directory.resolve("staging-" + name));
        Witness.run(staging, "sh", "-ec", "umask 022; " + script);
        Path file = directory.resolve(name + "-1-noarch-1.tgz");
        Witness.run(staging, "tar", "czf", file.toString(), "--mtime=@1000000000", ".");
        return new PackageFile(PackageFileName.parse(file.getFileName().toString()), file, Sha256.of(file));
    }

    private String install(PackageTree tree, String name, String script) throws IOException {
        return tree.install(pack(directory, name, script));
    }

    @Test
    void filesModesTimesAndLinksAreAsInstallpkgMakesThem() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        var tree = new PackageTree(root, List.of());
        String rest = install(tree, "a", """
                mkdir -p install usr/lib64 usr/bin var/empty; echo lib > usr/lib64/libx.so.1.2; chmod 755 usr/lib64/libx.so.1.2
                echo su > usr/bin/su; chmod 4711 usr/bin/su; ln usr/bin/su usr/bin/sudo; chmod 1777 var/empty
                cat > install/doinst.sh <<X
                # links
                ( cd usr/lib64 ; rm -rf libx.so.1 )
                ( cd usr/lib64 ; ln -sf libx.so.1.2 libx.so.1 )
                ( cd . ; rm -rf lib64 )
                ( cd . ; ln -sf usr/lib64 lib64 )
                X
                """);
        assertThat(rest).as("nothing but links").isEmpty();
        rest = install(tree, "b", """
                mkdir -p install lib64 usr/bin; echo y > lib64/liby.so; echo other > usr/bin/su
                echo 'mv etc/x.new etc/x' > install/doinst.sh
                """);
        tree.finish();
        assertThat(rest).isEqualTo("mv etc/x.new etc/x\n");
        assertThat(root.resolve("usr/lib64/liby.so")).as("through the link").hasContent("y");
        assertThat(Files.readSymbolicLink(root.resolve("lib64")).toString()).isEqualTo("usr/lib64");
        assertThat(root.resolve("lib64/libx.so.1")).hasContent("lib");
        assertThat(root.resolve("usr/bin/su")).as("the later one").hasContent("other");
        assertThat(root.resolve("usr/bin/sudo")).hasContent("su");
        assertThat(root.resolve("install")).doesNotExist();
        assertThat((Integer) Files.getAttribute(root.resolve("usr/bin/sudo"), "unix:mode") & 07777)
                .isEqualTo(04711);
        assertThat((Integer) Files.getAttribute(root.resolve("var/empty"), "unix:mode") & 07777)
                .isEqualTo(01777);
        assertThat(Files.getLastModifiedTime(root.resolve("usr/bin")).toMillis())
                .isEqualTo(1_000_000_000_000L);
        assertThat(Files.readString(root.resolve("var/lib/pkgtools/packages/b-1-noarch-1")))
                .contains("PACKAGE NAME:     b-1-noarch-1\n")
                .contains("FILE LIST:\n./\n")
                .contains("\nlib64/liby.so\n");
    }

    @Test
    void aLinkNeverLeadsOutOfTheTree() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path root = Files.createDirectory(directory.resolve("root"));
        var tree = new PackageTree(root, List.of());
        install(
                tree,
                "a",
                "mkdir install; echo '( cd . ; rm -rf opt )' > install/doinst.sh; echo '( cd . ; ln -sf " + outside
                        + " opt )' >> install/doinst.sh");
        install(tree, "b", "mkdir opt; echo x > opt/file");
        assertThat(outside).isEmptyDirectory();
        assertThat(root.resolve("opt/file")).hasContent("x");
    }

    @Test
    void aLayerHoldsItsOwnFilesAndFollowsTheLinksBelow() throws Exception {
        Path base = Files.createDirectories(directory.resolve("base"));
        Witness.run(
                base,
                "sh",
                "-ec",
                "mkdir -m 750 usr; mkdir usr/lib64; ln -s usr/lib64 lib64; echo old > usr/lib64/x; "
                        + "ln -s lib64 alias");
        Path layer = Files.createDirectory(directory.resolve("layer"));
        var tree = new PackageTree(layer, java.util.List.of(base));
        install(tree, "a", "mkdir lib64 alias; echo new > lib64/x; echo z > alias/z");
        tree.finish();
        assertThat(layer.resolve("usr/lib64/x")).hasContent("new");
        assertThat(layer.resolve("usr/lib64/z")).hasContent("z");
        assertThat(Files.exists(layer.resolve("lib64"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        assertThat((Integer) Files.getAttribute(layer.resolve("usr"), "unix:mode") & 07777)
                .as("as below")
                .isEqualTo(0750);
        assertThat(base.resolve("usr/lib64/x")).hasContent("old");
    }

    /** Java cannot name such files where the locale is C, as it is in cron's and init's environment. */
    @ParameterizedTest
    @CsvSource({"C, 'LC_ALL=C.UTF-8'", "C.UTF-8, unpacked"})
    void aNameBeyondAsciiNeedsALocaleThatHasIt(String locale, String said) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        PackageFile file = pack(directory, "a", "touch \"$(printf 'F\\305\\221tan.crt')\"");
        Process child = ChildJvm.startWithLocale(
                locale, Unpacking.class.getName(), root.toString(), file.file().toString());
        assertThat(new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains(said);
        assertThat(child.waitFor()).isZero();
    }

    /** In a program of its own. */
    static final class Unpacking {
        private Unpacking() {}

        /** The root and the package. */
        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[1]);
            var name = PackageFileName.parse(String.valueOf(file.getFileName()));
            try {
                new PackageTree(Path.of(arguments[0]), List.of()).install(new PackageFile(name, file, Sha256.of(file)));
                System.out.println("unpacked");
            } catch (ProblemException problem) {
                System.out.println(problem.getMessage());
            }
        }
    }
}
