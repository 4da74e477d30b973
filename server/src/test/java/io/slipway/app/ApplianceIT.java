package io.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code slipway serve} as its own process in a network namespace, asked by other people's programs from a second
 * namespace: udhcpc with the options of a PXE ROM, tftp-hpa, atftp, curl; dnsmasq in a third namespace gives the addresses
 * in proxy mode.
 */
class ApplianceIT {
    private static final String ID = Long.toString(ProcessHandle.current().pid(), 36);
    private static final String SERVER = "slw-s" + ID;
    private static final String CLIENT = "slw-c" + ID;
    private static final String DNSMASQ = "slw-d" + ID;
    private static final String MAC = "52:54:00:77:00:11";
    private static final String STRANGER = "52:54:00:77:00:99";
    private static final String DIGEST = "d".repeat(64);

    @TempDir
    private Path directory;

    private String classPath = System.getProperty("java.class.path");
    private final Deque<Process> processes = new ArrayDeque<>();

    /** What a finished program printed. */
    private record Ran(int status, String output) {}

    @BeforeEach
    void makeNetwork() throws Exception {
        for (String tool : List.of("ip", "curl", "tftp", "atftp", "busybox", "dnsmasq", "setpriv")) {
            need(
                    run("sh", "-c", "command -v " + tool + " || test -x /usr/sbin/" + tool)
                                    .status()
                            == 0,
                    tool);
        }
        need(System.getProperty("user.name").equals("root"), "root, for network namespaces");
        need(Files.isReadable(Path.of("/usr/lib/ipxe/undionly.kpxe")), "the package ipxe");
        // One bridge in the server's namespace; the others hang on it.
        must("ip", "netns", "add", SERVER);
        must("ip", "netns", "add", CLIENT);
        must("ip", "netns", "add", DNSMASQ);
        ip(SERVER, "link add br0 type bridge");
        ip(SERVER, "addr add 10.77.0.2/24 dev br0");
        ip(SERVER, "link set br0 up");
        ip(SERVER, "link set lo up");
        for (String other : List.of(CLIENT, DNSMASQ)) {
            String port = other.equals(CLIENT) ? "pc" : "pd";
            ip(SERVER, "link add " + port + " type veth peer name eth0 netns " + other);
            ip(SERVER, "link set " + port + " master br0 up");
            ip(other, "link set eth0 up");
        }
        ip(CLIENT, "link set eth0 down");
        ip(CLIENT, "link set eth0 address " + MAC);
        ip(CLIENT, "link set eth0 up");
        ip(DNSMASQ, "addr add 10.77.0.1/24 dev eth0");

        Path image = directory.resolve("state/images").resolve(DIGEST);
        Files.createDirectories(image.resolve("boot"));
        Files.createDirectories(image.resolve("nodes/node1"));
        Files.writeString(image.resolve("manifest.json"), "{}");
        byte[] kernel = new byte[5_000_000];
        new SplittableRandom(1).nextBytes(kernel);
        Files.write(image.resolve("boot/vmlinuz"), kernel);
        Files.createSymbolicLink(directory.resolve("state/images/current"), Path.of(DIGEST));
    }

    private static void need(boolean there, String what) {
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("missing: " + what);
        }
        Assumptions.assumeTrue(there, "missing: " + what);
    }

    @AfterEach
    void removeNetwork() throws Exception {
        while (!processes.isEmpty()) {
            Process process = processes.pop();
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        for (String namespace : List.of(SERVER, CLIENT, DNSMASQ)) {
            run("ip", "netns", "del", namespace);
        }
        assertThat(run("ip", "netns", "list").output()).doesNotContain(SERVER);
    }

    private Ran run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "out", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("does not end: " + Arrays.toString(command));
        }
        return new Ran(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    }

    private void must(String... command) throws Exception {
        Ran ran = run(command);
        assertThat(ran.status())
                .as("%s: %s", Arrays.toString(command), ran.output())
                .isZero();
    }

    private void ip(String namespace, String arguments) throws Exception {
        must(("ip -n " + namespace + " " + arguments).split(" "));
    }

    private Ran in(String namespace, String... command) throws Exception {
        var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    private Process start(String namespace, Path output, String... command) throws IOException {
        var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        processes.push(process);
        return process;
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private Process serve(String dhcp, String... more) throws Exception {
        Path yaml = directory.resolve("cluster.yaml");
        String lab = Files.readString(Path.of(System.getProperty("slipway.root"), "server/examples/lab.yaml"));
        Files.writeString(yaml, lab.replace("serve:\n", "serve:\n  dhcp: {" + dhcp + "}\n"));
        Path log = directory.resolve("serve.log");
        Files.deleteIfExists(log);
        Files.deleteIfExists(directory.resolve("state/admin.address"));
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                classPath,
                "io.slipway.cli.Main",
                "serve",
                "-f",
                yaml.toString(),
                "--state",
                directory.resolve("state").toString()));
        command.addAll(List.of(more));
        Process process = start(SERVER, log, command.toArray(String[]::new));
        await("the appliance", () -> {
            try {
                return !process.isAlive()
                        || (Files.exists(log) && Files.readString(log).contains("Watch: "));
            } catch (IOException e) {
                return false;
            }
        });
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        return process;
    }

    private JsonNode status() throws Exception {
        Path state = directory.resolve("state");
        Ran ran = in(
                SERVER,
                "curl",
                "-sS",
                "-H",
                "Authorization: Bearer "
                        + Files.readString(state.resolve("admin.token")).strip(),
                Files.readString(state.resolve("admin.address")).strip() + "/v1/status");
        return new ObjectMapper().readTree(ran.output());
    }

    private JsonNode node1() throws Exception {
        return status().path("nodes").get(0);
    }

    /** udhcpc as a PXE ROM: options 60, 93, 94, 97, then what it was offered as its script sees it. */
    private Ran dhcp(String vendorClass, String architecture, String... more) throws Exception {
        Path script = directory.resolve("udhcpc.sh");
        Files.writeString(script, "#!/bin/sh\n[ \"$1\" = bound ] && env && ip addr replace $ip/24 dev eth0\nexit 0\n");
        script.toFile().setExecutable(true);
        var command = new ArrayList<>(List.of(
                "busybox",
                "udhcpc",
                "-i",
                "eth0",
                "-f",
                "-n",
                "-q",
                "-t",
                "5",
                "-T",
                "2",
                "-s",
                script.toString(),
                "-V",
                vendorClass,
                "-x",
                "0x5d:" + architecture,
                "-x",
                "0x5e:010201",
                "-x",
                "0x61:0078563412bc9af0de123456789abcdef0",
                "-O",
                "bootfile",
                "-O",
                "67",
                "-O",
                "tftp"));
        command.addAll(List.of(more));
        return in(CLIENT, command.toArray(String[]::new));
    }

    @Test
    void asTheOnlyDhcpServerItBootsFirmwareAndIpxeAndSurvivesKill9() throws Exception {
        Process first =
                serve("mode: server, pool: 10.77.0.200-10.77.0.210", "--arm", "node1", "--yes", "--user", "root");
        Ran firmware = dhcp("PXEClient:Arch:00000:UNDI:002001", "0000");
        assertThat(firmware.output())
                .contains("ip=10.77.0.11")
                .contains("siaddr=10.77.0.2")
                .contains("boot_file=undionly.kpxe")
                .contains("domain=lab.internal");
        assertThat(node1().path("phase").asText()).isEqualTo("booting");
        Ran ipxe = dhcp("PXEClient:Arch:00007:UNDI:003010", "0007", "-x", "0x4d:69505845");
        assertThat(ipxe.output()).contains("http://10.77.0.2:").contains("/boot.ipxe?mac=${mac:hexhyp}");

        tftp();
        String base = "http://10.77.0.2:" + bootPort();
        Ran script = in(CLIENT, "curl", "-sS", base + "/boot.ipxe?mac=" + MAC.replace(':', '-') + "&platform=pcbios");
        assertThat(script.output()).contains("slipway.mode=install");
        String token = script.output().replaceAll("(?s).*slipway.token=([0-9a-f]{64}).*", "$1");
        String claim = "token=" + token + "&nonce=0123456789abcdef0123&mac=" + MAC;
        Ran granted = in(CLIENT, "busybox", "wget", "-q", "-O", "-", "--post-data", claim, base + "/nodes/node1/claim");
        assertThat(granted.output()).startsWith("status=ok\nsession=");

        first.destroyForcibly().waitFor();
        serve("mode: server, pool: 10.77.0.200-10.77.0.210", "--user", "root");
        assertThat(node1().path("phase").asText()).isEqualTo("installing");
        assertThat(in(CLIENT, "busybox", "wget", "-q", "-O", "-", "--post-data", claim, base + "/nodes/node1/claim")
                        .output())
                .as("the lost reply is asked for again")
                .isEqualTo(granted.output());
        String session =
                granted.output().lines().skip(1).findFirst().orElseThrow().substring("session=".length());
        Ran events = in(
                CLIENT,
                "busybox",
                "wget",
                "-q",
                "-O",
                "-",
                "--header",
                "X-Slipway-Session: " + session,
                "--post-data",
                "seq=1\nstage=packages\npercent=30\n",
                base + "/nodes/node1/events");
        assertThat(events.output()).isEqualTo("status=ok\n");
        assertThat(node1().path("stage").asText()).isEqualTo("packages");
        Ran part = in(CLIENT, "curl", "-sS", "-r", "10-19", "-D", "-", base + "/images/" + DIGEST + "/boot/vmlinuz");
        assertThat(part.output()).contains("206 Partial").contains("ETag:").contains("Date:");

        ip(CLIENT, "link set eth0 down");
        ip(CLIENT, "addr flush dev eth0");
        ip(CLIENT, "link set eth0 address " + STRANGER);
        ip(CLIENT, "link set eth0 up");
        assertThat(dhcp("PXEClient:Arch:00000:UNDI:002001", "0000").output()).contains("ip=10.77.0.2");
        assertThat(status().path("machines").toString()).contains(STRANGER);
    }

    private String bootPort() throws Exception {
        return Files.readString(directory.resolve("serve.log"))
                .replaceAll("(?s).*HTTP for nodes +10.77.0.2 TCP (\\d+).*", "$1");
    }

    private void tftp() throws Exception {
        byte[] expected = Files.readAllBytes(Path.of("/usr/lib/ipxe/undionly.kpxe"));
        Path got = directory.resolve("got");
        List<List<String>> clients = List.of(
                List.of("tftp", "-m", "binary", "10.77.0.2", "-c", "get", "undionly.kpxe", got.toString()),
                List.of(
                        "atftp",
                        "--get",
                        "--remote-file",
                        "undionly.kpxe",
                        "--local-file",
                        got.toString(),
                        "10.77.0.2"),
                List.of(
                        "atftp",
                        "--option",
                        "blksize 1432",
                        "--option",
                        "tsize 0",
                        "--get",
                        "--remote-file",
                        "undionly.kpxe",
                        "--local-file",
                        got.toString(),
                        "10.77.0.2"),
                List.of("curl", "-sS", "-o", got.toString(), "tftp://10.77.0.2/undionly.kpxe"),
                List.of(
                        "busybox",
                        "tftp",
                        "-g",
                        "-b",
                        "1400",
                        "-l",
                        got.toString(),
                        "-r",
                        "undionly.kpxe",
                        "10.77.0.2"));
        for (List<String> client : clients) {
            Files.deleteIfExists(got);
            Ran ran = in(CLIENT, client.toArray(String[]::new));
            assertThat(Files.exists(got)).as("%s: %s", client, ran.output()).isTrue();
            assertThat(Files.readAllBytes(got)).as("%s", client).isEqualTo(expected);
        }
        Ran escape = in(CLIENT, "curl", "-sS", "tftp://10.77.0.2//../../../etc/passwd");
        assertThat(escape.status()).isNotZero();
        assertThat(escape.output()).doesNotContain("root:");
    }

    @Test
    void besideDnsmasqItAddsOnlyTheBootPart() throws Exception {
        Process dnsmasq = start(
                DNSMASQ,
                directory.resolve("dnsmasq.log"),
                "dnsmasq",
                "--keep-in-foreground",
                "--no-daemon",
                "--port=0",
                "--conf-file=/dev/null",
                "--interface=eth0",
                "--bind-interfaces",
                "--log-dhcp",
                "--dhcp-range=10.77.0.50,10.77.0.60,1h",
                "--dhcp-leasefile=" + directory.resolve("leases"),
                "--user=root");
        serve("mode: proxy", "--arm", "node1", "--yes", "--user", "root");
        // An ordinary client: dnsmasq alone, nothing of ours.
        Ran laptop = in(
                CLIENT, "busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", "5", "-T", "2", "-s", "/bin/true");
        assertThat(laptop.output()).containsPattern("lease of 10.77.0.(5.|60) obtained from 10.77.0.1,");
        assertThat(node1().path("phase").asText()).isEqualTo("armed");
        // A PXE ROM hears both: dnsmasq gives the address, ours the boot part. BusyBox's client is no witness here,
        // since
        // it takes whichever offer is first, and one without an address leads it nowhere.
        Map<String, String> offers = offersToRom();
        assertThat(offers.get("10.77.0.1"))
                .containsPattern("yiaddr 10\\.77\\.0\\.(5.|60) ")
                .doesNotContain("undionly");
        assertThat(offers.get("10.77.0.2"))
                .contains("yiaddr 0.0.0.0 ")
                .contains("undionly.kpxe")
                .contains("PXEClient");
        assertThat(node1().path("phase").asText()).isEqualTo("booting");
        assertThat(dnsmasq.isAlive()).isTrue();
    }

    /**
     * What each server offers to a PXE ROM's DISCOVER, by the server's address; Python's sockets are the foreign witness.
     */
    private Map<String, String> offersToRom() throws Exception {
        Path script = directory.resolve("discover.py");
        Files.writeString(script, """
                import socket, struct, time
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                s.setsockopt(socket.SOL_SOCKET, 25, b'eth0')
                s.bind(('', 68))
                mac = bytes.fromhex('525400770011')
                p = struct.pack('>BBBBIHH', 1, 1, 6, 0, 0x1234, 0, 0x8000) + bytes(16) + mac + bytes(10 + 192)
                p += bytes.fromhex('63825363') + bytes([53, 1, 1, 60, 9]) + b'PXEClient' + bytes([93, 2, 0, 0, 255])
                s.settimeout(1)
                end = time.time() + 20
                offers = {}
                while len(offers) < 2 and time.time() < end:
                    s.sendto(p, ('255.255.255.255', 67))
                    try:
                        while len(offers) < 2:
                            d, a = s.recvfrom(2000)
                            offers[a[0]] = 'yiaddr %s %r' % (socket.inet_ntoa(d[16:20]), d)
                    except socket.timeout:
                        pass
                for server, offer in offers.items():
                    print(server, offer)
                """);
        Ran ran = in(CLIENT, "python3", script.toString());
        Map<String, String> offers = ran.output()
                .lines()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
        assertThat(offers).as(ran.output()).containsOnlyKeys("10.77.0.1", "10.77.0.2");
        return offers;
    }

    @Test
    void asRootItRunsAsAnotherUserThatMayOnlyBindLowPorts() throws Exception {
        need(run("getent", "group", "daemon").status() == 0, "a user daemon");
        directory.toFile().setExecutable(true, false);
        directory.toFile().setReadable(true, false);
        // The class path of a build may lie in root's home, where others cannot read.
        Path target = Path.of(System.getProperty("slipway.root"), "server/target");
        must(
                "cp",
                "-r",
                target.resolve("classes").toString(),
                target.resolve("lib").toString(),
                directory.toString());
        classPath = directory.resolve("classes") + ":" + directory.resolve("lib") + "/*";
        serve("mode: proxy", "--user", "daemon");
        Ran who = run(
                "sh",
                "-c",
                "ps -eo user,pid,args | grep '[s]lipway.cli.Main serve.*" + directory
                        + "' | awk '$1==\"daemon\"{print $2}'");
        String pid = who.output().strip().lines().findFirst().orElseThrow();
        String caps = Files.readString(Path.of("/proc", pid, "status"));
        // CAP_NET_BIND_SERVICE is bit 10 (capability.h).
        assertThat(caps)
                .contains("CapEff:\t0000000000000400")
                .contains("CapBnd:\t0000000000000400")
                .contains("NoNewPrivs:\t1");
        assertThat(status().path("listening").toString()).contains("UDP 67");
        // The launcher is ended first and takes the other with it.
        processes.peek().destroy();
        assertThat(processes.peek().waitFor(15, TimeUnit.SECONDS)).isTrue();
        await("its end", () -> !Files.exists(Path.of("/proc", pid)));
    }
}
