package io.slipway.formation.ovn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.formation.Nodes;
import io.slipway.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows of an OVSDB database, asked of its server on a node by ovsdb-client(1) and JSON (RFC 7047). */
final class Rows {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Rows() {}

    /**
     * All rows of tables.
     *
     * @param socket {@code unix:…}
     * @param tables name to columns
     * @return for each table its rows, in the tables' order; null if the server does not answer
     */
    static @Nullable List<List<JsonNode>> select(
            Nodes nodes, String node, String socket, String schema, Map<String, List<String>> tables)
            throws InterruptedException {
        var question = MAPPER.createArrayNode().add(schema);
        tables.forEach((table, columns) -> {
            var select = question.addObject().put("op", "select").put("table", table);
            select.putArray("where");
            columns.forEach(select.putArray("columns")::add);
        });
        var result = nodes.on(node)
                .run(Command.of(
                        Duration.ofSeconds(30),
                        "ovsdb-client",
                        "--timeout=15",
                        "transact",
                        socket,
                        question.toString()));
        return result.succeeded() ? rows(result.output(), tables.size()) : null;
    }

    private static @Nullable List<List<JsonNode>> rows(String json, int tables) {
        try {
            JsonNode answer = MAPPER.readTree(json);
            var out = new ArrayList<List<JsonNode>>();
            for (int i = 0; i < tables; i++) {
                var rows = new ArrayList<JsonNode>();
                answer.path(i).path("rows").forEach(rows::add);
                out.add(rows);
            }
            return out;
        } catch (JsonProcessingException malformed) {
            return null;
        }
    }

    /** A column of the kind {@code ["map",[[key,value],…]]}. */
    static Map<String, String> map(JsonNode column) {
        var out = new LinkedHashMap<String, String>();
        column.path(1)
                .forEach(pair -> out.put(pair.path(0).asText(), pair.path(1).asText()));
        return out;
    }

    /** The texts of a column that is a set: of one, written as itself, or of several, {@code ["set",[…]]}. */
    static List<JsonNode> set(JsonNode column) {
        if (!column.path(0).asText().equals("set")) {
            return List.of(column);
        }
        var out = new ArrayList<JsonNode>();
        column.path(1).forEach(out::add);
        return out;
    }
}
