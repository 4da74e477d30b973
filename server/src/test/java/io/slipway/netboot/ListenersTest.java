package io.slipway.netboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dhcp.Answer;
import io.slipway.dhcp.BootService;
import io.slipway.dhcp.ClientArchitecture.Firmware;
import io.slipway.dhcp.ProxyDhcpResponder;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.problem.ProblemException;
import io.slipway.store.AtomicFiles;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listeners on loopback, asked by sockets and by Java's own HTTP client. */
class ListenersTest {
    private static final Ipv4Address LOOPBACK = Ipv4Address.parse("127.0.0.1");
    private static final String DIGEST = "d".repeat(64);
    private static final String NODE1 = "52-54-00-77-00-11";
    private static final String TOKEN = "admin-token";

    @TempDir
    private Path state;

    private final HttpClient http = HttpClient.newHttpClient();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private int port;
    private EventJournal journal;
    private NodeRegistry registry;
    private BootListener boot;
    private AdminListener admin;

    ListenersTest() throws IOException {
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    static Cluster cluster() {
        return ClusterYamlReader.read(Path.of(System.getProperty("slipway.root"), "server/examples/lab.yaml"));
    }

    @BeforeEach
    void start() throws IOException {
        Path image = state.resolve("images").resolve(DIGEST);
        Files.createDirectories(image.resolve("boot"));
        Files.createDirectories(image.resolve("nodes/node1"));
        Files.writeString(image.resolve("manifest.json"), "{}");
        Files.writeString(image.resolve("boot/vmlinuz"), "kernel");
        byte[] big = new byte[3_000_000];
        new SplittableRandom(1).nextBytes(big);
        Files.write(image.resolve("boot/initrd.img"), big);
        Files.writeString(state.resolve("secret"), "secret");
        Files.createSymbolicLink(image.resolve("leak"), state.resolve("secret"));
        Files.createSymbolicLink(image.resolve("outside"), state);
        Files.createSymbolicLink(state.resolve("images/current"), Path.of(DIGEST));
        Files.createDirectories(state.resolve("ipxe"));
        Files.write(state.resolve("ipxe/snponly.efi"), Arrays.copyOf(big, 200_001));
        open();
    }

    private void open() {
        journal = EventJournal.open(state.resolve("slipway.db"));
        registry = new NodeRegistry(
                cluster(), journal, new Images(state.resolve("images")), () -> now, new SecureRandom());
        boot = BootListener.start(registry, "127.0.0.1", port, state.resolve("ipxe"));
        admin = AdminListener.start(registry, "127.0.0.1", 0, TOKEN, List.of("HTTP"), () -> "");
    }

    @AfterEach
    void stop() {
        admin.close();
        boot.close();
        journal.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    private String post(String path, String session, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("X-Slipway-Session", session)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        var response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Date")).isPresent();
        return response.body();
    }

    private HttpResponse<String> ask(String method, String path, String token) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
                        .header("Authorization", "Bearer " + token)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String script(String mac) throws Exception {
        return get("/boot.ipxe?mac=" + mac + "&uuid=&serial=&arch=x86_64&platform=pcbios")
                .body();
    }

    private static String value(String text, String key) {
        return text.lines()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is not in:\n" + text));
    }

    private static String token(String script) {
        int at = script.indexOf("slipway.token=");
        return script.substring(at + 14, at + 14 + 64);
    }

    private String phase() {
        return registry.state("node1").phase().text();
    }

    @Test
    void aWholeInstallationOverHttp() throws Exception {
        assertThat(script(NODE1)).contains("known and not armed").doesNotContain("slipway.token");
        assertThat(ask("POST", "/v1/nodes/node1/arm", TOKEN).statusCode()).isEqualTo(200);
        assertThat(phase()).isEqualTo("armed");
        String token = token(script(NODE1));
        assertThat(phase()).isEqualTo("booting");
        get("/images/" + DIGEST + "/boot/vmlinuz");
        assertThat(registry.state("node1").boot())
                .hasToString("Boot[step=KERNEL, address=127.0.0.1, at=2026-01-01T00:00:00Z]");
        String claim = "token=" + token + "&nonce=0123456789abcdef&mac=52%3A54%3A00%3A77%3A00%3A11&uuid=&serial=";
        String granted = post("/nodes/node1/claim", "", claim);
        assertThat(granted)
                .startsWith("status=ok\n")
                .contains("image=" + DIGEST)
                .contains("mode=install");
        assertThat(post("/nodes/node1/claim", "", claim)).isEqualTo(granted);
        String session = value(granted, "session");
        String events = "seq=1\nstage=packages\npercent=40\nlog=installing a\u001b[31m\nlog=two\nhostkey=ssh-ed25519 "
                + "AAAAC3NzaC1lZDI1NTE5AAAAIA root@node1\n";
        assertThat(post("/nodes/node1/events", session, events)).isEqualTo("status=ok\n");
        assertThat(post("/nodes/node1/events", session, events)).isEqualTo("status=ok\n");
        assertThat(journal.listLog("node1", 10).stream().map(line -> line.text()))
                .containsExactly("installing a?[31m", "two");
        assertThat(post("/nodes/node1/events", session, "seq=2\ninstalled=yes\n"))
                .isEqualTo("status=ok\n");
        assertThat(phase()).isEqualTo("installed");
        assertThat(script(NODE1)).contains("sanboot --no-describe --drive 0x80").doesNotContain("slipway.token");
        assertThat(phase()).isEqualTo("first-boot");
        assertThat(post("/nodes/node1/callback", session, "bootid=1\nkernel=6.12\n"))
                .isEqualTo("status=ok\n");
        assertThat(script(NODE1)).contains("sanboot");
        var shown = ask("GET", "/v1/nodes/node1", TOKEN).body();
        assertThat(shown)
                .contains("kernel=6.12")
                .contains("ssh-ed25519")
                .doesNotContain(token)
                .doesNotContain(session);
        assertThat(ask("POST", "/v1/nodes/node1/arm", TOKEN).body()).contains("slipway node reinstall node1");
        assertThat(ask("POST", "/v1/nodes/node1/reinstall", TOKEN).statusCode()).isEqualTo(200);
    }

    @Test
    void anotherNonceQuarantinesAndTheFirstSessionIsWorthNothing() throws Exception {
        registry.arm("node1", BootMode.INSTALL, false);
        String token = token(script(NODE1));
        String session = value(post("/nodes/node1/claim", "", "token=" + token + "&nonce=0123456789abcdef"), "session");
        assertThat(post("/nodes/node1/claim", "", "token=" + token + "&nonce=fedcba9876543210"))
                .startsWith("status=refused\nreason=");
        assertThat(phase()).isEqualTo("quarantined");
        assertThat(post("/nodes/node1/events", session, "seq=1\npercent=1\n")).startsWith("status=refused");
        assertThat(script(NODE1)).contains("STOP.").doesNotContain("slipway.token");
        assertThat(ask("POST", "/v1/nodes/node1/arm", TOKEN).statusCode()).isEqualTo(409);
    }

    @Test
    void sessionsSurviveARestartOfTheAppliance() throws Exception {
        registry.arm("node1", BootMode.INSTALL, false);
        String claim = "token=" + token(script(NODE1)) + "&nonce=0123456789abcdef";
        String session = value(post("/nodes/node1/claim", "", claim), "session");
        post("/nodes/node1/events", session, "seq=7\nstage=format\npercent=20\n");
        stop();
        open();
        assertThat(value(post("/nodes/node1/claim", "", claim), "session")).isEqualTo(session);
        assertThat(post("/nodes/node1/events", session, "seq=6\nstage=disk\n")).isEqualTo("status=ok\n");
        assertThat(registry.state("node1").progress()).hasToString("Progress[seq=7, stage=FORMAT, percent=20]");
        assertThat(post("/nodes/node1/events", session, "seq=8\ninstalled=yes\n"))
                .isEqualTo("status=ok\n");
        assertThat(phase()).isEqualTo("installed");
    }

    @Test
    void aFailureIsShownAndLaterLogLinesDoNotHideIt() throws Exception {
        registry.arm("node1", BootMode.INSTALL, false);
        String session = value(
                post("/nodes/node1/claim", "", "token=" + token(script(NODE1)) + "&nonce=0123456789abcdef"), "session");
        post("/nodes/node1/events", session, "seq=1\nstage=disk\nfailed=no disk matches\n");
        post("/nodes/node1/events", session, "seq=2\nlog=a shell is open\n");
        assertThat(registry.state("node1").phase()).isEqualTo(NodePhase.FAILED);
        assertThat(registry.state("node1").reason()).isEqualTo("no disk matches");
        assertThat(script(NODE1)).contains("It is not started again by itself").doesNotContain("slipway.token");
    }

    @Test
    void aRescueBeforeTheFirstReportNeitherLosesTheReportNorMaySpeakForTheInstallation() throws Exception {
        registry.arm("node1", BootMode.INSTALL, false);
        String session = value(
                post("/nodes/node1/claim", "", "token=" + token(script(NODE1)) + "&nonce=0123456789abcdef"), "session");
        post("/nodes/node1/events", session, "seq=90\ninstalled=yes\n");
        script(NODE1);
        assertThat(ask("POST", "/v1/nodes/node1/rescue", TOKEN).statusCode()).isEqualTo(200);
        String claim = "token=" + token(script(NODE1)) + "&nonce=fedcba9876543210";
        String rescue = value(post("/nodes/node1/claim", "", claim), "session");
        assertThat(phase()).isEqualTo("rescue");
        assertThat(ask("POST", "/v1/nodes/node1/arm", TOKEN).body())
                .as("what is installed is not erased by arm")
                .contains("slipway node reinstall node1");
        // What the installer's scripts send from a rescue shell, and what nobody may.
        assertThat(post("/nodes/node1/events", rescue, """
                        seq=1
                        stage=rescue
                        percent=100
                        log=Rescue
                        installed=yes
                        hostkey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA
                        """)).isEqualTo("status=ok\n");
        assertThat(journal.listLog("node1", 1).get(0).text()).isEqualTo("Rescue");
        assertThat(phase()).isEqualTo("rescue");
        assertThat(registry.state("node1").hostKeys()).isEmpty();
        assertThat(post("/nodes/node1/callback", rescue, "bootid=1\n")).startsWith("status=refused");
        stop();
        open();
        assertThat(phase()).isEqualTo("rescue");
        assertThat(script(NODE1)).contains("sanboot");
        assertThat(phase()).isEqualTo("first-boot");
        assertThat(post("/nodes/node1/callback", session, "bootid=1\n")).isEqualTo("status=ok\n");
        assertThat(registry.state("node1").callback()).isNotNull();
    }

    @Test
    void malformedMessagesAreRefusedWithAReason() throws Exception {
        registry.arm("node1", BootMode.INSTALL, false);
        String token = token(script(NODE1));
        for (String body :
                List.of("", "=", "token", "token=%zz&nonce=1", "token=" + token, "nonce=../../x&token=" + token)) {
            assertThat(post("/nodes/node1/claim", "", body)).as(body).startsWith("status=refused\nreason=");
        }
        assertThat(post("/nodes/node1/claim", "", "x=" + "y".repeat(5000))).contains("longer than 4096");
        assertThat(post("/nodes/node9/claim", "", "token=" + token + "&nonce=0123456789abcdef"))
                .contains("no node of that name");
        assertThat(post("/nodes/node1/claim", "", "token=" + token + "&nonce=0123456789abcdef&mac=52:54:00:00:00:01"))
                .contains("hardware address");
        String session = value(post("/nodes/node1/claim", "", "token=" + token + "&nonce=0123456789abcdef"), "session");
        for (String body : List.of(
                "", "stage=disk", "seq=x", "seq=1\nstage=nonsense", "seq=1\npercent=101", "seq=1\npercent=-1")) {
            assertThat(post("/nodes/node1/events", session, body)).as(body).startsWith("status=refused");
        }
        assertThat(post("/nodes/node1/events", "", "seq=1\n")).startsWith("status=refused");
        assertThat(post("/nodes/node1/callback", session, "")).startsWith("status=refused");
        assertThat(post("/nodes/node1/callback", session.replace('a', 'b') + "0", "a=b"))
                .startsWith("status=refused");
        assertThat(phase()).isEqualTo("installing");
    }

    @Test
    void unknownMachinesAreListedAndLeftAlone() throws Exception {
        assertThat(script("52-54-00-99-99-99")).contains("not in cluster.yaml");
        assertThat(ask("GET", "/v1/status", TOKEN).body()).contains("\"mac\":\"52:54:00:99:99:99\"");
    }

    @Test
    void filesHaveRangesTagsAndDates() throws Exception {
        String path = "/images/" + DIGEST + "/boot/initrd.img";
        var whole = get(path);
        assertThat(whole.body()).hasSize(3_000_000);
        String tag = whole.headers().firstValue("ETag").orElseThrow();
        assertThat(whole.headers().firstValue("Last-Modified")).isPresent();
        assertThat(whole.headers().firstValue("Date")).isPresent();
        assertThat(get(path, "If-None-Match", tag).statusCode()).isEqualTo(304);
        var part = get(path, "Range", "bytes=1000000-1000099");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(whole.body().substring(1_000_000, 1_000_100));
        assertThat(get(path, "Range", "bytes=2999990-").body())
                .isEqualTo(whole.body().substring(2_999_990));
        assertThat(get("/images/" + DIGEST + "/boot/vmlinuz")
                        .headers()
                        .firstValue("ETag")
                        .orElseThrow())
                .isNotEqualTo(tag);
        assertThat(get("/ipxe/snponly.efi").body()).hasSize(200_001);
    }

    @Test
    void conditionsAndOddRangesAreAnsweredAsHttpSays() throws Exception {
        String path = "/images/" + DIGEST + "/boot/System.map";
        byte[] bytes = new byte[300_000];
        new SplittableRandom(3).nextBytes(bytes);
        Files.write(state.resolve("images").resolve(DIGEST).resolve("boot/System.map"), bytes);
        Files.createFile(state.resolve("images").resolve(DIGEST).resolve("empty"));
        var whole = get(path);
        assertThat(whole.body()).isEqualTo(new String(bytes, StandardCharsets.ISO_8859_1));
        String tag = whole.headers().firstValue("ETag").orElseThrow();
        String date = whole.headers().firstValue("Last-Modified").orElseThrow();
        assertThat(get(path, "If-Modified-Since", date).statusCode()).isEqualTo(304);
        assertThat(get(path, "If-Modified-Since", date, "If-None-Match", "\"other\"")
                        .statusCode())
                .isEqualTo(200);
        assertThat(get(path, "If-Match", "\"other\"").statusCode()).isEqualTo(412);
        assertThat(get(path, "If-Match", tag).statusCode()).isEqualTo(200);
        assertThat(get(path, "If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")
                        .statusCode())
                .isEqualTo(412);
        assertThat(get(path, "Range", "bytes=-5").body()).isEqualTo(whole.body().substring(299_995));
        assertThat(get(path, "Range", "bytes=0-0").headers().firstValue("Content-Range"))
                .contains("bytes 0-0/300000");
        assertThat(get(path, "Range", "bytes=0-0", "If-Range", tag).statusCode())
                .isEqualTo(206);
        assertThat(get(path, "Range", "bytes=0-0", "If-Range", "\"other\"").statusCode())
                .isEqualTo(200);
        assertThat(get(path, "Range", "bytes=300000-").statusCode()).isEqualTo(416);
        assertThat(get(path, "Range", "nonsense").statusCode()).isEqualTo(200);
        assertThat(raw("HEAD " + path + " HTTP/1.0\r\n\r\n"))
                .contains("Content-Length: 300000\r\n")
                .endsWith("\r\n\r\n");
        assertThat(get("/images/" + DIGEST + "/empty").body()).isEmpty();
    }

    /** What slackpkg on a node is told to use. */
    @Test
    void theCurrentImageHasAnAddressOfItsOwn() throws Exception {
        String other = "b".repeat(64);
        Path images = state.resolve("images");
        for (String image : List.of(DIGEST, other)) {
            Files.createDirectories(images.resolve(image));
            Files.writeString(images.resolve(image).resolve("manifest.json"), "{}");
            Files.writeString(images.resolve(image).resolve("CHECKSUMS.md5.asc"), image);
        }
        assertThat(get("/images/current/CHECKSUMS.md5.asc").body()).isEqualTo(DIGEST);
        assertThat(get("/images/current/none").statusCode()).isEqualTo(404);
        assertThat(get("/images/current/leak").body()).doesNotContain("secret");
        AtomicFiles.switchLink(images.resolve("current"), Path.of(other));
        assertThat(get("/images/current/CHECKSUMS.md5.asc").body()).isEqualTo(other);
        Files.delete(images.resolve("current"));
        assertThat(get("/images/current/CHECKSUMS.md5.asc").statusCode()).isEqualTo(404);
    }

    @Test
    void aFileThatIsGoneIsNotFound() throws Exception {
        Path file = state.resolve("images").resolve(DIGEST).resolve("PACKAGES.TXT");
        Files.writeString(file, "all");
        assertThat(get("/images/" + DIGEST + "/PACKAGES.TXT").body()).isEqualTo("all");
        Files.delete(file);
        assertThat(get("/images/" + DIGEST + "/PACKAGES.TXT").statusCode()).isEqualTo(404);
        Files.createSymbolicLink(file, state.resolve("secret"));
        assertThat(get("/images/" + DIGEST + "/PACKAGES.TXT").body()).doesNotContain("secret");
    }

    @Test
    void noPathLeadsOut() throws Exception {
        for (String path : List.of(
                "/images/" + DIGEST + "/../../secret",
                "/images/" + DIGEST + "/%2e%2e/%2e%2e/secret",
                "/images/" + DIGEST + "/..%2f..%2fsecret",
                "/images/" + DIGEST + "/..%5c..%5csecret",
                "/images/" + DIGEST + "/leak",
                "/images/" + DIGEST + "/outside/secret",
                "/images/" + DIGEST + "/boot",
                "/images/" + DIGEST + "/boot/",
                "/images/" + DIGEST + "//boot/vmlinuz",
                "/images/" + DIGEST + "/boot/vmlinuz%00",
                "/images/current/../../secret",
                "/images/" + "e".repeat(64) + "/boot/vmlinuz",
                "/images/",
                "/ipxe/..%2fsecret",
                "/ipxe/../secret",
                "/secret",
                "/slipway.db",
                "/")) {
            String answer = raw("GET " + path + " HTTP/1.0\r\n\r\n");
            assertThat(answer).as(path).doesNotContain(" 200 ").doesNotContain("\r\n\r\nsecret");
        }
        assertThat(raw("PUT /images/" + DIGEST + "/boot/vmlinuz HTTP/1.0\r\n\r\n"))
                .contains(" 405 ");
        assertThat(raw("DELETE /boot.ipxe HTTP/1.0\r\n\r\n")).contains(" 405 ");
        assertThat(get("/images/" + DIGEST + "/boot/vmlinuz").body()).isEqualTo("kernel");
    }

    private String raw(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void garbageOnTheSocketsLeavesTheListenerUp() throws Exception {
        var random = new SplittableRandom(5);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(bytes);
            }
        }
        assertThat(get("/images/" + DIGEST + "/boot/vmlinuz").statusCode()).isEqualTo(200);
    }

    @Test
    void aFloodIsAnsweredWithTooManyRequests() throws Exception {
        // In one write: a busy machine that took its time between two requests would never exceed the rate.
        String request = "GET /boot.ipxe?mac=" + NODE1 + " HTTP/1.1\r\nHost: x\r\n";
        String answers = raw((request + "\r\n").repeat(299) + request + "Connection: close\r\n\r\n");
        assertThat(answers).contains("HTTP/1.1 200 ").contains("HTTP/1.1 429 ");
        assertThat(get("/images/" + DIGEST + "/boot/vmlinuz").statusCode()).isEqualTo(200);
    }

    @Test
    void theAdminListenerWantsItsToken() throws Exception {
        for (String wrong : List.of("", "x", TOKEN + "x", TOKEN.substring(1))) {
            assertThat(ask("GET", "/v1/status", wrong).statusCode()).isEqualTo(401);
            assertThat(ask("POST", "/v1/nodes/node1/arm", wrong).statusCode()).isEqualTo(401);
        }
        assertThat(phase()).isEqualTo("known");
        assertThat(ask("POST", "/v1/nodes/nobody/arm", TOKEN).statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/v1/nodes/node1/explode", TOKEN).statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/v1/nodes/node2/arm", TOKEN).body()).contains("slipway image build");
    }

    @Test
    void anArmingEndsWithItsWindow() throws Exception {
        registry.arm("node1", BootMode.INSTALL, false);
        now = now.plus(cluster().serve().armWindow());
        assertThat(script(NODE1)).contains("has ended").doesNotContain("slipway.token");
        registry.expireArmings();
        assertThat(phase()).isEqualTo("known");
    }

    @Test
    void aWatcherIsToldOfAChange() throws Exception {
        long version = registry.awaitChange(0, Duration.ZERO);
        var waiting = new java.util.concurrent.FutureTask<>(
                () -> ask("GET", "/v1/status?wait=20&after=" + version, TOKEN).body());
        new Thread(waiting, "watcher").start();
        registry.arm("node1", BootMode.INSTALL, false);
        assertThat(waiting.get(10, java.util.concurrent.TimeUnit.SECONDS)).contains("\"phase\":\"armed\"");
    }

    @Test
    void tftpServesItsDirectoryAndNothingElse() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        try (var tftp = TftpListener.start(LOOPBACK, 0, state.resolve("ipxe"), seen::add);
                var client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            client.setSoTimeout(5_000);
            for (String name : List.of("../secret", "/etc/passwd", "nothing", "..", "snponly.efi/", "x\nkernel")) {
                assertThat(tftp(client, tftp.port(), "\0\1" + name + "\0octet\0")[1])
                        .as(name)
                        .isEqualTo((byte) 5);
            }
            assertThat(tftp(client, tftp.port(), "\0\2snponly.efi\0octet\0")[1]).isEqualTo((byte) 5);
            assertThat(tftp(client, tftp.port(), "\0\1snponly.efi\0netascii\0")[1])
                    .isEqualTo((byte) 5);
            var random = new SplittableRandom(2);
            for (int i = 0; i < 200; i++) {
                byte[] bytes = new byte[random.nextInt(600)];
                random.nextBytes(bytes);
                client.send(new DatagramPacket(
                        bytes, bytes.length, new InetSocketAddress(InetAddress.getLoopbackAddress(), tftp.port())));
            }
            byte[] first = tftp(client, tftp.port(), "\0\1/snponly.efi\0octet\0tsize\0000\0");
            assertThat(new String(first, StandardCharsets.US_ASCII)).contains("tsize\000200001");
            assertThat(seen).contains("127.0.0.1");
        }
    }

    private static byte[] tftp(DatagramSocket client, int port, String packet) throws IOException {
        byte[] bytes = packet.getBytes(StandardCharsets.ISO_8859_1);
        var answer = new DatagramPacket(new byte[2000], 2000);
        // Asked again like a client of TFTP does: a flood may have filled the listener's buffer.
        for (int attempt = 1; ; attempt++) {
            client.send(new DatagramPacket(
                    bytes, bytes.length, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
            try {
                client.receive(answer);
                return Arrays.copyOf(answer.getData(), answer.getLength());
            } catch (java.net.SocketTimeoutException e) {
                if (attempt == 5) {
                    throw e;
                }
            }
        }
    }

    @Test
    void dhcpAnswersTheBootServicePortAndSurvivesGarbage() throws Exception {
        var ports = new DhcpListener.UdpPorts(freeUdp(), freeUdp(), freeUdp());
        var service = new BootService(DhcpListener.ip(LOOPBACK), port, Map.of(Firmware.BIOS, "undionly.kpxe"));
        byte[] question;
        try (var in = getClass().getResourceAsStream("/dhcp/seabios-ipxe-request.hex")) {
            question = HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
        try (var dhcp = DhcpListener.start(
                        LOOPBACK,
                        ports,
                        message -> new ProxyDhcpResponder(service).answer(message),
                        service,
                        (message, client) -> registry.seen(
                                MacAddress.parse(message.link().address()), BootStep.DHCP, "", client.uuid(), "x"));
                var client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertThat(dhcp).isNotNull();
            client.setSoTimeout(5_000);
            var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.bootService());
            for (int length = 0; length < question.length; length += 7) {
                client.send(new DatagramPacket(question, length, target));
            }
            long version = registry.awaitChange(0, Duration.ZERO);
            client.send(new DatagramPacket(question, question.length, target));
            var answer = new DatagramPacket(new byte[2000], 2000);
            client.receive(answer);
            assertThat(new String(answer.getData(), StandardCharsets.ISO_8859_1))
                    .contains("http://127.0.0.1:" + port + "/boot.ipxe?mac=${mac:hexhyp}");
            // The answer goes out before it is written down who asked.
            registry.awaitChange(version, Duration.ofSeconds(30));
            assertThat(journal.listMachines().get(0).mac()).isEqualTo("52:54:00:aa:bb:01");
            assertThatThrownBy(() -> DhcpListener.start(
                            LOOPBACK, ports, message -> new Answer.Ignore("", false), service, (m, c) -> {}))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("ss -lpnu 'sport = :" + ports.server());
        }
    }

    private static int freeUdp() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aPortInUseIsNamed() {
        assertThatThrownBy(() -> BootListener.start(registry, "127.0.0.1", port, state.resolve("ipxe")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("TCP port " + port)
                .hasMessageContaining("ss -lpnt");
        assertThatThrownBy(() -> TftpListener.start(Ipv4Address.parse("192.0.2.77"), 0, state, address -> {}))
                .hasMessageContaining("Give this machine the address 192.0.2.77");
    }
}
