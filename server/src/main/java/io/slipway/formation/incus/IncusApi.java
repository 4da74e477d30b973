package io.slipway.formation.incus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Nodes;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Incus as the daemon of one node answers, through {@code incus query} there. Where the daemon's socket is, its own client
 * knows best.
 *
 * @param node the node's name
 * @param nodes reaches it
 */
public record IncusApi(String node, Nodes nodes) {
    /** For questions, and for changes that take no longer. */
    public static final Duration USUAL = Duration.ofMinutes(2);

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One document a path. OVN's client key stands in the configuration in the clear for whoever may ask; it is not to
     * leave the node. Incus's own client has to start once for each question and takes eight times as long as curl for
     * six of them on a slow machine, so it is asked only where there is no curl.
     */
    private static final String GET = """
            HOME=${HOME:-/root}; export HOME
            command -v incus >/dev/null || { echo '{"type":"error","error_code":-1,"error":"no program incus"}'; exit 0; }
            socket=${INCUS_SOCKET:-${INCUS_DIR:-/var/lib/incus}/unix.socket}
            if [ -S "$socket" ] && command -v curl >/dev/null; then
              for path in "$@"; do
                set -- "$@" "http://incus$path"
                shift
              done
              curl --silent --globoff --fail-early --max-time 20 --unix-socket "$socket" "$@" </dev/null
            else
              for path in "$@"; do
                timeout 20 incus query --raw "$path" </dev/null 2>/dev/null || break
              done
            fi | sed 's/"network\\.ovn\\.client_key": *"[^"]*"/"network.ovn.client_key":"…"/g'
            """;

    private static final String SEND = """
            HOME=${HOME:-/root}; export HOME
            exec incus query --raw $4 -X "$1" -d "$3" "$2" </dev/null
            """;

    private static final String WAIT = "--wait";

    private static final String PRESEED = """
            HOME=${HOME:-/root}; export HOME
            exec incus admin init --preseed
            """;

    private static final String SQL = """
            HOME=${HOME:-/root}; export HOME
            exec incus admin sql "$1" --format json "$2" </dev/null
            """;

    /** A new JSON object. */
    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** An object of texts. */
    static ObjectNode object(Map<String, String> values) {
        ObjectNode out = object();
        values.forEach(out::put);
        return out;
    }

    /** Asks for several things in one round trip. What comes after a question that nobody answered is silence too. */
    public Map<String, Answer> get(List<String> paths) throws InterruptedException {
        CommandResult result = new NodeScript(node, nodes)
                .run(USUAL, Command.Input.NONE, GET, paths.toArray(String[]::new))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "Incus cannot be asked on " + node,
                        "Log in to " + node + " and look why.");
        var out = new LinkedHashMap<String, Answer>();
        try (var documents = JSON.readerFor(JsonNode.class).<JsonNode>readValues(result.output())) {
            for (String path : paths) {
                Answer answer = documents.hasNextValue() ? Answer.of(documents.nextValue()) : Answer.silence();
                if (answer.code() == Answer.NO_PROGRAM) {
                    paths.forEach(each -> out.put(each, answer));
                    return out;
                }
                out.put(path, answer);
            }
            return out;
        } catch (JsonEOFException cut) {
            paths.forEach(path -> out.putIfAbsent(path, Answer.silence()));
            return out;
        } catch (IOException garbled) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "Incus on " + node + " answered something that is no JSON.",
                            "Run incus query /1.0 there, and look.")
                    .because(String.valueOf(garbled.getMessage()))
                    .asException();
        }
    }

    /** Asks for one thing. */
    public Answer get(String path) throws InterruptedException {
        return get(List.of(path)).getOrDefault(path, Answer.silence());
    }

    /**
     * Asks for a change, and waits until it is made or refused.
     *
     * @param body what is sent; it stands in argv, so it holds no secret
     */
    public Answer send(Duration timeout, String method, String path, ObjectNode body) throws InterruptedException {
        return send(WAIT, timeout, method, path, body);
    }

    private Answer send(String wait, Duration timeout, String method, String path, ObjectNode body)
            throws InterruptedException {
        String data = body.isEmpty() ? "" : body.toString();
        CommandResult result =
                new NodeScript(node, nodes).run(timeout, Command.Input.NONE, SEND, method, path, data, wait);
        if (result.timedOut()) {
            throw Problem.of(
                            ProblemKind.TIMED_OUT,
                            "Incus on " + node + " did not end " + method + " " + path + " within "
                                    + timeout.toSeconds() + " s.",
                            "Look into /var/log/incus/incusd.log there. It may still be at it; run this again later.")
                    .asException();
        }
        if (result.succeeded()) {
            try {
                return Answer.of(JSON.readTree(result.output()));
            } catch (JsonProcessingException notJson) {
                return new Answer(200, "", JSON.missingNode());
            }
        }
        // A request that was taken and then failed is told by the status and a line.
        return new Answer(500, said(result), JSON.missingNode());
    }

    /**
     * The same, if it is made.
     *
     * @param purpose what was not possible, as a sentence without its end
     * @throws io.slipway.problem.ProblemException with what the daemon said
     */
    public Answer require(String purpose, Duration timeout, String method, String path, ObjectNode body)
            throws InterruptedException {
        Answer answer = send(timeout, method, path, body);
        if (!answer.isOk()) {
            throw refused(purpose, answer.error());
        }
        return answer;
    }

    /**
     * Asks for a token: an operation that goes on until somebody uses it.
     *
     * @return the operation
     */
    JsonNode token(String purpose, String path, ObjectNode body) throws InterruptedException {
        Answer answer = send("", USUAL, "POST", path, body);
        if (!answer.isOk()) {
            throw refused(purpose, answer.error());
        }
        return answer.metadata();
    }

    RuntimeException refused(String purpose, String said) {
        return Problem.of(
                        ProblemKind.ENVIRONMENT,
                        purpose + ".",
                        "Look into /var/log/incus/incusd.log on " + node + ", then run slipway form again.")
                .because("Incus says: " + said)
                .asException();
    }

    /**
     * Hands a preseed over, on standard input.
     *
     * @return empty if it was taken, otherwise what was said against it
     */
    String preseed(Duration timeout, ObjectNode document) throws InterruptedException {
        CommandResult result = new NodeScript(node, nodes).run(timeout, Command.Input.of(document.toString()), PRESEED);
        if (result.timedOut()) {
            return "it took longer than " + timeout.toSeconds() + " s";
        }
        return result.succeeded() ? "" : said(result);
    }

    /**
     * Rows of Incus's own database: for what its API hides.
     *
     * @param database {@code global} or {@code local}
     */
    JsonNode sql(String database, String statement) throws InterruptedException {
        CommandResult result = new NodeScript(node, nodes)
                .run(USUAL, Command.Input.NONE, SQL, database, statement)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "Incus's " + database + " database cannot be asked on " + node,
                        "Look into /var/log/incus/incusd.log there.");
        try {
            return JSON.readTree(result.output()).path("rows");
        } catch (JsonProcessingException notRows) {
            // "Rows affected: 1"
            return JSON.missingNode();
        }
    }

    /** The last line of what a program said, without what every line of Incus begins with. */
    private static String said(CommandResult result) {
        String[] lines = (result.error().isBlank() ? result.output() : result.error())
                .strip()
                .split("\n");
        String last = lines[lines.length - 1].strip();
        return last.startsWith("Error: ") ? last.substring("Error: ".length()) : last;
    }
}
