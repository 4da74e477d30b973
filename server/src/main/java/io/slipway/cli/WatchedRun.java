package io.slipway.cli;

import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationRunner;
import io.slipway.problem.ProblemKind;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A plan that is carried out where somebody watches, and may stop it. */
final class WatchedRun {
    private final Output output;

    WatchedRun(Output output) {
        this.output = output;
    }

    /**
     * Shows what happens; Ctrl-C interrupts it, and the report says so.
     *
     * @param afterwards what is to be done and said also then, before the program ends
     */
    FormationReport run(FormationPlan plan, Set<String> accepted, Consumer<FormationReport> afterwards) {
        try (var screen = new Screen(plan);
                var stop = new StopOnSignal()) {
            FormationReport report = new FormationRunner(screen, InstantSource.system()).run(plan, accepted);
            stop.ended();
            // It was told by the report; what follows is not to be interrupted by it.
            Thread.interrupted();
            afterwards.accept(report);
            return report;
        }
    }

    /** The command's exit status. */
    static int exitStatus(FormationReport report) {
        if (report.succeeded()) {
            return 0;
        }
        return report.interrupted()
                ? StopOnSignal.EXIT_STATUS
                : report.problems().stream()
                        .findFirst()
                        .map(problem -> problem.kind().exitStatus())
                        .orElse(ProblemKind.BUG.exitStatus());
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
}
