package io.slipway.formation.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import io.slipway.formation.incus.Answer;
import io.slipway.formation.incus.IncusApi;
import io.slipway.formation.incus.Member;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Address;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Two instances on two members, started at the same time, with addresses that OVN gave them. */
final class ProofInstances extends ProofWork {
    private static final Duration START = Duration.ofMinutes(6);

    private static final String LAUNCH = """
            incus query --wait -X POST -d "$2" "$1" </dev/null >/dev/null & first=$!
            incus query --wait -X POST -d "$4" "$3" </dev/null >/dev/null & second=$!
            failed=0
            wait $first || failed=1
            wait $second || failed=1
            exit $failed
            """;

    ProofInstances(Trial trial) {
        super(trial);
    }

    @Override
    Finding look() throws InterruptedException {
        if (!trial.isImported()) {
            return Finding.unknown("there is no image yet");
        }
        List<String> places = trial.places();
        var paths = new ArrayList<String>();
        for (int i = 1; i <= places.size(); i++) {
            paths.add("/1.0/instances/" + Trial.instance(i));
            paths.add("/1.0/instances/" + Trial.instance(i) + "/state");
        }
        Map<String, Answer> said =
                trial.members.api(trial.recentSpeaker().node()).get(paths);
        var text = new ArrayList<String>();
        for (int i = 1; i <= places.size(); i++) {
            String name = Trial.instance(i);
            String place = places.get(i - 1);
            Answer instance = said.getOrDefault("/1.0/instances/" + name, Answer.silence());
            JsonNode state = said.getOrDefault("/1.0/instances/" + name + "/state", Answer.silence())
                    .metadata();
            if (!instance.isOk()) {
                return Finding.toDo("there is no instance " + name);
            }
            if (!instance.text("location").equals(place)) {
                return Finding.wrong(
                        "the instance " + name + " on " + place,
                        "it on " + instance.text("location"),
                        "Look at incus cluster list: is " + place + " ONLINE and in the group default?");
            }
            if (!state.path("status").asText().equals("Running")) {
                return Finding.toDo(
                        name + " on " + place + " is " + state.path("status").asText());
            }
            Incus.OvnNetwork network = trial.network();
            if (network == null) {
                text.add(name + " runs on " + place);
                continue;
            }
            String address = Trial.address(state);
            if (address.isEmpty()) {
                return Finding.toDo(name + " on " + place + " has no address from OVN yet");
            }
            if (!network.subnet().contains(Ipv4Address.parse(address))) {
                return Finding.wrong(
                        name + " to have an address of " + network.subnet(),
                        address + " on " + place,
                        "Another DHCP server answers in that network, or the profile has another one.");
            }
            trial.address(name, address);
            text.add(address + " on " + place);
        }
        return Finding.done(String.join(", ", text));
    }

    @Override
    void attempt() throws InterruptedException {
        Member speaker = trial.speaker();
        List<String> places = trial.places();
        trial.script(
                        speaker.node(),
                        START,
                        LAUNCH,
                        "/1.0/instances?target=" + places.get(0),
                        body(Trial.instance(1)),
                        "/1.0/instances?target=" + places.get(1),
                        body(Trial.instance(2)))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The proof's instances cannot be started on " + String.join(" and ", places),
                        "Look into /var/log/incus/incusd.log there.");
    }

    private String body(String name) {
        ObjectNode out = IncusApi.object();
        out.put("name", name).put("type", "container").put("start", true);
        out.putObject("source").put("type", "image").put("fingerprint", trial.image());
        out.putObject("config").put(Trial.MARK, "true").put("boot.autostart", "false");
        out.putArray("profiles").add("default");
        return out.toString();
    }
}
