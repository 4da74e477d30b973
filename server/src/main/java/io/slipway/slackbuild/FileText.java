package io.slipway.slackbuild;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A small file as it was found.
 *
 * @param kind what it is
 * @param mode permission bits, such as 0644
 * @param bytes its content, a character a byte; empty unless it is a {@link Kind#FILE}
 */
public record FileText(Kind kind, int mode, String bytes) {
    /** What stands at a name. */
    public enum Kind {
        /** A file, or a link to one in the same directory. */
        FILE,
        /** A file that is larger than what is read. */
        TOO_LARGE,
        /** A link that leaves the directory, leads nowhere, or into a circle. */
        BAD_LINK,
        /** A socket, a pipe, a device, or something that cannot be read. */
        OTHER
    }

    /** A file with a text. */
    public static FileText of(int mode, String text) {
        return of(mode, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A file with these bytes. */
    public static FileText of(int mode, byte[] bytes) {
        return new FileText(Kind.FILE, mode, new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** Whether the content is UTF-8. */
    public boolean isUtf8() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
            return true;
        } catch (CharacterCodingException other) {
            return false;
        }
    }

    /** The content as UTF-8 or, where it is not that, as Latin-1; without a byte order mark. */
    public String text() {
        String text =
                isUtf8() ? new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8) : bytes;
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    /** Whether anybody may execute it. */
    public boolean isExecutable() {
        return (mode & 0111) != 0;
    }
}
