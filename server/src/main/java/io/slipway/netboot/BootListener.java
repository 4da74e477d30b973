package io.slipway.netboot;

import io.slipway.boot.BootRequest;
import io.slipway.boot.IpxeScript;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.ClaimPolicy;
import io.slipway.netboot.FileSending.Found;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.ETag;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.Options;

/**
 * What nodes talk to, over plain HTTP: scripts, read-only files, claims, events, callbacks. Answers to nodes are status 200
 * with lines {@code key=value}, because BusyBox wget drops the body of an error.
 */
public final class BootListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BootListener.class);
    private static final Pattern IMAGE_PATH = Pattern.compile("/images/([0-9a-f]{64})/([^\\\\\\x00-\\x1f]{1,1000})");
    /** Where nodes look for packages later on: slackpkg is told an address once. */
    private static final String CURRENT = "/images/current/";

    private static final Pattern NODE_PATH = Pattern.compile("/nodes/([a-z][a-z0-9-]{0,30})/(claim|events|callback)");
    private static final HttpString SESSION = new HttpString("X-Slipway-Session");
    private static final int CLAIM_BYTES = 4 * 1024;
    private static final int EVENTS_BYTES = 256 * 1024;
    private static final int CALLBACK_BYTES = 1024 * 1024;

    /** More than an image has files; a second one may be served at the same time. */
    private static final int MOST_FOUND = 20_000;

    private final NodeRegistry registry;
    private final IpxeScript.Site site;
    private final Path images;
    private final Path ipxe;
    /** By request path: an image never changes, so what was looked up once need not be again. */
    private final Map<String, Found> found = new ConcurrentHashMap<>();

    /** Nodes ask a few times a second at most; a flood from one address must not fill the log. */
    private final RateLimit limit = new RateLimit(20, 100);

    private final Undertow server;

    private BootListener(NodeRegistry registry, String address, int port, Path ipxe) throws IOException {
        this.registry = registry;
        Files.createDirectories(registry.images().directory());
        this.images = registry.images().directory().toRealPath();
        this.ipxe = ipxe;
        this.site = new IpxeScript.Site(
                "http://" + address + ":" + port, registry.cluster().identity().serialConsole());
        HttpHandler blocking = new BlockingHandler(this::post);
        this.server = Undertow.builder()
                .addHttpListener(port, address)
                .setIoThreads(Math.max(2, Runtime.getRuntime().availableProcessors()))
                .setWorkerThreads(32)
                .setSocketOption(Options.REUSE_ADDRESSES, true)
                .setSocketOption(Options.READ_TIMEOUT, 60_000)
                .setSocketOption(Options.WRITE_TIMEOUT, 120_000)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 10_000)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, (long) CALLBACK_BYTES)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, 16 * 1024)
                .setServerOption(UndertowOptions.MAX_PARAMETERS, 32)
                // The installer sets its clock from it.
                .setServerOption(UndertowOptions.ALWAYS_SET_DATE, true)
                .setHandler(exchange -> route(exchange, blocking))
                .build();
    }

    /**
     * Starts listening.
     *
     * @param address where nodes reach the appliance
     * @param ipxe directory of the loaders that UEFI HTTP boot fetches
     */
    public static BootListener start(NodeRegistry registry, String address, int port, Path ipxe) {
        try {
            var listener = new BootListener(registry, address, port, ipxe);
            listener.server.start();
            return listener;
        } catch (IOException e) {
            throw Ports.problem("HTTP for nodes", "TCP", address, port, e);
        } catch (RuntimeException e) {
            if (e.getCause() instanceof IOException cause) {
                throw Ports.problem(
                        "HTTP for nodes",
                        "TCP",
                        address,
                        port,
                        cause instanceof BindException ? cause : new IOException(cause));
            }
            throw e;
        }
    }

    /** An image never changes under its name, so its name and the path in it say everything. */
    private static ETag imageTag(String digest, String path) {
        return new ETag(false, digest.substring(0, 16) + "-" + Integer.toHexString((digest + "/" + path).hashCode()));
    }

    private void route(HttpServerExchange exchange, HttpHandler blocking) throws Exception {
        exchange.getResponseHeaders().put(Headers.SERVER, "slipway");
        String path = resolved(exchange.getRequestPath());
        boolean read = exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
        Found known = read ? found.get(path) : null;
        if (known != null) {
            FileSending.answer(exchange, known);
            return;
        }
        var image = IMAGE_PATH.matcher(path);
        if (read
                && image.matches()
                && isInside(image.group(2))
                && registry.images().exists(image.group(1))) {
            var file = FileSending.find(
                    images, image.group(1) + "/" + image.group(2), imageTag(image.group(1), image.group(2)));
            if (file.isPresent() && image.group(2).equals("boot/vmlinuz")) {
                notice(exchange, BootStep.KERNEL, file.get());
            } else if (file.isPresent() && image.group(2).equals("boot/initrd.img")) {
                notice(exchange, BootStep.INITRD, file.get());
            } else if (file.isPresent()) {
                if (found.size() >= MOST_FOUND) {
                    found.clear();
                }
                found.put(path, file.get());
                FileSending.answer(exchange, file.get());
            } else {
                FileSending.end(exchange, StatusCodes.NOT_FOUND);
            }
        } else if (read && path.matches("/ipxe/[A-Za-z0-9][A-Za-z0-9._-]{0,100}")) {
            // Where a distribution has it, /usr/lib may be a link.
            Path root = Files.isDirectory(ipxe) ? ipxe.toRealPath() : ipxe;
            var file = FileSending.find(root, path.substring(6), null);
            if (file.isPresent()) {
                notice(exchange, BootStep.LOADER, file.get());
            } else {
                FileSending.end(exchange, StatusCodes.NOT_FOUND);
            }
        } else if ((read && path.equals("/boot.ipxe"))
                || (exchange.getRequestMethod().equals(Methods.POST)
                        && NODE_PATH.matcher(path).matches())) {
            if (limit.allows(peer(exchange), System.nanoTime())) {
                blocking.handleRequest(exchange);
            } else {
                exchange.setStatusCode(StatusCodes.TOO_MANY_REQUESTS).endExchange();
            }
        } else {
            exchange.setStatusCode(read ? StatusCodes.NOT_FOUND : StatusCodes.METHOD_NOT_ALLOWED)
                    .endExchange();
        }
    }

    /** The same path with the digest of the image that is current now. */
    private String resolved(String path) {
        return path.startsWith(CURRENT)
                ? registry.images()
                        .current()
                        .map(digest -> "/images/" + digest + "/" + path.substring(CURRENT.length()))
                        .orElse(path)
                : path;
    }

    private static boolean isInside(String path) {
        for (String part : path.split("/", -1)) {
            if (part.equals("..") || part.equals(".") || part.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Writes down what the node is about to fetch, which may wait for the disk, and sends it. */
    private void notice(HttpServerExchange exchange, BootStep step, Found file) {
        exchange.dispatch(working -> {
            registry.seen(peer(working), step);
            FileSending.answer(working, file);
        });
    }

    private static String peer(HttpServerExchange exchange) {
        InetSocketAddress source = exchange.getSourceAddress();
        return source.getAddress() == null ? "" : source.getAddress().getHostAddress();
    }

    private void post(HttpServerExchange exchange) throws IOException {
        try {
            if (exchange.getRequestPath().equals("/boot.ipxe")) {
                script(exchange);
                return;
            }
            var path = NODE_PATH.matcher(exchange.getRequestPath());
            if (path.matches()) {
                node(exchange, path.group(1), path.group(2));
            }
        } catch (io.slipway.problem.ProblemException e) {
            LOG.error("{} {}: {}", exchange.getRequestMethod(), exchange.getRequestPath(), e.getMessage());
            refuse(
                    exchange,
                    "The appliance has a problem: " + e.problems().get(0).summary());
        }
    }

    private void script(HttpServerExchange exchange) {
        var query = exchange.getQueryParameters();
        var request = BootRequest.of(
                first(query, "mac"),
                first(query, "uuid"),
                first(query, "serial"),
                first(query, "arch"),
                first(query, "platform"),
                peer(exchange));
        String script = registry.bootScript(request, site);
        LOG.info("boot script for {} {} ({})", request.mac(), request.uuid(), request.address());
        send(exchange, script);
    }

    private static String first(Map<String, Deque<String>> query, String name) {
        Deque<String> values = query.get(name);
        return values == null || values.isEmpty() ? "" : values.getFirst();
    }

    private void node(HttpServerExchange exchange, String name, String what) throws IOException {
        int most = switch (what) {
            case "claim" -> CLAIM_BYTES;
            case "events" -> EVENTS_BYTES;
            default -> CALLBACK_BYTES;
        };
        byte[] bytes = exchange.getInputStream().readNBytes(most + 1);
        if (bytes.length > most) {
            refuse(exchange, "The message is longer than " + most + " bytes.");
            return;
        }
        Optional<String> body = text(bytes);
        if (body.isEmpty()) {
            refuse(exchange, "The message is not UTF-8.");
            return;
        }
        String session = Optional.ofNullable(exchange.getRequestHeaders().getFirst(SESSION))
                .orElse("");
        if (what.equals("claim")) {
            claim(exchange, name, body.get());
            return;
        }
        Optional<String> refused = what.equals("events")
                ? registry.events(name, session, body.get())
                : registry.callback(name, session, body.get(), peer(exchange));
        if (refused.isPresent()) {
            LOG.warn("{} of {} from {} refused: {}", what, name, peer(exchange), refused.get());
            refuse(exchange, refused.get());
        } else {
            send(exchange, "status=ok\n");
        }
    }

    private void claim(HttpServerExchange exchange, String name, String body) {
        Optional<Map<String, String>> fields = form(body);
        if (fields.isEmpty()) {
            refuse(exchange, "The claim is not a form.");
            return;
        }
        var answer = registry.claim(name, fields.get(), peer(exchange));
        if (answer instanceof ClaimPolicy.Answer.Granted granted) {
            LOG.info(
                    "{} claimed from {}: {}",
                    name,
                    peer(exchange),
                    granted.mode().text());
            send(
                    exchange,
                    "status=ok\nsession=" + granted.session() + "\nimage=" + granted.image() + "\nmode="
                            + granted.mode().text() + "\n");
        } else if (answer instanceof ClaimPolicy.Answer.Wait wait) {
            send(exchange, "status=wait\nfingerprint=" + wait.fingerprint() + "\n");
        } else if (answer instanceof ClaimPolicy.Answer.Refused refused) {
            LOG.warn("claim of {} from {} refused: {}", name, peer(exchange), refused.reason());
            refuse(exchange, refused.reason());
        }
    }

    private static Optional<Map<String, String>> form(String body) {
        var out = new HashMap<String, String>();
        for (String pair : body.strip().split("&")) {
            int equals = pair.indexOf('=');
            if (equals < 1 || out.size() > 20) {
                return Optional.empty();
            }
            try {
                out.put(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        return Optional.of(out);
    }

    private static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static void refuse(HttpServerExchange exchange, String reason) {
        send(exchange, "status=refused\nreason=" + reason.replaceAll("\\s+", " ") + "\n");
    }

    private static void send(HttpServerExchange exchange, String text) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(text);
    }

    @Override
    public void close() {
        server.stop();
    }
}
