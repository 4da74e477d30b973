package io.slipway.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** GET requests whose answers may be long, over connections that may be bad. For several threads. */
public final class Downloads implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(20);

    private final Duration silence;
    private final HttpClient client;
    private final ScheduledExecutorService watchdog;

    /**
     * Takes what arrives.
     *
     * @param <X> what it refuses more with
     */
    @FunctionalInterface
    public interface Sink<X extends Exception> {
        void accept(byte[] buffer, int count) throws IOException, X;
    }

    /** @param silence without a single byte for so long, a connection is dead */
    public Downloads(Duration silence) {
        this.silence = silence;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // Never from https to http.
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT)
                .build();
        this.watchdog = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "slipway-download-watchdog");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Asks for a file, or the rest of it.
     *
     * @param offset bytes that are there already
     * @param version what they are the beginning of, for {@code If-Range} (RFC 9110 section 13.1.5), or "" where nobody
     *     knows
     * @return the answer, whatever its status; the caller closes its body
     */
    public HttpResponse<InputStream> get(URI address, long offset, String version)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address)
                .timeout(silence)
                // Some servers pack what is packed already, or send a page to whoever says nothing.
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "slipway");
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        if (offset > 0 && !version.isEmpty()) {
            request.header("If-Range", version);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** Whether a partial answer is the rest from that byte on (RFC 9110 section 14.4). */
    public static boolean continuesAt(HttpResponse<?> response, long offset) {
        return offset > 0
                && response.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + offset + "-");
    }

    /** The answer's length in bytes as the server says it, or -1. */
    public static long length(HttpResponse<?> response) {
        return response.headers().firstValueAsLong("Content-Length").orElse(-1);
    }

    /**
     * Reads an answer to its end.
     *
     * @param length as the server says it, or -1
     * @throws IOException if it falls silent, or ends before its length
     */
    public <X extends Exception> void read(InputStream in, long length, Sink<X> sink) throws IOException, X {
        var buffer = new byte[1 << 16];
        long received = 0;
        Future<?> alarm = watch(in);
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                alarm.cancel(false);
                received += count;
                sink.accept(buffer, count);
                alarm = watch(in);
            }
        } finally {
            alarm.cancel(false);
        }
        if (length >= 0 && received < length) {
            throw new IOException("the connection ended after " + received + " of " + length + " bytes");
        }
    }

    /** Closes a stream that stays silent; the reader then fails. */
    private Future<?> watch(InputStream in) {
        return watchdog.schedule(
                () -> {
                    in.close();
                    return null;
                },
                silence.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Why it failed: the client's own message is often only "closed"; what it wraps says more. */
    public static String reasons(Throwable failure) {
        var messages = new ArrayList<String>();
        for (Throwable cause = failure; cause != null && messages.size() < 4; cause = cause.getCause()) {
            String message = cause.getMessage();
            messages.add(message == null ? cause.getClass().getSimpleName() : message);
        }
        return String.join(": ", messages);
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
    }
}
