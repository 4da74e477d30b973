package io.slipway.slackbuild.source;

import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Downloads files that may be long over connections that may be bad. What came stays in a file beside a note of what it
 * is a part of (the server's {@code ETag} or {@code Last-Modified}); the next try, also of another run, asks for the rest
 * of exactly that (RFC 9110 §13.1.5, §14.2) and starts over if there is no such thing any more.
 */
final class HttpDownload implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(20);
    /** Longest description of a version of a file that is kept. */
    private static final int LONGEST_NOTE = 512;

    private final FetchLimits limits;
    private final HttpClient client;
    private final ScheduledExecutorService watchdog;
    /** Hosts that are not asked again: each of them would cost all tries once more. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    HttpDownload(FetchLimits limits) {
        this.limits = limits;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // Never from https to http.
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT)
                .build();
        this.watchdog = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "source-http-watchdog");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The server has said what trying again does not change. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String objection) {
            super(objection);
        }

        String objection() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * @param part where the file grows; stays, with its note, when the download does not come to its end
     * @param progress is told how many more bytes are there; fewer by a negative number
     * @param expected is told how many more bytes will come
     */
    Brought download(URI address, Path part, LongConsumer progress, LongConsumer expected) throws InterruptedException {
        if (silent.contains(address.getAuthority())) {
            return Brought.nothing("does not answer");
        }
        long deadline = System.nanoTime() + limits.total().toNanos();
        long wait = limits.pause().toMillis();
        boolean resumed = false;
        for (int attempt = 1; ; attempt++) {
            try (FileChannel file = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                resumed |= file.size() > 0;
                String type = receive(address, part, file, deadline, progress, expected);
                return Brought.file(type, resumed);
            } catch (Refused refused) {
                return Brought.nothing(refused.objection());
            } catch (IOException failure) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while " + address + " was fetched");
                }
                if (attempt == limits.tries()) {
                    if (isSilence(failure)) {
                        silent.add(address.getAuthority());
                    }
                    return Brought.nothing("does not answer as it should: " + chain(failure));
                }
                if (System.nanoTime() - deadline >= 0) {
                    return Brought.nothing(late());
                }
                // There is nothing to await: the server is to be left alone for a moment.
                TimeUnit.MILLISECONDS.sleep(wait);
                wait *= 2;
            }
        }
    }

    private static boolean isSilence(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private String late() {
        return "did not give the whole file within " + limits.total().toSeconds()
                + " s; what came is kept for the next time";
    }

    /** The client's own message is often only "closed"; what it wraps says why. */
    private static String chain(Throwable failure) {
        var messages = new ArrayList<String>();
        for (Throwable cause = failure; cause != null && messages.size() < 4; cause = cause.getCause()) {
            String message = cause.getMessage();
            messages.add(message == null ? cause.getClass().getSimpleName() : message);
        }
        return String.join(": ", messages);
    }

    private String receive(
            URI address, Path part, FileChannel file, long deadline, LongConsumer progress, LongConsumer expected)
            throws IOException, InterruptedException, Refused {
        String version = note(part);
        if (file.size() > 0 && version.isEmpty()) {
            // Nobody knows what it is a part of.
            file.truncate(0);
        }
        long offset = file.size();
        progress.accept(offset);
        var request = HttpRequest.newBuilder(address)
                .timeout(limits.silence())
                // Some servers pack what is packed already, or send a page to whoever says nothing.
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "slipway");
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-").header("If-Range", version);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            int status = response.statusCode();
            if (status == 416 || (status == 206 && !continuesAt(response, offset))) {
                restart(file, progress);
                throw new IOException("the server does not go on at byte " + offset);
            }
            if (status == 408 || status == 429 || status >= 500) {
                throw new IOException("the server answers with status " + status);
            }
            if (status != 200 && status != 206) {
                throw new Refused("has no such file (status " + status + ')');
            }
            if (status == 200) {
                restart(file, progress);
                remember(part, response);
            }
            long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            if (length > limits.bytes() - file.size()) {
                throw new Refused("has " + length + " bytes, more than the " + limits.bytes() + " that are taken");
            }
            expected.accept(file.size() + Math.max(0, length));
            copy(in, file, length, deadline, progress);
            return response.headers().firstValue("Content-Type").orElse("");
        }
    }

    private static void restart(FileChannel file, LongConsumer progress) throws IOException {
        progress.accept(-file.size());
        file.truncate(0);
    }

    private void copy(InputStream in, FileChannel file, long length, long deadline, LongConsumer progress)
            throws IOException, Refused {
        var buffer = new byte[1 << 16];
        long received = 0;
        file.position(file.size());
        Future<?> alarm = watch(in);
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                alarm.cancel(false);
                received += count;
                if (file.size() + count > limits.bytes()) {
                    throw new Refused("has more than the " + limits.bytes() + " bytes that are taken");
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw new Refused(late());
                }
                write(file, buffer, count);
                progress.accept(count);
                alarm = watch(in);
            }
        } finally {
            alarm.cancel(false);
        }
        if (length >= 0 && received < length) {
            throw new IOException("the connection ended after " + received + " of " + length + " bytes");
        }
    }

    private static void write(FileChannel file, byte[] buffer, int count) {
        var bytes = ByteBuffer.wrap(buffer, 0, count);
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", Path.of("the source"));
        }
    }

    /** Closes a stream that stays silent; the reader then fails and tries again. */
    private Future<?> watch(InputStream in) {
        return watchdog.schedule(
                () -> {
                    in.close();
                    return null;
                },
                limits.silence().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static boolean continuesAt(HttpResponse<?> response, long offset) {
        return offset > 0
                && response.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + offset + "-");
    }

    private static Path notePath(Path part) {
        return part.resolveSibling(part.getFileName() + ".version");
    }

    private static String note(Path part) throws IOException {
        Path file = notePath(part);
        return Files.exists(file) && Files.size(file) <= LONGEST_NOTE
                ? Files.readString(file).strip()
                : "";
    }

    /** Only a strong validator may stand in If-Range (RFC 9110 §13.1.5). */
    private static void remember(Path part, HttpResponse<?> response) {
        String tag = response.headers().firstValue("ETag").orElse("");
        String version = tag.startsWith("\"")
                ? tag
                : response.headers().firstValue("Last-Modified").orElse("");
        AtomicFiles.writeUnsynced(
                notePath(part), (version.length() > LONGEST_NOTE ? "" : version).getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets what came. */
    static void discard(Path part) throws IOException {
        Files.deleteIfExists(part);
        Files.deleteIfExists(notePath(part));
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
    }
}
