package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** The profile by which instances get a root disk and a network. What a person has put there stays. */
final class DefaultProfile extends ClusterWork {
    private final String localPool;
    private final @Nullable SharedPool shared;
    private final String network;

    /** @param network of the instances' first interface, or empty for none */
    DefaultProfile(String localPool, @Nullable SharedPool shared, String network, Members members) {
        super(members, Members.PROFILE);
        this.localPool = localPool;
        this.shared = shared;
        this.network = network;
    }

    private String pool(Member speaker) {
        return shared != null && speaker.hasExtension(SharedPool.EXTENSION) ? shared.name() : localPool;
    }

    private static @Nullable JsonNode find(Member speaker, String type) {
        for (JsonNode device : speaker.get(Members.PROFILE).metadata().path("devices")) {
            boolean root = !type.equals("disk") || device.path("path").asText().equals("/");
            if (device.path("type").asText().equals(type) && root) {
                return device;
            }
        }
        return null;
    }

    @Override
    Finding judge(Member speaker) {
        if (!speaker.get(Members.PROFILE).isOk()) {
            return Finding.unknown("Incus has no default profile yet");
        }
        JsonNode disk = find(speaker, "disk");
        JsonNode nic = find(speaker, "nic");
        var missing = new ArrayList<String>();
        if (disk == null) {
            missing.add("root disk");
        }
        if (nic == null && !network.isEmpty()) {
            missing.add("network");
        }
        if (!missing.isEmpty()) {
            return Finding.toDo("the default profile has no " + String.join(" and no ", missing));
        }
        String on = disk == null ? "" : disk.path("pool").asText();
        String by = nic == null
                ? "no network"
                : nic.path("network").asText(nic.path("parent").asText());
        return Finding.done("root disks on " + on + ", " + by);
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        ObjectNode body = IncusApi.object();
        ObjectNode devices = body.putObject("devices");
        if (find(speaker, "disk") == null) {
            devices.putObject("root").put("type", "disk").put("path", "/").put("pool", pool(speaker));
        }
        if (find(speaker, "nic") == null && !network.isEmpty()) {
            devices.putObject("eth0").put("type", "nic").put("name", "eth0").put("network", network);
        }
        if (!devices.isEmpty()) {
            api.require("The default profile cannot be changed", IncusApi.USUAL, "PATCH", Members.PROFILE, body);
        }
    }
}
