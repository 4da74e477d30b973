package io.slipway.mirror;

import io.slipway.http.Downloads;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** A mirror behind a web server. Interrupted downloads go on where they stopped, also after a killed run. */
final class HttpSource implements MirrorSource {
    /** Without a single byte for so long, a connection is dead. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private static final int TRIES = 5;
    private static final int CONNECTIONS = 4;

    private final String address;
    private final Path scratch;
    private final Duration pause;
    private final Downloads downloads = new Downloads(SILENCE);

    HttpSource(String address, Path scratch) {
        this(address, scratch, Duration.ofSeconds(1));
    }

    /**
     * @param pause before the second try; doubled before each further one
     */
    HttpSource(String address, Path scratch, Duration pause) {
        this.address = address.endsWith("/") ? address : address + "/";
        this.scratch = scratch.resolve("http");
        this.pause = pause;
        try {
            Files.createDirectories(this.scratch);
            URI.create(this.address);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", this.scratch);
        } catch (IllegalArgumentException malformed) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "slackware.mirror: \"" + address.replaceAll("\\p{Cntrl}", "?") + "\" is not an address.",
                            "Name one such as http://server/slackware64-current/.")
                    .asException();
        }
    }

    private interface Receiving {
        /** Bytes that are there already. */
        long offset() throws IOException;

        /** Forgets what is there. */
        void restart() throws IOException;

        void accept(byte[] buffer, int count) throws IOException;
    }

    @Override
    public byte[] metadata(String path) throws InterruptedException {
        var bytes = new ByteArrayOutputStream();
        receive(path, LONGEST_METADATA, new Receiving() {
            @Override
            public long offset() {
                return bytes.size();
            }

            @Override
            public void restart() {
                bytes.reset();
            }

            @Override
            public void accept(byte[] buffer, int count) {
                bytes.write(buffer, 0, count);
            }
        });
        return bytes.toByteArray();
    }

    @Override
    public ContentStore.Stored fetch(String path, String md5, ContentStore store, LongConsumer progress)
            throws InterruptedException {
        // Named by content: another version of the file does not go on with this one's beginning. And by path: two
        // files of one content are fetched at the same time.
        Path part = scratch.resolve(Sha256.of((md5 + path).getBytes(StandardCharsets.UTF_8)) + ".part");
        try (FileChannel channel =
                FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            progress.accept(channel.size());
            receive(path, LONGEST_FILE, new Receiving() {
                @Override
                public long offset() throws IOException {
                    return channel.size();
                }

                @Override
                public void restart() throws IOException {
                    progress.accept(-channel.size());
                    channel.truncate(0);
                }

                @Override
                public void accept(byte[] buffer, int count) throws IOException {
                    try {
                        channel.position(channel.size());
                        var bytes = ByteBuffer.wrap(buffer, 0, count);
                        while (bytes.hasRemaining()) {
                            channel.write(bytes);
                        }
                    } catch (IOException failure) {
                        throw DiskFailure.of(failure, "written", part);
                    }
                    progress.accept(count);
                }
            });
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", part);
        }
        try {
            return store.adopt(part, true, bytes -> {});
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", part);
        }
    }

    private void receive(String path, long limit, Receiving receiving) throws InterruptedException {
        long wait = pause.toMillis();
        for (int attempt = 1; ; attempt++) {
            try {
                receiveOnce(path, limit, receiving);
                return;
            } catch (IOException failure) {
                if (attempt == TRIES) {
                    throw new ProblemException(
                            Problem.of(
                                            ProblemKind.UNREACHABLE,
                                            address + path + " could not be fetched in " + TRIES + " tries.",
                                            "Check slackware.mirror and the network, then run the same command again: it"
                                                    + " goes on where it stopped.")
                                    .because(Downloads.reasons(failure)),
                            failure);
                }
                // There is nothing to await: the server is to be left alone for a moment.
                TimeUnit.MILLISECONDS.sleep(wait);
                wait *= 2;
            }
        }
    }

    private void receiveOnce(String path, long limit, Receiving receiving) throws IOException, InterruptedException {
        long offset = receiving.offset();
        HttpResponse<InputStream> response = downloads.get(URI.create(address + encoded(path)), offset, "");
        try (InputStream in = response.body()) {
            int status = response.statusCode();
            if (status == 404 || status == 410) {
                throw MirrorSource.absent(address, path);
            }
            if (status == 416) {
                receiving.restart();
                throw new IOException("the server does not go on at byte " + offset);
            }
            if (status != 200 && status != 206) {
                throw new IOException("the server answers with status " + status);
            }
            refuseHtml(path, response);
            if (offset > 0 && !(status == 206 && Downloads.continuesAt(response, offset))) {
                receiving.restart();
                if (status == 206) {
                    throw new IOException("the server does not go on at byte " + offset);
                }
            }
            downloads.read(in, Downloads.length(response), (buffer, count) -> {
                if (receiving.offset() + count > limit) {
                    throw Problem.of(
                                    ProblemKind.UNTRUSTED,
                                    address + path + " is longer than such a file can be.",
                                    "Check slackware.mirror.")
                            .asException();
                }
                receiving.accept(buffer, count);
            });
        }
    }

    /** Login pages of networks and friendly error pages come with status 200. */
    private void refuseHtml(String path, HttpResponse<?> response) {
        String type = response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        String lower = path.toLowerCase(Locale.ROOT);
        if ((type.startsWith("text/html") || type.startsWith("application/xhtml"))
                && !lower.endsWith(".html")
                && !lower.endsWith(".htm")) {
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            "Instead of " + address + path + " the server sends a web page.",
                            "Open the address in a browser: a login page of the network or a message of the mirror is in"
                                    + " the way.")
                    .asException();
        }
    }

    /** RFC 3986 §2.1; also {@code +}, which some servers take for a space. */
    private static String encoded(String path) {
        var out = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-._~/".indexOf(c) >= 0;
            out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }

    @Override
    public int parallel() {
        return CONNECTIONS;
    }

    @Override
    public void close() {
        downloads.close();
    }
}
