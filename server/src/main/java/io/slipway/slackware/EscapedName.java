package io.slipway.slackware;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * File names as GNU tar lists them in the C locale ({@code --quoting-style=escape}): backslash and control characters as
 * in C, every byte outside of ASCII as three octal digits, so that {@code é} is {@code \303\251}.
 */
final class EscapedName {
    private static final String LETTERS = "abfnrtv\\ ";
    private static final String MEANT = "\u0007\b\f\n\r\t\u000b\\ ";

    private EscapedName() {}

    /**
     * The name that is meant. A backslash that begins no escape stands for itself, as in the lists of {@code ls}; a name
     * that is not UTF-8 stays as it is written. What comes out may hold anything, {@code ..} and line ends too: check it
     * after this, not before.
     */
    static String read(String written) {
        if (written.indexOf('\\') < 0) {
            return written;
        }
        byte[] in = written.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            int letter = in[i] == '\\' && i + 1 < in.length ? LETTERS.indexOf(in[i + 1]) : -1;
            if (letter >= 0) {
                out.write(MEANT.charAt(letter));
                i++;
            } else if (in[i] == '\\' && isOctal(in, i + 1)) {
                out.write((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
                i += 3;
            } else {
                out.write(in[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(out.toByteArray()))
                    .toString();
        } catch (CharacterCodingException otherwise) {
            return written;
        }
    }

    private static boolean isOctal(byte[] in, int at) {
        return at + 2 < in.length
                && in[at] >= '0'
                && in[at] <= '3'
                && in[at + 1] >= '0'
                && in[at + 1] <= '7'
                && in[at + 2] >= '0'
                && in[at + 2] <= '7';
    }

    /** The name as tar would list it; {@link #read} gives it back. */
    static String write(String name) {
        var out = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            int letter = MEANT.indexOf(b & 0xff);
            if (letter >= 0 && b != ' ') {
                out.append('\\').append(LETTERS.charAt(letter));
            } else if (b < ' ' || b == 0x7f) {
                out.append('\\')
                        .append((char) ('0' + (b >> 6 & 3)))
                        .append((char) ('0' + (b >> 3 & 7)))
                        .append((char) ('0' + (b & 7)));
            } else {
                out.append((char) b);
            }
        }
        return out.toString();
    }
}
