package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Finding;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.Map;

/** One member's part of a storage pool: what it is made of there. Incus makes it when all members have said so. */
final class MemberPool extends ClusterWork {
    /** Says what the member's own keys are; may look at the node. */
    @FunctionalInterface
    interface Source {
        Map<String, String> config() throws InterruptedException;
    }

    private final String node;
    private final String name;
    private final String driver;
    private final Source source;

    MemberPool(String node, String name, String driver, Source source, Members members) {
        super(members, Members.POOLS);
        this.node = node;
        this.name = name;
        this.driver = driver;
        this.source = source;
    }

    @Override
    Finding judge(Member speaker) throws InterruptedException {
        if (driver.equals(SharedPool.DRIVER) && !speaker.hasExtension(SharedPool.EXTENSION)) {
            return Finding.done(SharedPool.without(speaker));
        }
        JsonNode pool = speaker.findPool(name);
        if (pool != null && !pool.path("driver").asText().equals(driver)) {
            return Finding.wrong(
                    "the storage pool " + name + " of Incus to be of driver " + driver,
                    pool.path("driver").asText(),
                    "Give it another name in cluster.yaml, or, if nothing is in it, delete it: incus storage delete "
                            + name + ".");
        }
        if (pool != null && has(pool)) {
            return Finding.done("the storage pool " + name + " is "
                    + (pool.path("status").asText().equals("Created") ? "there" : "defined"));
        }
        try {
            source.config();
        } catch (ProblemException refused) {
            if (refused.kind() != ProblemKind.CONFLICT) {
                throw refused;
            }
            return Finding.wrong(refused.problems().get(0));
        }
        return Finding.toDo("the storage pool " + name + " is not defined on " + node);
    }

    private boolean has(JsonNode pool) {
        for (JsonNode location : pool.path("locations")) {
            if (location.asText().equals(node)) {
                return true;
            }
        }
        return false;
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        JsonNode pool = speaker.findPool(name);
        if (pool != null && has(pool)) {
            return;
        }
        ObjectNode body = IncusApi.object().put("name", name).put("driver", driver);
        body.set("config", IncusApi.object(source.config()));
        api.require(
                "The storage pool " + name + " cannot be defined on " + node,
                IncusApi.USUAL,
                "POST",
                "/1.0/storage-pools?target=" + node,
                body);
    }
}
