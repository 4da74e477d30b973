package io.slipway.slackbuild.source;

import io.slipway.http.Downloads;
import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Downloads files that may be long over connections that may be bad. What came stays in a file beside a note of what it
 * is a part of (the server's {@code ETag} or {@code Last-Modified}); the next try, also of another run, asks for the rest
 * of exactly that (RFC 9110 §13.1.5, §14.2) and starts over if there is no such thing any more.
 */
final class HttpDownload implements AutoCloseable {
    /** Longest description of a version of a file that is kept. */
    private static final int LONGEST_NOTE = 512;

    private final FetchLimits limits;
    private final Downloads downloads;
    /** Hosts that are not asked again: each of them would cost all tries once more. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    HttpDownload(FetchLimits limits) {
        this.limits = limits;
        this.downloads = new Downloads(limits.silence());
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
                    return Brought.nothing("does not answer as it should: " + Downloads.reasons(failure));
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
        HttpResponse<InputStream> response = downloads.get(address, offset, version);
        try (InputStream in = response.body()) {
            int status = response.statusCode();
            if (status == 416 || (status == 206 && !Downloads.continuesAt(response, offset))) {
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
            long length = Downloads.length(response);
            if (length > limits.bytes() - file.size()) {
                throw new Refused("has " + length + " bytes, more than the " + limits.bytes() + " that are taken");
            }
            expected.accept(file.size() + Math.max(0, length));
            file.position(file.size());
            downloads.read(in, length, (buffer, count) -> {
                if (file.size() + count > limits.bytes()) {
                    throw new Refused("has more than the " + limits.bytes() + " bytes that are taken");
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw new Refused(late());
                }
                write(file, buffer, count);
                progress.accept(count);
            });
            return response.headers().firstValue("Content-Type").orElse("");
        }
    }

    private static void restart(FileChannel file, LongConsumer progress) throws IOException {
        progress.accept(-file.size());
        file.truncate(0);
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
        downloads.close();
    }
}
