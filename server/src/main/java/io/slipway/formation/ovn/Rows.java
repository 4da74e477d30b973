package io.slipway.formation.ovn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.formation.NodeScript.Answers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows of an OVSDB database, asked of its server on a node by ovsdb-client(1) and JSON (RFC 7047). */
final class Rows {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Rows() {}

    /** Asks any number of servers: its arguments are the {@link Ask#arguments} of each. What does not answer prints nothing. */
    static final String SCRIPT = """
            number=0
            while [ $# -gt 0 ]; do
              rows=$(ovsdb-client --timeout=15 transact "$1" "$2" 2>/dev/null) && echo "rows$number=$rows"
              number=$((number + 1))
              shift 2
            done
            """;

    /**
     * All rows of tables.
     *
     * @param socket {@code unix:…}
     * @param tables name to columns
     */
    record Ask(String socket, String schema, Map<String, List<String>> tables) {
        List<String> arguments() {
            var question = MAPPER.createArrayNode().add(schema);
            tables.forEach((table, columns) -> {
                var select = question.addObject().put("op", "select").put("table", table);
                select.putArray("where");
                columns.forEach(select.putArray("columns")::add);
            });
            return List.of(socket, question.toString());
        }
    }

    static String[] arguments(Ask... asked) {
        return Arrays.stream(asked).flatMap(ask -> ask.arguments().stream()).toArray(String[]::new);
    }

    /**
     * What a server said.
     *
     * @param number of the question, from 0
     * @return for each table its rows, in the tables' order; null if the server does not answer
     */
    static @Nullable List<List<JsonNode>> of(Answers said, int number, Ask asked) {
        String json = said.one("rows" + number);
        return json.isEmpty() ? null : rows(json, asked.tables().size());
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
