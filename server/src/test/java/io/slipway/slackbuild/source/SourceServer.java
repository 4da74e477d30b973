package io.slipway.slackbuild.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A web server of a few files that can be bad in the ways that web servers are. */
final class SourceServer implements AutoCloseable {
    /** What lies under a path. */
    private static final class Page {
        private final byte[] bytes;
        /** Content-Type. */
        private final String type;
        /** ETag, or empty. */
        private final String version;

        Page(byte[] bytes, String type, String version) {
            this.bytes = bytes;
            this.type = type;
            this.version = version;
        }
    }

    private final HttpServer server;
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final Map<String, String> redirects = new ConcurrentHashMap<>();
    /** Method, path and the headers that ask for a part. */
    final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    volatile int cutAfter = Integer.MAX_VALUE;
    volatile int status = 200;

    SourceServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    void put(String path, byte[] bytes, String version) {
        pages.put(path, new Page(bytes, "application/octet-stream", version));
    }

    void putPage(String path, String html) {
        pages.put(path, new Page(html.getBytes(java.nio.charset.StandardCharsets.UTF_8), "text/html", ""));
    }

    void redirect(String from, String to) {
        redirects.put(from, to);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String range = exchange.getRequestHeaders().getFirst("Range");
            String wanted = exchange.getRequestHeaders().getFirst("If-Range");
            asked.add(path + (range == null ? "" : " " + range + " " + wanted));
            String elsewhere = redirects.get(path);
            if (elsewhere != null) {
                exchange.getResponseHeaders().set("Location", elsewhere);
                exchange.sendResponseHeaders(302, -1);
                return;
            }
            Page page = pages.get(path);
            if (page == null || status != 200) {
                exchange.sendResponseHeaders(page == null ? 404 : status, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", page.type);
            if (!page.version.isEmpty()) {
                exchange.getResponseHeaders().set("ETag", page.version);
            }
            int from = 0;
            int code = 200;
            if (range != null && page.version.equals(wanted)) {
                from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (page.bytes.length - 1) + "/*");
                code = 206;
            }
            int length = page.bytes.length - from;
            // Length 0 would mean "unknown".
            exchange.sendResponseHeaders(code, length == 0 ? -1 : length);
            exchange.getResponseBody().write(page.bytes, from, Math.min(length, cutAfter));
        } catch (IOException cut) {
            // What was announced did not come; that is what the test wants.
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
