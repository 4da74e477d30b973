package io.slipway.formation.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Boxes;
import io.slipway.Repository;
import io.slipway.Soak;
import io.slipway.Witness;
import io.slipway.authority.ClusterAuthority;
import io.slipway.formation.Finding;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.FormationRunner;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.formation.preflight.PreflightSteps;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Ovn;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.plan.NodeFiles;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandRunner;
import io.slipway.template.TemplateTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real ovsdb-servers and northds, each machine in namespaces of its own. Without a switch: their kernel has none. */
@Timeout(600)
class OvnStepsIT {
    @TempDir
    private Path directory;

    private Boxes boxes;
    private Cluster cluster;
    private ClusterAuthority authority;
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void machines() {
        Witness.require("ovsdb-server");
        Witness.require("/usr/share/ovn/scripts/ovn-ctl");
        cluster = ClusterYamlReader.read(Repository.example("lab"));
        boxes = new Boxes(directory);
        authority = ClusterAuthority.open(directory.resolve("state"), "lab", InstantSource.system());
    }

    @AfterEach
    void end() {
        if (boxes != null) {
            boxes.close();
        }
    }

    /** Three machines as they are after their installation. */
    private void install(boolean tls) {
        Cluster lab = cluster;
        cluster = new Cluster(
                lab.identity(),
                lab.slackware(),
                lab.packages(),
                lab.serve(),
                lab.bonds(),
                lab.networks(),
                lab.traffic(),
                lab.nodes(),
                new Ovn(tls, Duration.ofSeconds(2), "geneve"),
                null,
                lab.incus(),
                null,
                null);
        for (Node node : cluster.nodes()) {
            boxes.add(node.name(), cluster.clusterAddress(node).toString(), 24);
            install(node.name());
        }
    }

    private void install(String name) {
        var box = boxes.box(name);
        try {
            for (String file : List.of("ovn:etc/rc.d/rc.ovn-central", "base:usr/lib/slipway/rc-functions")) {
                String[] parts = file.split(":");
                box.write(
                        "/" + parts[1],
                        Files.readString(Repository.root().resolve("overlays/" + parts[0] + "/rootfs/" + parts[1])));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        var files =
                new NodeFiles(cluster, new TemplateTree(Repository.root().resolve("templates")), "ssh-ed25519 AAAA x");
        files.files(cluster.getNode(name)).stream()
                .filter(file -> file.path().equals("etc/default/ovn-central"))
                .forEach(file -> box.write("/" + file.path(), file.text()));
        box.shell("mkdir -p /var/log/ovn /var/lib/ovn /etc/ovn");
    }

    private FormationPlan plan(Nodes nodes) {
        var certificates = new Certificates() {
            @Override
            public String authority() {
                return authority.certificate();
            }

            @Override
            public String sign(String request, String name, List<String> addresses) {
                return authority.sign(request, name, addresses);
            }

            @Override
            public String refusal(String certificate, String publicKey, String name) {
                return authority.refusal(certificate, publicKey, name);
            }
        };
        return FormationPlan.of(OvnSteps.of(cluster, nodes, certificates, List.of()).stream()
                .filter(step -> !step.id().matches("ovn\\.(switch|chassis|registered).*"))
                .toList());
    }

    private FormationReport form() {
        return form(boxes::box);
    }

    private FormationReport form(Nodes nodes) {
        var runner = new FormationRunner(
                event -> told.add(event.step().id() + " " + event.word() + ": " + event.text()),
                InstantSource.system());
        return runner.run(plan(nodes), Set.of());
    }

    private void assertFormed() {
        FormationReport report = form();
        assertThat(report.succeeded()).as(String.join("\n", told)).isTrue();
        assertThat(clusterIds("nb")).hasSize(1);
        assertThat(clusterIds("sb")).hasSize(1);
    }

    private Set<String> clusterIds(String database) {
        var ids = new java.util.TreeSet<String>();
        for (Node node : cluster.nodes()) {
            ids.add(boxes.box(node.name())
                    .shell("ovsdb-tool db-cid /var/lib/ovn/ovn" + database + "_db.db")
                    .strip());
        }
        return ids;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void threeVotersBecomeOneClusterAndStaySo(boolean tls) throws InterruptedException {
        install(tls);
        var before = new FormationRunner(event -> {}, InstantSource.system()).look(plan(boxes::box));
        assertThat(before.count(Finding.State.DONE)).isZero();
        assertThat(before.count(Finding.State.WRONG)).isZero();
        assertFormed();
        FormationReport again = form();
        assertThat(again.succeeded() && again.changedNothing())
                .as(String.join("\n", told))
                .isTrue();
        // A foreign witness, as a client over the network.
        String remotes = new Voters(cluster, boxes::box).remotes(Database.NORTHBOUND);
        String keys = tls ? " -p /etc/ovn/node-key.pem -c /etc/ovn/node-cert.pem -C /etc/ovn/ca-cert.pem" : "";
        boxes.box("node2").shell("ovn-nbctl --timeout=20" + keys + " --db=" + remotes + " ls-add proof");
        assertThat(boxes.box("node3").shell("ovn-nbctl --timeout=20" + keys + " --db=" + remotes + " ls-list"))
                .contains("(proof)");
        if (tls) {
            assertThat(boxes.box("node2")
                            .shell("ovn-nbctl --timeout=5 --db=" + remotes + " ls-list 2>&1 || echo refused"))
                    .contains("refused");
        }
    }

    @Test
    void aFormationThatIsKilledAnywhereGoesOn() {
        install(true);
        var random = new Random(7);
        int killed = 0;
        while (killed < Soak.or(30, 8)) {
            assertThat(told.size()).as(String.join("\n", told)).isLessThan(5000);
            var left = new AtomicInteger(1 + random.nextInt(2));
            // The program dies with one of the next changing commands: before it was sent, or while it runs there.
            boolean formed;
            try (var death = new Death(Thread.currentThread())) {
                Nodes mortal =
                        node -> dying(boxes.box(node), left, death, random.nextBoolean() ? 0 : random.nextInt(1500));
                formed = form(mortal).succeeded();
            }
            killed += formed ? 0 : 1;
            if (formed) {
                assertFormed();
                assertThat(form().changedNothing()).isTrue();
                cluster.nodes().forEach(this::installAgain);
            }
        }
        assertFormed();
    }

    private void installAgain(Node node) {
        boxes.box(node.name()).cut();
        boxes.box(node.name()).wipe();
        boxes.box(node.name()).start();
        install(node.name());
    }

    /** Interrupts the run at its n-th command that changes something. */
    private static CommandRunner dying(CommandRunner node, AtomicInteger left, Death death, int afterMillis) {
        return (command, line) -> {
            String script = String.join(" ", command.arguments());
            boolean changes = script.contains("rc.ovn-central \"$@\"")
                    || script.contains("genpkey")
                    || script.contains("ca-cert.pem.new")
                    || script.contains("set-connection")
                    || script.contains("change-election-timer");
            if (changes && left.decrementAndGet() == 0) {
                death.in(afterMillis);
            }
            return node.run(command, line);
        };
    }

    /** The end of one run: when that has ended by itself, nothing that comes after it is hit. */
    private static final class Death implements AutoCloseable {
        private final Thread run;
        private boolean over;

        private Death(Thread run) {
            this.run = run;
        }

        void in(int millis) {
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::come);
        }

        private synchronized void come() {
            if (!over) {
                run.interrupt();
            }
        }

        @Override
        public synchronized void close() {
            over = true;
            Thread.interrupted();
        }
    }

    @Test
    void aVoterThatWasInstalledAgainTakesItsOldSeat() {
        install(true);
        assertFormed();
        Set<String> before = clusterIds("sb");
        // The first in the file: it would bootstrap if it did not ask.
        installAgain(cluster.getNode("node1"));
        assertFormed();
        assertThat(clusterIds("sb")).isEqualTo(before);
    }

    @Test
    void nothingIsBootstrappedWhileAVoterThatMayHaveTheClusterIsSilent() {
        install(true);
        boxes.box("node3").cut();
        FormationReport report = form();
        assertThat(report.succeeded()).isFalse();
        assertThat(outcome(report, "ovn.voter.node1")).isEqualTo(Outcome.FAILED);
        assertThat(String.join("\n", told)).contains("node3").contains("may have them already");
        assertThat(boxes.box("node1").shell("ls /var/lib/ovn")).doesNotContain("_db.db");
        boxes.box("node3").start();
        assertFormed();
    }

    @Test
    void whenTheFirstVoterIsDownTheOthersAreLeftAsTheyAre() {
        install(true);
        assertFormed();
        boxes.box("node1").cut();
        FormationReport report = form();
        assertThat(report.succeeded()).isFalse();
        assertThat(outcome(report, "ovn.certificate.node1")).isEqualTo(Outcome.FAILED);
        assertThat(report.problems().get(0).text()).contains("node1");
        assertThat(report.count(Outcome.DONE)).isZero();
        boxes.box("node1").start();
        boxes.box("node1").shell("/etc/rc.d/rc.ovn-central start");
        assertFormed();
    }

    @Test
    void aPowerCutWhileAVoterJoinsIsSurvived() throws InterruptedException {
        install(true);
        var runs = new AtomicInteger();
        Nodes failing = node -> (command, line) -> {
            if (node.equals("node2")
                    && String.join(" ", command.arguments()).contains(" form join ")
                    && runs.incrementAndGet() == 1) {
                var power = new Thread(() -> {
                    try {
                        Path database = directory.resolve("node2/var/lib/upper/ovn/ovnnb_db.db");
                        while (!Files.exists(database)) {
                            Thread.sleep(5);
                        }
                    } catch (InterruptedException e) {
                        return;
                    }
                    boxes.box("node2").cut();
                });
                power.setDaemon(true);
                power.start();
            }
            return boxes.box(node).run(command, line);
        };
        assertThat(form(failing).succeeded()).isFalse();
        assertThat(runs.get()).isEqualTo(1);
        assertThat(boxes.box("node2").isOn()).isFalse();
        boxes.box("node2").start();
        // What its boot does: it must not make a cluster of its own.
        boxes.box("node2").shell("/etc/rc.d/rc.ovn-central start");
        assertFormed();
    }

    /** The first voter counts it already and has no majority without it, and its own step comes later. */
    @Test
    void aPowerCutBetweenTheTwoDatabasesOfAVoterIsSurvived() {
        install(true);
        Nodes refusing = node -> (command, line) -> {
            if (node.equals("node2") && String.join(" ", command.arguments()).contains(" form join ")) {
                throw new ProblemException(Problem.of(ProblemKind.ENVIRONMENT, "killed", "before it joined"));
            }
            return boxes.box(node).run(command, line);
        };
        assertThat(form(refusing).succeeded()).isFalse();
        boxes.box("node2").shell("""
                . /etc/default/ovn-central
                /usr/share/ovn/scripts/ovn-ctl start_nb_ovsdb $OVN_CTL_OPTS \\
                  --db-nb-cluster-remote-proto=ssl --db-nb-cluster-remote-addr=10.77.0.11 >/dev/null 2>&1
                """);
        awaitNorthbound("(.* at .*10.77.0.12");
        boxes.box("node2").cut();
        awaitNorthbound("Leader: unknown");
        boxes.box("node2").start();
        boxes.box("node2").shell("/etc/rc.d/rc.ovn-central start");
        assertThat(boxes.box("node2").shell("ls /var/lib/ovn"))
                .contains("ovnnb_db.db")
                .doesNotContain("ovnsb");
        assertFormed();
    }

    private void awaitNorthbound(String expression) {
        boxes.box("node1")
                .shell("until ovs-appctl -t /var/run/ovn/ovnnb_db.ctl cluster/status OVN_Northbound | grep -q '"
                        + expression + "'; do sleep 0.1; done");
    }

    @Test
    void databasesStartWithoutAMajorityAndTheFormationWakesTheOthers() {
        install(true);
        assertFormed();
        cluster.nodes().forEach(node -> boxes.box(node.name()).cut());
        boxes.box("node1").start();
        boxes.box("node1").shell("setsid /etc/rc.d/rc.ovn-central start </dev/null >/dev/null 2>&1 &");
        boxes.box("node1")
                .shell(
                        "until ovs-appctl -t /var/run/ovn/ovnsb_db.ctl version; do sleep 0.2; done 2>/dev/null",
                        Duration.ofMinutes(2));
        boxes.box("node2").start();
        boxes.box("node3").start();
        assertFormed();
        assertThat(form().changedNothing()).isTrue();
    }

    /** As where a formation was killed between the start of the databases and that of northd. */
    @Test
    void aNorthdThatIsMissingIsStarted() {
        install(true);
        assertFormed();
        boxes.box("node1").shell("pkill -x ovn-northd");
        FormationReport report = form();
        assertThat(report.succeeded()).as(String.join("\n", told)).isTrue();
        assertThat(outcome(report, "ovn.northd")).isEqualTo(Outcome.DONE);
        assertThat(report.count(Outcome.DONE)).isEqualTo(1);
        assertThat(boxes.box("node1").shell("pgrep -c -x ovn-northd").strip()).isNotEqualTo("0");
    }

    @Test
    void aVoterOfAnotherClusterIsSaidAndNotTouched() throws IOException {
        install(true);
        assertFormed();
        String text = Files.readString(Repository.root().resolve("server/examples/lab.yaml"))
                .replace("10.77.0.12}", "10.77.0.22}")
                .replace("10.77.0.13}", "10.77.0.23}");
        Cluster other = ClusterYamlReader.read(text, "other", Repository.root().resolve("server/examples"));
        for (String fresh : List.of("new2:10.77.0.22", "new3:10.77.0.23")) {
            String[] parts = fresh.split(":");
            // A machine on which nothing listens could not have been logged in to.
            boxes.add(parts[0], parts[1], 24)
                    .shell("hostname " + parts[0].replace("new", "node")
                            + "; setsid python3 -m http.server 22 </dev/null >/dev/null 2>&1 &"
                            + " until ss -H -lnt | grep -q :22; do sleep 0.1; done");
        }
        Nodes mixed = node -> boxes.box(node.equals("node1") ? node : node.replace("node", "new"));
        Set<String> before = clusterIds("nb");

        var steps = PreflightSteps.of(other, mixed, InstantSource.system());
        FormationReport report = new FormationRunner(event -> {}, InstantSource.system())
                .run(FormationPlan.of(steps).only("preflight.former"), Set.of());

        assertThat(report.succeeded()).isFalse();
        assertThat(report.problems().get(0).text())
                .contains("node1 has", "10.77.0.12", "10.77.0.13", "Nothing of it was touched")
                .doesNotContain("node2 has");
        assertThat(clusterIds("nb")).isEqualTo(before);
        assertThat(form().changedNothing()).isTrue();
    }

    private static Outcome outcome(FormationReport report, String id) {
        return report.steps().stream()
                .filter(each -> each.step().id().equals(id))
                .map(FormationReport.Result::outcome)
                .findFirst()
                .orElseThrow();
    }

    /** A change of cluster.yaml: from what the databases were made with to twice twice as much. */
    @Test
    void theElectionTimerIsRaisedInTheStepsThatRaftAllows() {
        install(true);
        assertFormed();
        cluster = new Cluster(
                cluster.identity(),
                cluster.slackware(),
                cluster.packages(),
                cluster.serve(),
                cluster.bonds(),
                cluster.networks(),
                cluster.traffic(),
                cluster.nodes(),
                new Ovn(true, Duration.ofSeconds(9), "geneve"),
                null,
                cluster.incus(),
                null,
                null);
        FormationReport report = form();
        assertThat(report.succeeded()).as(String.join("\n", told)).isTrue();
        assertThat(report.steps().stream()
                        .filter(each -> each.outcome() == Outcome.DONE)
                        .map(FormationReport.Result::step)
                        .map(Step::id))
                .containsExactly("ovn.timer");
        assertThat(boxes.box("node3").shell("ovs-appctl -t /var/run/ovn/ovnsb_db.ctl cluster/status OVN_Southbound"))
                .contains("Election timer: 9000");
    }
}
