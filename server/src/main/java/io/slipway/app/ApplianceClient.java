package io.slipway.app;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Talks to the appliance that runs with the same state directory. */
public final class ApplianceClient {
    static final String TOKEN_FILE = "admin.token";
    static final String ADDRESS_FILE = "admin.address";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String base;
    private final String token;
    private final Path state;

    private ApplianceClient(String base, String token, Path state) {
        this.base = base;
        this.token = token;
        this.state = state;
    }

    /**
     * @throws ProblemException if none runs there, or if the state directory may not be read
     */
    public static ApplianceClient open(Path state) {
        try {
            return new ApplianceClient(
                    Files.readString(state.resolve(ADDRESS_FILE)).strip(),
                    Files.readString(state.resolve(TOKEN_FILE)).strip(),
                    state);
        } catch (AccessDeniedException e) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "The state directory " + state + " may not be read.",
                            "Run this as root or as the user that slipway serve runs as."),
                    e);
        } catch (IOException e) {
            throw notRunning(state, e);
        }
    }

    private static ProblemException notRunning(Path state, Exception e) {
        return new ProblemException(
                Problem.of(
                        ProblemKind.UNREACHABLE,
                        "No appliance runs with the state directory " + state + ".",
                        "Start it: slipway serve --state " + state),
                e);
    }

    /** The status; with {@code after}, waits until something changed since that version. */
    public JsonNode status(long after, int waitSeconds) {
        return ask("GET", "/v1/status?after=" + after + "&wait=" + waitSeconds);
    }

    /** Everything about one node. */
    public JsonNode node(String name) {
        return ask("GET", "/v1/nodes/" + name);
    }

    /**
     * Tells a node's record something.
     *
     * @param action {@code arm}, {@code disarm}, {@code rescue}, {@code reinstall}, {@code approve}, {@code forming} or {@code
     *     joined}
     */
    public JsonNode act(String name, String action) {
        return ask("POST", "/v1/nodes/" + name + "/" + action);
    }

    private JsonNode ask(String method, String path) {
        try {
            var response = http.send(
                    HttpRequest.newBuilder(URI.create(base + path))
                            .timeout(Duration.ofSeconds(60))
                            .header("Authorization", "Bearer " + token)
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode body = MAPPER.readTree(response.body());
            if (response.statusCode() != 200) {
                throw problem(response.statusCode(), body);
            }
            return body;
        } catch (JsonProcessingException e) {
            throw new ProblemException(
                    Problem.of(ProblemKind.UNREACHABLE, base + " answers, but it is not an appliance.", ""), e);
        } catch (IOException e) {
            throw notRunning(state, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notRunning(state, e);
        }
    }

    private static ProblemException problem(int status, JsonNode body) {
        // One that is ending may fail at what it was asked last.
        ProblemKind kind = status >= 500 ? ProblemKind.UNREACHABLE : ProblemKind.CONFLICT;
        for (ProblemKind each : ProblemKind.values()) {
            if (each.name().equals(body.path("kind").asText())) {
                kind = each;
            }
        }
        return new Problem(
                        kind,
                        body.path("summary").asText("The appliance answered with status " + status + "."),
                        body.path("cause").asText(),
                        body.path("correction").asText(),
                        body.path("details").asText())
                .asException();
    }
}
