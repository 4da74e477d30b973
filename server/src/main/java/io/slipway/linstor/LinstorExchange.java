package io.slipway.linstor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request and its whole answer as JSON, bounded in length and time. */
final class LinstorExchange {
    /** A hundred nodes with all their reasons are about 300 KiB. */
    static final int LONGEST_ANSWER = 8 << 20;

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final HttpClient http;
    private final URI base;

    LinstorExchange(HttpClient http, URI base) {
        this.http = http;
        this.base = base;
    }

    /**
     * @param status HTTP status; LINSTOR uses 500 for everything that it refuses
     * @param body what it said
     */
    record Answer(int status, JsonNode body) {}

    /**
     * @param failure what did not work, as the beginning of a sentence
     * @param path with its query, encoded
     */
    Answer send(String failure, String method, String path, @Nullable JsonNode body, Duration timeout)
            throws InterruptedException {
        var request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(timeout)
                .header("Accept", "application/json")
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        // The request's own timeout ends with the answer's headers; the rest may come drop by drop.
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, headers -> new BoundedBody(LONGEST_ANSWER));
        try {
            HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(response.statusCode(), parsed(failure, response));
        } catch (TimeoutException e) {
            throw tooLong(failure, method, timeout, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof java.net.http.HttpConnectTimeoutException) {
                throw unreachable(failure, cause);
            }
            if (cause instanceof java.net.http.HttpTimeoutException) {
                throw tooLong(failure, method, timeout, cause);
            }
            throw unreachable(failure, cause);
        } finally {
            answer.cancel(true);
        }
    }

    private JsonNode parsed(String failure, HttpResponse<byte[]> response) {
        try {
            JsonNode body = MAPPER.readTree(response.body());
            if (body.isObject() || body.isArray()) {
                return body;
            }
            throw notLinstor(failure, response, null);
        } catch (JsonProcessingException e) {
            throw notLinstor(failure, response, e);
        } catch (IOException e) {
            throw unreachable(failure, e);
        }
    }

    private ProblemException notLinstor(String failure, HttpResponse<byte[]> response, @Nullable Throwable cause) {
        var text = new String(response.body(), StandardCharsets.UTF_8);
        var problem = Problem.of(
                        ProblemKind.UNTRUSTED,
                        failure + ": what answers at " + base + " with status " + response.statusCode()
                                + " is not LINSTOR's controller.",
                        "Look what listens on port 3370 of the controller's node.")
                .withDetails(text.length() <= 400 ? text : text.substring(0, 400) + "…");
        return cause == null ? problem.asException() : new ProblemException(problem, cause);
    }

    private ProblemException tooLong(String failure, String method, Duration timeout, Throwable cause) {
        String after = method.equals("GET")
                ? "Run this again."
                : "LINSTOR may still be at it. Run this again: what is done by then is not done twice.";
        return new ProblemException(
                Problem.of(
                        ProblemKind.TIMED_OUT,
                        failure + ": LINSTOR's controller has not answered within " + timeout.toSeconds() + " s.",
                        after),
                cause);
    }

    private ProblemException unreachable(String failure, Throwable cause) {
        return new ProblemException(
                Problem.of(
                                ProblemKind.UNREACHABLE,
                                failure + ": LINSTOR's controller does not answer at " + base + ".",
                                "Look whether it runs, with /etc/rc.d/rc.linstor-controller status on its node, and into"
                                        + " /var/log/linstor there.")
                        .because(String.valueOf(cause.getMessage() == null ? cause : cause.getMessage())),
                cause);
    }
}
