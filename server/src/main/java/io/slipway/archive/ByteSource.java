package io.slipway.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Content of known length that can be read from its beginning, usually several times. */
public interface ByteSource {
    /** Length in bytes; {@link #open} gives exactly as many. */
    long size();

    /**
     * A new stream from the first byte on; the caller closes it.
     *
     * @throws IOException if the content cannot be had
     */
    InputStream open() throws IOException;

    /** A copy of the bytes. */
    static ByteSource of(byte[] bytes) {
        byte[] copy = bytes.clone();
        return new ByteSource() {
            @Override
            public long size() {
                return copy.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(copy);
            }
        };
    }

    /** The text in UTF-8. */
    static ByteSource of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }
}
