package io.slipway.formation.ovn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one server says of its Raft cluster: the answer to {@code cluster/status} (ovsdb-server(1), "Clustering commands"),
 * which has no JSON form.
 *
 * @param clusterId the cluster's UUID, or "" while it is not known, as when it joins
 * @param serverId this server's UUID
 * @param address where it is a Raft server, such as {@code ssl:10.0.0.1:6643}
 * @param status {@code cluster member}, {@code joining cluster}, …
 * @param joining addresses that it asks to be let in, while it joins
 * @param role {@code leader}, {@code follower} or {@code candidate}
 * @param leader the leader's short server id, {@code self}, or {@code unknown}
 * @param electionTimer milliseconds
 * @param backlog entries of its log that are not committed or not applied
 * @param changing whether the leader is letting a server in or out
 * @param servers all members as it knows them, itself included
 */
public record RaftStatus(
        String clusterId,
        String serverId,
        String address,
        String status,
        List<String> joining,
        String role,
        String leader,
        int electionTimer,
        long backlog,
        boolean changing,
        List<Server> servers) {
    private static final Pattern FIELD = Pattern.compile("([A-Z][A-Za-z ]*): *(.*)");
    private static final Pattern ID = Pattern.compile("[0-9a-f]+ \\(([0-9a-f-]+)\\)");
    private static final Pattern SERVER = Pattern.compile("([0-9a-f]{4}) \\([0-9a-f]{4} at ([^)]+)\\).*");

    /**
     * @param shortId the first four digits of its server id
     * @param address where it is a Raft server
     */
    public record Server(String shortId, String address) {
        boolean isAt(RaftStatus status) {
            return address.equals(status.address()) && shortId.equals(brief(status.serverId()));
        }
    }

    public RaftStatus {
        joining = List.copyOf(joining);
        servers = List.copyOf(servers);
    }

    /** Null if the lines are no such answer. */
    public static @Nullable RaftStatus parse(List<String> lines) {
        Map<String, String> fields = new HashMap<>();
        List<Server> servers = new ArrayList<>();
        boolean changing = false;
        for (String line : lines) {
            String text = line.strip();
            Matcher server = SERVER.matcher(text);
            Matcher field = FIELD.matcher(text);
            if (server.matches()) {
                servers.add(new Server(server.group(1), server.group(2)));
            } else if (text.startsWith("Adding ") || text.startsWith("Removing ")) {
                changing = true;
            } else if (field.matches()) {
                fields.putIfAbsent(field.group(1), field.group(2));
            }
        }
        if (!fields.containsKey("Status") || !fields.containsKey("Server ID")) {
            return null;
        }
        return new RaftStatus(
                id(fields.getOrDefault("Cluster ID", "")),
                id(fields.getOrDefault("Server ID", "")),
                fields.getOrDefault("Address", ""),
                fields.getOrDefault("Status", ""),
                words(fields.getOrDefault("Remotes for joining", "")),
                fields.getOrDefault("Role", ""),
                fields.getOrDefault("Leader", "unknown"),
                (int) number(fields.get("Election timer")),
                number(fields.get("Entries not yet committed")) + number(fields.get("Entries not yet applied")),
                changing,
                servers);
    }

    private static String id(String text) {
        Matcher id = ID.matcher(text);
        return id.matches() ? id.group(1) : "";
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("[ ,]+"));
    }

    private static long number(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,15}") ? Long.parseLong(text) : 0;
    }

    public boolean isMember() {
        return status.equals("cluster member") && !clusterId.isEmpty();
    }

    boolean isLeader() {
        return role.equals("leader");
    }

    boolean hasLeader() {
        return !leader.equals("unknown");
    }

    /** The four digits that OVN shows of an id. */
    static String brief(String id) {
        return id.length() < 4 ? "none" : id.substring(0, 4);
    }
}
