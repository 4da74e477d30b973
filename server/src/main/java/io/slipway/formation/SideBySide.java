package io.slipway.formation;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** One question to many nodes at the same time. Each has a thread, and all have ended when the answers are there. */
public final class SideBySide {
    private SideBySide() {}

    /**
     * What is asked of a node.
     *
     * @param <T> its answer
     */
    @FunctionalInterface
    public interface Question<T> {
        T ask(String node) throws InterruptedException;
    }

    /**
     * @param nodes names
     * @return answers by node, in that order
     * @throws ProblemException with everything that went wrong, after all have answered or failed
     */
    public static <T> Map<String, T> ask(Collection<String> nodes, Question<T> question) throws InterruptedException {
        var answers = new ConcurrentHashMap<String, T>();
        var failures = new ConcurrentHashMap<String, ProblemException>();
        var fault = new AtomicReference<RuntimeException>();
        var threads = new ArrayList<Thread>();
        for (String node : nodes) {
            var thread = new Thread(
                    () -> {
                        try {
                            answers.put(node, question.ask(node));
                        } catch (ProblemException failure) {
                            failures.put(node, failure);
                        } catch (RuntimeException ours) {
                            fault.set(ours);
                        } catch (InterruptedException stop) {
                            // Whoever interrupted waits for the end of all and needs no answer.
                        }
                    },
                    "slipway-ask-" + node);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        join(threads);
        RuntimeException ours = fault.get();
        if (ours != null) {
            throw ours;
        }
        var problems = new ArrayList<Problem>();
        var ordered = new LinkedHashMap<String, T>();
        for (String node : nodes) {
            ProblemException failure = failures.get(node);
            T answer = answers.get(node);
            if (failure != null) {
                problems.addAll(failure.problems());
            } else if (answer != null) {
                ordered.put(node, answer);
            }
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        return ordered;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException stop) {
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join();
            }
            throw stop;
        }
    }
}
