package io.slipway.boot;

import io.slipway.lifecycle.BootMode;
import java.util.regex.Pattern;

/**
 * The words for a decision, in iPXE's script language, for iPXE of 2019 and newer. Every value that comes from outside is
 * checked or made harmless here: iPXE expands <code>${…}</code> and joins lines by nothing else than line ends.
 */
public final class IpxeScript {
    /** Longest kernel command line: x86 keeps 2,048 bytes, and the boot loader may add some. */
    public static final int COMMAND_LINE_BYTES = 1_000;

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");
    private static final Pattern BASE = Pattern.compile("http://[0-9.]{7,15}:\\d{1,5}");
    private static final int MENU_SECONDS = 15;
    private static final int LONGEST_TEXT = 200;

    private IpxeScript() {}

    /**
     * What the script needs besides the decision.
     *
     * @param base address of the boot listener, {@code http://10.99.0.1:8080}
     * @param serialConsole whether the kernel also speaks on the first serial port
     */
    public record Site(String base, boolean serialConsole) {
        public Site {
            if (!BASE.matcher(base).matches()) {
                throw new IllegalArgumentException("base is http://ADDRESS:PORT, not \"" + base + '"');
            }
        }
    }

    /** The whole script. */
    public static String of(BootDecision decision, BootRequest request, Site site) {
        var out = new StringBuilder("#!ipxe\n");
        if (decision instanceof BootDecision.Start start) {
            start(out, start, request, site);
        } else if (decision instanceof BootDecision.LocalDisk disk) {
            say(out, disk.why());
            localDisk(out, request);
        } else if (decision instanceof BootDecision.Menu menu) {
            menu(out, menu.why(), request, site);
        } else if (decision instanceof BootDecision.Quarantined quarantined) {
            say(out, "STOP. " + quarantined.why());
            menu(out, "A person has to look first: slipway node show " + quarantined.node(), request, site);
        }
        return out.toString();
    }

    /** The kernel's command line of a machine that may claim. */
    static String commandLine(BootDecision.Start start, BootRequest request, Site site) {
        if (!NAME.matcher(start.node()).matches()
                || !DIGEST.matcher(start.token()).matches()
                || !DIGEST.matcher(start.image()).matches()) {
            throw new IllegalArgumentException("not a node name, token and digest: " + start.node());
        }
        var mac = request.mac();
        String line = "initrd=initrd.img kbd=us nodhcp slipway.url=" + site.base() + "/nodes/" + start.node()
                + " slipway.token=" + start.token()
                + " slipway.image=" + start.image()
                // net0 may not be the interface that booted; iPXE knows it as netX.
                + " slipway.mac=" + (mac == null ? "${netX/mac}" : mac.text())
                + " slipway.mode=" + start.mode().text()
                + (site.serialConsole() ? " console=tty0 console=ttyS0,115200n8" : "");
        if (line.length() > COMMAND_LINE_BYTES) {
            throw new IllegalArgumentException("the command line has " + line.length() + " bytes");
        }
        return line;
    }

    private static void start(StringBuilder out, BootDecision.Start start, BootRequest request, Site site) {
        say(
                out,
                start.mode() == BootMode.INSTALL
                        ? "Node " + start.node() + " is armed: its system disk will be ERASED and installed."
                        : "Node " + start.node() + " starts a rescue shell. Nothing is erased.");
        say(
                out,
                "Image " + start.image().substring(0, Math.min(12, start.image().length())));
        String boot = site.base() + "/images/" + start.image() + "/boot/";
        String line = commandLine(start, request, site);
        // Each fetch is tried five times. A script without jumps into a fetch cannot loop.
        for (String file : new String[] {"kernel", "initrd"}) {
            String command = file.equals("kernel")
                    ? "kernel --name vmlinuz " + boot + "vmlinuz " + line
                    : "initrd --name initrd.img " + boot + "initrd.img";
            for (int attempt = 1; attempt <= 5; attempt++) {
                out.append(command).append(" && goto ").append(file).append("_ok ||\n");
                out.append("echo ")
                        .append(file)
                        .append(" could not be fetched, attempt ")
                        .append(attempt);
                out.append(" of 5\nsleep ").append(attempt).append('\n');
            }
            out.append("goto failed\n:").append(file).append("_ok\n");
        }
        out.append("boot ||\n:failed\n");
        say(out, "The installer could not be started. Nothing was changed on this machine.");
        out.append("imgfree ||\nsleep 10\n");
        localDisk(out, request);
    }

    private static void menu(StringBuilder out, String why, BootRequest request, Site site) {
        say(out, why);
        // A build without menus (some vendors') goes on to the disk.
        out.append("menu Slipway at ").append(site.base()).append(" || goto disk\n");
        out.append("item --gap -- ").append(clean(why)).append('\n');
        out.append("item disk Start from the local disk\n");
        out.append("item again Ask the appliance again\n");
        out.append("item shell iPXE shell\n");
        out.append("choose --default disk --timeout ")
                .append(MENU_SECONDS * 1000)
                .append(" what || goto disk\n");
        out.append("goto ${what} || goto disk\n");
        out.append(":again\nchain --replace ")
                .append(site.base())
                .append("/boot.ipxe?mac=${netX/mac:hexhyp}&uuid=${uuid}&serial=${serial:uristring}"
                        + "&arch=${buildarch}&platform=${platform} || goto disk\n");
        out.append(":shell\nshell ||\n:disk\n");
        localDisk(out, request);
    }

    /** Tried with OVMF: {@code exit} alone ends in the firmware's menu, {@code exit 1} goes on to the next entry. */
    private static void localDisk(StringBuilder out, BootRequest request) {
        say(out, "Starting from the local disk.");
        if (request.isUefi()) {
            out.append("exit 1\n");
        } else if (request.platform().equals("pcbios")) {
            out.append("sanboot --no-describe --drive 0x80 ||\n");
            say(out, "There is no system on the first disk.");
            out.append("exit\n");
        } else {
            out.append("iseq ${platform} efi && exit 1 ||\nsanboot --no-describe --drive 0x80 ||\nexit 1\n");
        }
    }

    private static void say(StringBuilder out, String text) {
        out.append("echo ").append(clean(text)).append('\n');
    }

    /** No line ends, nothing that iPXE would expand or read as an operator. */
    private static String clean(String text) {
        var out = new StringBuilder();
        text.chars().limit(LONGEST_TEXT).forEach(c -> {
            boolean harmless = c >= 0x20 && c < 0x7f && c != '$' && c != '\\' && c != '"' && c != '\'' && c != '|'
                    && c != '&' && c != '#';
            out.append(harmless ? (char) c : '?');
        });
        return out.toString();
    }
}
