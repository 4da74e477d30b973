package io.slipway.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Programs and files that Slipway needs beside itself, and where they come from.
 *
 * @param name the program, or the file's path
 * @param purpose what does not work without it
 * @param debian Debian's package
 * @param slackware Slackware's package, or a SlackBuild's name
 * @param labOnly whether only the lab needs it
 */
public record Tools(String name, String purpose, String debian, String slackware, boolean labOnly) {
    private static final List<Tools> ALL = List.of(
            new Tools("gpg", "signatures of mirrors, read by people", "gnupg", "gnupg2", false),
            new Tools("rsync", "mirrors by rsync", "rsync", "rsync", false),
            new Tools("/usr/lib/ipxe/undionly.kpxe", "booting BIOS machines", "ipxe", "ipxe", false),
            new Tools("/usr/lib/ipxe/snponly.efi", "booting UEFI machines", "ipxe", "ipxe", false),
            new Tools("qemu-system-x86_64", "virtual machines", "qemu-system-x86", "qemu", true),
            new Tools("qemu-img", "their disks", "qemu-utils", "qemu", true),
            new Tools("/usr/share/OVMF/OVMF_CODE_4M.fd", "UEFI machines", "ovmf", "edk2-ovmf", true),
            new Tools("/usr/lib/ipxe/qemu/efi-virtio.rom", "their network boot", "ipxe-qemu", "qemu", true),
            new Tools("ip", "namespaces and bridges", "iproute2", "iproute2", true),
            new Tools("dnsmasq", "the lab network's DHCP server", "dnsmasq-base", "dnsmasq", true),
            new Tools("ethtool", "bonds in the lab", "ethtool", "ethtool", true),
            new Tools("curl", "asking the lab's appliance", "curl", "curl", true),
            new Tools("ssh", "logging in to nodes", "openssh-client", "openssh", true),
            new Tools("ssh-keygen", "the lab's key", "openssh-client", "openssh", true),
            new Tools("xz", "making trees", "xz-utils", "xz", true),
            new Tools("cpio", "making trees", "cpio", "cpio", true),
            new Tools("bzip2", "making trees", "bzip2", "bzip2", true),
            new Tools("depmod", "making trees", "kmod", "kmod", true));
    private static final List<Path> PATH =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
                    .map(Path::of)
                    .toList();

    /** What is not on this computer, in the order of the list. */
    public static List<Tools> missing(boolean forLab) {
        var missing = new ArrayList<Tools>();
        for (Tools tool : ALL) {
            if ((forLab || !tool.labOnly) && !tool.isHere()) {
                missing.add(tool);
            }
        }
        return missing;
    }

    /** All of them. */
    public static List<Tools> all() {
        return ALL;
    }

    /** The Debian packages that have them, each once. */
    public static List<String> debianPackages(List<Tools> tools) {
        Set<String> packages = new LinkedHashSet<>();
        tools.forEach(tool -> packages.add(tool.debian));
        return List.copyOf(packages);
    }

    /** Whether it can be found. */
    public boolean isHere() {
        if (name.startsWith("/")) {
            return Files.isReadable(Path.of(name));
        }
        return PATH.stream().anyMatch(directory -> Files.isExecutable(directory.resolve(name)));
    }
}
