package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A token for each client that is to be trusted, shown once. That it was shown is remembered in the cluster, since a token
 * itself is only in a daemon's memory; cut off before that, the same token is shown again.
 */
final class TrustedClients extends ClusterWork {
    private static final String CERTIFICATES = "/1.0/certificates?recursion=1";
    private static final String OPERATIONS = "/1.0/operations?recursion=1";
    /** Names of clients, separated by commas. */
    private static final String SHOWN = "user.slipway.trust-shown";

    private final List<String> clients;
    private final BiConsumer<String, String> show;

    TrustedClients(List<String> clients, BiConsumer<String, String> show, Members members) {
        super(members, CERTIFICATES);
        this.clients = List.copyOf(clients);
        this.show = show;
    }

    private static List<String> shown(Member speaker) {
        return List.of(speaker.config(SHOWN).split(","));
    }

    private static boolean isTrusted(Member speaker, String client) {
        JsonNode certificate = speaker.find(CERTIFICATES, "name", client);
        return certificate != null && certificate.path("type").asText().equals("client");
    }

    @Override
    Finding judge(Member speaker) {
        if (!speaker.get(CERTIFICATES).isOk()) {
            return Finding.unknown("Incus does not say whom it trusts");
        }
        var trusted = new ArrayList<String>();
        var waiting = new ArrayList<String>();
        var without = new ArrayList<String>();
        for (String client : clients) {
            (isTrusted(speaker, client) ? trusted : shown(speaker).contains(client) ? waiting : without).add(client);
        }
        if (!without.isEmpty()) {
            return Finding.toDo("no token was made for " + String.join(", ", without));
        }
        return Finding.done((trusted.isEmpty() ? "" : "trusted: " + String.join(", ", trusted))
                + (trusted.isEmpty() || waiting.isEmpty() ? "" : "; ")
                + (waiting.isEmpty()
                        ? ""
                        : "shown and not used yet: the token of " + String.join(", ", waiting)
                                + " (another one: incus config trust add NAME)"));
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        for (String client : clients) {
            if (isTrusted(speaker, client) || shown(speaker).contains(client)) {
                continue;
            }
            JsonNode operation = pending(api, client);
            if (operation == null) {
                operation = api.token(
                        "No token can be made for the client " + client,
                        "/1.0/certificates",
                        IncusApi.object()
                                .put("name", client)
                                .put("type", "client")
                                .put("token", true));
            }
            show.accept(client, token(client, operation.path("metadata")));
            Member now = members.look(speaker.node(), true);
            var all = new TreeSet<>(shown(now));
            all.remove("");
            all.add(client);
            var body = IncusApi.object();
            body.putObject("config").put(SHOWN, String.join(",", all));
            api.require("It cannot be remembered that a token was shown", IncusApi.USUAL, "PATCH", "/1.0", body);
        }
    }

    private static @Nullable JsonNode pending(IncusApi api, String client) throws InterruptedException {
        for (JsonNode operation : api.get(OPERATIONS).metadata().path("running")) {
            JsonNode request = operation.path("metadata").path("request");
            if (operation.path("class").asText().equals("token")
                    && request.path("name").asText().equals(client)) {
                return operation;
            }
        }
        return null;
    }

    /** What {@code incus config trust add} prints: JSON in Base64. */
    private static String token(String client, JsonNode made) {
        var token = IncusApi.object();
        token.put("client_name", client);
        token.set("fingerprint", made.path("fingerprint"));
        token.set("addresses", made.path("addresses"));
        token.set("secret", made.path("secret"));
        token.put("expires_at", made.path("expiresAt").asText("0001-01-01T00:00:00Z"));
        return Base64.getEncoder().encodeToString(token.toString().getBytes(StandardCharsets.UTF_8));
    }
}
