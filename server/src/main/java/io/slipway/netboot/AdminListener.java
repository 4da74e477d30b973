package io.slipway.netboot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodeState;
import io.slipway.lifecycle.Silence;
import io.slipway.lifecycle.journal.Machine;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operator's commands talk to: JSON, a bearer token always.
 *
 * <ul>
 *   <li>{@code GET /v1/status[?after=VERSION&wait=SECONDS]} answers at once, or when something changed
 *   <li>{@code GET /v1/nodes/NAME} with its events and log lines
 *   <li>{@code POST /v1/nodes/NAME/arm|disarm|rescue|reinstall|approve|forming|joined}
 *   <li>{@code GET /v1/events?after=ID}
 * </ul>
 */
public final class AdminListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminListener.class);
    private static final Pattern NODE = Pattern.compile("/v1/nodes/([a-z][a-z0-9-]{0,30})(/([a-z]+))?");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int LONGEST_WAIT_SECONDS = 30;
    private static final int LONGEST_DETAIL = 300;

    private final NodeRegistry registry;
    private final byte[] token;
    private final List<String> listening;
    private final Supplier<String> formation;
    private final Undertow server;

    private AdminListener(
            NodeRegistry registry,
            String address,
            int port,
            String token,
            List<String> listening,
            Supplier<String> formation) {
        this.registry = registry;
        this.token = token.getBytes(StandardCharsets.US_ASCII);
        this.listening = List.copyOf(listening);
        this.formation = formation;
        this.server = Undertow.builder()
                .addHttpListener(port, address)
                .setIoThreads(1)
                .setWorkerThreads(16)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 10_000)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, 64L * 1024)
                .setHandler(new BlockingHandler(this::handle))
                .build();
    }

    /**
     * Starts listening.
     *
     * @param listening one line for each listener of the appliance, for {@code status}
     * @param formation what the appliance's own formation is doing, or ""
     */
    public static AdminListener start(
            NodeRegistry registry,
            String address,
            int port,
            String token,
            List<String> listening,
            Supplier<String> formation) {
        var listener = new AdminListener(registry, address, port, token, listening, formation);
        try {
            listener.server.start();
            return listener;
        } catch (RuntimeException e) {
            if (e.getCause() instanceof IOException cause) {
                throw Ports.problem("The admin listener", "TCP", address, port, cause);
            }
            throw e;
        }
    }

    /** The port in use, for tests that let the system choose. */
    public int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    private void handle(HttpServerExchange exchange) {
        try {
            if (!isAuthorised(exchange)) {
                send(exchange, 401, Map.of("summary", "The bearer token is missing or wrong."));
                return;
            }
            answer(exchange);
        } catch (ProblemException e) {
            Problem problem = e.problems().get(0);
            send(
                    exchange,
                    problem.kind().httpStatus(),
                    Map.of(
                            "kind", problem.kind().name(),
                            "summary", problem.summary(),
                            "cause", problem.cause(),
                            "correction", problem.correction(),
                            "details", problem.details()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            send(exchange, 503, Map.of("summary", "The appliance is stopping."));
        } catch (RuntimeException e) {
            LOG.error("{} {}", exchange.getRequestMethod(), exchange.getRequestPath(), e);
            send(exchange, 500, Map.of("kind", ProblemKind.BUG.name(), "summary", "A fault of slipway: " + e));
        }
    }

    private boolean isAuthorised(HttpServerExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        return header != null
                && header.startsWith("Bearer ")
                && MessageDigest.isEqual(token, header.substring(7).getBytes(StandardCharsets.UTF_8));
    }

    private void answer(HttpServerExchange exchange) throws InterruptedException {
        String path = exchange.getRequestPath();
        boolean get = exchange.getRequestMethod().equals(Methods.GET);
        boolean post = exchange.getRequestMethod().equals(Methods.POST);
        var node = NODE.matcher(path);
        if (get && path.equals("/v1/status")) {
            long after = number(exchange, "after");
            long wait = Math.min(LONGEST_WAIT_SECONDS, number(exchange, "wait"));
            long version = registry.awaitChange(after, Duration.ofSeconds(wait));
            send(exchange, 200, status(version));
        } else if (get && path.equals("/v1/events")) {
            send(
                    exchange,
                    200,
                    Map.of(
                            "events",
                            registry.journal().listEvents(number(exchange, "after"), 500).stream()
                                    .map(AdminListener::entry)
                                    .toList()));
        } else if (get && node.matches() && node.group(3) == null) {
            send(exchange, 200, details(node.group(1)));
        } else if (post && node.matches() && node.group(3) != null) {
            send(exchange, 200, view(act(node.group(1), node.group(3)), registry.now()));
        } else {
            throw Problem.of(ProblemKind.NOT_FOUND, "There is no " + path + " here.", "")
                    .asException();
        }
    }

    private NodeState act(String name, String action) {
        return switch (action) {
            case "arm" -> registry.arm(name, BootMode.INSTALL, false);
            case "reinstall" -> registry.arm(name, BootMode.INSTALL, true);
            case "rescue" -> registry.arm(name, BootMode.RESCUE, false);
            case "disarm" -> registry.disarm(name);
            case "approve" -> registry.approve(name);
            // What the formation, a program of its own, has to tell.
            case "forming" -> registry.record(name, new NodeEvent.FormationStarted(registry.now(), name));
            case "joined" -> registry.record(name, new NodeEvent.Joined(registry.now(), name));
            default ->
                throw Problem.of(
                                ProblemKind.NOT_FOUND,
                                "A node cannot be told to \"" + action + "\".",
                                "One of: arm, reinstall, rescue, disarm, approve, forming, joined.")
                        .asException();
        };
    }

    private static long number(HttpServerExchange exchange, String name) {
        var values = exchange.getQueryParameters().get(name);
        String text = values == null || values.isEmpty() ? "" : values.getFirst();
        return text.matches("\\d{1,15}") ? Long.parseLong(text) : 0;
    }

    private Map<String, Object> status(long version) {
        Instant now = registry.now();
        var out = new LinkedHashMap<String, Object>();
        out.put("version", version);
        out.put("cluster", registry.cluster().identity().name());
        out.put("now", now.toString());
        out.put("image", registry.images().current().orElse(""));
        var needed = new TreeSet<String>();
        registry.listStates().forEach(state -> needed.addAll(state.neededImages()));
        out.put("needed", needed);
        out.put("listening", listening);
        out.put("formation", formation.get());
        out.put(
                "nodes",
                registry.listStates().stream().map(state -> view(state, now)).toList());
        out.put(
                "machines",
                registry.journal().listMachines().stream()
                        .map(AdminListener::machine)
                        .toList());
        return out;
    }

    private static Map<String, Object> machine(Machine machine) {
        var out = new LinkedHashMap<String, Object>();
        out.put("mac", machine.mac());
        out.put("uuid", machine.uuid());
        out.put("serial", machine.serial());
        out.put("architecture", machine.architecture());
        out.put("address", machine.address());
        out.put("first", machine.first().toString());
        out.put("last", machine.last().toString());
        out.put("step", machine.step().name().toLowerCase(java.util.Locale.ROOT));
        return out;
    }

    private static Map<String, Object> view(NodeState state, Instant now) {
        var out = new LinkedHashMap<String, Object>();
        out.put("name", state.node());
        out.put("phase", state.phase().text());
        out.put("since", state.since().toString());
        out.put("heard", text(state.heard()));
        NodeState.Progress progress = state.progress();
        boolean installing = state.phase() == io.slipway.lifecycle.NodePhase.INSTALLING && progress != null;
        out.put("stage", installing && progress != null ? progress.stage().text() : "");
        out.put("percent", installing && progress != null ? progress.percent() : 0);
        out.put("waitsFor", Silence.waitsFor(state));
        out.put("silence", Silence.explain(state, now).orElse(""));
        out.put("reason", state.reason());
        NodeState.Arming arming = state.arming();
        out.put("armedUntil", arming == null ? "" : arming.until().toString());
        NodeState.Claim claim = state.claim();
        out.put("fingerprint", claim == null ? "" : claim.fingerprint());
        out.put("image", claim == null ? "" : claim.image());
        out.put("alarms", state.alarms().stream().map(AdminListener::alarm).toList());
        return out;
    }

    private static Map<String, Object> alarm(NodeState.Alarm alarm) {
        return Map.of("at", alarm.at().toString(), "text", alarm.text());
    }

    private static String text(@Nullable Instant at) {
        return at == null ? "" : at.toString();
    }

    private Map<String, Object> details(String name) {
        NodeState state = registry.state(name);
        var out = new LinkedHashMap<>(view(state, registry.now()));
        out.put("hostKeys", state.hostKeys());
        NodeState.Callback callback = state.callback();
        out.put("report", callback == null ? List.of() : callback.report());
        out.put(
                "events",
                registry.journal().listNewestEvents(name, 50).stream()
                        .map(AdminListener::entry)
                        .toList());
        out.put(
                "log",
                registry.journal().listLog(name, 200).stream()
                        .map(line -> Map.of("at", line.at().toString(), "text", line.text()))
                        .toList());
        return out;
    }

    /** Without the event's secrets: tokens, nonces and sessions stay in the log. */
    private static Map<String, Object> entry(io.slipway.lifecycle.journal.EventJournal.Entry entry) {
        var out = new LinkedHashMap<String, Object>();
        out.put("id", entry.id());
        out.put("at", entry.event().at().toString());
        out.put("node", entry.event().node());
        out.put("kind", entry.event().getClass().getSimpleName());
        out.put("detail", describe(entry.event()));
        out.put("impossible", entry.impossible());
        return out;
    }

    private static String describe(io.slipway.lifecycle.NodeEvent event) {
        String text = event.toString().replaceFirst("at=[^,\\]]*, node=[^,\\]]*(, )?", "");
        return text.length() <= LONGEST_DETAIL ? text : text.substring(0, LONGEST_DETAIL) + "…";
    }

    private static void send(HttpServerExchange exchange, int status, Map<String, ?> body) {
        try {
            exchange.setStatusCode(status);
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
            exchange.getResponseSender().send(MAPPER.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of texts are always JSON", e);
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
