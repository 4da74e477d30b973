package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.formation.incus.Answer;
import io.slipway.formation.incus.Member;
import io.slipway.formation.incus.Members;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The steps of the proof. */
public final class ProofSteps {
    /** The last step: when it is done the cluster is proven and nothing of the proof is left. */
    public static final String LAST = "proof.removed";

    private static final Duration START = Duration.ofMinutes(8);
    private static final Duration REACH = Duration.ofMinutes(3);

    private ProofSteps() {}

    /**
     * @param members the cluster's daemons
     * @param before ids of steps that must be done before
     * @param again whether a cluster that was proven before is proven once more
     * @return nothing for a cluster without Incus members
     */
    public static List<Step> of(Members members, List<String> before, boolean again) {
        if (members.names().isEmpty()) {
            return List.of();
        }
        var trial = new Trial(members, again);
        Set<String> first = Set.of(trial.members.names().get(0));
        var out = new ArrayList<Step>();
        out.add(Step.of("proof.image", "", "there is an image to prove the cluster with", new ProofImage(trial))
                .waiting("waiting for the proof's image")
                .within(START)
                .after(before));
        out.add(Step.of(
                        "proof.instances",
                        "",
                        trial.hasTwoMembers()
                                ? "instances run on two members, with addresses from OVN"
                                : "two instances run, with addresses from OVN",
                        new ProofInstances(trial))
                .waiting("waiting until the proof's instances have addresses")
                .within(START)
                .after("proof.image"));
        out.add(Step.of("proof.overlay", "", "the instances reach each other across the overlay", new Overlay(trial))
                .waiting("waiting until the instances reach each other")
                .within(REACH)
                .after("proof.instances"));
        out.add(Step.of("proof.gateway", "", "the instances reach their gateway", new Gateway(trial))
                .waiting("waiting until the instances reach their gateway")
                .within(REACH)
                .after("proof.overlay"));
        out.add(Step.of("proof.move", "", "an instance keeps its data on another member", new ProofMove(trial))
                .waiting("waiting until the instance that was moved is reached again")
                .within(START)
                .after("proof.gateway"));
        out.add(Step.of("proof.machine", "", "a virtual machine runs where there is KVM", new ProofMachine(trial))
                .waiting("waiting until the proof's virtual machine has an address")
                .within(START)
                .after("proof.move"));
        out.add(Step.of("proof.live", "", "a virtual machine moves while it runs", new ProofLive(trial))
                .waiting("waiting for the live migration")
                .within(START)
                .after("proof.machine"));
        out.add(Step.of(LAST, "", "nothing of the proof is left", new Removed(trial))
                .waiting("waiting until the proof's instances are removed")
                .within(START)
                .after("proof.live"));
        return out.stream().map(step -> step.occupying(first)).toList();
    }

    /**
     * Removes what a proof that failed or was cut off has left: instances and images that carry its mark. Does nothing
     * where no member answers.
     *
     * @throws io.slipway.problem.ProblemException if something cannot be removed; the message says what
     */
    public static void remove(Members members) throws InterruptedException {
        Member speaker = members.speaker(true, Trial.INSTANCES, Trial.IMAGES);
        if (speaker != null) {
            new Trial(members, true).clear(speaker);
        }
    }

    /** The two instances, both ways. */
    private static final class Overlay extends ProofWork {
        Overlay(Trial trial) {
            super(trial);
        }

        @Override
        Finding look() throws InterruptedException {
            if (trial.network() == null) {
                return Finding.done("not checked: cluster.yaml has no network for instances");
            }
            String one = trial.address(Trial.instance(1));
            String two = trial.address(Trial.instance(2));
            if (one.isEmpty() || two.isEmpty()) {
                return Finding.unknown("the instances have no addresses yet");
            }
            return new ProofPing(trial)
                    .all(
                            List.of(
                                    new ProofPing.Way(Trial.instance(1), two),
                                    new ProofPing.Way(Trial.instance(2), one)),
                            trial.hasTwoMembers() ? "across members" : "on one member");
        }
    }

    /** OVN's router, and what lies behind it. */
    private static final class Gateway extends ProofWork {
        Gateway(Trial trial) {
            super(trial);
        }

        @Override
        Finding look() throws InterruptedException {
            if (trial.network() == null) {
                return Finding.done("not checked: cluster.yaml has no network for instances");
            }
            if (trial.address(Trial.instance(1)).isEmpty()) {
                return Finding.unknown("the instances have no addresses yet");
            }
            var ping = new ProofPing(trial);
            String router = "OVN's router " + trial.gateway();
            var uplink = trial.uplink();
            // The world outside is not the cluster's: its gateway may well not answer.
            return uplink == null
                    ? ping.all(ways(trial.gateway()), router)
                    : ping.all(
                            ways(trial.gateway()),
                            router,
                            ways(uplink.gateway().toString()),
                            "the uplink's gateway " + uplink.gateway());
        }

        private static List<ProofPing.Way> ways(String to) {
            return List.of(new ProofPing.Way(Trial.instance(1), to), new ProofPing.Way(Trial.instance(2), to));
        }
    }

    /** The end. */
    private static final class Removed extends ProofWork {
        Removed(Trial trial) {
            super(trial);
        }

        @Override
        Finding look() throws InterruptedException {
            if (!trial.isRemoved()) {
                return trial.isImported()
                        ? Finding.toDo("the proof's instances are there")
                        : Finding.unknown("the cluster has not been proven yet");
            }
            Map<String, Answer> said =
                    trial.members.api(trial.speaker().node()).get(List.of(Trial.INSTANCES, Trial.IMAGES));
            var left = new ArrayList<>(Trial.marked(
                    said.getOrDefault(Trial.INSTANCES, Answer.silence()).metadata()));
            left.addAll(Trial.markedImages(
                    said.getOrDefault(Trial.IMAGES, Answer.silence()).metadata()));
            if (!left.isEmpty()) {
                return Finding.toDo("still there: " + String.join(", ", left));
            }
            // The proof is hard work, and a member may have lost touch over it.
            Finding online = trial.members.online();
            return online.state() == Finding.State.DONE ? Finding.done("the cluster is proven") : online;
        }

        @Override
        void attempt() throws InterruptedException {
            Member speaker = trial.speaker(Trial.INSTANCES, Trial.IMAGES);
            trial.clear(speaker);
            trial.remember(trial.members.api(speaker.node()));
            trial.members.forget();
            trial.removed();
        }
    }
}
