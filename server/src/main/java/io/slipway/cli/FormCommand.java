package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.app.ApplianceClient;
import io.slipway.app.ClusterFormation;
import io.slipway.app.PinnedKeys;
import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationRunner;
import io.slipway.formation.view.ClusterView;
import io.slipway.formation.view.ViewJson;
import io.slipway.formation.view.ViewText;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.StateLock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code slipway form}. */
@Command(
        name = "form",
        description = {
            "Forms the cluster from nodes that are ready: OVN, LINSTOR, Incus.",
            "Each step is looked at first and left alone if it is done. Killed or failed, run it again: it goes on where"
                    + " the cluster is."
        },
        footer = {"", "Example: slipway form --plan"})
final class FormCommand implements Callable<Integer> {
    /** As shells say of what Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    @Mixin
    private ClusterOption file = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Option(
            names = "--plan",
            description = "Change nothing; show each step with what is found: done, to do, or unknown yet.")
    private boolean plan;

    @Option(names = "--only", paramLabel = "STEP", defaultValue = "", description = "Do this step and no other.")
    private String only = "";

    @Option(
            names = "--until",
            paramLabel = "STEP",
            defaultValue = "",
            description = "Do this step and those that it needs.")
    private String until = "";

    @Option(
            names = "--accept",
            paramLabel = "ID",
            split = ",",
            description = "Go on although this was found wrong. The failure's message names the ID.")
    private Set<String> accepted = new TreeSet<>();

    @Override
    public Integer call() throws InterruptedException {
        if (!only.isEmpty() && !until.isEmpty()) {
            throw Problem.of(ProblemKind.INVALID_INPUT, "--only and --until exclude each other.", "Give one of them.")
                    .asException();
        }
        Cluster cluster = file.read();
        try (var formation =
                ClusterFormation.open(cluster, state.directory(), PinnedKeys.of(cluster, state.directory()))) {
            FormationPlan all = formation.plan();
            FormationPlan chosen = !only.isEmpty() ? all.only(only) : !until.isEmpty() ? all.until(until) : all;
            if (plan) {
                var outlook = new FormationRunner(event -> {}, InstantSource.system()).look(chosen);
                output.print(output.isJson() ? FormationText.json(outlook) + "\n" : FormationText.outlook(outlook));
                return 0;
            }
            StateLock lock = StateLock.acquire(state.directory(), "form", "slipway form");
            try {
                return form(cluster, formation, chosen);
            } finally {
                lock.close();
            }
        }
    }

    private int form(Cluster cluster, ClusterFormation formation, FormationPlan chosen) throws InterruptedException {
        boolean whole = only.isEmpty() && until.isEmpty();
        if (whole) {
            tellAppliance(cluster, "forming");
        }
        FormationReport report;
        try (var screen = new Screen(chosen);
                var stop = new StopOnSignal()) {
            report = new FormationRunner(screen, InstantSource.system()).run(chosen, accepted);
            stop.ended();
        }
        boolean interrupted = Thread.interrupted();
        ClusterView stands = whole && report.succeeded() ? formation.view() : null;
        if (output.isJson()) {
            ObjectNode ended = FormationText.json(report).put("event", "ended").put("commands", formation.commands());
            if (stands != null) {
                ended.set("cluster", ViewJson.of(stands));
            }
            output.print(ended + "\n");
        } else {
            output.print("\n" + FormationText.report(report));
            output.print(stands == null ? "" : "\n" + ViewText.of(stands));
        }
        if (report.succeeded()) {
            if (whole) {
                tellAppliance(cluster, "joined");
            }
            return 0;
        }
        return report.interrupted() || interrupted
                ? INTERRUPTED
                : report.problems().stream()
                        .findFirst()
                        .map(problem -> problem.kind().exitStatus())
                        .orElse(ProblemKind.BUG.exitStatus());
    }

    /** The appliance shows it; the cluster does not depend on it. */
    private void tellAppliance(Cluster cluster, String what) {
        try {
            var appliance = ApplianceClient.open(state.directory());
            for (Node node : cluster.nodes()) {
                appliance.act(node.name(), what);
            }
        } catch (ProblemException unheard) {
            if (unheard.kind() != ProblemKind.UNREACHABLE) {
                output.err().println("Note: the appliance was not told. " + unheard.getMessage());
            }
        }
    }

    /** Shows events: as JSON, as lines, or as a table that is painted over itself while somebody watches. */
    private final class Screen implements Consumer<FormationEvent>, AutoCloseable {
        private final FormationPlan shown;
        private final List<FormationEvent> heard = new ArrayList<>();
        private final boolean painted = Terminal.isOutput() && !output.isJson();
        private @Nullable Future<?> painting;
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
            var thread = new Thread(work, "slipway-screen");
            thread.setDaemon(true);
            return thread;
        });

        Screen(FormationPlan shown) {
            this.shown = shown;
            if (painted) {
                output.print(Terminal.CLEAR);
                painting = clock.scheduleWithFixedDelay(this::paint, 0, 1, TimeUnit.SECONDS);
            }
        }

        @Override
        public synchronized void accept(FormationEvent event) {
            heard.add(event);
            if (painted) {
                paint();
            } else {
                output.print(
                        (output.isJson() ? FormationText.json(event).toString() : FormationText.line(event)) + "\n");
            }
        }

        private synchronized void paint() {
            output.print(Terminal.page(FormationText.table(shown, heard, Instant.now())));
        }

        @Override
        public void close() {
            if (painting != null) {
                painting.cancel(false);
            }
            clock.shutdownNow();
        }
    }

    /** Ctrl-C ends what runs on the nodes, too: the run is interrupted, and the program ends when it has let go. */
    private static final class StopOnSignal implements AutoCloseable {
        private final Thread running = Thread.currentThread();
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile boolean ended;
        private final Thread hook = new Thread(
                () -> {
                    if (!ended) {
                        running.interrupt();
                    }
                    try {
                        done.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException again) {
                        Thread.currentThread().interrupt();
                    }
                },
                "slipway-stop");

        StopOnSignal() {
            Runtime.getRuntime().addShutdownHook(hook);
        }

        /** From here on a signal ends the program as usual. */
        void ended() {
            ended = true;
        }

        @Override
        public void close() {
            done.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException ending) {
                // It is what ends us.
            }
        }
    }
}
