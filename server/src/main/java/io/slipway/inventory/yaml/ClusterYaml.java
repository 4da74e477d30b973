package io.slipway.inventory.yaml;

import io.slipway.inventory.DataSize;
import io.slipway.inventory.Disks;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.Role;
import io.slipway.inventory.Serve;
import io.slipway.inventory.Slackware;
import io.slipway.yaml.Key;
import io.slipway.yaml.YamlBinder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The file as it is written: what may be left out is {@code @Nullable}. */
record ClusterYaml(
        @Key("The cluster as a whole.") ClusterPart cluster,

        @Key("Where Slackware comes from and what of it is installed.")
        SlackwarePart slackware,

        @Key("Packages beyond Slackware's own.") @Nullable PackagesPart packages,
        @Key("The appliance on its boot network.") ServePart serve,

        @Key(value = "Link aggregations by device name.", pattern = Shapes.DEVICE, shape = Shapes.DEVICE_WORDS)
        @Nullable
        Map<String, BondPart> bonds,

        @Key(value = "Networks by name.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS)
        Map<String, NetworkPart> networks,

        @Key("Which network carries what.") @Nullable TrafficPart traffic,

        @Key("How disks are chosen and laid out, unless a node says otherwise.") @Nullable
        DisksPart disks,

        @Key(
                value = "The machines. Their order decides who bootstraps and who is an OVN voter by default.",
                min = 1,
                max = 1000)
        List<NodePart> nodes,

        @Key("Open Virtual Network.") @Nullable OvnPart ovn,

        @Key(value = "Replicated storage.", otherwise = "no LINSTOR") @Nullable
        LinstorPart linstor,

        @Key("Incus.") @Nullable IncusPart incus,

        @Key(value = "The build machine as a standalone Incus host.", otherwise = "none") @Nullable
        DeployHostPart deployHost,

        @Key(value = "The router instance that moves into the cluster after formation.", otherwise = "none") @Nullable
        RouterPart router) {

    /** Texts that are read by a value's own parser, with the words for what is expected. */
    static final Map<Class<?>, YamlBinder.Scalar> SCALARS = Map.of(
            MacAddress.class, new YamlBinder.Scalar(MacAddress::parse, "a MAC address such as 52:54:00:12:34:56"),
            Ipv4Address.class, new YamlBinder.Scalar(Ipv4Address::parse, "an IPv4 address such as 192.0.2.1"),
            Ipv4Network.class, new YamlBinder.Scalar(Ipv4Network::parse, "a subnet such as 192.0.2.0/24"),
            Ipv4Range.class, new YamlBinder.Scalar(Ipv4Range::parse, "a range such as 192.0.2.10-192.0.2.20"),
            DataSize.class, new YamlBinder.Scalar(DataSize::parse, "a size such as 512M, 40G or 1TB"),
            Duration.class, new YamlBinder.Scalar(ClusterYaml::duration, "a time such as 90s, 15m or 2h"));

    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h|d)");

    private static Duration duration(String text) {
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("not a time such as 90s, 15m or 2h: \"" + text + '"');
        }
        long n = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    /** Regular expressions that several keys share. */
    static final class Shapes {
        /** Host names are of this shape too (RFC 1123 section 2.1). */
        static final String NAME = "[a-z]([a-z0-9-]{0,29}[a-z0-9])?";

        static final String NAME_WORDS =
                "a lower-case name: a letter, then letters, digits and hyphens, 31 at most, not a hyphen at the end";
        static final String DEVICE = "[a-z][a-z0-9-]{0,14}";
        static final String DEVICE_WORDS =
                "a device name: a letter, then letters, digits and hyphens, 15 at most (no dot, no underscore)";
        static final String HOST = "[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?";
        static final String HOST_WORDS = "a host name or an address";
        static final String PACKAGE = "[A-Za-z0-9][A-Za-z0-9+._@-]{0,99}";
        static final String PACKAGE_WORDS = "a package's NAME, without version";
        static final String SETTING = "[A-Za-z0-9][A-Za-z0-9+._@-]{0,99}(:[A-Z][A-Z0-9_]{0,63})?";
        static final String SETTING_WORDS = "the name of a SlackBuild, or NAME:VARIABLE such as ovn:OVSVERSION";
        /** No slash: sources are looked for in directories of that name. */
        static final String VERSION = "[A-Za-z0-9][A-Za-z0-9@+._~-]{0,99}";

        static final String VERSION_WORDS = "a version such as 0.22.1";
        static final String PATH = "[^\\x00-\\x1f\\x7f\"'`$\\\\;&|<>*?]{1,500}";
        static final String PATH_WORDS = "a path without quotes and shell metacharacters";
        static final String FREE = "[^\\x00-\\x1f\\x7f\"'`$\\\\;&|<>]{1,200}";
        static final String FREE_WORDS = "text without quotes and shell metacharacters";

        private Shapes() {}
    }

    record ClusterPart(
            @Key(value = "The cluster's name.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS)
            String name,

            @Key(
                    value = "DNS domain of the nodes.",
                    pattern = "[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
                    shape = "a domain such as cluster.home.arpa",
                    otherwise = "<name>.internal")
            @Nullable
            String domain,

            @Key(
                    value = "A name of the tz database.",
                    pattern = "[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}",
                    shape = "a name of the tz database such as Europe/Zurich",
                    otherwise = "UTC")
            @Nullable
            String timezone,

            @Key(
                    value = "Time servers in order of preference.",
                    pattern = Shapes.HOST,
                    shape = Shapes.HOST_WORDS,
                    otherwise = "pool.ntp.org")
            @Nullable
            List<String> ntp,

            @Key(value = "Name servers.", otherwise = "the gateway") @Nullable
            List<Ipv4Address> dns,

            @Key(value = "Default gateway of the nodes.", otherwise = "none") @Nullable
            Ipv4Address gateway,

            @Key("The person who administers.") @Nullable AdminPart admin,

            @Key(value = "Run a login on the first serial port.", otherwise = "false") @Nullable
            Boolean serialConsole) {}

    record AdminPart(
            @Key(
                    value = "Login name.",
                    pattern = "[a-z_][a-z0-9_-]{0,30}",
                    shape = "a login name in lower case",
                    otherwise = "admin")
            @Nullable
            String name,

            @Key(value = "Numeric user id.", min = 1000, max = 59999, otherwise = "1000") @Nullable
            Integer uid,

            @Key(
                    value = "Lines of authorized_keys.",
                    pattern =
                            "(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com)"
                                    + " [A-Za-z0-9+/]{40,2000}={0,3}( [A-Za-z0-9 @._+-]{0,100})?",
                    shape = "an OpenSSH public key: type, base64, comment",
                    otherwise = "none: only Slipway itself can log in")
            @Nullable
            List<String> keys) {}

    record SlackwarePart(
            @Key(
                    value = "A slackware64 tree: a directory, rsync://… or http(s)://….",
                    pattern =
                            "((rsync|https?)://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~%+/-]*)?|(\\.{0,2}/)?[^\\x00-\\x1f:\"'`$\\\\;&|<>*?]+)",
                    shape = "a directory, or an rsync://, http:// or https:// address")
            String mirror,

            @Key(
                    value = "Name of the pinned copy that images are built from.",
                    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,60}",
                    shape = "a name of letters, digits, dots and hyphens",
                    otherwise = "current")
            @Nullable
            String snapshot,

            @Key(value = "What a mirror must prove.", otherwise = "signature")
            Slackware.@Nullable Verify verify,

            @Key(
                    value = "Fingerprint of the OpenPGP key that signs the mirror.",
                    pattern = "[0-9A-Fa-f]{40}",
                    shape = "40 hexadecimal digits without blanks",
                    otherwise = "the Slackware Linux Project's")
            @Nullable
            String fingerprint,

            @Key(
                    value = "Series to install, in installation order.",
                    pattern = "[a-z]{1,8}",
                    shape = "a series such as a, ap or n",
                    otherwise = "a, ap, d, l, n")
            @Nullable
            List<String> series,

            @Key(
                    value = "Packages to install from other series, by NAME.",
                    pattern = Shapes.PACKAGE,
                    shape = Shapes.PACKAGE_WORDS)
            @Nullable
            List<String> add,

            @Key(value = "Packages not to install, by NAME.", pattern = Shapes.PACKAGE, shape = Shapes.PACKAGE_WORDS)
            @Nullable
            List<String> skip,

            @Key(
                    value = "Directory with <series>/tagfile that narrows the selection.",
                    pattern = Shapes.PATH,
                    shape = Shapes.PATH_WORDS)
            @Nullable
            String tagfiles) {}

    record PackagesPart(
            @Key(
                    value = "Stacks of SlackBuilds whose packages images get.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS)
            @Nullable
            List<String> stacks,

            @Key(value = "More directories of SlackBuilds.", pattern = Shapes.PATH, shape = Shapes.PATH_WORDS) @Nullable
            List<String> slackbuilds,

            @Key(value = "Directories of ready-made packages.", pattern = Shapes.PATH, shape = Shapes.PATH_WORDS)
            @Nullable
            List<String> local,

            @Key(
                    value = "Other versions, by the name of a SlackBuild, or other variables, by NAME:VARIABLE.",
                    pattern = Shapes.SETTING,
                    shape = Shapes.SETTING_WORDS)
            @Nullable
            Map<String, String> set,

            @Key(
                    value = "Directories and addresses to look for sources in first.",
                    pattern = "[^\\x00-\\x20\"'`$\\\\;&|<>]{1,500}",
                    shape = "a directory or an address")
            @Nullable
            List<String> sources,

            @Key(value = "Builds side by side.", min = 1, max = 64, otherwise = "1") @Nullable
            Integer jobs) {}

    record ServePart(
            @Key("The appliance's own address on the boot network.")
            Ipv4Address address,

            @Key(value = "The boot network.", otherwise = "the network that contains the address") @Nullable
            Ipv4Network subnet,

            @Key("What the appliance does about DHCP.") @Nullable
            DhcpPart dhcp,

            @Key(value = "TCP port for nodes.", min = 1, max = 65535, otherwise = "8080") @Nullable
            Integer bootPort,

            @Key(value = "TCP port of the admin API.", min = 1, max = 65535, otherwise = "8443") @Nullable
            Integer adminPort,

            @Key(value = "Address of the admin API, on loopback: it has no TLS.", otherwise = "127.0.0.1") @Nullable
            Ipv4Address adminAddress,

            @Key(value = "Whether a person confirms each node.", otherwise = "automatic")
            Serve.@Nullable Enrolment enrolment,

            @Key(value = "How long an arming lasts.", otherwise = "2h") @Nullable
            Duration armWindow,

            @Key(value = "When the cluster forms.", otherwise = "automatic")
            Serve.@Nullable Formation formation,

            @Key(
                    value = "Directory with undionly.kpxe and ipxe.efi.",
                    pattern = Shapes.PATH,
                    shape = Shapes.PATH_WORDS,
                    otherwise = "/usr/lib/ipxe")
            @Nullable
            String ipxe) {}

    record DhcpPart(
            @Key(value = "Who gives addresses.", otherwise = "proxy")
            Serve.@Nullable DhcpMode mode,

            @Key(value = "Addresses for unknown machines (mode server).", otherwise = "none") @Nullable
            Ipv4Range pool,

            @Key(value = "Gateway that is offered (mode server).", otherwise = "cluster.gateway") @Nullable
            Ipv4Address router,

            @Key(value = "How long an address lasts (mode server).", otherwise = "1h") @Nullable
            Duration lease) {}

    record BondPart(
            @Key(value = "Its ports.", pattern = Shapes.DEVICE, shape = Shapes.DEVICE_WORDS, min = 1, max = 8)
            List<String> interfaces,

            @Key(
                    value = "Mode of the bonding driver.",
                    pattern = "802\\.3ad|active-backup|balance-rr|balance-xor|broadcast|balance-tlb|balance-alb",
                    shape = "802.3ad, active-backup, balance-rr, balance-xor, broadcast, balance-tlb or"
                            + " balance-alb",
                    otherwise = "802.3ad")
            @Nullable
            String mode,

            @Key(value = "Milliseconds between two looks at the links.", min = 10, max = 10000, otherwise = "100")
            @Nullable
            Integer miimon,

            @Key(value = "LACP's rate.", pattern = "slow|fast", shape = "slow or fast", otherwise = "fast") @Nullable
            String lacpRate,

            @Key(
                    value = "Transmit hash policy.",
                    pattern = "layer2|layer2\\+3|layer3\\+4|encap2\\+3|encap3\\+4|vlan\\+srcmac",
                    shape = "a policy such as layer3+4",
                    otherwise = "layer3+4")
            @Nullable
            String hash) {}

    record NetworkPart(
            @Key(
                    value = "Interfaces or bonds that carry it.",
                    pattern = Shapes.DEVICE,
                    shape = Shapes.DEVICE_WORDS,
                    min = 1,
                    max = 16)
            List<String> interfaces,

            @Key(value = "802.1Q tag.", min = 1, max = 4094, otherwise = "untagged") @Nullable
            Integer vlan,

            @Key(value = "Bridge device.", pattern = Shapes.DEVICE, shape = Shapes.DEVICE_WORDS, otherwise = "none")
            @Nullable
            String bridge,

            @Key(value = "Spanning tree on the bridge.", otherwise = "false") @Nullable
            Boolean stp,

            @Key(value = "Its addresses.", otherwise = "nodes have none there") @Nullable
            Ipv4Network subnet,

            @Key(value = "Bytes of IP packet that must pass.", min = 1280, max = 9216, otherwise = "1500") @Nullable
            Integer mtu) {}

    record TrafficPart(
            @Key(
                    value = "Names, Raft, Incus, SSH.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS,
                    otherwise = "the network named cluster, else the first with a subnet")
            @Nullable
            String cluster,

            @Key(
                    value = "DRBD's replication.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS,
                    otherwise = "the network named storage, else cluster traffic's")
            @Nullable
            String storage,

            @Key(
                    value = "OVN's tunnels.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS,
                    otherwise = "the network named ovn, else cluster traffic's")
            @Nullable
            String tunnel,

            @Key(
                    value = "Where OVN's routers leave the cluster.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS,
                    otherwise = "the network named uplink, else none")
            @Nullable
            String uplink) {}

    record DisksPart(
            @Key(value = "Which disk holds the system.", otherwise = "the only fixed disk") @Nullable
            SelectorPart system,

            @Key("What is made of it.") @Nullable LayoutPart layout,

            @Key(value = "A whole second disk for the storage pool.", otherwise = "the rest of the system disk")
            @Nullable
            SelectorPart pool) {}

    record SelectorPart(
            @Key(value = "How it is attached.", pattern = "nvme|sata|sas|virtio", shape = "nvme, sata, sas or virtio")
            @Nullable
            String transport,

            @Key(
                    value = "Shell pattern over the model.",
                    pattern = "[A-Za-z0-9 ._*?+/()-]{1,60}",
                    shape = "letters, digits, blanks and * or ?")
            @Nullable
            String model,

            @Key(
                    value = "Exact serial number.",
                    pattern = "[A-Za-z0-9._:-]{1,60}",
                    shape = "letters, digits, dots and hyphens")
            @Nullable
            String serial,

            @Key(value = "Device path.", pattern = "/dev/[A-Za-z0-9/._:-]{1,200}", shape = "a path below /dev")
            @Nullable
            String path,

            @Key("Smallest size.") @Nullable DataSize minSize,
            @Key("Largest size.") @Nullable DataSize maxSize) {}

    record LayoutPart(
            @Key(value = "Which boot partitions are made.", otherwise = "auto: what the installer was booted with")
            Disks.@Nullable Firmware firmware,

            @Key(value = "Size of the EFI system partition.", otherwise = "512M") @Nullable
            DataSize esp,

            @Key("The root file system.") @Nullable RootPart root,

            @Key(
                    value = "LVM volume group that holds root.",
                    pattern = "[a-z][a-z0-9_]{0,30}",
                    shape = "lower-case letters, digits and underscores",
                    otherwise = "no LVM")
            @Nullable
            String volumeGroup,

            @Key(value = "Swap.", otherwise = "none") @Nullable
            DataSize swap,

            @Key(value = "Make a partition for the storage pool of what is left.", otherwise = "true") @Nullable
            Boolean poolPartition) {}

    record RootPart(
            @Key(value = "Its size.", otherwise = "40G, or all that is left where there is no pool partition") @Nullable
            DataSize size,

            @Key(value = "What it is.", otherwise = "ext4") Disks.@Nullable Filesystem filesystem) {}

    record NodePart(
            @Key(value = "Short host name.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS)
            String name,

            @Key(
                    value = "Interfaces by the name that they get on the node.",
                    pattern = "eth[0-9]{1,2}",
                    shape = "eth0, eth1, …: the kernel's own names, given by MAC address")
            Map<String, InterfacePart> interfaces,

            @Key(value = "Addresses by network.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS) @Nullable
            Map<String, Ipv4Address> addresses,

            @Key(
                    value = "SMBIOS UUID.",
                    pattern = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
                    shape = "a UUID")
            @Nullable
            String uuid,

            @Key(
                    value = "SMBIOS serial number.",
                    pattern = "[A-Za-z0-9 ._:/+-]{1,60}",
                    shape = "letters, digits, dots and hyphens")
            @Nullable
            String serial,

            @Key(value = "What it does.", otherwise = "everything; only the first three are ovn-central") @Nullable
            List<Role> roles,

            @Key(value = "Its own disks.", otherwise = "as for all") @Nullable
            DisksPart disks) {}

    record InterfacePart(
            @Key("Its permanent address.") MacAddress mac,

            @Key(value = "The firmware boots from it.", otherwise = "true for the only or the first one") @Nullable
            Boolean boot) {}

    record OvnPart(
            @Key(value = "Databases speak TLS.", otherwise = "true") @Nullable
            Boolean tls,

            @Key(value = "Raft's election timer.", otherwise = "4s") @Nullable
            Duration electionTimer,

            @Key(value = "Tunnels.", pattern = "geneve|vxlan", shape = "geneve or vxlan", otherwise = "geneve")
            @Nullable
            String encapsulation) {}

    record LinstorPart(
            @Key(value = "What volumes are made of.", otherwise = "zfs-thin")
            Linstor.@Nullable Provider provider,

            @Key(value = "Copies of each volume.", min = 1, max = 16, otherwise = "2") @Nullable
            Integer replicas,

            @Key(
                    value = "LINSTOR's name of the pool.",
                    pattern = "[A-Za-z][A-Za-z0-9_-]{2,40}",
                    shape = "a letter, then letters, digits, hyphens; LINSTOR wants 3 characters at least",
                    otherwise = "pool")
            @Nullable
            String pool,

            @Key(
                    value = "LVM volume group or ZFS pool on the pool partition.",
                    pattern = "[a-z][a-z0-9_]{0,30}",
                    shape = "lower-case letters, digits and underscores",
                    otherwise = "slipway")
            @Nullable
            String volumeGroup) {}

    record IncusPart(
            @Key(value = "TCP port of the API.", min = 1, max = 65535, otherwise = "8443") @Nullable
            Integer port,

            @Key("The pool that each member has for itself.") @Nullable
            LocalPoolPart localPool,

            @Key(value = "Where OVN networks leave the cluster.", otherwise = "none") @Nullable
            UplinkPart uplink,

            @Key("The first OVN network.") @Nullable OvnNetworkPart network,

            @Key(
                    value = "Clients that get a trust token after formation.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS)
            @Nullable
            List<String> trust) {}

    record LocalPoolPart(
            @Key(value = "Its name.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS, otherwise = "local") @Nullable
            String name,

            @Key(value = "Incus's storage driver.", otherwise = "dir")
            Incus.@Nullable Driver driver) {}

    record UplinkPart(
            @Key(
                    value = "Its name in Incus.",
                    pattern = "[A-Za-z][A-Za-z0-9-]{0,14}",
                    shape = "15 letters, digits, hyphens at most",
                    otherwise = "UPLINK")
            @Nullable
            String name,

            @Key(value = "Addresses outside.", otherwise = "the subnet of uplink traffic's network") @Nullable
            Ipv4Network subnet,

            @Key("Their router.") Ipv4Address gateway,

            @Key(value = "Addresses that OVN's routers take.", min = 1, max = 16)
            List<Ipv4Range> ranges,

            @Key(value = "Addresses kept for network forwards.", otherwise = "none") @Nullable
            Ipv4Range ingress,

            @Key(value = "Name servers for instances.", otherwise = "cluster.dns") @Nullable
            List<Ipv4Address> dns) {}

    record OvnNetworkPart(
            @Key(value = "Its name in Incus.", pattern = Shapes.DEVICE, shape = Shapes.DEVICE_WORDS, otherwise = "ovn0")
            @Nullable
            String name,

            @Key(value = "Addresses of instances.", otherwise = "10.234.0.0/24") @Nullable
            Ipv4Network subnet) {}

    record DeployHostPart(
            @Key(value = "Its short name.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS)
            String name,

            @Key("Where its Incus listens.") Ipv4Address address,

            @Key(value = "TCP port of its API.", min = 1, max = 65535, otherwise = "8443") @Nullable
            Integer port) {}

    record RouterPart(
            @Key(value = "Its name in Incus.", pattern = Shapes.NAME, shape = Shapes.NAME_WORDS)
            String instance,

            @Key(
                    value = "The member that receives it.",
                    pattern = Shapes.NAME,
                    shape = Shapes.NAME_WORDS,
                    otherwise = "the first")
            @Nullable
            String target) {}
}
