package io.slipway.formation.incus;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.List;
import java.util.Locale;

/** Something that the cluster knows: any member can be asked. Before there is a cluster, nothing is known. */
abstract class ClusterWork implements Step.Work {
    private static final int TRIES = 3;
    private static final int LOOKS = 20;
    private static final List<String> PASSING = List.of(
            "offline",
            "online member",
            "isn't online",
            "i/o timeout",
            "deadline exceeded",
            "connection refused",
            "bad connection",
            "leader");

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
        for (int i = 1; ; i++) {
            try {
                once();
                return;
            } catch (ProblemException refused) {
                if (i == TRIES || !isPassing(refused)) {
                    throw refused;
                }
                awaitMembers();
            } finally {
                members.forget();
            }
        }
    }

    private void once() throws InterruptedException {
        Member speaker = members.speaker(true, paths);
        if (speaker == null) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "No member of an Incus cluster answers any more.",
                            "Look at " + String.join(", ", members.names()) + ": /etc/rc.d/rc.incusd status.")
                    .asException();
        }
        act(speaker, members.api(speaker.node()));
    }

    /** What Incus says of members that are too slow for its heartbeats, and of its database while it changes leaders. */
    private static boolean isPassing(ProblemException refused) {
        String said = refused.problems().get(0).cause().toLowerCase(Locale.ROOT);
        return PASSING.stream().anyMatch(said::contains);
    }

    private void awaitMembers() throws InterruptedException {
        for (int i = 0; i < LOOKS && members.online().state() != Finding.State.DONE; i++) {
            // Each look takes as long as the members do.
        }
    }
}
