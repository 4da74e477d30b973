package io.slipway.formation.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.view.ClusterView.Database;
import io.slipway.formation.view.ClusterView.IncusMember;
import io.slipway.formation.view.ClusterView.Member;
import io.slipway.formation.view.ClusterView.Raft;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A cluster for programs. */
public final class ViewJson {
    private ViewJson() {}

    /**
     * {@code {"cluster","at","formed","members":[{"name","address","roles":[],"answers","silence","northbound":{"role",
     * "member","servers"}|null,"southbound","northd","chassis","incus":{"status","message","databaseRole"}|null,
     * "linstor","spaces":{POOL:{"total","used"}}}],"ovn":{"northbound":{"endpoint","leaders":[],"voters"},"southbound"},
     * "incus":{"url"},"pools":[{"name","driver","status"}],"networks":[{"name","type","subnet","parent","status"}],
     * "concerns":[]}}; sizes in bytes.
     */
    public static ObjectNode of(ClusterView view) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cluster", view.cluster().identity().name());
        json.put("at", view.at().toString());
        json.put("formed", view.isFormed());
        var members = json.putArray("members");
        for (Member member : view.members()) {
            ObjectNode out = members.addObject();
            out.put("name", member.name());
            out.put("address", view.cluster().clusterAddress(member.node()).toString());
            var roles = out.putArray("roles");
            member.node().roles().stream()
                    .sorted(Comparator.naturalOrder())
                    .map(Role::text)
                    .forEach(roles::add);
            out.put("answers", member.answers());
            out.put("silence", member.silence());
            out.set("northbound", raft(member.northbound()));
            out.set("southbound", raft(member.southbound()));
            out.put("northd", member.northd());
            out.put("chassis", member.chassis());
            out.set("incus", incus(member.incus()));
            out.put("linstor", member.linstor());
            ObjectNode spaces = out.putObject("spaces");
            member.spaces()
                    .forEach((pool, space) ->
                            spaces.putObject(pool).put("total", space.total()).put("used", space.used()));
        }
        ObjectNode ovn = json.putObject("ovn");
        for (Database database : Database.values()) {
            ObjectNode out = ovn.putObject(database.text().toLowerCase(Locale.ROOT));
            out.put("endpoint", view.endpoint(database));
            view.leaders(database).forEach(out.putArray("leaders")::add);
            out.put("voters", view.voters(database));
        }
        Node entry = view.incusEntry();
        json.putObject("incus").put("url", entry == null ? "" : view.incusUrl(entry));
        var pools = json.putArray("pools");
        view.pools()
                .forEach(pool -> pools.addObject()
                        .put("name", pool.name())
                        .put("driver", pool.driver())
                        .put("status", pool.status()));
        var networks = json.putArray("networks");
        view.networks()
                .forEach(network -> networks.addObject()
                        .put("name", network.name())
                        .put("type", network.type())
                        .put("subnet", network.subnet())
                        .put("parent", network.parent())
                        .put("status", network.status()));
        view.concerns().forEach(json.putArray("concerns")::add);
        return json;
    }

    private static @Nullable ObjectNode raft(@Nullable Raft raft) {
        return raft == null
                ? null
                : JsonNodeFactory.instance
                        .objectNode()
                        .put("role", raft.role())
                        .put("member", raft.member())
                        .put("servers", raft.servers());
    }

    private static @Nullable ObjectNode incus(@Nullable IncusMember incus) {
        return incus == null
                ? null
                : JsonNodeFactory.instance
                        .objectNode()
                        .put("status", incus.status())
                        .put("message", incus.message())
                        .put("databaseRole", incus.databaseRole());
    }
}
