package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * What a daemon said to one question.
 *
 * @param code HTTP status; {@link #SILENT} where no daemon answered, {@link #NO_PROGRAM} where there is no {@code incus}
 * @param error the daemon's words, or empty
 * @param metadata what was asked for, or a missing node
 */
public record Answer(int code, String error, JsonNode metadata) {
    static final int SILENT = 0;
    static final int NO_PROGRAM = -1;

    public static Answer silence() {
        return new Answer(SILENT, "nobody answers", MissingNode.getInstance());
    }

    /** What {@code incus query --raw} prints. */
    static Answer of(JsonNode response) {
        int code = response.path("error_code").asInt();
        return response.path("type").asText().equals("error")
                ? new Answer(code, response.path("error").asText(), MissingNode.getInstance())
                : new Answer(200, "", response.path("metadata"));
    }

    public boolean isOk() {
        return code == 200;
    }

    /** Whether the daemon says that there is no such thing. */
    public boolean isAbsent() {
        return code == 404;
    }

    /** Whether the daemon said anything at all. */
    public boolean isSaid() {
        return code > 0;
    }

    /** A text of an object, or empty. */
    public String text(String... path) {
        JsonNode at = metadata;
        for (String key : path) {
            at = at.path(key);
        }
        return at.asText("");
    }
}
