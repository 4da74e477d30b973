package io.slipway.formation.proof;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandResult;
import java.time.Duration;
import java.util.List;

/** Live migration: the virtual machine is moved to another member while it runs and the other instance listens. */
final class ProofLive extends ProofWork {
    private static final Duration MOVE = Duration.ofMinutes(8);
    /** Less than a machine needs to start, and far more than one that is moved is silent. */
    private static final int LONGEST_SILENCE = 5;

    /** Incus moves a running machine live or not at all. Asked every second, the longest silence is told meanwhile. */
    private static final String MOVE_IT = """
            [ -z "$4" ] || {
              incus exec "$3" -- /bin/sh -c '
                rm -f /tmp/moved
                silent=0
                longest=0
                while [ ! -e /tmp/moved ]; do
                  if /bin/ping -c 1 -W 1 "$1" >/dev/null 2>&1; then
                    silent=0
                    sleep 1
                  else
                    silent=$((silent + 1))
                    [ $silent -le $longest ] || longest=$silent
                  fi
                done
                echo "silence=$longest"' sh "$4" </dev/null &
              listener=$!
            }
            incus move "$1" --target "$2" </dev/null
            moved=$?
            [ -z "$4" ] || {
              incus exec "$3" -- /bin/sh -c ': > /tmp/moved' </dev/null
              wait $listener
            }
            exit $moved
            """;

    private volatile String silence = "";
    private volatile boolean moved;

    ProofLive(Trial trial) {
        super(trial);
    }

    @Override
    String before(String live) {
        return live;
    }

    @Override
    Finding look() throws InterruptedException {
        if (!trial.live().isEmpty()) {
            return Finding.done(trial.live());
        }
        if (!moved) {
            return trial.isImported()
                    ? Finding.toDo(Trial.MACHINE + " has not been moved yet")
                    : Finding.unknown("there are no instances yet");
        }
        String target = trial.machines().get(1);
        JsonNode instance = trial.ask(Trial.MACHINE);
        if (!instance.path("location").asText().equals(target)
                || !instance.path("status").asText().equals("Running")) {
            return Finding.toDo(Trial.MACHINE + " does not run on " + target + " yet");
        }
        String text = "a virtual machine moved from " + trial.machines().get(0) + " to " + target + " while it ran";
        String address = trial.address(Trial.MACHINE);
        if (address.isEmpty()) {
            trial.live(text);
            return Finding.done(text);
        }
        if (!silence.matches("\\d{1,5}") || Integer.parseInt(silence) > LONGEST_SILENCE) {
            return Finding.wrong(
                    Trial.MACHINE + " to answer while it moves from "
                            + trial.machines().get(0) + " to " + target,
                    "silence for " + (silence.isEmpty() ? "an unknown time" : silence + " s"),
                    "Look into /var/log/incus/incusd.log on both members, and at the speed of the network between them.");
        }
        Finding reached = new ProofPing(trial)
                .all(
                        List.of(new ProofPing.Way(Trial.instance(2), address)),
                        text + ", silent for " + silence + " s, reached");
        if (reached.state() == Finding.State.DONE) {
            trial.live(reached.text());
        }
        return reached;
    }

    @Override
    void attempt() throws InterruptedException {
        if (!trial.live().isEmpty()) {
            return;
        }
        List<String> machines = trial.machines();
        CommandResult said = trial.script(
                machines.get(0),
                MOVE,
                MOVE_IT,
                Trial.MACHINE,
                machines.get(1),
                Trial.instance(2),
                trial.address(Trial.MACHINE));
        said.orFail(
                ProblemKind.ENVIRONMENT,
                "The virtual machine cannot be moved from " + machines.get(0) + " to " + machines.get(1)
                        + " while it runs",
                "Look into /var/log/incus/incusd.log on both members. Do their processors have the same features?");
        silence = NodeScript.Answers.of(said.output()).one("silence");
        moved = true;
    }
}
