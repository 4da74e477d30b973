package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.formation.incus.Member;

/** A part of the proof. A cluster that was proven before is left alone. */
abstract class ProofWork implements Step.Work {
    final Trial trial;
    private volatile boolean tried;

    ProofWork(Trial trial) {
        this.trial = trial;
    }

    /** What is to be said of a cluster that was proven before. */
    String before(String live) {
        return "proven before";
    }

    /** What this run has seen, by looking now. */
    abstract Finding look() throws InterruptedException;

    @Override
    public final Finding probe() throws InterruptedException {
        Member speaker = trial.members.speaker(false);
        if (speaker == null) {
            return Finding.unknown("no member of an Incus cluster answers");
        }
        String live = trial.proven(speaker);
        if (live != null && !trial.isImported()) {
            return Finding.done(before(live));
        }
        return tried
                ? look()
                : Finding.toDo(
                        live == null && !trial.isImported() ? "the cluster has not been proven yet" : "to be tried");
    }

    /** Does what can then be looked at; {@link #look} follows. */
    void attempt() throws InterruptedException {}

    @Override
    public final void act() throws InterruptedException {
        attempt();
        tried = true;
    }

    @Override
    public final Finding verify() throws InterruptedException {
        return look();
    }
}
