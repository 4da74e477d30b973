package io.slipway.authority;

import java.util.HexFormat;
import java.util.Locale;

/**
 * The fingerprint of an OpenPGP key, version 4 (RFC 4880 §12.2).
 *
 * @param hex 40 upper-case hexadecimal digits
 */
public record Fingerprint(String hex) {
    public Fingerprint {
        if (!hex.matches("[0-9A-F]{40}")) {
            throw new IllegalArgumentException("\"" + hex + "\" is not 40 upper-case hexadecimal digits");
        }
    }

    /** Accepts lower case, blanks and colons between the digits. */
    public static Fingerprint parse(String text) {
        return new Fingerprint(text.replaceAll("[\\s:]", "").toUpperCase(Locale.ROOT));
    }

    static Fingerprint of(byte[] bytes) {
        return new Fingerprint(HexFormat.of().withUpperCase().formatHex(bytes));
    }

    @Override
    public String toString() {
        return hex;
    }
}
