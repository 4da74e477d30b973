package io.slipway.formation.preflight;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.process.Command;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts as a real shell understands them, in a directory that looks like a node's; small programs stand in. */
class LookScriptTest {
    private static final Cluster LAB = ClusterYamlReader.read(Repository.example("lab"));

    @TempDir
    private Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }

    private void program(String name, String script) throws IOException {
        file("bin/" + name, "#!/bin/sh\n" + script + "\n");
        assertThat(root.resolve("bin/" + name).toFile().setExecutable(true)).isTrue();
    }

    @BeforeEach
    void installedNode() throws IOException {
        file("proc/sys/kernel/hostname", "node2\n");
        file("proc/sys/kernel/osrelease", "6.12.1\n");
        file("proc/uptime", "41.97 60.00\n");
        String processor = "model name\t: EPYC 7\nflags\t\t: fpu sse2\n\n";
        file("proc/cpuinfo", processor + processor);
        file("var/lib/pkgtools/packages/ovn-25.03.0-x86_64-1", "");
        file("sys/class/block/vda3/uevent", "DEVNAME=vda3\nPARTNAME=slipway-root\n");
        file("sys/class/block/vda4/uevent", "DEVNAME=vda4\nPARTNAME=slipway-pool\n");
        Files.createDirectories(root.resolve("sys/class/block/vda4/holders"));
        program("ss", "echo 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:((\"sshd\",pid=3,fd=6))'");
        program("ip", "echo '[{\"ifname\":\"lo\",\"mtu\":65536,\"flags\":[\"UP\"],\"addr_info\":[]}]'");
        program("blkid", "exit 2");
        for (String name : List.of("sed", "stat", "grep", "sort", "cat", "date")) {
            Path here = List.of(Path.of("/usr/bin", name), Path.of("/bin", name)).stream()
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            Files.createSymbolicLink(root.resolve("bin").resolve(name), here);
        }
        for (String name : List.of("curl", "ovs-appctl", "ovs-vsctl", "ovsdb-tool", "incus")) {
            program(name, "exit 1");
        }
    }

    /** The same command with our programs and no others, looking at our directory. */
    private Nodes nodes() {
        var local = new LocalCommandRunner();
        return node -> (command, line) -> {
            var argv = new ArrayList<>(command.arguments());
            argv.set(2, "PATH=" + root.resolve("bin") + "\n" + argv.get(2));
            argv.replaceAll(
                    each -> each.equals("/") ? root + "/" : each.equals("/sys/class/net") ? root + "/net" : each);
            return local.run(Command.of(command.timeout(), argv), line);
        };
    }

    private NodeFacts look() throws InterruptedException {
        return NodeFacts.of(LAB, LAB.getNode("node2"), nodes(), InstantSource.system());
    }

    @Test
    void anInstalledNodeIsSeen() throws Exception {
        NodeFacts seen = look();

        assertThat(seen.hostname()).isEqualTo("node2");
        assertThat(seen.system())
                .isEqualTo(new NodeFacts.Machine(
                        "6.12.1", "EPYC 7", Set.of("fpu", "sse2"), List.of("ovn-25.03.0-x86_64-1")));
        assertThat(seen.missing()).contains("incusd", "ovn-nbctl").doesNotContain("incus", "ovs-vsctl");
        assertThat(seen.listeners()).containsExactly(new NodeFacts.Listener("tcp", "0.0.0.0", 22, "sshd"));
        assertThat(seen.rooms()).extracting(NodeFacts.Room::path).containsExactly(root + "/", root + "/var");
        assertThat(seen.rooms().get(0).bytes()).isPositive();
        assertThat(seen.pools()).containsExactly(new NodeFacts.Pool("/dev/vda4", "", "", List.of()));
        assertThat(seen.links()).containsOnlyKeys("lo");
        assertThat(seen.keepsTime()).isFalse();
        assertThat(seen.up()).isEqualTo(Duration.ofSeconds(41));
        // Both ends of the answer were timed, by one and the same clock.
        assertThat(seen.clock().atLeast()).isLessThanOrEqualTo(Duration.ZERO);
        assertThat(seen.clock().atMost()).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(seen.former())
                .isEqualTo(new NodeFacts.Former(
                        Map.of(), Set.of(), null, new NodeFacts.Replication(false, Map.of(), Set.of())));
    }

    /** What ss does where a daemon is just starting. */
    @Test
    void aSocketThatWasOpenedWhileItLookedGetsItsName() throws Exception {
        program("ss", """
                line='tcp LISTEN 0 10 10.77.0.12:6641 0.0.0.0:*'
                echo 'udp UNCONN 0 0 0.0.0.0:6081 0.0.0.0:*'
                if [ -e "${0%/*}/looked" ]; then
                  echo "$line users:((\\"ovsdb-server\\",pid=9,fd=7))"
                else
                  echo "$line "
                fi
                : > "${0%/*}/looked"
                """);
        assertThat(look().listeners())
                .containsExactly(
                        new NodeFacts.Listener("udp", "0.0.0.0", 6081, ""),
                        new NodeFacts.Listener("tcp", "10.77.0.12", 6641, "ovsdb-server"));
    }

    @Test
    void aSocketOfTheKernelStaysWithoutAName() throws Exception {
        program("ss", "echo 'tcp LISTEN 0 64 0.0.0.0:2049 0.0.0.0:*'");
        assertThat(look().listeners()).containsExactly(new NodeFacts.Listener("tcp", "0.0.0.0", 2049, ""));
    }

    @Test
    void thePartitionsContentIsSeen() throws Exception {
        program("blkid", "echo LVM2_member");
        program("pvs", "echo '  data '");
        file("sys/class/block/vda4/holders/dm-0", "");
        assertThat(look().pools())
                .containsExactly(new NodeFacts.Pool("/dev/vda4", "LVM2_member", "data", List.of("dm-0")));
        program("blkid", "exit 8");
        assertThat(look().pools().get(0).type()).isEqualTo("ambiguous");
        program("blkid", "case \"$*\" in *LABEL*) echo tank;; *) echo zfs_member;; esac");
        assertThat(look().pools().get(0).group()).isEqualTo("tank");
    }

    @Test
    void runningDatabasesSayWhoseTheyAre() throws Exception {
        file("var/lib/ovn/ovnnb_db.db", "OVSDB CLUSTER 9 abc\n{\"local_address\":\"ssl:10.9.9.9:6643\"}\n");
        file("var/run/openvswitch/db.sock", "");
        program("ovs-appctl", """
                [ "$4" = "$ROOT/var/run/ovn/ovnnb_db.ctl" ] && [ "$6" = OVN_Northbound ] || exit 1
                echo 'Name: OVN_Northbound'
                echo 'Cluster ID: 5e1b (5e1b7f4c-1111-4000-8000-000000000001)'
                echo '    e3ad (e3ad at tcp:10.77.0.11:6643) (self)'
                echo '    8b2c (8b2c at ssl:[fd00::2]:6643) last msg 500 ms ago'
                """.replace("$ROOT", root.toString()));
        program("ovs-vsctl", "echo '\"ssl:10.77.0.11:6642,ssl:10.77.0.12:6642\"'");
        NodeFacts.Former former = look().former();

        assertThat(former.databases())
                .containsExactly(Map.entry(
                        "nb",
                        new NodeFacts.Database(
                                true, "5e1b7f4c-1111-4000-8000-000000000001", Set.of("10.77.0.11", "[fd00::2]"))));
        assertThat(former.remotes()).containsExactlyInAnyOrder("10.77.0.11", "10.77.0.12");
    }

    @Test
    void filesSpeakForDaemonsThatDoNotRun() throws Exception {
        file(
                "etc/ovn/ovnsb_db.db",
                "OVSDB CLUSTER 9 abc\n{\"remote_addresses\":[\"ssl:10.9.9.9:6644\"],\"target\":\"pssl:6642:10.1.1.1\"}\n");
        file("var/lib/ovn/ovnnb_db.db", "OVSDB JSON 9 abc\n{}\n");
        program("ovsdb-tool", "[ \"$1\" = db-cid ] && echo abcd");
        file("var/lib/incus/cluster.crt", "-----BEGIN CERTIFICATE-----\nAAAA\nBB==\n-----END CERTIFICATE-----\n");
        file("var/lib/incus/database/local.db", "x\0node110.77.0.11:8443\0y");
        file("var/lib/incus/database/local.db-wal", "\0" + "10.9.9.9:8443\0y");
        NodeFacts.Former former = look().former();

        assertThat(former.databases())
                .isEqualTo(Map.of(
                        "sb", new NodeFacts.Database(true, "abcd", Set.of("10.9.9.9")),
                        "nb", new NodeFacts.Database(false, "abcd", Set.of())));
        NodeFacts.Membership incus = requireNonNull(former.incus());
        assertThat(incus.certificate()).isEqualTo("-----BEGIN CERTIFICATE-----AAAABB==-----END CERTIFICATE-----");
        assertThat(incus.answers()).isFalse();
        assertThat(incus.members().values()).contains("10.9.9.9:8443");
    }

    @Test
    void incusAndLinstorSayWhoTheirMembersAre() throws Exception {
        file("var/lib/incus/cluster.crt", "CERT\n");
        file("var/lib/linstor/linstordb.mv.db", "");
        file("var/lib/linstor.d/a.res", "resource \"a\"\n{\n    on \"node2\"\n    {\n    }\n    on old {\n    }\n}\n");
        file("var/lib/linstor.d/b.res", "    on \"node2\"\n");
        program("curl", """
                case "$*" in
                  *http://incus/*) echo '{"metadata":[{"server_name":"node2","url":"https://10.77.0.12:8443"}]}' ;;
                  *http://10.77.0.12:3370/v1/nodes) echo '[{"name":"a","net_interfaces":[{"address":"10.9.9.9"}]}]' ;;
                  *) exit 1 ;;
                esac""");
        NodeFacts.Former former = look().former();

        assertThat(requireNonNull(former.incus()).members()).isEqualTo(Map.of("node2", "10.77.0.12:8443"));
        assertThat(former.linstor())
                .isEqualTo(new NodeFacts.Replication(true, Map.of("a", Set.of("10.9.9.9")), Set.of("node2", "old")));
    }

    @Test
    void pingsFindTheLargestPacketThatPasses() throws Exception {
        // Sizes are of the data; 28 bytes of headers come on top.
        program("ping", """
                while [ $# -gt 1 ]; do [ "$1" != -s ] || size=$2; shift; done
                case $1 in
                  10.77.0.11) [ "$size" -le 1472 ] ;;
                  10.77.0.13) [ "$size" -le 1373 ] ;;
                  *) exit 1 ;;
                esac""");
        program("ip", "echo '10.77.0.14  FAILED '");
        file("net/cluster-br/brif/eth0/state", "2\n");
        var paths = new NetworkPaths.Asking(
                "node2",
                LAB.getNetwork("lan"),
                Map.of("node1", "10.77.0.11", "node3", "10.77.0.13", "x", "10.77.0.14"),
                28);

        assertThat(paths.of(nodes()))
                .isEqualTo(new NetworkPaths.Reached(
                        Map.of("node1", Integer.MAX_VALUE, "node3", 1401, "x", 0), Map.of("x", "FAILED"), true));
    }
}
