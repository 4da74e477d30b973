package io.slipway.formation;

import io.slipway.formation.FormationOutlook.Expectation;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.FormationReport.Result;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out plans. A step begins when all that it depends on is done and no other works on its nodes. It is looked at
 * first, and left alone if it is done; otherwise it is acted upon once, and looked at until it is done or its time is up.
 * What fails stops what depends on it and nothing else.
 *
 * <p>As long as everything was found done, steps are looked at ahead of their turn, so that a run on a formed cluster takes
 * as long as the node with the most steps and not as long as the longest chain.
 *
 * <p>Each step has a thread while it works; they have all ended when a method returns, unless one ignores that it was
 * interrupted.
 */
public final class FormationRunner {
    /** So often in a row may a node not answer while something is awaited there: it may restart its network. */
    private static final int SILENCES = 3;
    /** How many of the longest pauses a plan waits for what should be known. */
    private static final int PATIENCE = 10;
    /** How long a step that was interrupted may take to end what it started. */
    private static final Duration LETTING_GO = Duration.ofSeconds(20);

    private final Consumer<FormationEvent> listener;
    private final InstantSource clock;
    private final Duration firstPause;
    private final Duration longestPause;

    /**
     * @param listener hears what happens, one event at a time, from the threads that do it
     * @param clock for the events
     */
    public FormationRunner(Consumer<FormationEvent> listener, InstantSource clock) {
        this(listener, clock, Duration.ofMillis(100), Duration.ofSeconds(2));
    }

    /**
     * @param firstPause between the first two looks at something that is awaited; each next is half as long again
     * @param longestPause never longer than this
     */
    FormationRunner(
            Consumer<FormationEvent> listener, InstantSource clock, Duration firstPause, Duration longestPause) {
        this.listener = listener;
        this.clock = clock;
        this.firstPause = firstPause;
        this.longestPause = longestPause;
    }

    /**
     * Does what is to be done. When the calling thread is interrupted, nothing more is begun, what runs is interrupted, and
     * the thread is interrupted still when the report is there.
     *
     * @param accepted which wrong findings are passed over; see {@link Step#acceptId}
     * @throws ProblemException of kind INVALID_INPUT if there is nothing of one of these names to accept
     */
    public FormationReport run(FormationPlan plan, Set<String> accepted) {
        var unknown = new TreeSet<>(accepted);
        unknown.removeAll(plan.acceptIds());
        if (!unknown.isEmpty()) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "There is nothing called " + String.join(", ", unknown) + " that could be accepted.",
                            "Take of: " + String.join(", ", plan.acceptIds()) + ".")
                    .asException();
        }
        return new Run(plan, accepted).toEnd();
    }

    /**
     * Only looks: at every step, one at a time on each node, side by side on different ones. A step that cannot be known
     * yet although all that it needs is done waits for something that passes, such as a heartbeat: it is looked at again for
     * a while.
     *
     * @throws InterruptedException if the thread is interrupted; everything has ended then
     */
    public FormationOutlook look(FormationPlan plan) throws InterruptedException {
        var byNode = new LinkedHashMap<String, List<Step>>();
        for (Step step : plan.steps()) {
            byNode.computeIfAbsent(step.node(), node -> new ArrayList<>()).add(step);
        }
        var findings = new ConcurrentHashMap<String, Finding>();
        var problems = new ConcurrentHashMap<String, Problem>();
        var threads = new ArrayList<Thread>();
        for (List<Step> steps : byNode.values()) {
            threads.add(begin("look-" + steps.get(0).node(), () -> look(steps, findings, problems)));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException stop) {
            letGo(threads);
            throw stop;
        }
        Set<String> silent = silentNodes(plan, problems);
        var outlook = new LinkedHashMap<String, Expectation>();
        long deadline = System.nanoTime() + longestPause.multipliedBy(PATIENCE).toNanos();
        for (Step step : plan.steps()) {
            List<String> missing = step.after().stream()
                    .filter(id -> finding(outlook, id).state() != Finding.State.DONE)
                    .toList();
            Finding finding = findings.get(step.id());
            Problem problem = problems.get(step.id());
            if (finding == null) {
                finding = Finding.unknown(
                        missing.isEmpty() && problem != null
                                ? (problem.summary() + " " + problem.cause()).strip()
                                : "it can be seen after " + String.join(", ", missing));
            } else if (missing.isEmpty() && !problems.containsKey(step.id()) && !silent.contains(step.node())) {
                finding = known(step, finding, deadline);
            }
            outlook.put(step.id(), new Expectation(step, finding));
        }
        return new FormationOutlook(List.copyOf(outlook.values()));
    }

    private static Set<String> silentNodes(FormationPlan plan, Map<String, Problem> problems) {
        var silent = new TreeSet<String>();
        for (Step step : plan.steps()) {
            Problem problem = problems.get(step.id());
            if (problem != null
                    && problem.kind() == ProblemKind.UNREACHABLE
                    && !step.node().isEmpty()) {
                silent.add(step.node());
            }
        }
        return silent;
    }

    /** Another finding than unknown, or the last one at the deadline. */
    private Finding known(Step step, Finding first, long deadline) throws InterruptedException {
        Finding finding = first;
        while (finding.state() == Finding.State.UNKNOWN && System.nanoTime() - deadline < 0) {
            TimeUnit.NANOSECONDS.sleep(longestPause.toNanos());
            try {
                finding = step.work().probe();
            } catch (ProblemException worse) {
                return finding;
            }
        }
        return finding;
    }

    private static Finding finding(Map<String, Expectation> outlook, String id) {
        Expectation expectation = outlook.get(id);
        return expectation == null ? Finding.unknown("") : expectation.finding();
    }

    private static void look(List<Step> steps, Map<String, Finding> findings, Map<String, Problem> problems) {
        Problem silent = null;
        for (Step step : steps) {
            if (silent != null) {
                findings.put(step.id(), Finding.unknown(silent.summary()));
                continue;
            }
            try {
                findings.put(step.id(), step.work().probe());
            } catch (InterruptedException stop) {
                return;
            } catch (RuntimeException failure) {
                Problem problem = problem(step, failure);
                problems.put(step.id(), problem);
                // Each further step would only wait as long again; those of the whole cluster ask other nodes.
                if (problem.kind() == ProblemKind.UNREACHABLE && !step.node().isEmpty()) {
                    silent = problem;
                    findings.put(step.id(), Finding.unknown(problem.summary()));
                }
            }
        }
    }

    private static Thread begin(String name, Runnable work) {
        var thread = new Thread(work, "slipway-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Interrupts threads and waits a while for them; not at all if this one is interrupted again. */
    private static void letGo(Collection<Thread> threads) {
        threads.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + LETTING_GO.toNanos();
        try {
            for (Thread thread : threads) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
            }
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a failure says; everything but a problem is a fault of this program. */
    private static Problem problem(Step step, RuntimeException failure) {
        if (failure instanceof ProblemException known) {
            Problem first = known.problems().get(0);
            return known.problems().size() == 1 ? first : first.withDetails(String.valueOf(known.getMessage()));
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return new Problem(
                ProblemKind.BUG,
                "Step " + step.id() + " ended by a fault of Slipway.",
                failure.toString(),
                "Report it.",
                trace.length == 0 ? "" : String.valueOf(trace[0]));
    }

    private synchronized void tell(FormationEvent event) {
        listener.accept(event);
    }

    /** One run. Everything but {@link #attempt} happens in the calling thread. */
    private final class Run {
        private final FormationPlan plan;
        private final Set<String> accepted;
        private final long began = System.nanoTime();
        private final Map<String, Result> ended = new HashMap<>();
        private final Map<String, Attempt> running = new LinkedHashMap<>();
        private final BlockingQueue<Attempt> reports = new LinkedBlockingQueue<>();
        /** Found done before their turn. */
        private final Map<String, Attempt> ahead = new HashMap<>();
        /** Looked at ahead of their turn, whatever was found: it is not done twice. */
        private final Set<String> looked = new LinkedHashSet<>();
        /** Ended as they were found, and so did all that they depend on. */
        private final Set<String> untouched = new LinkedHashSet<>();
        /** Whether something was found that is not done. */
        private volatile boolean changing;

        private volatile boolean interrupted;

        Run(FormationPlan plan, Set<String> accepted) {
            this.plan = plan;
            this.accepted = Set.copyOf(accepted);
        }

        FormationReport toEnd() {
            try {
                while (ended.size() < plan.steps().size()) {
                    settle();
                    startWhatMay();
                    if (!running.isEmpty()) {
                        hear();
                    }
                }
            } catch (InterruptedException stop) {
                stop();
            }
            var results = new ArrayList<Result>();
            for (Step step : plan.steps()) {
                results.add(ended.getOrDefault(step.id(), skipped(step, "the run was interrupted")));
            }
            return new FormationReport(results, interrupted, since(began));
        }

        /** Ends the steps that need no work: one pass does, since each comes after what it depends on. */
        private void settle() {
            for (Step step : plan.steps()) {
                if (ended.containsKey(step.id()) || running.containsKey(step.id())) {
                    continue;
                }
                Attempt early = ahead.get(step.id());
                String hindrance = hindrance(step);
                if (hindrance != null) {
                    end(step, skipped(step, hindrance));
                    tell(new FormationEvent.Skipped(clock.instant(), step, hindrance));
                } else if (early != null && untouched.containsAll(step.after())) {
                    Result result = early.result;
                    if (result != null) {
                        end(step, result);
                        tell(new FormationEvent.AlreadyDone(clock.instant(), step, result.text(), result.took()));
                    }
                }
            }
        }

        private void end(Step step, Result result) {
            ended.put(step.id(), result);
            boolean asItWas = result.outcome() == Outcome.ALREADY_DONE || result.outcome() == Outcome.ACCEPTED;
            if (asItWas && untouched.containsAll(step.after())) {
                untouched.add(step.id());
            }
        }

        /** Why a step cannot be done any more, or null. */
        private @Nullable String hindrance(Step step) {
            for (String id : step.after()) {
                Result earlier = ended.get(id);
                if (earlier != null && earlier.outcome() == Outcome.FAILED) {
                    return id + " failed";
                }
                if (earlier != null && earlier.outcome() == Outcome.SKIPPED) {
                    return earlier.text();
                }
            }
            return null;
        }

        private Result skipped(Step step, String why) {
            return new Result(step, Outcome.SKIPPED, why, null, Duration.ZERO);
        }

        private void startWhatMay() {
            boolean blocked = false;
            for (Step step : plan.steps()) {
                if (isOpen(step) && ended.keySet().containsAll(step.after())) {
                    if (isFree(step)) {
                        start(step, false);
                    } else {
                        blocked = true;
                    }
                }
            }
            if (changing || blocked) {
                return;
            }
            for (Step step : plan.steps()) {
                if (isOpen(step) && !step.occupies().isEmpty() && !looked.contains(step.id()) && isFree(step)) {
                    looked.add(step.id());
                    start(step, true);
                }
            }
        }

        private boolean isOpen(Step step) {
            return !ended.containsKey(step.id()) && !running.containsKey(step.id());
        }

        private boolean isFree(Step step) {
            return running.values().stream().noneMatch(other -> other.step.excludes(step));
        }

        private void start(Step step, boolean early) {
            var attempt = new Attempt(step, early);
            running.put(step.id(), attempt);
            attempt.thread = begin("form-" + step.id(), () -> attempt(attempt));
        }

        /** Waits until a step ends, or has run out of time. */
        private void hear() throws InterruptedException {
            long nearest =
                    running.values().stream().mapToLong(Attempt::left).min().orElse(0);
            Attempt heard = reports.poll(Math.max(1, nearest), TimeUnit.NANOSECONDS);
            while (heard != null) {
                // One that was given up may still report.
                if (running.remove(heard.step.id(), heard)) {
                    take(heard);
                }
                heard = reports.poll();
            }
            for (Attempt late : List.copyOf(running.values())) {
                if (late.left() > 0) {
                    continue;
                }
                if (!late.told) {
                    late.told = true;
                    late.deadline = System.nanoTime() + LETTING_GO.toNanos();
                    late.interrupt();
                } else {
                    running.remove(late.step.id());
                    if (!late.early) {
                        late.result = failed(late, timedOut(late.step, "it did not let itself be stopped"));
                    }
                    take(late);
                }
            }
        }

        private void take(Attempt attempt) {
            Result result = attempt.result;
            if (!attempt.early) {
                end(
                        attempt.step,
                        result != null ? result : skipped(attempt.step, "interrupted while it was being done"));
            } else if (result != null) {
                ahead.put(attempt.step.id(), attempt);
            } else {
                changing = true;
            }
        }

        /** Nothing more is begun; what runs is interrupted. */
        private void stop() {
            interrupted = true;
            letGo(running.values().stream()
                    .map(attempt -> attempt.thread)
                    .filter(thread -> thread != null)
                    .toList());
            for (Attempt heard = reports.poll(); heard != null; heard = reports.poll()) {
                if (running.remove(heard.step.id(), heard)) {
                    take(heard);
                }
            }
            running.values().forEach(this::take);
            Thread.currentThread().interrupt();
        }

        // From here on in the step's own thread.

        private void attempt(Attempt attempt) {
            try {
                attempt.result = attempt.early ? lookAhead(attempt) : carryOut(attempt);
            } catch (InterruptedException stop) {
                if (!attempt.early && !interrupted) {
                    attempt.result = failed(attempt, timedOut(attempt.step, attempt.last));
                }
            } catch (RuntimeException failure) {
                if (!attempt.early) {
                    attempt.result = failed(attempt, problem(attempt.step, failure));
                }
            } finally {
                reports.add(attempt);
            }
        }

        /** A result if it is done, or null. */
        private @Nullable Result lookAhead(Attempt attempt) throws InterruptedException {
            Finding finding = attempt.step.work().probe();
            return finding.state() == Finding.State.DONE
                    ? new Result(attempt.step, Outcome.ALREADY_DONE, finding.text(), null, since(attempt.began))
                    : null;
        }

        private Result carryOut(Attempt attempt) throws InterruptedException {
            Step step = attempt.step;
            Finding finding = step.work().probe();
            if (finding.state() == Finding.State.UNKNOWN) {
                changing = true;
                finding = await(attempt, Set.of(Finding.State.DONE, Finding.State.TO_DO), step.work()::probe);
            }
            if (finding.state() == Finding.State.DONE) {
                var done = new FormationEvent.AlreadyDone(clock.instant(), step, finding.text(), since(attempt.began));
                tell(done);
                return new Result(step, Outcome.ALREADY_DONE, done.text(), null, done.took());
            }
            if (finding.state() == Finding.State.TO_DO) {
                changing = true;
                tell(new FormationEvent.Started(clock.instant(), step));
                finding = act(step);
                if (finding.state() == Finding.State.TO_DO) {
                    finding = await(attempt, Set.of(Finding.State.DONE), step.work()::verify);
                }
            }
            Problem problem = finding.problem();
            if (problem != null) {
                return wrong(attempt, problem);
            }
            var done = new FormationEvent.Done(clock.instant(), step, finding.text(), since(attempt.began));
            tell(done);
            return new Result(step, Outcome.DONE, done.text(), null, done.took());
        }

        /** Acts. Where the connection was cut meanwhile, looks whether it was done all the same. */
        private Finding act(Step step) throws InterruptedException {
            try {
                step.work().act();
                return Finding.toDo("");
            } catch (ProblemException cut) {
                if (cut.kind() == ProblemKind.UNREACHABLE && isDone(step)) {
                    return Finding.toDo("");
                }
                throw cut;
            }
        }

        private static boolean isDone(Step step) throws InterruptedException {
            try {
                return step.work().probe().state() == Finding.State.DONE;
            } catch (ProblemException still) {
                return false;
            }
        }

        /** Looks until it is as wanted or wrong. */
        private Finding await(Attempt attempt, Set<Finding.State> wanted, Look look) throws InterruptedException {
            Duration pause = firstPause;
            int silences = 0;
            while (true) {
                Finding finding;
                try {
                    finding = look.at();
                    silences = 0;
                } catch (ProblemException silent) {
                    silences++;
                    if (silent.kind() != ProblemKind.UNREACHABLE || silences >= SILENCES) {
                        throw silent;
                    }
                    finding = Finding.unknown(silent.problems().get(0).summary());
                }
                if (wanted.contains(finding.state()) || finding.state() == Finding.State.WRONG) {
                    return finding;
                }
                if (!finding.text().equals(attempt.last)) {
                    attempt.last = finding.text();
                    tell(new FormationEvent.Waiting(clock.instant(), attempt.step, finding.text()));
                }
                Duration left = attempt.step.timeout().minus(since(attempt.began));
                if (left.isNegative() || left.isZero()) {
                    return Finding.wrong(timedOut(attempt.step, finding.text()));
                }
                Thread.sleep((pause.compareTo(left) < 0 ? pause : left).toMillis() + 1);
                Duration longer = pause.multipliedBy(3).dividedBy(2);
                pause = longer.compareTo(longestPause) < 0 ? longer : longestPause;
            }
        }

        private Result wrong(Attempt attempt, Problem problem) {
            Step step = attempt.step;
            // A condition that did not come about is not accepted by that name: only what was found can be.
            boolean can = !step.acceptId().isEmpty() && problem.kind() != ProblemKind.TIMED_OUT;
            if (can && accepted.contains(step.acceptId())) {
                tell(new FormationEvent.Accepted(clock.instant(), step, problem));
                return new Result(step, Outcome.ACCEPTED, problem.summary(), problem, since(attempt.began));
            }
            String or = "Or go on all the same: slipway form --accept " + step.acceptId();
            return failed(
                    attempt,
                    !can
                            ? problem
                            : new Problem(
                                    problem.kind(),
                                    problem.summary(),
                                    problem.cause(),
                                    (problem.correction() + "\n" + or).strip(),
                                    problem.details()));
        }

        private Result failed(Attempt attempt, Problem problem) {
            changing = true;
            var failed = new FormationEvent.Failed(clock.instant(), attempt.step, problem, since(attempt.began));
            tell(failed);
            return new Result(attempt.step, Outcome.FAILED, problem.summary(), problem, failed.took());
        }
    }

    private static Problem timedOut(Step step, String last) {
        String where = step.node().isEmpty() ? "the nodes" : step.node();
        return Problem.of(
                        ProblemKind.TIMED_OUT,
                        "Within " + step.timeout().toSeconds() + " s this did not come about: " + step.description()
                                + ".",
                        "Look at " + where + " (step " + step.id() + "), then run slipway form again: it goes on here.")
                .because(last);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    @FunctionalInterface
    private interface Look {
        Finding at() throws InterruptedException;
    }

    /** A step at work, or being looked at ahead of its turn. */
    private static final class Attempt {
        private final Step step;
        private final boolean early;
        private final long began = System.nanoTime();
        private long deadline;
        private boolean told;
        private @Nullable Thread thread;
        /** What was awaited last. */
        private volatile String last = "";

        private volatile @Nullable Result result;

        Attempt(Step step, boolean early) {
            this.step = step;
            this.early = early;
            this.deadline = began + step.timeout().toNanos();
        }

        long left() {
            return deadline - System.nanoTime();
        }

        void interrupt() {
            Thread working = thread;
            if (working != null) {
                working.interrupt();
            }
        }
    }
}
