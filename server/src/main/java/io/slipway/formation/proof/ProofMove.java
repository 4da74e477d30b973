package io.slipway.formation.proof;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import io.slipway.formation.incus.Answer;
import io.slipway.formation.incus.Member;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The first instance: stopped, moved to another member, started there, reached again, with the file that it wrote before. */
final class ProofMove extends ProofWork {
    private static final Duration MOVE = Duration.ofMinutes(8);
    private static final Duration READ = Duration.ofMinutes(1);

    private static final String CONTENT = "Written before the move.";

    private static final String MOVE_IT = """
            incus exec "$1" -- /bin/sh -c 'echo "$1" > /root/slipway-proof && sync' sh "$3" </dev/null || exit 1
            incus stop "$1" --timeout 60 </dev/null || exit 1
            incus move "$1" --target "$2" </dev/null || exit 1
            exec incus start "$1" </dev/null
            """;

    ProofMove(Trial trial) {
        super(trial);
    }

    @Override
    Finding look() throws InterruptedException {
        String name = Trial.instance(1);
        if (!trial.hasTwoMembers()) {
            return Finding.done("not checked: Incus has one member only");
        }
        if (!trial.isMoved()) {
            return trial.isImported()
                    ? Finding.toDo(name + " has not been moved yet")
                    : Finding.unknown("there are no instances yet");
        }
        Member speaker = trial.recentSpeaker();
        String path = "/1.0/instances/" + name;
        Map<String, Answer> said = trial.members.api(speaker.node()).get(List.of(path, path + "/state"));
        String location = said.getOrDefault(path, Answer.silence()).text("location");
        if (!location.equals(trial.target())) {
            return Finding.toDo(name + " is on " + location);
        }
        var read = trial.script(
                speaker.node(), READ, "exec incus exec \"$1\" -- /bin/cat /root/slipway-proof </dev/null", name);
        if (!read.succeeded()) {
            return Finding.toDo(name + " does not run on " + location + " yet");
        }
        if (!read.output().strip().equals(CONTENT)) {
            return Finding.wrong(
                    name + " to have its file after it was moved to " + location,
                    read.output().isBlank() ? "an empty one" : "another content",
                    "Look at the storage pool of the default profile: incus storage info.");
        }
        if (trial.network() == null) {
            return Finding.done("moved to " + location + " with its data");
        }
        JsonNode state = said.getOrDefault(path + "/state", Answer.silence()).metadata();
        String address = Trial.address(state);
        if (address.isEmpty()) {
            return Finding.toDo(name + " on " + location + " has no address yet");
        }
        return new ProofPing(trial)
                .all(
                        List.of(
                                new ProofPing.Way(Trial.instance(2), address),
                                new ProofPing.Way(name, trial.address(Trial.instance(2)))),
                        "moved to " + location + " with its data, reached");
    }

    @Override
    void attempt() throws InterruptedException {
        Member speaker = trial.speaker();
        trial.script(speaker.node(), MOVE, MOVE_IT, Trial.instance(1), trial.target(), CONTENT)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The instance " + Trial.instance(1) + " cannot be moved to " + trial.target(),
                        "Look into /var/log/incus/incusd.log on both members.");
        trial.moved();
    }
}
