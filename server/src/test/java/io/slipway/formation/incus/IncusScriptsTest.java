package io.slipway.formation.incus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.NullNode;
import io.slipway.Witness;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts as a real shell understands them; small programs stand in for those of a node. */
class IncusScriptsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private void program(String name, String script) throws IOException {
        Path file = Files.createDirectories(directory.resolve("bin")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The same command with these programs first, and our files instead of the node's. */
    private Nodes nodes(Map<String, String> instead) {
        var local = new LocalCommandRunner();
        return node -> (command, line) -> {
            var argv = new ArrayList<>(command.arguments());
            argv.set(
                    2,
                    "PATH=" + directory.resolve("bin") + ":$PATH; export PATH\nINCUS_SOCKET="
                            + directory.resolve("socket") + "\n" + argv.get(2));
            argv.replaceAll(each -> {
                String out = each;
                for (var entry : instead.entrySet()) {
                    out = out.replace(entry.getKey(), entry.getValue());
                }
                return out;
            });
            return local.run(
                    new io.slipway.process.Command(
                            argv, null, command.environment(), command.input(), SOON, command.outputLimit()),
                    line);
        };
    }

    private IncusApi api() {
        return new IncusApi("node1", nodes(Map.of()));
    }

    @Test
    void theKeyIsNotInAnyAnswer() throws Exception {
        program("incus", """
                [ "$1 $2" = "query --raw" ] || exit 9
                printf '{\\n\\t"type": "sync",\\n\\t"metadata": {\\n\\t\\t"config": {\\n'
                printf '\\t\\t\\t"network.ovn.client_cert": "-----BEGIN CERTIFICATE-----\\\\nAA==\\\\n",\\n'
                printf '\\t\\t\\t"network.ovn.client_key": "-----BEGIN PRIVATE KEY-----\\\\nBB==\\\\n",\\n'
                printf '\\t\\t\\t"path": "%s"\\n\\t\\t}\\n\\t}\\n}\\n' "$3"
                """);

        Map<String, Answer> said = api().get(List.of("/1.0", "/1.0/networks?recursion=1&filter=a%20eq%20b"));

        assertThat(said).hasSize(2);
        Answer server = said.getOrDefault("/1.0", Answer.silence());
        assertThat(server.text("config", "network.ovn.client_cert")).contains("AA==");
        assertThat(server.text("config", "network.ovn.client_key")).isEqualTo("…");
        assertThat(said.getOrDefault("/1.0/networks?recursion=1&filter=a%20eq%20b", Answer.silence())
                        .text("config", "path"))
                .isEqualTo("/1.0/networks?recursion=1&filter=a%20eq%20b");
    }

    /** A daemon on its socket, asked by the real curl. */
    @Test
    void whereThereIsCurlAllQuestionsGoOverOneConnection() throws Exception {
        Witness.require("curl");
        program("incus", "exit 9");
        try (var daemon = new SocketDaemon(
                directory.resolve("socket"),
                "{\"type\":\"sync\",\"metadata\":{\"config\":{\"network.ovn.client_key\":\"-----BEGIN\\nBB==\",\"a\":\"b\"}}}\n",
                "{\"type\":\"error\",\"error_code\":404,\"error\":\"Not found\"}\n",
                "{\"type\":\"sync\",\"metadata\":[7]}")) {
            Map<String, Answer> said =
                    api().get(List.of("/1.0", "/1.0/networks/x?target=node1", "/1.0/y?recursion=1&filter=[a]"));

            assertThat(daemon.asked())
                    .containsExactly("/1.0", "/1.0/networks/x?target=node1", "/1.0/y?recursion=1&filter=[a]");
            assertThat(daemon.connections()).isEqualTo(1);
            Answer server = said.getOrDefault("/1.0", Answer.silence());
            assertThat(server.text("config", "network.ovn.client_key")).isEqualTo("…");
            assertThat(server.text("config", "a")).isEqualTo("b");
            assertThat(said.getOrDefault("/1.0/networks/x?target=node1", Answer.silence())
                            .isAbsent())
                    .isTrue();
            assertThat(said.getOrDefault("/1.0/y?recursion=1&filter=[a]", Answer.silence())
                            .metadata()
                            .path(0)
                            .asInt())
                    .isEqualTo(7);
        }
    }

    @Test
    void anAnswerThatIsCutOffIsSilenceAndSoIsWhatWouldFollow() throws Exception {
        Witness.require("curl");
        program("incus", "exit 9");
        try (var daemon = new SocketDaemon(
                directory.resolve("socket"),
                "{\"type\":\"sync\",\"metadata\":{}}",
                "{\"type\":" + SocketDaemon.CUT,
                "{}")) {
            Map<String, Answer> said = api().get(List.of("/1.0", "/1.0/x", "/1.0/y"));

            assertThat(said.getOrDefault("/1.0", Answer.silence()).isOk()).isTrue();
            assertThat(said.getOrDefault("/1.0/x", new Answer(200, "", NullNode.getInstance()))
                            .isSaid())
                    .isFalse();
            assertThat(said.getOrDefault("/1.0/y", new Answer(200, "", NullNode.getInstance()))
                            .isSaid())
                    .isFalse();
            assertThat(daemon.asked()).containsExactly("/1.0", "/1.0/x");
        }
    }

    @Test
    void refusalsSilenceAndAMissingProgramAreToldApart() throws Exception {
        program("incus", "echo '{\"type\":\"error\",\"error_code\":404,\"error\":\"Not found\"}'");
        assertThat(api().get("/1.0/x").isAbsent()).isTrue();
        program("incus", "echo 'Error: no socket' >&2; exit 1");
        Answer silent = api().get("/1.0/x");
        assertThat(silent.isSaid()).isFalse();
        assertThat(silent.code()).isEqualTo(Answer.SILENT);
        Files.delete(directory.resolve("bin/incus"));
        assumeThat(new LocalCommandRunner()
                        .run(io.slipway.process.Command.of(SOON, "/bin/sh", "-c", "command -v incus"))
                        .succeeded())
                .isFalse();
        assertThat(api().get("/1.0/x").code()).isEqualTo(Answer.NO_PROGRAM);
    }

    @Test
    void somethingThatIsNoJsonIsSaid() throws Exception {
        program("incus", "echo 'hello'");
        assertThatThrownBy(() -> api().get("/1.0"))
                .hasMessageContaining("node1")
                .hasMessageContaining("no JSON");
    }

    @Test
    void aChangeIsSentAndWhatIsSaidAgainstItHeard() throws Exception {
        program("incus", "echo \"{\\\"type\\\":\\\"sync\\\",\\\"metadata\\\":\\\"$*\\\"}\"");
        Answer answer = api().send(
                        SOON,
                        "POST",
                        "/1.0/networks?target=node1",
                        IncusApi.object().put("name", 7));
        assertThat(answer.isOk()).isTrue();
        program("incus", "for each in \"$@\"; do echo \"[$each]\"; done > " + directory + "/argv; echo '{}'");
        api().send(SOON, "POST", "/1.0/networks?target=node1", IncusApi.object().put("name", "a b"));
        assertThat(Files.readString(directory.resolve("argv"))).isEqualTo("""
                        [query]
                        [--raw]
                        [--wait]
                        [-X]
                        [POST]
                        [-d]
                        [{"name":"a b"}]
                        [/1.0/networks?target=node1]
                        """);
        api().token("", "/1.0/certificates", IncusApi.object());
        assertThat(Files.readString(directory.resolve("argv"))).doesNotContain("--wait");
        program("incus", "echo 'Error: Failed to do it' >&2; exit 1");
        assertThat(api().send(SOON, "PUT", "/1.0", IncusApi.object()))
                .isEqualTo(new Answer(
                        500, "Failed to do it", com.fasterxml.jackson.databind.node.MissingNode.getInstance()));
    }

    @Test
    void aPreseedAndItsTokenTravelOnStandardInput() throws Exception {
        program("incus", "cat > " + directory + "/preseed; echo \"$*\"");
        assertThat(api().preseed(SOON, IncusApi.object().put("cluster_token", "secret")))
                .isEmpty();
        assertThat(Files.readString(directory.resolve("preseed"))).isEqualTo("{\"cluster_token\":\"secret\"}");
        program("incus", "cat >/dev/null; echo 'Error: Failed to join cluster: token has expired' >&2; exit 1");
        assertThat(api().preseed(SOON, IncusApi.object())).isEqualTo("Failed to join cluster: token has expired");
    }

    /** openssl makes the key and the request; Incus gets key, certificate and authority in one piece. */
    @Test
    void theKeyIsMadeOnceAndGoesIntoIncus() throws Exception {
        program("incus", """
                case $* in
                  'admin init --preseed') [ ! -e %1$s/refuse ] && cat > %1$s/preseed ;;
                  *) printf '{"type":"sync","metadata":{"config":{},"environment":{"server_clustered":true}}}' ;;
                esac
                """.formatted(directory));
        Cluster lab = Clusters.lab();
        Path key = directory.resolve("ovn.key");
        var authority = new TestAuthority(NOW);
        var members = new Members(lab, nodes(Map.of("/run/slipway-incus-ovn.key", key.toString())));
        var work = new OvnConnection(lab, authority, InstantSource.fixed(NOW), members);

        // Cut off before Incus has it: the same key is used again.
        Files.createFile(directory.resolve("refuse"));
        assertThatThrownBy(work::act).hasMessageContaining("Incus cannot be told where OVN is");
        assertThat(Files.readString(key)).startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        String made = Files.readString(key);
        Files.delete(directory.resolve("refuse"));
        work.act();

        assertThat(key).doesNotExist();
        assertThat(authority.requests())
                .hasSize(2)
                .allSatisfy(request -> assertThat(request)
                        .startsWith("-----BEGIN CERTIFICATE REQUEST-----")
                        .doesNotContain("PRIVATE"));
        var preseed = new org.yaml.snakeyaml.Yaml();
        Map<String, Map<String, String>> document = preseed.load(Files.readString(directory.resolve("preseed")));
        assertThat(document.get("config"))
                .containsEntry("network.ovn.client_key", made)
                .containsEntry("network.ovn.ca_cert", authority.authority())
                .containsEntry(
                        "network.ovn.northbound_connection",
                        "ssl:10.77.0.11:6641,ssl:10.77.0.12:6641,ssl:10.77.0.13:6641")
                .containsKey("network.ovn.client_cert");
    }

    @Test
    void theStoragePartitionIsFoundByItsName() throws Exception {
        for (String device : List.of("vda3", "vda4")) {
            Files.createDirectories(directory.resolve("sys/" + device + "/holders"));
            Files.writeString(
                    directory.resolve("sys/" + device + "/uevent"),
                    "PARTNAME=" + (device.equals("vda4") ? "slipway-pool" : "slipway-root") + "\n");
        }
        Cluster lab = Clusters.lab();
        Cluster lvm = Clusters.with(lab, Clusters.local(lab.incus(), Incus.Driver.LVM));
        var source = new LocalSource(
                "node1",
                new Members(
                        lvm,
                        nodes(Map.of(
                                "/sys/class/block", directory.resolve("sys").toString()))));

        program("blkid", "exit 2");
        assertThat(source.config()).containsExactly(Map.entry("source", "/dev/vda4"));
        Files.createFile(directory.resolve("sys/vda4/holders/dm-1"));
        assertThatThrownBy(source::config).hasMessageContaining("found dm-1");
        program("blkid", "case \"$*\" in *LABEL*) echo data ;; *) echo ext4 ;; esac");
        assertThatThrownBy(source::config).hasMessageContaining("ext4 data").hasMessageContaining("wipefs");
        program("blkid", "exit 8");
        assertThatThrownBy(source::config).hasMessageContaining("ambiguous");
    }

    @Test
    void aDaemonThatDoesNotStartTellsItsLastErrors() throws Exception {
        Path log = directory.resolve("incusd.log");
        Files.writeString(log, "level=info msg=x\nlevel=error msg=\"Failed to start the daemon\" err=\"No node\"\n");
        program("rc", "exit 1");
        program("incus", "exit 1");
        var members = new Members(
                Clusters.lab(),
                nodes(Map.of(
                        "/etc/rc.d/rc.incusd",
                        directory.resolve("bin/rc").toString(),
                        "/var/log/incus/incusd.log",
                        log.toString())));
        assertThatThrownBy(() -> new IncusDaemon("node1", members).start())
                .hasMessageContaining("Incus cannot be started on node1")
                .hasMessageContaining("No node");
        program("rc", "[ $1 = status ]");
        new IncusDaemon("node1", members).start();
    }
}
