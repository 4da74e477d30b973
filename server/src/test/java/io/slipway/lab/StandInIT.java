package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.LocalCommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stand-in tree is no easier than Slackware: what an installation must cope with there is here too. Builds the tree
 * (or finds it in the lab's cache) and takes it apart with tar, xz and cpio. Needs root.
 */
class StandInIT {
    private static final Path ROOT = Path.of(System.getProperty("slipway.root"));
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache/slipway-lab");
    private static final Path TREE = CACHE.resolve("tree-trixie");
    private static final Path INITRD = TREE.resolve("isolinux/initrd.img");

    @TempDir
    private static Path scratch;

    private static Set<String> installer = Set.of();

    @BeforeAll
    static void buildAndUnpack() throws Exception {
        boolean able = "root".equals(System.getProperty("user.name"))
                && Files.isExecutable(Path.of("/usr/bin/apt-get"))
                && Files.isExecutable(Path.of("/usr/bin/cpio"));
        if (System.getenv("CI") != null) {
            assertThat(able).as("root on Debian with cpio").isTrue();
        }
        assumeTrue(able, "needs root on Debian with cpio");
        must(run(
                Duration.ofMinutes(20),
                ROOT.resolve("server/standin/build").toString(),
                "--suite",
                "trixie",
                "--out",
                TREE.toString(),
                "--cache",
                CACHE.toString()));
        sh("mkdir -p I && xz -dc " + INITRD + " | (cd I && cpio -idm --quiet)");
        installer = new TreeSet<>(
                sh("xz -dc " + INITRD + " | cpio -it --quiet").lines().toList());
        for (String name : List.of("aaa_base", "etc", "network-scripts", "sysvinit-scripts", "pkgtools")) {
            sh("mkdir -p P && tar -C P --keep-directory-symlink -xf " + TREE + "/slackware64/*/" + name
                    + "-[0-9]*.txz");
        }
    }

    @Test
    void theTreeIsLaidOutAndSigned() throws Exception {
        for (String path : List.of(
                "ChangeLog.txt",
                "CHECKSUMS.md5",
                "CHECKSUMS.md5.asc",
                "GPG-KEY",
                "PACKAGES.TXT",
                "FILELIST.TXT",
                "slackware64/CHECKSUMS.md5",
                "slackware64/MANIFEST.bz2",
                "slackware64/FILE_LIST",
                "slackware64/a/tagfile",
                "slackware64/a/maketag",
                "slackware64/n/maketag.ez",
                "kernels/generic.s/bzImage",
                "kernels/generic.s/config",
                "kernels/generic.s/System.map.gz",
                "kernels/VERSIONS.TXT")) {
            assertThat(TREE.resolve(path)).isNotEmptyFile();
        }
        assertThat(Files.readSymbolicLink(TREE.resolve("slackware64/PACKAGES.TXT")))
                .hasToString("../PACKAGES.TXT");
        assertThat(Files.readString(TREE.resolve("ChangeLog.txt"))).contains("stand-in");
        sh("cd " + TREE + " && tail -n +13 CHECKSUMS.md5 | md5sum -c --quiet -");
        String fingerprint =
                Files.readString(TREE.resolveSibling("tree-trixie.fingerprint")).strip();
        assertThat(sh("mkdir -p -m 700 G && export GNUPGHOME=$PWD/G && gpg --batch -q --import " + TREE
                        + "/GPG-KEY && gpg --batch --status-fd 1 --verify " + TREE + "/CHECKSUMS.md5.asc " + TREE
                        + "/CHECKSUMS.md5 2>/dev/null; gpgconf --kill all"))
                .contains("VALIDSIG " + fingerprint);
    }

    @Test
    void packagesFollowTheConventions() throws Exception {
        for (String listing : sh("for p in " + TREE + "/slackware64/*/*.txz; do echo \"$(tar tf $p | head -n1) "
                        + "$(tar tvf $p | grep -c '^l') $(tar tf $p | grep -c '^\\./.')\"; done")
                .split("\n")) {
            assertThat(listing).isEqualTo("./ 0 0");
        }
        assertThat(sh("for p in " + TREE
                        + "/slackware64/*/*.txz; do test -s ${p%.txz}.txt -a -s $p.asc || echo $p; done"))
                .isEmpty();
    }

    @Test
    void theInstallerHasItsToolsAndLacksWhatSlackwaresLacks() {
        for (String tool : List.of(
                "bash",
                "sh",
                "cp",
                "comm",
                "numfmt",
                "paste",
                "sort",
                "grep",
                "sed",
                "tar",
                "gzip",
                "xz",
                "lzip",
                "plzip",
                "ps",
                "pgrep",
                "dialog",
                "rev",
                "strings",
                "ldd",
                "sgdisk",
                "gdisk",
                "cgdisk",
                "fixparts",
                "sfdisk",
                "fdisk",
                "cfdisk",
                "parted",
                "partprobe",
                "partx",
                "blkid",
                "lsblk",
                "findmnt",
                "mke2fs",
                "mkfs.ext4",
                "mkfs.btrfs",
                "mkfs.xfs",
                "mkfs.f2fs",
                "mkfs.jfs",
                "mkfs.vfat",
                "btrfs",
                "xfs_repair",
                "mkswap",
                "swaplabel",
                "hdparm",
                "nvme",
                "smartctl",
                "ddrescue",
                "zerofree",
                "dmidecode",
                "mdadm",
                "lvm",
                "vgcreate",
                "lvcreate",
                "pvs",
                "dmsetup",
                "cryptsetup",
                "zramctl",
                "uuidgen",
                "mcookie",
                "chpasswd",
                "dhcpcd",
                "ip",
                "ifconfig",
                "route",
                "wget",
                "tftp",
                "nc",
                "httpd",
                "nslookup",
                "ping",
                "udhcpc",
                "ntpdate",
                "mount.nfs",
                "rpcbind",
                "rpc.statd",
                "dnsmasq",
                "dropbear",
                "dbclient",
                "dropbearkey",
                "syslinux",
                "lspci",
                "lsusb",
                "chattr",
                "lsattr",
                "sha256sum",
                "base64",
                "awk",
                "flock",
                "timeout",
                "xxd",
                "installpkg",
                "removepkg",
                "modprobe")) {
            assertThat(find(tool)).as(tool).isTrue();
        }
        for (String tool : List.of(
                "curl",
                "openssl",
                "gpg",
                "rsync",
                "jq",
                "perl",
                "python",
                "python3",
                "wipefs",
                "efibootmgr",
                "grub-install",
                "grub-mkconfig",
                "git",
                "ssh-keygen")) {
            assertThat(find(tool)).as(tool).isFalse();
        }
        assertThat(installer).contains("usr/lib/setup/setup", "usr/lib/setup/SeTnet", "etc/installer", "init");
        assertThat(installer).anyMatch(path -> path.contains("/virtio_net.ko"));
        assertThat(installer)
                .noneMatch(path -> path.matches(
                        ".*/(bonding|bridge|br_netfilter|openvswitch|nf_conntrack|nf_tables|x_tables)\\.ko.*"));
    }

    @Test
    void theInitrdIsXzWithTheChecksumTheKernelKnows() throws Exception {
        assertThat(sh("xz --robot -lv " + INITRD)).contains("CRC32").doesNotContain("CRC64");
        assertThat(sh("xz -dc " + INITRD + " | head -c 6")).isEqualTo("070701");
        assertThat(sh("readlink I/init")).isEqualTo("sbin/init\n");
        assertThat(sh("readlink -f I/sbin/init")).endsWith("/busybox\n");
    }

    @Test
    void theInstallerPromptsGoesBackADayAndLetsEverybodyIn() throws Exception {
        String start = Files.readString(scratch.resolve("I/etc/rc.d/rc.S"));
        assertThat(start)
                .containsSubsequence(
                        "rc.udev start",
                        "fakedate",
                        "rc.inet1",
                        "vgchange -ay",
                        ". /etc/profile",
                        "kbd=",
                        "read -r",
                        "SeTnet boot",
                        "rc.dropbear start",
                        "slackware login: ",
                        "read -r");
        assertThat(Files.readString(scratch.resolve("I/usr/lib/setup/fakedate")))
                .contains("86400");
        assertThat(Files.readString(scratch.resolve("I/etc/rc.d/rc.dropbear"))).contains("dropbear -B");
        String hash = sh("grep ^root: I/etc/shadow | cut -d: -f2").strip();
        assertThat(sh("python3 -W ignore -c 'import crypt,sys; print(crypt.crypt(\"\", sys.argv[1]))' '" + hash
                                + "' || echo '" + hash + "'")
                        .strip())
                .isEqualTo(hash);
    }

    @Test
    void installpkgHidesItsFailures() throws Exception {
        String installpkg = scratch.resolve("P/sbin/installpkg").toString();
        String any = sh("ls " + TREE + "/slackware64/a/coreutils-*.txz").strip();
        var unreadable = run(
                Duration.ofMinutes(1),
                installpkg,
                "--root",
                scratch.resolve("T1").toString(),
                "--tagfile",
                "/nonexistent",
                any);
        assertThat(unreadable.status()).isZero();
        assertThat(scratch.resolve("T1/var/lib/pkgtools")).doesNotExist();

        String small = scratch.resolve("small").toString();
        sh("mkdir small && mount -t tmpfs -o size=1m none " + small);
        try {
            var full = run(Duration.ofMinutes(1), installpkg, "--root", small, any);
            assertThat(full.status()).isZero();
        } finally {
            sh("umount " + small);
        }

        sh(
                "mkdir -p bad/install && printf 'pwd > where\\nexit 7\\n' > bad/install/doinst.sh && (cd bad && ../P/sbin/makepkg -l y -c n "
                        + scratch + "/bad-1-noarch-1.txz)");
        var bad = run(
                Duration.ofMinutes(1),
                installpkg,
                "--root",
                scratch.resolve("T2").toString(),
                scratch.resolve("bad-1-noarch-1.txz").toString());
        assertThat(bad.status()).isZero();
        assertThat(Files.readString(scratch.resolve("T2/where")).strip())
                .isEqualTo(scratch.resolve("T2").toRealPath().toString());
        assertThat(scratch.resolve("T2/var/lib/pkgtools/packages/bad-1-noarch-1"))
                .exists();
        assertThat(run(
                                Duration.ofMinutes(1),
                                installpkg,
                                "--root",
                                scratch.resolve("T2").toString(),
                                "/nonexistent.txz")
                        .status())
                .isEqualTo(4);
    }

    @Test
    void theBootScriptsObeyTheirRules() throws Exception {
        assertThat(sh("cut -d: -f1,2 P/etc/shadow.new | grep ^root")).isEqualTo("root:\n");
        String configuration = "IFNAME[0]=d0\\nIPADDRS[0]=10.9.9.1/24\\nMTU[0]=1400\\nIFNAME[1]=d1\\nMTU[1]=1300\\n"
                + "IFNAME[2]=br0\\nBRNICS[2]=d2\\nIFOPTS[2]=\"stp_state 1\"\\n"
                + "IFNAME[6]=d6\\nIPADDRS[6]=10.9.6.1/24\\n";
        String namespace = "slipway-it-" + ProcessHandle.current().pid();
        sh("ip netns add " + namespace);
        try {
            for (String card : List.of("d0", "d1", "d2", "d6")) {
                sh("ip -n " + namespace + " link add " + card + " type veth peer name far-" + card);
            }
            sh("printf '" + configuration + "' > rc.inet1.conf");
            String said = sh("RC_INET1_CONF=$PWD/rc.inet1.conf ip netns exec " + namespace
                    + " bash P/etc/rc.d/rc.inet1.new start 2>&1");
            String links = sh("ip -n " + namespace + " -d -o link; ip -n " + namespace + " -o -4 addr");
            assertThat(links).containsPattern("d0:.* mtu 1400 ");
            // An interface without an address keeps its MTU, whatever is configured.
            assertThat(links).containsPattern("d1:.* mtu 1500 ");
            assertThat(links).containsPattern("d2:.* master br0 ").contains("stp_state 1");
            assertThat(links).doesNotContain("10.9.6.1");
            assertThat(said).contains("MAXNICS");
        } finally {
            sh("ip netns del " + namespace);
        }
        assertThat(sh("cat P/etc/rc.d/rc.S.new")).contains("/etc/lvm/backup");
        assertThat(sh("cat P/etc/rc.d/rc.M.new")).contains("hostname \"$(cat /etc/HOSTNAME)\"");
    }

    @Test
    void nothingElseNamesIt() throws Exception {
        String found = sh("cd " + ROOT
                + " && grep -rliE 'stand-?ins?([^a-z]|$)' templates overlays server/src/main --include='*' 2>/dev/null | "
                + "grep -v '/io/slipway/lab/' || true");
        assertThat(found).isEmpty();
    }

    private static boolean find(String tool) {
        return List.of("bin/", "sbin/", "usr/bin/", "usr/sbin/").stream()
                .anyMatch(place -> installer.contains(place + tool));
    }

    private static String sh(String script) throws InterruptedException {
        var result = new LocalCommandRunner()
                .run(Command.of(Duration.ofMinutes(5), "bash", "-eu", "-c", script)
                        .withDirectory(scratch));
        must(result);
        return result.output();
    }

    private static CommandResult run(Duration longest, String... words) throws InterruptedException {
        return new LocalCommandRunner().run(Command.of(longest, words));
    }

    private static void must(CommandResult result) {
        assertThat(result.succeeded())
                .as(result.command().shown() + "\n" + result.error())
                .isTrue();
    }
}
