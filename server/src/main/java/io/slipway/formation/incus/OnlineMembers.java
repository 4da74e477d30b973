package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import java.util.ArrayList;

/** All members at once, as the cluster sees them. */
final class OnlineMembers extends ClusterWork {
    OnlineMembers(Members members) {
        super(members, Members.MEMBERS);
    }

    @Override
    Finding judge(Member speaker) {
        var missing = new ArrayList<String>();
        var leader = "";
        for (String node : members.names()) {
            JsonNode entry = speaker.findMember(node);
            String status = entry == null ? "not listed" : entry.path("status").asText();
            if (status.equals("Evacuated")) {
                return Finding.wrong(
                        "the Incus member " + node + " to be in use",
                        "it evacuated",
                        "Take it into use again: incus cluster restore " + node + ".");
            }
            if (!status.equals("Online")) {
                missing.add(node + " is " + status);
            }
            if (entry != null && entry.path("roles").toString().contains("\"database-leader\"")) {
                leader = ", " + node + " leads";
            }
        }
        int all = members.names().size();
        return missing.isEmpty()
                ? Finding.done(all + (all == 1 ? " member is" : " members are") + " ONLINE" + leader)
                : Finding.unknown(
                        (all - missing.size()) + " of " + all + " members are ONLINE: " + String.join(", ", missing));
    }

    @Override
    void act(Member speaker, IncusApi api) {
        // Heartbeats tell; there is nothing to do but to wait.
    }
}
