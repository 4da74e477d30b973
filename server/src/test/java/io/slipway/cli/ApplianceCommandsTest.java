package io.slipway.cli;

import static io.slipway.cli.RunningAppliance.image;
import static io.slipway.cli.RunningAppliance.run;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.cli.RunningAppliance.Ran;
import io.slipway.inventory.MacAddress;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.problem.ProblemKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that talk to a running appliance, against one on loopback. */
class ApplianceCommandsTest {
    private static final String ADDRESS = "10.77.0.11";
    private static final String NONCE = "0123456789abcdef";

    @TempDir
    private Path state;

    private RunningAppliance appliance;
    private String image;

    @BeforeEach
    void start() throws Exception {
        image = image(state, "first", "node1", "node2");
        appliance = RunningAppliance.start(state, "  enrolment: confirm\n");
    }

    @AfterEach
    void stop() {
        appliance.close();
    }

    private Ran node(String action, String... more) {
        var arguments = new String[more.length + 4];
        arguments[0] = "node";
        arguments[1] = action;
        arguments[2] = "--state";
        arguments[3] = state.toString();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return run(arguments);
    }

    private String phase() {
        return appliance.registry.state("node1").phase().text();
    }

    private static JsonNode json(Ran ran) throws Exception {
        assertThat(ran.err()).isEmpty();
        assertThat(ran.status()).isZero();
        assertThat(ran.out()).endsWith("\n").hasLineCount(1);
        return new ObjectMapper().readTree(ran.out());
    }

    private static Set<String> fields(JsonNode object) {
        var out = new TreeSet<String>();
        object.fieldNames().forEachRemaining(out::add);
        return out;
    }

    /** What node1's installer shows to be let in; the appliance must be told with {@code arm} or {@code rescue} first. */
    private void claim() {
        appliance.registry.record(new NodeEvent.ScriptServed(appliance.registry.now(), "node1", ADDRESS));
        String token =
                requireNonNull(appliance.registry.state("node1").arming()).token();
        appliance.registry.claim("node1", Map.of("token", token, "nonce", NONCE), ADDRESS);
    }

    @Test
    void statusIsATableOfNodesAndAListOfStrangers() {
        appliance.registry.seen(MacAddress.parse("52:54:00:99:99:99"), BootStep.DHCP, "", "", "BIOS");
        Ran ran = run("status", "--state", state.toString());
        assertThat(ran.status()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .startsWith("Cluster lab, image " + image.substring(0, 12) + "\n\nNODE ")
                .containsPattern("(?m)^node1 +known +never +slipway node arm node1$")
                .containsPattern("(?m)^node3 +known")
                .containsPattern("(?m)^  52:54:00:99:99:99 .*architecture BIOS.*  seen \\d+ s$");
        assertThat(node("list").out()).startsWith("Cluster lab, image ").contains("52:54:00:99:99:99");
    }

    @Test
    void aPictureShowsAlsoNodesThatCannotBeLoggedInTo(@TempDir Path directory) throws Exception {
        Path picture = directory.resolve("cluster.svg");
        String[] arguments = {
            "status",
            "--state",
            state.toString(),
            "-f",
            Repository.example("lab").toString(),
            "--svg",
            picture.toString()
        };
        Ran ran = run(arguments);
        assertThat(ran.status()).as(ran.err()).isZero();
        assertThat(ran.out()).contains(picture.toString());
        assertThat(Files.readString(picture))
                .contains("0 of 3 nodes answer, not formed")
                .contains("No host key of");

        arguments[6] = directory.resolve("missing/cluster.svg").toString();
        Ran failed = run(arguments);
        assertThat(failed.status()).isEqualTo(ProblemKind.ENVIRONMENT.exitStatus());
        assertThat(failed.err()).contains("could not be written to " + arguments[6]);
    }

    @Test
    void watchingShowsEachChangeOnceAndEndsWithTheAppliance() throws Exception {
        var out = new StringWriter();
        var watching = new FutureTask<>(() -> Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute("status", "--watch", "--state", state.toString()));
        new Thread(watching, "watching").start();
        awaitTables(out, 1);
        node("arm", "node1");
        awaitTables(out, 2);
        node("disarm", "node1");
        awaitTables(out, 3);
        appliance.close();
        assertThat(watching.get(1, TimeUnit.MINUTES)).isEqualTo(ProblemKind.UNREACHABLE.exitStatus());
        assertThat(tables(out)).hasSize(3);
        assertThat(tables(out).get(1)).containsPattern("(?m)^node1 +armed ");
        assertThat(tables(out).get(2)).containsPattern("(?m)^node1 +known ");
    }

    private static List<String> tables(StringWriter out) {
        String text = out.toString();
        return text.isEmpty() ? List.of() : List.of(text.split("(?=Cluster lab, )"));
    }

    private static void awaitTables(StringWriter out, int count) throws InterruptedException {
        Instant end = Instant.now().plusSeconds(60);
        while (tables(out).size() < count) {
            assertThat(Instant.now()).as(out.toString()).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void aScreenIsPaintedOver() {
        assertThat(Terminal.page("one\ntwo\n")).isEqualTo("\u001b[Hone\u001b[K\ntwo\u001b[K\n\u001b[J");
    }

    @Test
    void statusInJsonHasOneShape() throws Exception {
        appliance.registry.seen(MacAddress.parse("52:54:00:99:99:99"), BootStep.DHCP, "", "", "BIOS");
        JsonNode status = json(run("status", "--json", "--state", state.toString()));
        assertThat(fields(status))
                .containsExactly(
                        "cluster", "formation", "image", "listening", "machines", "needed", "nodes", "now", "version");
        assertThat(fields(status.path("nodes").get(0)))
                .containsExactly(
                        "alarms",
                        "armedUntil",
                        "fingerprint",
                        "heard",
                        "image",
                        "name",
                        "percent",
                        "phase",
                        "reason",
                        "silence",
                        "since",
                        "stage",
                        "waitsFor");
        assertThat(fields(status.path("machines").get(0)))
                .containsExactly("address", "architecture", "first", "last", "mac", "serial", "step", "uuid");
        assertThat(status.path("nodes")).hasSize(3);
        assertThat(json(node("list", "--json")).path("nodes")).isEqualTo(status.path("nodes"));
    }

    @Test
    void armingIsToldAndTakenBack() throws Exception {
        Ran armed = node("arm", "node1", "node2");
        assertThat(armed.status()).isZero();
        assertThat(armed.out()).matches("node1 is armed until \\S+Z\nnode2 is armed until \\S+Z\n");
        assertThat(json(run("status", "--json", "--state", state.toString())).path("needed"))
                .extracting(JsonNode::asText)
                .containsExactly(image);
        assertThat(node("disarm", "node1").out()).isEqualTo("node1 is known\n");
        assertThat(phase()).isEqualTo("known");
        Ran rescue = node("rescue", "node1");
        assertThat(rescue.out()).startsWith("node1 is armed until ");
        claim();
        assertThat(phase()).isEqualTo("rescue");
    }

    @Test
    void aWaitingInstallerIsShownAndApproved() throws Exception {
        assertThat(node("approve", "node1").status()).isEqualTo(ProblemKind.CONFLICT.exitStatus());
        node("arm", "node1");
        claim();
        JsonNode shown = json(node("show", "node1", "--json"));
        assertThat(shown.path("phase").asText()).isEqualTo("awaiting-approval");
        String fingerprint = shown.path("fingerprint").asText();
        assertThat(fingerprint).matches("[0-9A-F]{5}-[0-9A-F]{5}");
        assertThat(shown.path("waitsFor").asText()).contains("slipway node approve node1", fingerprint);
        assertThat(node("arm", "node1").err())
                .contains("is being installed now")
                .contains("Do: ");
        assertThat(node("approve", "node1").out()).isEqualTo("node1 is installing\n");
    }

    @Test
    void whatIsInstalledIsErasedOnlyByReinstall() {
        node("arm", "node1");
        claim();
        node("approve", "node1");
        appliance.registry.record(new NodeEvent.Installed(appliance.registry.now(), "node1"));
        Ran refused = node("arm", "node1");
        assertThat(refused.status()).isEqualTo(ProblemKind.CONFLICT.exitStatus());
        assertThat(refused.err()).contains("Node node1 is installed").contains("slipway node reinstall node1");
        assertThat(phase()).isEqualTo("installed");
        assertThat(node("reinstall", "node1").out()).startsWith("node1 is armed until ");
    }

    @Test
    void everythingAboutANodeIsShownButItsSecrets() throws Exception {
        node("arm", "node1");
        claim();
        node("approve", "node1");
        var claim = requireNonNull(appliance.registry.state("node1").claim());
        appliance.registry.events(
                "node1",
                claim.session(),
                "seq=1\nstage=packages\npercent=40\nlog=glibc\nhostkey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA\n");
        Ran text = node("show", "node1");
        assertThat(text.status()).isZero();
        assertThat(text.out())
                .containsPattern("(?m)^name +node1$")
                .containsPattern("(?m)^phase +installing$")
                .containsPattern("(?m)^stage +packages$")
                .containsPattern("(?m)^image +" + image + "$")
                .contains("\nhostKeys\n  ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA\n")
                .containsPattern("(?s)\nevents\n.* Armed .* Claimed .* Approved ")
                .containsPattern("\nlog\n  \\S+ glibc\n");
        JsonNode json = json(node("show", "--json", "node1"));
        assertThat(fields(json)).contains("name", "phase", "events", "hostKeys", "log", "report");
        assertThat(fields(json.path("events").get(0)))
                .containsExactly("at", "detail", "id", "impossible", "kind", "node");
        for (String secret : new String[] {claim.token(), claim.session(), NONCE}) {
            assertThat(text.out()).doesNotContain(secret);
            assertThat(json.toString()).doesNotContain(secret);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"show", "arm", "disarm", "rescue", "reinstall", "approve"})
    void aNodeThatIsNotInTheClusterIsNamedWithThoseThatAre(String action) {
        Ran ran = node(action, "nobody");
        assertThat(ran.status()).isEqualTo(ProblemKind.NOT_FOUND.exitStatus());
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("nobody").contains("node1, node2, node3");
    }

    @Test
    void whatWasDoneBeforeARefusalIsSaid() {
        Ran ran = node("arm", "node1", "nobody", "node2");
        assertThat(ran.status()).isEqualTo(ProblemKind.NOT_FOUND.exitStatus());
        assertThat(ran.out()).startsWith("node1 is armed until ").hasLineCount(1);
    }

    @Test
    void aNodeThatTheImageDoesNotKnowIsNotArmed() {
        Ran ran = node("arm", "node3");
        assertThat(ran.status()).isEqualTo(ProblemKind.CONFLICT.exitStatus());
        assertThat(ran.err()).contains("nothing for node node3").contains("slipway image build");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"status", "node list", "node show node1", "node arm node1", "node approve node1", "node rescue x"
            })
    void withoutAnApplianceTheCureIsToStartIt(String line) throws Exception {
        Path other = Files.createDirectory(state.resolve("other"));
        var arguments = (line + " --state " + other).split(" ");
        Ran never = run(arguments);
        assertThat(never.status()).isEqualTo(ProblemKind.UNREACHABLE.exitStatus());
        assertThat(never.err())
                .contains("No appliance runs with the state directory " + other)
                .contains("slipway serve --state " + other);
        // One that was killed leaves its address behind.
        Files.writeString(other.resolve("admin.token"), "0".repeat(64));
        Files.writeString(other.resolve("admin.address"), "http://127.0.0.1:1\n");
        assertThat(run(arguments)).isEqualTo(never);
    }

    @Test
    void aWrongTokenIsSaid() throws Exception {
        Files.writeString(state.resolve("admin.token"), "1".repeat(64));
        Ran ran = node("list");
        assertThat(ran.status()).isEqualTo(ProblemKind.CONFLICT.exitStatus());
        assertThat(ran.err()).contains("bearer token");
    }

    @Test
    void theStateDirectoryMayBeNamedBeforeOrBehindWhatToDo() {
        assertThat(run("node", "--state", state.toString(), "disarm", "node1").out())
                .isEqualTo("node1 is known\n");
        assertThat(run("node", "disarm", "node1", "--state", state.toString()).out())
                .isEqualTo("node1 is known\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "node show", "node arm", "node dance node1"})
    void anIncompleteCommandEndsWithItsUsage(String line) {
        Ran ran = run(line.split(" "));
        assertThat(ran.status()).isEqualTo(ProblemKind.INVALID_INPUT.exitStatus());
        assertThat(ran.err()).contains("Usage: slipway node");
    }

    private Ran collect() {
        return run("image", "gc", "--keep", "0", "--yes", "--state", state.toString());
    }

    @Test
    void garbageCollectionKeepsWhatANodeInstallsFromAlsoWhileTheApplianceIsStopped() throws Exception {
        node("arm", "node1");
        String newer = image(state, "second", "node1", "node2");
        Path old = state.resolve("images").resolve(image);
        assertThat(collect().out()).as("armed").doesNotContain(image);
        claim();
        node("approve", "node1");
        assertThat(run("image", "gc", "--keep", "0", "--state", state.toString())
                        .out())
                .startsWith("0 images");
        assertThat(collect().out()).as("installing").doesNotContain(image);
        appliance.close();
        Ran stopped = collect();
        assertThat(stopped.err()).isEmpty();
        assertThat(stopped.status()).isZero();
        assertThat(old).isDirectory();
        try (var journal = EventJournal.open(state.resolve("slipway.db"))) {
            assertThat(journal.append(new NodeEvent.Installed(java.time.Instant.now(), "node1"))
                            .impossible())
                    .isEmpty();
            Ran locked = collect();
            assertThat(locked.status()).as("nobody can be asked").isEqualTo(ProblemKind.CONFLICT.exitStatus());
            assertThat(old).isDirectory();
        }
        assertThat(collect().out()).contains("removed " + image).doesNotContain(newer);
        assertThat(old).doesNotExist();
        assertThat(state.resolve("images").resolve(newer)).isDirectory();
        appliance = RunningAppliance.start(state, "");
    }
}
