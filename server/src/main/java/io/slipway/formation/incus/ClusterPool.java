package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import java.time.Duration;
import java.util.Map;

/** A storage pool on all members, after each has defined its part. */
final class ClusterPool extends ClusterWork {
    /** Volume groups and ZFS pools on every member, one after the other. */
    private static final Duration CREATE = Duration.ofMinutes(6);

    private final String name;
    private final String driver;
    private final Map<String, String> config;

    ClusterPool(String name, String driver, Map<String, String> config, Members members) {
        super(members, Members.POOLS);
        this.name = name;
        this.driver = driver;
        this.config = Map.copyOf(config);
    }

    @Override
    Finding judge(Member speaker) {
        if (driver.equals(SharedPool.DRIVER) && !speaker.hasExtension(SharedPool.EXTENSION)) {
            return Finding.done(SharedPool.without(speaker));
        }
        JsonNode pool = speaker.findPool(name);
        if (pool == null) {
            return Finding.unknown("no member has defined the storage pool " + name);
        }
        String status = pool.path("status").asText();
        return status.equals("Created")
                ? Finding.done("the storage pool " + name + " (" + driver + ") is on "
                        + pool.path("locations").size() + " members")
                : Finding.toDo("the storage pool " + name + " is " + status);
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        JsonNode pool = speaker.findPool(name);
        String status = pool == null ? "" : pool.path("status").asText();
        if (!status.equals("Pending") && !status.equals("Errored")) {
            return;
        }
        ObjectNode body = IncusApi.object().put("name", name).put("driver", driver);
        // One that was cut off half made has its keys already, and is gone on with by a request without any.
        body.set("config", IncusApi.object(status.equals("Errored") ? Map.of() : config));
        api.require("The storage pool " + name + " cannot be made", CREATE, "POST", "/1.0/storage-pools", body);
    }
}
