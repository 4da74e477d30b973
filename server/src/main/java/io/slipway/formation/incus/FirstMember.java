package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The cluster, with one member: the one that has a cluster already, otherwise the first of the file. Where that cannot be
 * told, because somebody does not answer, none is made: two clusters are worse than none.
 */
final class FirstMember implements Step.Work {
    private static final Duration BOOTSTRAP = Duration.ofMinutes(3);

    private final Members members;

    FirstMember(Members members) {
        this.members = members;
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
        var silent = new ArrayList<String>();
        List<Member> said = members.lookAtAll(fresh, silent);
        List<Member> clustered = said.stream().filter(Member::isClustered).toList();
        if (clustered.isEmpty()) {
            return silent.isEmpty()
                    ? Finding.toDo("no node has an Incus cluster")
                    : Finding.unknown("Incus does not answer on " + String.join(", ", silent)
                            + ", which may be where the cluster is");
        }
        for (Member member : clustered) {
            if (!member.serverName().equals(member.node())) {
                return Finding.wrong(
                        "Incus on " + member.node() + " to be called " + member.node(),
                        "the cluster member " + member.serverName() + " there",
                        "It was clustered under another name. Take it out of that cluster (incus cluster remove "
                                + member.serverName() + ") or install it again: slipway node reinstall "
                                + member.node() + ". Nothing was changed.");
            }
        }
        Map<String, List<String>> clusters = new LinkedHashMap<>();
        clustered.forEach(member -> clusters.computeIfAbsent(member.fingerprint(), key -> new ArrayList<>())
                .add(member.node()));
        if (clusters.size() > 1) {
            var parts = new ArrayList<String>();
            clusters.forEach((fingerprint, nodes) ->
                    parts.add(String.join(", ", nodes) + " in one (" + fingerprint.substring(0, 12) + ")"));
            return Finding.wrong(
                    "one Incus cluster",
                    clusters.size() + " of them: " + String.join("; ", parts),
                    "Decide which one stays, and install the nodes of the other again: slipway node reinstall NODE."
                            + " Nothing was changed.");
        }
        return strangers(fresh, clustered.get(0).node());
    }

    private Finding strangers(boolean fresh, String node) throws InterruptedException {
        Member speaker = members.look(node, fresh, Members.MEMBERS);
        var others = new TreeSet<String>();
        for (JsonNode entry : speaker.get(Members.MEMBERS).metadata()) {
            others.add(entry.path("server_name").asText());
        }
        members.names().forEach(others::remove);
        return others.isEmpty()
                ? Finding.done(node + " has an Incus cluster")
                : Finding.wrong(
                        "the Incus cluster of " + node + " to have members of cluster.yaml only",
                        String.join(", ", others) + " in it",
                        "Either " + node + " belongs to another cluster: then take it out there, or install it again"
                                + " (slipway node reinstall " + node + "). Or they were members of this one: then"
                                + " incus cluster remove them.");
    }

    @Override
    public void act() throws InterruptedException {
        try {
            // Between the look and now a daemon may have come up that has a cluster.
            if (judge(true).state() == Finding.State.TO_DO) {
                Node first = members.list().get(0);
                var document = IncusApi.object();
                document.putObject("config").put("core.https_address", members.address(first));
                document.putObject("cluster").put("enabled", true).put("server_name", first.name());
                IncusApi api = members.api(first.name());
                String against = api.preseed(BOOTSTRAP, document);
                if (!against.isEmpty() && !members.look(first.name(), true).isClustered()) {
                    throw api.refused("Incus on " + first.name() + " cannot be made a cluster", against);
                }
            }
        } finally {
            members.forget();
        }
    }
}
