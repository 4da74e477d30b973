package io.slipway.formation;

import io.slipway.problem.ProblemException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Answers of nodes that are given again for a while, so that steps which look at about the same time cost one question a
 * node. Also that a node could not be asked is remembered: finding out takes long. Who comes while a node is being asked
 * waits for the same answer.
 *
 * @param <T> what a node answers
 */
public final class Recent<T> {
    private final Duration fresh;
    private final SideBySide.Question<T> question;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /**
     * @param fresh how old an answer may be
     * @param question asks a node
     */
    public Recent(Duration fresh, SideBySide.Question<T> question) {
        this.fresh = fresh;
        this.question = question;
    }

    /**
     * What a node said a moment ago, or says now.
     *
     * @throws ProblemException if it cannot be asked, or could not a moment ago
     */
    public T of(String node) throws InterruptedException {
        return entry(node).answer(false);
    }

    /**
     * What a node says now.
     *
     * @throws ProblemException if it cannot be asked
     */
    public T now(String node) throws InterruptedException {
        return entry(node).answer(true);
    }

    /** Something was changed: what was said before counts no more. */
    public void forget() {
        entries.clear();
    }

    private Entry entry(String node) {
        return entries.computeIfAbsent(node, Entry::new);
    }

    private final class Entry {
        private final String node;
        private final ReentrantLock asking = new ReentrantLock();
        private @Nullable T answer;
        private @Nullable ProblemException failure;
        /** By {@link System#nanoTime}. */
        private long answered;

        Entry(String node) {
            this.node = node;
        }

        T answer(boolean now) throws InterruptedException {
            asking.lockInterruptibly();
            try {
                if (!now && System.nanoTime() - answered < fresh.toNanos()) {
                    T known = answer;
                    if (known != null) {
                        return known;
                    }
                    ProblemException failed = failure;
                    if (failed != null) {
                        throw failed;
                    }
                }
                return ask();
            } finally {
                asking.unlock();
            }
        }

        private T ask() throws InterruptedException {
            answer = null;
            failure = null;
            try {
                T said = question.ask(node);
                answer = said;
                return said;
            } catch (ProblemException silent) {
                failure = silent;
                throw silent;
            } finally {
                answered = System.nanoTime();
            }
        }
    }
}
