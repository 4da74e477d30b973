package io.slipway.netboot;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.ByteRange;
import io.undertow.util.DateUtils;
import io.undertow.util.ETag;
import io.undertow.util.ETagUtils;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.MimeMappings;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Date;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * Sends a file by sendfile(2) from the thread that read the request. Undertow's own handler looks at every directory on
 * the way and hands each request to another thread and back, which takes longer than sending a package of usual size.
 */
@SuppressWarnings("JavaUtilDate") // Undertow's own way to say a time
final class FileSending implements ChannelListener<StreamSinkChannel> {
    /** One fast client must not keep an I/O thread for itself. */
    private static final long TURN_BYTES = 2 << 20;

    private final HttpServerExchange exchange;
    private final FileChannel file;
    private long position;
    private final long end;

    private FileSending(HttpServerExchange exchange, FileChannel file, long position, long end) {
        this.exchange = exchange;
        this.file = file;
        this.position = position;
        this.end = end;
    }

    /**
     * What a request needs to know of a file; worth keeping for files that never change.
     *
     * @param size in bytes
     * @param modified in whole seconds, as HTTP has it
     * @param lastModified the same as text
     * @param tag if the file can never change under it
     */
    record Found(
            Path file,
            long size,
            Date modified,
            String lastModified,
            String type,
            @Nullable ETag tag) {}

    /**
     * @param root a real path
     * @param inside relative; empty if it leads through a symbolic link, or to no regular file
     */
    static Optional<Found> find(Path root, String inside, @Nullable ETag tag) {
        try {
            Path file = root.resolve(inside);
            var attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile() || !file.toRealPath().equals(file)) {
                return Optional.empty();
            }
            var modified = new Date(attributes.lastModifiedTime().toMillis() / 1000 * 1000);
            String type = MimeMappings.DEFAULT.getMimeType(inside.substring(inside.lastIndexOf('.') + 1));
            return Optional.of(new Found(
                    file,
                    attributes.size(),
                    modified,
                    DateUtils.toDateString(modified),
                    Objects.requireNonNullElse(type, "application/octet-stream"),
                    tag));
        } catch (IOException | InvalidPathException absent) {
            return Optional.empty();
        }
    }

    /** Answers GET or HEAD with a file, a range of it, or "not modified"; with "not found" if it is gone meanwhile. */
    static void answer(HttpServerExchange exchange, Found found) throws IOException {
        ETag tag = found.tag;
        Date modified = found.modified;
        var headers = exchange.getResponseHeaders();
        headers.put(Headers.LAST_MODIFIED, found.lastModified);
        headers.put(Headers.ACCEPT_RANGES, "bytes");
        if (tag != null) {
            headers.put(Headers.ETAG, tag.toString());
        }
        if (!ETagUtils.handleIfMatch(exchange, tag, false) || !DateUtils.handleIfUnmodifiedSince(exchange, modified)) {
            end(exchange, StatusCodes.PRECONDITION_FAILED);
            return;
        }
        // RFC 9110 §13.2.2: where there are tags, dates do not count.
        boolean wanted = exchange.getRequestHeaders().contains(Headers.IF_NONE_MATCH)
                ? ETagUtils.handleIfNoneMatch(exchange, tag, true)
                : DateUtils.handleIfModifiedSince(exchange, modified);
        if (!wanted) {
            end(exchange, StatusCodes.NOT_MODIFIED);
            return;
        }
        headers.put(Headers.CONTENT_TYPE, found.type);
        long size = found.size;
        long start = 0;
        long end = size;
        var range = ByteRange.parse(exchange.getRequestHeaders().getFirst(Headers.RANGE));
        if (range != null && range.getRanges() == 1) {
            var part = range.getResponseResult(
                    size,
                    exchange.getRequestHeaders().getFirst(Headers.IF_RANGE),
                    modified,
                    tag == null ? null : tag.toString());
            if (part != null) {
                headers.put(Headers.CONTENT_RANGE, part.getContentRange());
                if (part.getStatusCode() == StatusCodes.REQUEST_RANGE_NOT_SATISFIABLE) {
                    end(exchange, part.getStatusCode());
                    return;
                }
                exchange.setStatusCode(part.getStatusCode());
                start = part.getStart();
                end = part.getEnd() + 1;
            }
        }
        exchange.setResponseContentLength(end - start);
        if (exchange.getRequestMethod().equals(Methods.HEAD) || start == end) {
            exchange.endExchange();
            return;
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(found.file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException removed) {
            exchange.getResponseHeaders().clear();
            end(exchange, StatusCodes.NOT_FOUND);
            return;
        }
        new FileSending(exchange, channel, start, end).handleEvent(exchange.getResponseChannel());
    }

    static void end(HttpServerExchange exchange, int status) {
        exchange.setStatusCode(status).endExchange();
    }

    @Override
    public void handleEvent(StreamSinkChannel out) {
        try {
            long turn = Math.min(end, position + TURN_BYTES);
            while (position < turn) {
                // What goes out together with the head, Undertow reads from the file's own position.
                file.position(position);
                long sent = out.transferFrom(file, position, turn - position);
                if (sent == 0) {
                    if (position >= file.size()) {
                        throw new IOException("the file became shorter while it was sent");
                    }
                    break;
                }
                position += sent;
            }
            if (position < end) {
                out.getWriteSetter().set(this);
                out.resumeWrites();
            } else {
                file.close();
                exchange.endExchange();
            }
        } catch (IOException gone) {
            IoUtils.safeClose(file, exchange.getConnection());
        }
    }
}
