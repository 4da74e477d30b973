package io.slipway.formation.incus;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;

/** Something that the cluster knows: any member can be asked. Before there is a cluster, nothing is known. */
abstract class ClusterWork implements Step.Work {
    final Members members;
    private final String[] paths;

    /** @param paths what is asked */
    ClusterWork(Members members, String... paths) {
        this.members = members;
        this.paths = paths.clone();
    }

    /** What it means. */
    abstract Finding judge(Member speaker) throws InterruptedException;

    /** Makes it so. */
    abstract void act(Member speaker, IncusApi api) throws InterruptedException;

    private Finding find(boolean fresh) throws InterruptedException {
        Member speaker = members.speaker(fresh, paths);
        return speaker == null ? Finding.unknown("no member of an Incus cluster answers") : judge(speaker);
    }

    @Override
    public final Finding probe() throws InterruptedException {
        return find(false);
    }

    @Override
    public final Finding verify() throws InterruptedException {
        return find(true);
    }

    @Override
    public final void act() throws InterruptedException {
        Member speaker = members.speaker(true, paths);
        if (speaker == null) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "No member of an Incus cluster answers any more.",
                            "Look at " + String.join(", ", members.names()) + ": /etc/rc.d/rc.incusd status.")
                    .asException();
        }
        try {
            act(speaker, members.api(speaker.node()));
        } finally {
            members.forget();
        }
    }
}
