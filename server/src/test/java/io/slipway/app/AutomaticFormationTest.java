package io.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.Step;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.InstallStage;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.NodeState;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.netboot.Images;
import io.slipway.netboot.NodeRegistry;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.store.StateLock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AutomaticFormationTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final Step STEP = Step.of("ovn.raft", "", "the voters are one Raft cluster", (Step.Check) () -> {
        throw new IllegalStateException();
    });

    @TempDir
    private Path state;

    private EventJournal journal;
    private NodeRegistry registry;
    private AutomaticFormation automatic;
    /** What the next formations end with, and which have begun. */
    private final LinkedBlockingQueue<FormationReport> ends = new LinkedBlockingQueue<>();

    private final LinkedBlockingQueue<Map<String, List<String>>> begun = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        journal = EventJournal.open(state.resolve("slipway.db"));
        registry = new NodeRegistry(
                ClusterYamlReader.read(Repository.example("lab")),
                journal,
                new Images(state.resolve("images")),
                InstantSource.system(),
                new SecureRandom());
        automatic = new AutomaticFormation(state, registry, this::form);
    }

    @AfterEach
    void stop() throws Exception {
        automatic.close();
        journal.close();
    }

    private FormationReport form(Map<String, List<String>> hostKeys, Consumer<FormationEvent> listener) {
        listener.accept(new FormationEvent.Started(T, STEP));
        begun.add(hostKeys);
        try {
            return ends.take();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return new FormationReport(List.of(), true, Duration.ZERO);
        }
    }

    private static FormationReport ended(Outcome outcome) {
        Problem problem =
                outcome == Outcome.FAILED ? Problem.of(ProblemKind.CONFLICT, "Two clusters.", "Decide which.") : null;
        return new FormationReport(
                List.of(new FormationReport.Result(STEP, outcome, "", problem, Duration.ZERO)),
                false,
                Duration.ofSeconds(2));
    }

    private void ready(String node, Instant calledBack) {
        List.of(
                        new NodeEvent.Defined(T, node),
                        new NodeEvent.Armed(T, node, BootMode.INSTALL, "token" + calledBack, "i", T.plusSeconds(60)),
                        new NodeEvent.ScriptServed(T, node, "10.77.0.11"),
                        new NodeEvent.Claimed(
                                T, node, "nonce" + calledBack, "10.77.0.11", "session" + calledBack, true),
                        new NodeEvent.HostKeys(T, node, List.of("ssh-ed25519 " + node)),
                        new NodeEvent.Progress(T, node, 1, InstallStage.FINISH, 99),
                        new NodeEvent.Installed(T, node),
                        new NodeEvent.SentToDisk(T, node),
                        new NodeEvent.CalledBack(calledBack, node, "10.77.0.11", List.of()),
                        new NodeEvent.LoginWorked(T, node))
                .forEach(event -> registry.record(node, event));
    }

    private void awaitPhase(NodePhase phase) throws InterruptedException {
        while (!registry.listStates().stream().map(NodeState::phase).allMatch(phase::equals)) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private void awaitText(String beginning) throws InterruptedException {
        while (!automatic.text().startsWith(beginning)) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void theLastNodeThatIsReadyBeginsIt() throws Exception {
        ready("node1", T);
        ready("node2", T);
        automatic.look();
        assertThat(automatic.text()).isEmpty();
        ready("node3", T);
        automatic.look();
        assertThat(begun.take())
                .containsEntry("node1", List.of("ssh-ed25519 node1"))
                .hasSize(3);
        assertThat(automatic.text()).isEqualTo("in progress: ovn.raft");
        awaitPhase(NodePhase.FORMING);
        // It runs already.
        automatic.look();
        ends.add(ended(Outcome.DONE));
        awaitPhase(NodePhase.MEMBER);
        awaitText("done");
        automatic.look();
        assertThat(begun).isEmpty();
    }

    @Test
    void whatFailedIsTriedAgainOnlyWhenANodeHasChanged() throws Exception {
        List.of("node1", "node2", "node3").forEach(node -> ready(node, T));
        automatic.look();
        begun.take();
        ends.add(ended(Outcome.FAILED));
        awaitText("failed: Two clusters. Then run: slipway form");
        automatic.look();
        assertThat(automatic.text()).startsWith("failed");

        ready("node2", T.plusSeconds(600));
        // The appliance looks every second; the first run's thread may be about to end.
        while (begun.poll(20, TimeUnit.MILLISECONDS) == null) {
            automatic.look();
        }
        ends.add(ended(Outcome.ALREADY_DONE));
        awaitText("done");
    }

    @Test
    void anApplianceThatWasKilledMeanwhileGoesOn() throws Exception {
        List.of("node1", "node2", "node3").forEach(node -> ready(node, T));
        automatic.look();
        begun.take();
        automatic.close();
        awaitText("interrupted");

        automatic = new AutomaticFormation(state, registry, this::form);
        automatic.look();
        assertThat(begun.take()).hasSize(3);
    }

    @Test
    void theOperatorsOwnFormationIsNotDisturbed() throws Exception {
        List.of("node1", "node2", "node3").forEach(node -> ready(node, T));
        var lock = StateLock.acquire(state, "form", "slipway form");
        automatic.look();
        awaitText("not begun");
        assertThat(automatic.text()).contains("slipway form");
        assertThat(begun).isEmpty();
        lock.close();
    }

    @Test
    void aFaultIsSaid() throws Exception {
        var done = new CountDownLatch(1);
        automatic = new AutomaticFormation(state, registry, (hostKeys, listener) -> {
            done.countDown();
            throw new IllegalStateException("broken");
        });
        List.of("node1", "node2", "node3").forEach(node -> ready(node, T));
        automatic.look();
        done.await();
        awaitText("ended by a fault of Slipway");
    }
}
