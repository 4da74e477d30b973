package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node as a member of the cluster. The token is made immediately before it is used, for one name, and travels on
 * standard input; a second one makes the first worthless, so an earlier run leaves nothing behind.
 */
final class JoinedMember implements Step.Work {
    private static final Duration JOIN = Duration.ofMinutes(6);
    /** A token that was refused may have been too old for a slow machine; the second is not. */
    private static final int TOKENS = 2;

    private final Node node;
    private final String name;
    private final Members members;
    private final LocalSource local;

    JoinedMember(Node node, Members members) {
        this.node = node;
        this.name = node.name();
        this.members = members;
        this.local = new LocalSource(name, members);
    }

    @Override
    public Finding probe() throws InterruptedException {
        return judge(false);
    }

    @Override
    public Finding verify() throws InterruptedException {
        return judge(true);
    }

    private Finding judge(boolean fresh) throws InterruptedException {
        Member own = members.look(name, fresh);
        if (!own.answers()) {
            return Finding.unknown("Incus does not answer on " + name);
        }
        Member speaker = members.speaker(fresh, Members.MEMBERS);
        if (speaker == null) {
            return Finding.unknown("there is no Incus cluster yet");
        }
        JsonNode entry = speaker.findMember(name);
        if (!own.isClustered()) {
            return entry == null
                    ? Finding.toDo(name + " is not a member of the Incus cluster")
                    : returned(speaker, entry.path("status").asText());
        }
        if (!own.fingerprint().equals(speaker.fingerprint())) {
            return Finding.wrong(
                    name + " to be in the Incus cluster of " + speaker.node(),
                    "it in another one",
                    "Take it out of that one, or install it again: slipway node reinstall " + name
                            + ". Nothing was changed.");
        }
        if (entry == null) {
            return Finding.toDo(name + " is joining the Incus cluster");
        }
        String address = entry.path("url").asText().replace("https://", "");
        if (!address.equals(members.address(node))) {
            return Finding.wrong(
                    name + " to be a member of the Incus cluster at " + members.address(node),
                    "it at " + address,
                    "Correct cluster.yaml, or take the node out (incus cluster remove " + name
                            + ") and run this again.");
        }
        String status = entry.path("status").asText();
        // Nothing can be done to a member that is not heard of: on a busy machine it is heard of a little later.
        return status.equals("Online") || status.equals("Evacuated")
                ? Finding.done(name + " is a member")
                : Finding.unknown("Incus says of " + name + ": " + status + ", "
                        + entry.path("message").asText());
    }

    /** A node that was a member, and is as new. */
    private Finding returned(Member speaker, String status) throws InterruptedException {
        List<String> left = left(members.api(speaker.node()), speaker);
        return left.isEmpty()
                ? Finding.toDo("Incus still lists " + name + " (" + status
                        + "), which is as new; nothing is on it, so the old entry will be removed")
                : Finding.wrong(
                        name + " to be the member that Incus lists",
                        "a node that is as new, while Incus still lists " + String.join(", ", left) + " there",
                        "If they are lost, remove them with their member: incus cluster remove --force " + name
                                + ". Then run this again. If not, bring the old " + name + " back.");
    }

    /** What Incus believes to be on the node. */
    private List<String> left(IncusApi api, Member speaker) throws InterruptedException {
        var left = new ArrayList<String>();
        for (JsonNode instance :
                api.get("/1.0/instances?recursion=1&all-projects=true").metadata()) {
            if (instance.path("location").asText().equals(name)) {
                left.add("instance " + instance.path("name").asText());
            }
        }
        for (JsonNode pool : speaker.get(Members.POOLS).isOk()
                ? speaker.get(Members.POOLS).metadata()
                : api.get(Members.POOLS).metadata()) {
            String volumes = "/1.0/storage-pools/" + pool.path("name").asText()
                    + "/volumes/custom?recursion=1&all-projects=true";
            for (JsonNode volume : api.get(volumes).metadata()) {
                if (volume.path("location").asText().equals(name)) {
                    left.add("volume " + volume.path("name").asText());
                }
            }
        }
        return left;
    }

    @Override
    public void act() throws InterruptedException {
        try {
            join();
        } finally {
            members.forget();
        }
    }

    private void join() throws InterruptedException {
        Member speaker = members.otherSpeaker(name, true, Members.MEMBERS, Members.POOLS);
        if (speaker == null) {
            return;
        }
        IncusApi api = members.api(speaker.node());
        var abandoned = new AbandonedJoin(name, members);
        if (abandoned.isThere()) {
            refuseInstances();
            abandoned.clear();
        }
        Member own = members.look(name, true);
        if (own.isClustered() || !own.answers()) {
            // On its way already: somebody else asked for it, and it goes on by itself.
            return;
        }
        if (speaker.findMember(name) != null) {
            if (!left(api, speaker).isEmpty()) {
                return;
            }
            api.require(
                    "The entry of the old " + name + " cannot be removed from the Incus cluster",
                    IncusApi.USUAL,
                    "DELETE",
                    "/1.0/cluster/members/" + name + "?force=1",
                    IncusApi.object());
        }
        refuseInstances();
        String against = "";
        for (int i = 0; i < TOKENS; i++) {
            against = members.api(name).preseed(JOIN, preseed(api));
            if (against.isEmpty() || members.look(name, true).isClustered()) {
                return;
            }
            if (!against.contains("token") && !against.contains("join operation")) {
                break;
            }
        }
        throw api.refused(name + " cannot join the Incus cluster of " + speaker.node(), against);
    }

    /** Joining throws away what a node has. */
    private void refuseInstances() throws InterruptedException {
        JsonNode own = members.api(name).get("/1.0/instances?all-projects=true").metadata();
        if (!own.isEmpty()) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "Expected Incus on " + name + " to be empty, but found " + own.size()
                                    + " instances of its own.",
                            "Joining a cluster would lose them. Move or delete them, and run this again.")
                    .asException();
        }
    }

    private ObjectNode preseed(IncusApi api) throws InterruptedException {
        var document = IncusApi.object();
        ObjectNode cluster = document.putObject("cluster");
        cluster.put("enabled", true);
        cluster.put("server_address", members.address(node));
        cluster.put("cluster_token", token(api));
        // What a node of a cluster that has pools and networks already must say of its own.
        for (JsonNode key : api.get("/1.0/cluster").metadata().path("member_config")) {
            String value = own(key);
            if (value != null) {
                cluster.withArray("member_config")
                        .addObject()
                        .put("entity", key.path("entity").asText())
                        .put("name", key.path("name").asText())
                        .put("key", key.path("key").asText())
                        .put("value", value);
            }
        }
        return document;
    }

    /** This node's value of a key that each member has its own of, or null to say nothing. */
    private @Nullable String own(JsonNode key) throws InterruptedException {
        String entity = key.path("entity").asText() + " " + key.path("key").asText();
        String of = key.path("name").asText();
        var uplink = members.cluster().incus().uplink();
        if (entity.equals("network parent") && uplink != null && uplink.name().equals(of)) {
            return MemberUplink.device(members.cluster());
        }
        if (!entity.equals("storage-pool source")) {
            return null;
        }
        if (of.equals(members.cluster().incus().localPool().name())) {
            return local.config().getOrDefault("source", "");
        }
        SharedPool shared = SharedPool.of(members.cluster());
        return shared != null && shared.name().equals(of) ? shared.source() : "";
    }

    /** What {@code incus cluster add} prints: JSON in Base64, made of what the request for a token answers. */
    private String token(IncusApi api) throws InterruptedException {
        JsonNode made = api.token(
                        "No token can be made with which " + name + " joins the Incus cluster",
                        "/1.0/cluster/members",
                        IncusApi.object().put("server_name", name))
                .path("metadata");
        var token = IncusApi.object();
        token.put("server_name", name);
        token.set("fingerprint", made.path("fingerprint"));
        token.set("addresses", made.path("addresses"));
        token.set("secret", made.path("secret"));
        token.set("expires_at", made.path("expiresAt"));
        return Base64.getEncoder().encodeToString(token.toString().getBytes(StandardCharsets.UTF_8));
    }
}
