package io.slipway.formation.preflight;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.formation.NodeScript;
import io.slipway.formation.NodeScript.Answers;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself.
 *
 * @param hostname its own name ({@code uname -n})
 * @param system its kernel, processor and packages
 * @param missing programs that its roles need and that are not there
 * @param listeners what listens on TCP or UDP
 * @param rooms space on its file systems
 * @param pools partitions that the installer left for storage
 * @param links network devices by name
 * @param keepsTime whether a daemon that sets the clock runs
 * @param up since when it is switched on
 * @param clock how far its clock is ahead of the appliance's, as far as that can be seen from when it said what
 * @param former what it was formed into before
 */
record NodeFacts(
        String hostname,
        Machine system,
        List<String> missing,
        List<Listener> listeners,
        List<Room> rooms,
        List<Pool> pools,
        Map<String, Link> links,
        boolean keepsTime,
        Duration up,
        Clocks.Offset clock,
        Former former) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String TIME_LINE = "time=";

    /**
     * @param kernel its release
     * @param cpu the first processor's model
     * @param flags the first processor's features
     * @param packages entries of the package database, {@code NAME-VERSION-ARCH-BUILD}
     */
    record Machine(String kernel, String cpu, Set<String> flags, List<String> packages) {
        Machine {
            flags = Set.copyOf(flags);
            packages = List.copyOf(packages);
        }
    }

    /**
     * @param protocol {@code tcp} or {@code udp}
     * @param address as ss writes it, without brackets and device: {@code 0.0.0.0}, {@code ::}, {@code *}
     * @param program who holds it, or empty where it is the kernel
     */
    record Listener(String protocol, String address, int port, String program) {}

    /**
     * @param path where it is mounted, or a directory in it
     * @param bytes free for files
     * @param inodes free
     * @param countsInodes whether the file system has a fixed number of inodes
     */
    record Room(String path, long bytes, long inodes, boolean countsInodes) {}

    /**
     * @param device its path
     * @param type what {@code blkid} finds there, or empty for nothing
     * @param group the volume group or ZFS pool on it, or empty
     * @param holders devices that lie on it
     */
    record Pool(String device, String type, String group, List<String> holders) {
        Pool {
            holders = List.copyOf(holders);
        }
    }

    /**
     * @param mtu in bytes
     * @param master the bridge, bond or switch that it is a port of, or empty
     * @param up whether it is switched on
     * @param addresses IPv4
     * @param linkLocal its own IPv6 address, or empty
     * @param tentative whether that address is still being checked for duplicates
     */
    record Link(int mtu, String master, boolean up, List<String> addresses, String linkLocal, boolean tentative) {
        Link {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * @param databases OVN's databases on this node by kind: {@code nb}, {@code sb}
     * @param remotes addresses of the Southbound databases that Open vSwitch was told
     * @param incus Incus's cluster, or null where it is in none
     * @param linstor what LINSTOR left
     */
    record Former(
            Map<String, Database> databases,
            Set<String> remotes,
            @Nullable Membership incus,
            Replication linstor) {
        Former {
            databases = Map.copyOf(databases);
            remotes = Set.copyOf(remotes);
        }
    }

    /**
     * @param clustered whether it is a member of a Raft cluster; otherwise it stands alone
     * @param id the cluster's, or empty where it is not known
     * @param servers addresses of its members, as far as they are known
     */
    record Database(boolean clustered, String id, Set<String> servers) {
        Database {
            servers = Set.copyOf(servers);
        }
    }

    /**
     * @param certificate the cluster's, PEM in one line, which all members have alike
     * @param answers whether Incus said who its members are
     * @param members addresses by name; where Incus does not answer, by themselves as they stand in its database
     */
    record Membership(String certificate, boolean answers, Map<String, String> members) {
        Membership {
            members = Map.copyOf(members);
        }
    }

    /**
     * @param controller whether the controller's database is here
     * @param nodes of the controller, addresses by name; empty where it does not answer
     * @param hosts names in the resources that the satellite keeps
     */
    record Replication(boolean controller, Map<String, Set<String>> nodes, Set<String> hosts) {
        Replication {
            nodes = Map.copyOf(nodes);
            hosts = Set.copyOf(hosts);
        }
    }

    NodeFacts {
        missing = List.copyOf(missing);
        listeners = List.copyOf(listeners);
        rooms = List.copyOf(rooms);
        pools = List.copyOf(pools);
        links = Map.copyOf(links);
    }

    /**
     * Each part prints what it can see and nothing else; what a node without a cluster does not have costs nothing. The
     * second argument is where the root directory is. The time comes first and last: the one was said soonest after the
     * question, the other is heard with the least delay. ss finds out first who has which sockets, and then which there
     * are: one that was opened meanwhile has no name, so it looks again.
     */
    private static final String LOOK = """
            root=$2
            now() { echo "time=${EPOCHREALTIME:-$(date +%s.%N)}"; }
            now
            read -r name < "${root}proc/sys/kernel/hostname"
            read -r kernel < "${root}proc/sys/kernel/osrelease"
            read -r up rest < "${root}proc/uptime"
            echo "name=$name"
            echo "kernel=$kernel"
            echo "up=$up"
            sed -n 's/^model name[[:space:]]*: */cpu=/p;s/^flags[[:space:]]*: */flags=/p;/^$/q' "${root}proc/cpuinfo"
            packages=${root}var/lib/pkgtools/packages
            [ -d "$packages" ] || packages=${root}var/log/packages
            for file in "$packages"/*; do
              [ ! -f "$file" ] || echo "package=${file##*/}"
            done
            for program in $1; do
              command -v "$program" >/dev/null || echo "absent=$program"
            done
            for look in 1 2 3; do
              sockets=$(ss -H -lntup)
              printf '%s\\n' "$sockets" | grep '^tcp' | grep -qv 'users:' || break
            done
            printf '%s\\n' "$sockets" | sed '/./s/^/socket=/'
            stat -f -c 'room=%a %S %d %c %n' "$root" "${root}var"
            printf 'links='
            ip -j address show
            echo

            grep -lx 'PARTNAME=slipway-pool' "${root}sys/class/block"/*/uevent 2>/dev/null | while read -r file; do
              directory=${file%/uevent}
              device=/dev/${directory##*/}
              type=$(blkid -p -s TYPE -o value "$device")
              [ $? -ne 8 ] || type=ambiguous
              group=
              case $type in
                LVM2_member) group=$(echo $(pvs --noheadings -o vg_name "$device")) ;;
                zfs_member) group=$(blkid -p -s LABEL -o value "$device") ;;
              esac
              holders=
              for holder in "$directory"/holders/*; do
                [ ! -e "$holder" ] || holders="$holders ${holder##*/}"
              done
              echo "pool=$device|$type|$group|$holders"
            done

            for database in nb:OVN_Northbound sb:OVN_Southbound; do
              short=${database%:*}
              for file in "${root}var/lib/ovn/ovn${short}_db.db" "${root}etc/ovn/ovn${short}_db.db"; do
                [ -s "$file" ] || continue
                read -r magic kind rest < "$file"
                echo "ovn.$short=$kind"
                if status=$(ovs-appctl -T 5 -t "${root}var/run/ovn/ovn${short}_db.ctl" \\
                    cluster/status "${database#*:}" 2>/dev/null); then
                  echo "$status" | sed "s/^/ovn.$short.said=/"
                else
                  grep -a -o -E '(tcp|ssl):[][0-9A-Fa-f.:]+:664[34]' "$file" | sort -u | sed "s/^/ovn.$short.said=/"
                  echo "ovn.$short.id=$(ovsdb-tool db-cid "$file" 2>/dev/null)"
                fi
                break
              done
            done
            [ ! -e "${root}var/run/openvswitch/db.sock" ] || echo "ovn.remote=$(
              ovs-vsctl --timeout=5 --if-exists get open_vswitch . external_ids:ovn-remote 2>/dev/null)"

            incus=${root}var/lib/incus
            if [ -e "$incus/cluster.crt" ]; then
              while read -r line; do echo "incus=$line"; done < "$incus/cluster.crt"
              printf 'incus.members='
              if ! curl -s -f -m 10 --unix-socket "$incus/unix.socket" 'http://incus/1.0/cluster/members?recursion=1'
              then
                echo
                cat "$incus/database/local.db"* | grep -a -o -E '[0-9]+([.][0-9]+){3}:[0-9]+' \\
                  | sort -u | sed 's/^/incus.address=/'
              fi
              echo
            fi

            if [ -e "${root}var/lib/linstor/linstordb.mv.db" ]; then
              echo "linstor=controller"
              printf 'linstor.nodes='
              curl -s -f -m 5 "http://$3:3370/v1/nodes"
              echo
            fi
            set -- "${root}var/lib/linstor.d"/*.res
            [ ! -r "$1" ] || cat "$@" \\
              | sed -n 's/^[[:space:]]*on[[:space:]]\\{1,\\}"\\{0,1\\}\\([A-Za-z0-9._-]*\\).*/resource=\\1/p' | sort -u
            now
            true
            """;

    /** What nothing of a role works without. */
    private static final Map<Role, List<String>> PROGRAMS = Map.of(
            Role.OVN_CENTRAL, List.of("ovs-vsctl", "ovs-appctl", "ovsdb-tool", "ovn-nbctl", "ovn-sbctl"),
            Role.OVN_HOST, List.of("ovs-vsctl", "ovn-controller"),
            Role.INCUS_MEMBER, List.of("incus", "incusd"));

    /**
     * Asks a node.
     *
     * @throws ProblemException if it does not answer, or not as it should
     */
    static NodeFacts of(Cluster cluster, Node node, Nodes nodes, InstantSource clock) throws InterruptedException {
        var programs = new TreeSet<String>();
        node.roles().forEach(role -> programs.addAll(PROGRAMS.getOrDefault(role, List.of())));
        var heard = Collections.synchronizedList(new ArrayList<Instant>());
        Nodes listening = name -> (command, line) -> nodes.on(name).run(command, text -> {
            if (text.startsWith(TIME_LINE)) {
                heard.add(clock.instant());
            }
            line.accept(text);
        });
        Instant asked = clock.instant();
        Answers said = new NodeScript(node.name(), listening)
                .ask(
                        "It cannot be seen how " + node.name() + " is",
                        LOOK,
                        String.join(" ", programs),
                        "/",
                        cluster.clusterAddress(node).toString());
        return read(node.name(), said, Clocks.Offset.of(node.name(), asked, said.all("time"), List.copyOf(heard)));
    }

    static NodeFacts read(String node, Answers said, Clocks.Offset clock) {
        // Without an answer of these everything would look free and empty.
        if (said.all("socket").isEmpty()
                || said.one("links").isEmpty()
                || said.all("room").isEmpty()) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "It cannot be seen which ports, devices and disks " + node + " uses.",
                            "Run on " + node
                                    + " as root: ss -H -lntup, ip -j address show, stat -f /. Install the package"
                                    + " (iproute2, coreutils) of what fails.")
                    .asException();
        }
        List<Listener> listeners =
                said.all("socket").stream().map(NodeFacts::listener).toList();
        return new NodeFacts(
                said.one("name"),
                new Machine(
                        said.one("kernel"),
                        said.one("cpu"),
                        new LinkedHashSet<>(Arrays.asList(said.one("flags").split("\\s+"))),
                        said.all("package")),
                said.all("absent"),
                listeners,
                said.all("room").stream().map(NodeFacts::room).toList(),
                said.all("pool").stream().map(NodeFacts::pool).toList(),
                links(json(node, said.one("links"))),
                listeners.stream().anyMatch(each -> TIME.contains(each.program())),
                up(said.one("up")),
                clock,
                former(node, said));
    }

    /** Seconds with a fraction; without an answer long ago. */
    private static Duration up(String seconds) {
        return Duration.ofSeconds(
                seconds.matches("\\d{1,12}\\.\\d+")
                        ? Long.parseLong(seconds.substring(0, seconds.indexOf('.')))
                        : Integer.MAX_VALUE);
    }

    /** Programs that set the clock: each listens, if only for its own control program. */
    private static final Set<String> TIME = Set.of("ntpd", "chronyd");

    private static final Pattern HOLDER = Pattern.compile("users:\\(\\(\"([^\"]+)\"");

    /** A line of ss: protocol, state, two queues, local and peer address, holders. */
    static Listener listener(String line) {
        String[] fields = line.strip().split("\\s+");
        String local = fields.length > 4 ? fields[4] : "";
        int colon = local.lastIndexOf(':');
        String port = local.substring(colon + 1);
        String address = colon < 0 ? "" : local.substring(0, colon).replaceAll("%[^:\\]]*", "");
        Matcher holder = HOLDER.matcher(line);
        return new Listener(
                fields[0],
                address.replaceAll("[\\[\\]]", ""),
                port.matches("\\d{1,5}") ? Integer.parseInt(port) : 0,
                holder.find() ? holder.group(1) : "");
    }

    private static Room room(String line) {
        String[] fields = line.split(" ", 5);
        return new Room(
                fields[4],
                Long.parseLong(fields[0]) * Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                !fields[3].equals("0"));
    }

    private static Pool pool(String line) {
        String[] fields = line.split("\\|", -1);
        return new Pool(
                fields[0],
                fields[1],
                fields[2],
                Arrays.stream(fields[3].split(" "))
                        .filter(each -> !each.isEmpty())
                        .toList());
    }

    private static Map<String, Link> links(JsonNode all) {
        var out = new LinkedHashMap<String, Link>();
        for (JsonNode link : all) {
            var addresses = new ArrayList<String>();
            String linkLocal = "";
            boolean tentative = false;
            for (JsonNode each : link.path("addr_info")) {
                String local = each.path("local").asText();
                if (each.path("family").asText().equals("inet")) {
                    addresses.add(local);
                } else if (each.path("scope").asText().equals("link")) {
                    linkLocal = local;
                    tentative = each.path("tentative").asBoolean();
                }
            }
            boolean up = false;
            for (JsonNode flag : link.path("flags")) {
                up |= flag.asText().equals("UP");
            }
            out.put(
                    link.path("ifname").asText(),
                    new Link(
                            link.path("mtu").asInt(),
                            link.path("master").asText(),
                            up,
                            addresses,
                            linkLocal,
                            tentative));
        }
        return out;
    }

    private static final Pattern SERVER = Pattern.compile("(?:tcp|ssl):(\\[[^]]+]|\\d+(?:\\.\\d+){3}):\\d+");
    private static final Pattern CLUSTER_ID = Pattern.compile("Cluster ID: \\S+ \\(([0-9a-f-]+)\\)");

    private static Former former(String node, Answers said) {
        var databases = new LinkedHashMap<String, Database>();
        for (String kind : List.of("nb", "sb")) {
            String magic = said.one("ovn." + kind);
            if (!magic.isEmpty()) {
                String status = String.join("\n", said.all("ovn." + kind + ".said"));
                Matcher id = CLUSTER_ID.matcher(status);
                databases.put(
                        kind,
                        new Database(
                                magic.equals("CLUSTER"),
                                id.find() ? id.group(1) : said.one("ovn." + kind + ".id"),
                                hosts(status)));
            }
        }
        return new Former(databases, hosts(said.one("ovn.remote")), membership(node, said), replication(node, said));
    }

    /** The hosts of connection methods such as {@code ssl:192.0.2.1:6642}, wherever they stand in a text. */
    static Set<String> hosts(String text) {
        var out = new LinkedHashSet<String>();
        Matcher found = SERVER.matcher(text);
        while (found.find()) {
            out.add(found.group(1));
        }
        return out;
    }

    private static @Nullable Membership membership(String node, Answers said) {
        String certificate = String.join("", said.all("incus"));
        if (certificate.isEmpty()) {
            return null;
        }
        var members = new LinkedHashMap<String, String>();
        String answer = said.one("incus.members");
        if (answer.isEmpty()) {
            said.all("incus.address").forEach(each -> members.put(each, each));
            return new Membership(certificate, false, members);
        }
        for (JsonNode member : json(node, answer).path("metadata")) {
            members.put(
                    member.path("server_name").asText(),
                    member.path("url").asText().replaceFirst("^https://", ""));
        }
        return new Membership(certificate, true, members);
    }

    private static Replication replication(String node, Answers said) {
        var known = new LinkedHashMap<String, Set<String>>();
        String answer = said.one("linstor.nodes");
        if (!answer.isEmpty()) {
            for (JsonNode each : json(node, answer)) {
                var addresses = new LinkedHashSet<String>();
                each.path("net_interfaces")
                        .forEach(face -> addresses.add(face.path("address").asText()));
                known.put(each.path("name").asText(), addresses);
            }
        }
        return new Replication(!said.one("linstor").isEmpty(), known, Set.copyOf(said.all("resource")));
    }

    private static JsonNode json(String node, String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException strange) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "What " + node + " says of itself is not JSON: "
                                    + text.substring(0, Math.min(80, text.length())),
                            "Log in to " + node + " and look at ip -j address show, and at incus cluster list."),
                    strange);
        }
    }
}
