package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.Repository;
import io.slipway.Soak;
import io.slipway.StandIn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three installed machines become a cluster while everything happens that can: the program is killed inside steps, nodes are
 * reset, connections are cut. Needs root and half an hour; a soak kills inside every step.
 */
class FormationE2E {
    private static final Duration FORMATION = Duration.ofMinutes(25);
    private static final Duration COMPILATION = Duration.ofMinutes(30);
    private static final Duration LOOK = Duration.ofMinutes(4);
    private static final Duration BOOT = Duration.ofMinutes(8);
    private static final List<String> NODES = List.of("node1", "node2", "node3");

    @RegisterExtension
    final Trial trial = new Trial();

    private final Random random = new Random(11);
    /** How often something has happened to a step. */
    private final Map<String, Integer> struck = new TreeMap<>();

    private int killed;

    @Test
    void aClusterFormsWhateverHappensMeanwhile(@TempDir Path directory) throws Exception {
        // Open vSwitch as it is compiled here; a soak has time to compile OVN, too.
        List<String> compiled = Soak.isOn() ? List.of("openvswitch", "ovn") : List.of("openvswitch");
        StandIn standIn = StandIn.make(compiled);
        Path file = Files.writeString(
                directory.resolve("cluster.yaml"),
                standIn.clusterFile(Files.readString(Repository.root().resolve("server/examples/lab.yaml")), compiled));
        String lock = directory.resolve("sources.lock").toString();
        trial.slipway(
                COMPILATION.plus(Trial.INSTALLATION),
                "up",
                "--yes",
                "--no-form",
                "-f",
                file.toString(),
                "--lock",
                lock);
        for (String node : NODES) {
            String installed = trial.onNode(node, "ls", "/var/log/packages");
            assertThat(compiled)
                    .allSatisfy(name ->
                            assertThat(installed).contains(name + "-" + standIn.version(name) + "-x86_64-1_slipway"));
            assertThat(trial.onNode(node, "sudo", "ovs-vsctl", "get", "open_vswitch", ".", "ovs_version"))
                    .contains(standIn.version("openvswitch"));
        }
        JsonNode before = trial.json(LOOK, "run", "form", "--plan", "--json");
        assertThat(states(before, "ovn.voter.", "incus.join.", "proof.")).doesNotContain("done", "wrong");
        assertThat(states(before, "preflight.")).containsOnly("done");

        nothingIsChangedOnNodesThatAreNotAsTheyShouldBe();
        formUnderFire();

        JsonNode after = trial.json(LOOK, "run", "form", "--plan", "--json");
        assertThat(states(after, "")).as(after.toPrettyString()).containsOnly("done");
        JsonNode again = last(trial.slipway(LOOK, "run", "form", "--json"));
        assertThat(again.path("succeeded").asBoolean()).isTrue();
        again.path("steps")
                .forEach(step -> assertThat(step.path("outcome").asText())
                        .as(step.toString())
                        .isEqualTo("already-done"));
        System.out.printf(
                "second run: %.1f s, %d commands%n",
                again.path("seconds").asDouble(), again.path("commands").asInt());
        for (String node : NODES) {
            assertThat(trial.phase(node)).isEqualTo("member");
        }
        assertThat(trial.onNode("node1", "sudo", "incus", "cluster", "list", "--format", "csv"))
                .contains("node1,", "node2,", "node3,")
                .doesNotContain("OFFLINE");
        assertThat(trial.slipway(FORMATION, "run", "verify")).contains("All is well");
        assertThat(trial.onNode("node1", "sudo", "incus", "list", "--format", "csv"))
                .isBlank();

        whenTheFirstVoterIsDownNothingIsChanged();
    }

    /** Each of these stops the run before anything is changed, says which node, and is undone. */
    private void nothingIsChangedOnNodesThatAreNotAsTheyShouldBe() throws Exception {
        trial.onNode("node2", "sudo", "sh", "-c", "'/etc/rc.d/rc.ntpd stop; date -s \"1 hour ago\"'");
        assertRefused(4, "preflight.clocks", "node2");
        // The appliance tells the time, and the node's own daemon believes it.
        trial.onNode("node2", "sudo", "/etc/rc.d/rc.ntpd", "start");
        trial.await(
                "node2's clock",
                BOOT,
                () -> trial.start("run", "form", "--only", "preflight.clocks").await(LOOK) == 0);

        trial.onNode("node1", "sudo", "sh", "-c", "'fallocate -l $(($(stat -f -c %a*%S / )-200000000)) /full'");
        assertRefused(4, "preflight.room.node1", "node1");
        trial.onNode("node1", "sudo", "rm", "/full");

        trial.onNode(
                "node3",
                "sudo",
                "sh",
                "-c",
                "'cd /etc/ssh && mkdir aside && mv ssh_host_* aside/ && ssh-keygen -A && /etc/rc.d/rc.sshd restart'");
        assertRefused(7, "preflight.login.node3", "node3");
        // Synced, since its power fails next. The lab's own known_hosts stands in the way of a login, as it should.
        trial.onNodeByNewKey(
                "node3",
                "sudo sh -c 'cd /etc/ssh && mv -f aside/* . && rmdir aside && sync && /etc/rc.d/rc.sshd restart'");

        trial.slipway(BOOT, "power", "node3", "off");
        assertRefused(5, "preflight.login.node3", "node3");
        trial.slipway(BOOT, "power", "node3", "on");
        awaitLogin("node3");
        for (String node : NODES) {
            assertThat(trial.onNode(node, "sudo", "ls", "/var/lib/ovn")).isBlank();
        }
    }

    private void assertRefused(int status, String step, String node) throws Exception {
        var run = trial.start("run", "form", "--json");
        assertThat(run.await(LOOK)).as(run.text()).isEqualTo(status);
        JsonNode ended = last(run.text());
        ended.path("steps").forEach(each -> {
            String outcome = each.path("outcome").asText();
            assertThat(outcome).as(each.toString()).isNotEqualTo("done");
            if (each.path("step").asText().equals(step)) {
                assertThat(outcome).isEqualTo("failed");
                assertThat(each.path("problem").toString()).contains(node);
            }
        });
    }

    private void formUnderFire() throws Exception {
        // Apart, so that what happens to a node while it joins the one cannot be missed while it joins the other.
        formUnderFire("run", "form", "--json", "--until", "ovn.registered");
        JsonNode half = trial.json(LOOK, "run", "form", "--plan", "--json");
        assertThat(states(half, "ovn.voter.", "ovn.registered")).containsOnly("done");
        assertThat(states(half, "incus.join.", "proof.")).doesNotContain("done", "wrong");
        formUnderFire("run", "form", "--json");
        System.out.println("killed " + killed + " times; struck: " + struck);
        assertThat(killed).isGreaterThanOrEqualTo(Soak.or(30, 5));
        assertThat(struck).containsKeys(SPECIAL.toArray(String[]::new));
    }

    private void formUnderFire(String... words) throws Exception {
        for (int runs = 1; ; runs++) {
            assertThat(runs).as("runs; struck were " + struck).isLessThan(Soak.or(150, 50));
            var run = trial.start(words);
            if (struck.isEmpty()) {
                trial.await("the first run's first step", LOOK, () -> run.text().contains("preflight"));
                var second = trial.start("run", "form");
                assertThat(second.await(LOOK)).isEqualTo(4);
                assertThat(second.text()).contains("is in use by process", "slipway form");
            }
            String hit = strike(run);
            if (hit.isEmpty()) {
                assertThat(run.await(FORMATION)).as(run.text()).isZero();
                return;
            }
            killed += hit.equals("killed") ? 1 : 0;
        }
    }

    /** The program is killed there at random; other things happen to these steps, once, as soon as they are begun. */
    private static final Set<String> SPECIAL = Set.of("ovn.voter.node2", "incus.join.node2", "incus.join.node3");

    private boolean mayBeKilled(String step) {
        return killed < Soak.or(100, 6)
                && struck.getOrDefault(step, 0) < Soak.or(2, 1)
                && (Soak.isOn() || random.nextInt(3) > 0);
    }

    /**
     * Lets something happen to a step that is at work: once to a special one, to others the same at several moments.
     *
     * @return what, or "" if the run ended before
     */
    private String strike(Trial.Started run) throws Exception {
        var passed = new HashSet<String>();
        long killAt = Long.MAX_VALUE;
        while (true) {
            boolean alive = run.process().isAlive();
            for (String step : started(run.text())) {
                if (SPECIAL.contains(step)) {
                    if (struck.putIfAbsent(step, 1) == null) {
                        return special(run, step);
                    }
                } else if (passed.add(step) && killAt == Long.MAX_VALUE && mayBeKilled(step)) {
                    struck.merge(step, 1, Integer::sum);
                    killAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(3000));
                }
            }
            if (!alive) {
                return "";
            }
            if (System.nanoTime() >= killAt) {
                run.kill();
                return "killed";
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private String special(Trial.Started run, String step) throws Exception {
        String node = step.substring(step.lastIndexOf('.') + 1);
        if (step.equals("incus.join.node2")) {
            // Its connection goes away in the middle of a command.
            trial.onNode(node, "sudo", "pkill", "-f", "'^sshd.*: slipway'");
            trial.await(
                    "the run's end or the next join",
                    FORMATION,
                    () -> !run.process().isAlive() || started(run.text()).contains("incus.join.node3"));
            run.kill();
            aTokenThatIsTooOldIsSaid();
            return "cut";
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(4000));
        trial.slipway(BOOT, "power", node, "reset");
        run.await(FORMATION);
        awaitLogin(node);
        return "reset";
    }

    /** No token lives longer than a second now. Where machines are fast enough for that, the nodes have joined. */
    private void aTokenThatIsTooOldIsSaid() throws Exception {
        trial.onNode("node1", "incus", "config", "set", "cluster.join_token_expiry", "1S");
        var run = trial.start("run", "form", "--until", "incus.join.node3", "--json");
        int status = run.await(FORMATION);
        String listed = trial.onNode("node1", "incus", "cluster", "list", "--format", "csv");
        System.out.println("with tokens of a second: status " + status);
        if (status != 0) {
            assertThat(last(run.text()).path("steps").toString()).contains(" cannot join", "token");
            assertThat(listed).doesNotContain("node3");
        } else {
            assertThat(listed).contains("node3");
            struck.put("incus.join.node3", 1);
        }
        trial.onNode("node1", "incus", "config", "unset", "cluster.join_token_expiry");
    }

    private void awaitLogin(String node) throws Exception {
        trial.await(
                "a login on " + node,
                BOOT,
                () -> trial.start("ssh", node, "true").await(BOOT) == 0);
    }

    private static List<String> started(String text) throws Exception {
        var out = new ArrayList<String>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("{") && line.endsWith("}")) {
                JsonNode event = Trial.parse(line);
                if (event.path("event").asText().equals("started")) {
                    out.add(event.path("step").asText());
                }
            }
        }
        return out;
    }

    private void whenTheFirstVoterIsDownNothingIsChanged() throws Exception {
        trial.slipway(BOOT, "power", "node1", "off");
        assertRefused(5, "preflight.login.node1", "node1");
        trial.slipway(BOOT, "power", "node1", "on");
        awaitLogin("node1");
        trial.await(
                "all members",
                BOOT,
                () -> trial.start("run", "verify", "--no-proof").await(FORMATION) == 0);
    }

    private static JsonNode last(String text) throws Exception {
        var lines = text.strip().lines().filter(line -> line.startsWith("{")).toList();
        assertThat(lines).as(text).isNotEmpty();
        return Trial.parse(lines.get(lines.size() - 1));
    }

    /** States of the steps whose ids begin so. */
    private static List<String> states(JsonNode plan, String... beginnings) {
        var out = new ArrayList<String>();
        for (JsonNode step : plan.path("steps")) {
            for (String beginning : beginnings) {
                if (step.path("step").asText().startsWith(beginning)) {
                    out.add(step.path("state").asText());
                }
            }
        }
        assertThat(out).isNotEmpty();
        return out;
    }
}
