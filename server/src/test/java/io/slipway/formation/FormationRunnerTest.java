package io.slipway.formation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.formation.FormationReport.Outcome;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class FormationRunnerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private final Fakes fakes = new Fakes();

    /** A cluster of facts, one a step: there or not. */
    private static final class Fakes {
        private final Set<String> facts = ConcurrentHashMap.newKeySet();
        private final Map<String, AtomicInteger> acts = new ConcurrentHashMap<>();
        private final Map<String, AtomicInteger> probes = new ConcurrentHashMap<>();

        /** What a step does in {@code act}, in place of nothing. */
        private interface Act {
            void run() throws InterruptedException;
        }

        Step step(String id, String node, String... after) {
            return step(id, node, () -> {}, after);
        }

        Step step(String id, String node, Act act, String... after) {
            return Step.of(id, node, id + " is there", new Fact(this, id, act)).after(after);
        }

        int acts(String id) {
            return acts.getOrDefault(id, new AtomicInteger()).get();
        }

        int probes(String id) {
            return probes.getOrDefault(id, new AtomicInteger()).get();
        }

        private record Fact(Fakes fakes, String id, Act before) implements Step.Work {
            @Override
            public Finding probe() {
                fakes.probes.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
                return fakes.facts.contains(id) ? Finding.done("there") : Finding.toDo("missing");
            }

            @Override
            public void act() throws InterruptedException {
                before.run();
                fakes.acts.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
                fakes.facts.add(id);
            }
        }
    }

    private FormationRunner runner() {
        return new FormationRunner(
                event -> events.add(event.word() + " " + event.step().id()),
                InstantSource.fixed(NOW),
                Duration.ofMillis(1),
                Duration.ofMillis(1));
    }

    private FormationReport run(Step... steps) {
        return runner().run(FormationPlan.of(List.of(steps)), Set.of());
    }

    private static Map<String, Outcome> outcomes(FormationReport report) {
        var outcomes = new HashMap<String, Outcome>();
        report.steps().forEach(each -> outcomes.put(each.step().id(), each.outcome()));
        return outcomes;
    }

    private static Problem problem(ProblemKind kind, String summary) {
        return Problem.of(kind, summary, "Do something.");
    }

    private static Step.Work check(Step.Check check) {
        return check;
    }

    private static void meet(CyclicBarrier barrier) throws InterruptedException {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (java.util.concurrent.BrokenBarrierException | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsToDoIsDoneInOrderAndWhatIsDoneIsLeftAlone() {
        fakes.facts.add("a");
        var report = run(fakes.step("a", "n1"), fakes.step("b", "n1", "a"), fakes.step("c", "n2", "b"));
        assertThat(outcomes(report)).isEqualTo(Map.of("a", Outcome.ALREADY_DONE, "b", Outcome.DONE, "c", Outcome.DONE));
        assertThat(events).containsExactly("already-done a", "started b", "done b", "started c", "done c");
        assertThat(report.succeeded()).isTrue();
        assertThat(report.changedNothing()).isFalse();
        assertThat(fakes.acts("a")).isZero();
    }

    @Test
    void nodesWorkSideBySide() {
        var together = new CyclicBarrier(3);
        var report = run(
                fakes.step("a", "n1", () -> meet(together)),
                fakes.step("b", "n2", () -> meet(together)),
                fakes.step("c", "n3", () -> meet(together)));
        assertThat(report.succeeded()).isTrue();
    }

    @Test
    void oneNodeDoesOneThingAtATimeAndTheWholeClusterIsAlone() {
        var othersWentOn = new CountDownLatch(1);
        var meanwhile = new AtomicInteger();
        // While the first is at work the other node goes through three steps, and each time these two are passed over.
        var report = run(
                fakes.step("a", "n1", () -> {
                    othersWentOn.await();
                    meanwhile.set(fakes.probes("same") + fakes.probes("whole"));
                }),
                fakes.step("same", "n1"),
                fakes.step("whole", ""),
                fakes.step("b", "n2"),
                fakes.step("c", "n2", "b"),
                fakes.step("d", "n2", othersWentOn::countDown, "c"));
        assertThat(report.count(Outcome.DONE)).isEqualTo(6);
        assertThat(meanwhile).hasValue(0);
    }

    @Test
    void aClusterStepMayLeaveNodesToOthers() {
        var together = new CyclicBarrier(2);
        var report = run(
                fakes.step("wide", "", () -> meet(together)).occupying(Set.of("n1")),
                fakes.step("b", "n2", () -> meet(together)));
        assertThat(report.succeeded()).isTrue();
    }

    @Test
    void aFailureStopsWhatDependsOnItAndNothingElse() {
        var report = run(
                fakes.step("a", "n1", () -> {
                    throw problem(ProblemKind.ENVIRONMENT, "The disk is full.").asException();
                }),
                fakes.step("b", "n1", "a"),
                fakes.step("c", "n2", "b"),
                fakes.step("d", "n1"),
                fakes.step("e", "n2", "d"));
        assertThat(outcomes(report))
                .isEqualTo(Map.of(
                        "a", Outcome.FAILED,
                        "b", Outcome.SKIPPED,
                        "c", Outcome.SKIPPED,
                        "d", Outcome.DONE,
                        "e", Outcome.DONE));
        assertThat(report.steps())
                .filteredOn(each -> each.outcome() == Outcome.SKIPPED)
                .allSatisfy(each -> assertThat(each.text()).isEqualTo("a failed"));
        assertThat(report.problems()).extracting(Problem::summary).containsExactly("The disk is full.");
        assertThat(report.succeeded()).isFalse();
    }

    @Test
    void aFaultOfOursIsSaidToBeOne() {
        var report = run(fakes.step("a", "n1", () -> {
            throw new IllegalStateException("oops");
        }));
        assertThat(report.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(ProblemKind.BUG);
            assertThat(problem.text()).contains("Step a", "oops");
        });
    }

    @Test
    void aWrongFindingStopsBeforeAnythingIsDoneUnlessItIsAccepted() {
        Step wrong = Step.of(
                        "cpu",
                        "",
                        "all nodes have one CPU model",
                        check(() -> Finding.wrong("one CPU model", "two", "Take equal machines.")))
                .acceptableAs("mixed-cpu");
        Step next = fakes.step("a", "n1", "cpu");
        var refused = run(wrong, next);
        assertThat(outcomes(refused)).isEqualTo(Map.of("cpu", Outcome.FAILED, "a", Outcome.SKIPPED));
        assertThat(refused.problems().get(0).text())
                .contains("Expected one CPU model, but found two.", "Take equal machines.", "--accept mixed-cpu");
        var plan = FormationPlan.of(List.of(wrong, next));
        var accepted = runner().run(plan, Set.of("mixed-cpu"));
        assertThat(outcomes(accepted)).isEqualTo(Map.of("cpu", Outcome.ACCEPTED, "a", Outcome.DONE));
        assertThat(accepted.succeeded()).isTrue();
        assertThatThrownBy(() -> runner().run(plan, Set.of("everything")))
                .hasMessageContaining("nothing called everything")
                .hasMessageContaining("Take of: mixed-cpu.");
    }

    @Test
    void whatIsAwaitedIsAskedUntilItIsThere() {
        var asked = new AtomicInteger();
        Step step = Step.of("a", "n1", "three members are online", check(() -> {
            int online = Math.min(3, asked.getAndIncrement() / 2);
            return online == 3 ? Finding.done("3 of 3") : Finding.toDo(online + " of 3");
        }));
        assertThat(run(step).succeeded()).isTrue();
        assertThat(events).containsExactly("started a", "waiting a", "waiting a", "waiting a", "done a");
    }

    @Test
    void whatCannotBeKnownYetIsAwaitedAndNotActedUpon() {
        var asked = new AtomicInteger();
        var acted = new AtomicInteger();
        Step step = Step.of("a", "n1", "it is there", new Step.Work() {
            @Override
            public Finding probe() {
                return switch (asked.getAndIncrement()) {
                    case 0, 1, 2 -> Finding.unknown("the daemon starts");
                    case 3 -> Finding.toDo("missing");
                    default -> Finding.done("there");
                };
            }

            @Override
            public void act() {
                acted.set(asked.get());
            }
        });
        assertThat(run(step).succeeded()).isTrue();
        assertThat(acted).hasValue(4);
    }

    @Test
    void whatDoesNotComeAboutFailsAndSaysHowFarItCame() {
        Step step = Step.of("a", "n1", "three members are online", check(() -> Finding.toDo("2 of 3 are online")))
                .within(Duration.ofMillis(50));
        var report = run(step, fakes.step("b", "n2"));
        assertThat(outcomes(report)).isEqualTo(Map.of("a", Outcome.FAILED, "b", Outcome.DONE));
        Problem problem = report.problems().get(0);
        assertThat(problem.kind()).isEqualTo(ProblemKind.TIMED_OUT);
        assertThat(problem.text()).contains("three members are online", "2 of 3 are online", "n1", "step a");
    }

    @Test
    void anActionThatHangsIsInterruptedWhenTheTimeIsUp() {
        var never = new CountDownLatch(1);
        var report = run(
                fakes.step("a", "n1", never::await).within(Duration.ofMillis(50)),
                fakes.step("b", "n1"),
                fakes.step("c", "n2", "a"));
        assertThat(outcomes(report)).isEqualTo(Map.of("a", Outcome.FAILED, "b", Outcome.DONE, "c", Outcome.SKIPPED));
        assertThat(report.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(ProblemKind.TIMED_OUT);
            assertThat(problem.text()).doesNotContain("did not let itself be stopped");
        });
    }

    @Test
    void aNodeThatDoesNotAnswerIsNamedAndTheOthersGoOn() {
        var report = run(
                Step.of("reach.n2", "n2", "n2 answers", check(() -> {
                    throw problem(ProblemKind.UNREACHABLE, "Node n2 cannot be reached by SSH.")
                            .asException();
                })),
                fakes.step("a", "n1"),
                fakes.step("b", "n2", "reach.n2"));
        assertThat(outcomes(report))
                .isEqualTo(Map.of("reach.n2", Outcome.FAILED, "a", Outcome.DONE, "b", Outcome.SKIPPED));
        assertThat(report.problems().get(0).summary()).contains("n2");
    }

    @Test
    void aShortSilenceWhileSomethingIsAwaitedIsBorneAndALongOneIsNot() {
        for (int silences : new int[] {2, 3}) {
            var asked = new AtomicInteger(-1);
            Step step = Step.of("a", "n1", "it is there", new Step.Work() {
                @Override
                public Finding probe() {
                    int n = asked.getAndIncrement();
                    if (n >= 0 && n < silences) {
                        throw problem(ProblemKind.UNREACHABLE, "Silence.").asException();
                    }
                    return n < silences ? Finding.toDo("missing") : Finding.done("there");
                }

                @Override
                public void act() {}
            });
            assertThat(run(step).succeeded()).isEqualTo(silences == 2);
        }
    }

    @Test
    void anActionThatWasCutOffIsLookedAtAndNotRepeated() {
        for (boolean worked : new boolean[] {true, false}) {
            var cutting = new Fakes();
            Step step = cutting.step("a", "n1", () -> {
                cutting.acts.computeIfAbsent("a", key -> new AtomicInteger()).incrementAndGet();
                if (worked) {
                    cutting.facts.add("a");
                }
                throw problem(ProblemKind.UNREACHABLE, "The connection with n1 was cut.")
                        .asException();
            });
            var report = runner().run(FormationPlan.of(List.of(step)), Set.of());
            assertThat(report.succeeded()).isEqualTo(worked);
            assertThat(cutting.acts("a")).isEqualTo(1);
            assertThat(report.problems()).extracting(Problem::summary).allMatch(text -> text.contains("n1 was cut"));
        }
    }

    @Test
    void aSecondRunLooksOnceAtEachStepAndAheadOfItsTurn() {
        var together = new CyclicBarrier(3);
        var meeting = new ArrayList<Step>();
        // A chain over three nodes: its links can only meet when they are looked at before their turn.
        for (int i = 1; i <= 3; i++) {
            Step step = Step.of("s" + i, "n" + i, "it is there", check(() -> {
                meet(together);
                return Finding.done("there");
            }));
            meeting.add(i == 1 ? step : step.after("s" + (i - 1)));
        }
        var report = runner().run(FormationPlan.of(meeting), Set.of());
        assertThat(report.changedNothing()).isTrue();
        assertThat(events).containsExactly("already-done s1", "already-done s2", "already-done s3");
    }

    @Test
    void whatWasSeenBeforeSomethingChangedIsLookedAtAgain() {
        fakes.facts.add("b");
        fakes.facts.add("c");
        var looked = new CountDownLatch(1);
        Step first = Step.of("a", "n1", "a is there", new Step.Work() {
            @Override
            public Finding probe() throws InterruptedException {
                // Not before b was seen, ahead of its turn.
                looked.await();
                return fakes.facts.contains("a") ? Finding.done("there") : Finding.toDo("missing");
            }

            @Override
            public void act() {
                fakes.facts.add("a");
                fakes.facts.remove("b");
            }
        });
        Step second = Step.of("b", "n2", "b is there", new Step.Work() {
                    @Override
                    public Finding probe() {
                        Finding found = fakes.facts.contains("b") ? Finding.done("there") : Finding.toDo("gone");
                        looked.countDown();
                        return found;
                    }

                    @Override
                    public void act() {
                        fakes.facts.add("b");
                    }
                })
                .after("a");
        var report = run(first, second, fakes.step("c", "n2", "b"));
        assertThat(outcomes(report)).isEqualTo(Map.of("a", Outcome.DONE, "b", Outcome.DONE, "c", Outcome.ALREADY_DONE));
        assertThat(fakes.facts).contains("a", "b", "c");
    }

    @Test
    void interruptingStopsEverythingAndSaysWhatWasNotDone() throws Exception {
        var begun = new CountDownLatch(2);
        var never = new CountDownLatch(1);
        var interrupted = new AtomicInteger();
        Fakes.Act hang = () -> {
            begun.countDown();
            try {
                never.await();
            } catch (InterruptedException stop) {
                interrupted.incrementAndGet();
                throw stop;
            }
        };
        var plan = FormationPlan.of(List.of(
                fakes.step("a", "n1", hang),
                fakes.step("b", "n2", hang),
                fakes.step("c", "n1", "a"),
                fakes.step("d", "n3")));
        var report = new CompletableFuture<FormationReport>();
        var stillSet = new CompletableFuture<Boolean>();
        var thread = new Thread(() -> {
            report.complete(runner().run(plan, Set.of()));
            stillSet.complete(Thread.currentThread().isInterrupted());
        });
        thread.start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        while (!fakes.facts.contains("d")) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        assertThat(report.get().interrupted()).isTrue();
        assertThat(report.get().succeeded()).isFalse();
        assertThat(interrupted).hasValue(2);
        assertThat(stillSet.get()).isTrue();
        assertThat(outcomes(report.get())).containsEntry("a", Outcome.SKIPPED).containsEntry("c", Outcome.SKIPPED);
        assertThat(report.get().problems()).isEmpty();
        assertThat(fakes.acts("c")).isZero();
    }

    /** Twelve steps on three nodes, of which the one that is the k-th to act is stopped before or after its effect. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stoppedAnywhereTheNextRunGoesOnAndNothingIsDoneTwice(boolean afterTheEffect) throws Exception {
        for (int k = 1; k <= 12; k++) {
            var cluster = new Fakes();
            var counter = new AtomicInteger();
            int kill = k;
            var first = new CompletableFuture<FormationReport>();
            var runs = new Thread[1];
            runs[0] = new Thread(() -> first.complete(runner().run(
                            formation(
                                    cluster,
                                    id -> {
                                        if (counter.incrementAndGet() != kill) {
                                            return false;
                                        }
                                        runs[0].interrupt();
                                        return true;
                                    },
                                    afterTheEffect),
                            Set.of())));
            runs[0].start();
            assertThat(first.get(60, TimeUnit.SECONDS).interrupted()).isTrue();

            var second = runner().run(formation(cluster, id -> false, afterTheEffect), Set.of());
            assertThat(second.succeeded()).as("stopped at %d", k).isTrue();
            assertThat(cluster.facts).hasSize(12);
            assertThat(cluster.acts.values()).extracting(AtomicInteger::get).containsOnly(1);

            var third = runner().run(formation(cluster, id -> false, afterTheEffect), Set.of());
            assertThat(third.changedNothing()).isTrue();
            assertThat(cluster.acts.values()).extracting(AtomicInteger::get).containsOnly(1);
        }
    }

    private static FormationPlan formation(Fakes cluster, Predicate<String> stopsHere, boolean afterTheEffect) {
        var steps = new ArrayList<Step>();
        for (int level = 0; level < 4; level++) {
            for (int node = 1; node <= 3; node++) {
                String id = "s" + level + ".n" + node;
                var after = new ArrayList<String>();
                if (level == 1) {
                    after.add("s0.n" + node);
                } else if (level > 1) {
                    // One at a time, as voters join.
                    after.add(node == 1 ? "s" + (level - 1) + ".n3" : "s" + level + ".n" + (node - 1));
                }
                Step.Work usual = new Fakes.Fact(cluster, id, () -> {});
                steps.add(Step.of(id, "n" + node, id + " is there", new Step.Work() {
                            @Override
                            public Finding probe() throws InterruptedException {
                                return usual.probe();
                            }

                            @Override
                            public void act() throws InterruptedException {
                                boolean stop = stopsHere.test(id);
                                if (!stop || afterTheEffect) {
                                    usual.act();
                                }
                                if (stop) {
                                    new CountDownLatch(1).await();
                                }
                            }
                        })
                        .after(after));
            }
        }
        return FormationPlan.of(steps);
    }

    @Test
    void lookingChangesNothingAndSaysWhatItCan() throws InterruptedException {
        fakes.facts.add("a");
        Step broken = Step.of("c", "n1", "c is there", check(() -> {
                    throw problem(ProblemKind.ENVIRONMENT, "The program \"incus\" could not be started on n1.")
                            .asException();
                }))
                .after("b");
        Step dead = Step.of("d", "n2", "d is there", check(() -> {
            throw problem(ProblemKind.UNREACHABLE, "Node n2 cannot be reached by SSH.")
                    .asException();
        }));
        Step alsoDead = fakes.step("e", "n2");
        Step wrong = Step.of("f", "", "f is right", check(() -> Finding.wrong("one", "two", "Mend it.")));
        var plan = FormationPlan.of(
                List.of(fakes.step("a", "n1"), fakes.step("b", "n1", "a"), broken, dead, alsoDead, wrong));
        var outlook = runner().look(plan);
        assertThat(outlook.steps())
                .extracting(each -> each.step().id() + " " + each.finding().state() + " "
                        + each.finding().text())
                .containsExactly(
                        "a DONE there",
                        "b TO_DO missing",
                        "c UNKNOWN it can be seen after b",
                        "d UNKNOWN Node n2 cannot be reached by SSH.",
                        "e UNKNOWN Node n2 cannot be reached by SSH.",
                        "f WRONG Expected one, but found two.");
        assertThat(fakes.acts).isEmpty();
        assertThat(fakes.probes("e")).as("a dead node is asked once").isZero();
        assertThat(events).isEmpty();
    }

    /** As with a member whose heartbeat is late: all that it needs is done, and the next look finds it. */
    @Test
    void whatShouldBeKnownIsLookedAtAgainForAWhile() throws InterruptedException {
        var looks = new AtomicInteger();
        Step late = Step.of(
                "late",
                "n1",
                "it is heard of",
                check(() -> looks.incrementAndGet() < 3 ? Finding.unknown("not heard of") : Finding.done("heard of")));
        var never = new AtomicInteger();
        Step lost = Step.of("lost", "n1", "it is heard of", check(() -> {
            never.incrementAndGet();
            return Finding.unknown("not heard of");
        }));
        var behind = new AtomicInteger();
        Step next = Step.of("next", "n1", "it is there", check(() -> {
                    behind.incrementAndGet();
                    return Finding.unknown("nobody can know");
                }))
                .after("lost");

        var outlook = runner().look(FormationPlan.of(List.of(late, lost, next)));

        assertThat(outlook.steps())
                .extracting(each -> each.step().id() + " " + each.finding().text())
                .containsExactly("late heard of", "lost not heard of", "next nobody can know");
        assertThat(never.get()).isGreaterThan(1);
        assertThat(behind).as("what needs another step first is asked once").hasValue(1);
    }

    @Test
    void nodesAreLookedAtSideBySide() throws InterruptedException {
        var together = new CyclicBarrier(3);
        var steps = new ArrayList<Step>();
        for (int i = 1; i <= 3; i++) {
            steps.add(Step.of("s" + i, "n" + i, "it is there", check(() -> {
                meet(together);
                return Finding.done("there");
            })));
        }
        assertThat(runner().look(FormationPlan.of(steps)).count(Finding.State.DONE))
                .isEqualTo(3);
    }

    @Test
    void onlyAStepDoesNotDoWhatItNeeds() {
        var plan = FormationPlan.of(List.of(fakes.step("a", "n1"), fakes.step("b", "n1", "a"), fakes.step("c", "n1")));
        var refused = runner().run(plan.only("b"), Set.of());
        assertThat(outcomes(refused)).isEqualTo(Map.of("a", Outcome.FAILED, "b", Outcome.SKIPPED));
        assertThat(refused.problems().get(0).text()).contains("b needs a", "--until b");
        assertThat(fakes.facts).isEmpty();
        assertThat(runner().run(plan.until("b"), Set.of()).succeeded()).isTrue();
        assertThat(fakes.facts).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void severalProblemsOfAStepAreAllTold() {
        @Nullable
        Problem problem = run(fakes.step("a", "n1", () -> {
                    throw new ProblemException(
                            List.of(problem(ProblemKind.CONFLICT, "First."), problem(ProblemKind.CONFLICT, "Second.")));
                }))
                .steps()
                .get(0)
                .problem();
        assertThat(problem)
                .isNotNull()
                .satisfies(each -> assertThat(each.text()).contains("First.", "Second."));
    }
}
