package io.slipway.dhcp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Options of one message by number, immutable. Values longer than 255 bytes are split on the wire (RFC 3396). */
public final class Options {
    public static final Options EMPTY = new Options(new TreeMap<>());

    private final SortedMap<Integer, byte[]> values;

    private Options(SortedMap<Integer, byte[]> values) {
        this.values = values;
    }

    /**
     * The same options and one more, or one replaced.
     *
     * @throws IllegalArgumentException if the number is not 1 to 254
     */
    public Options with(int code, byte... value) {
        if (code < 1 || code > 254) {
            throw new IllegalArgumentException("an option's number is 1 to 254, not " + code);
        }
        var copy = new TreeMap<>(values);
        copy.put(code, value.clone());
        return new Options(copy);
    }

    public Options with(int code, String text) {
        return with(code, text.getBytes(StandardCharsets.US_ASCII));
    }

    public Options with(int code, Ip4 address) {
        return withSeconds(code, address.bits());
    }

    public Options with(int code, List<Ip4> addresses) {
        byte[] out = new byte[addresses.size() * 4];
        for (int i = 0; i < addresses.size(); i++) {
            int bits = addresses.get(i).bits();
            for (int j = 0; j < 4; j++) {
                out[4 * i + j] = (byte) (bits >> (24 - 8 * j));
            }
        }
        return with(code, out);
    }

    /** A 32-bit number. */
    public Options withSeconds(int code, int value) {
        return with(code, (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value);
    }

    public boolean has(int code) {
        return values.containsKey(code);
    }

    public Optional<byte[]> find(int code) {
        return Optional.ofNullable(values.get(code)).map(byte[]::clone);
    }

    /** The value without a trailing NUL, which some firmware counts in; bytes outside ASCII become {@code ?}. */
    public Optional<String> findText(int code) {
        return find(code).map(Options::text);
    }

    /** The address, if the value has exactly four bytes. */
    public Optional<Ip4> findAddress(int code) {
        return find(code)
                .filter(value -> value.length == 4)
                .map(value -> new Ip4(
                        (value[0] & 255) << 24 | (value[1] & 255) << 16 | (value[2] & 255) << 8 | (value[3] & 255)));
    }

    public SortedSet<Integer> codes() {
        return new TreeSet<>(values.keySet());
    }

    static String text(byte[] value) {
        int end = value.length;
        while (end > 0 && value[end - 1] == 0) {
            end--;
        }
        var out = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            out.append(value[i] >= 0x20 && value[i] < 0x7f ? (char) value[i] : '?');
        }
        return out.toString();
    }

    /** Message type and server identifier first, as some PXE ROMs want, then by number; without the end marker. */
    byte[] encode() {
        var out = new ByteArrayOutputStream();
        var order = new TreeSet<Integer>((a, b) -> Integer.compare(rank(a), rank(b)));
        order.addAll(values.keySet());
        for (int code : order) {
            byte[] value = values.getOrDefault(code, new byte[0]);
            int at = 0;
            do {
                int part = Math.min(255, value.length - at);
                out.write(code);
                out.write(part);
                out.write(value, at, part);
                at += part;
            } while (at < value.length);
        }
        return out.toByteArray();
    }

    private static int rank(int code) {
        return code == OptionCode.MESSAGE_TYPE ? -2 : code == OptionCode.SERVER_IDENTIFIER ? -1 : code;
    }

    /**
     * Reads one field of options into {@code into}, joining repeated ones.
     *
     * @return what is wrong, or empty
     */
    static Optional<String> decode(byte[] from, int start, int end, String where, Map<Integer, byte[]> into) {
        int at = start;
        while (at < end) {
            int code = from[at++] & 255;
            if (code == OptionCode.PAD) {
                continue;
            }
            if (code == OptionCode.END) {
                return Optional.empty();
            }
            if (at >= end) {
                return Optional.of("option " + code + " in " + where + " has no length byte");
            }
            int length = from[at++] & 255;
            if (length > end - at) {
                return Optional.of(
                        "option " + code + " in " + where + " says " + length + " bytes and has " + (end - at));
            }
            byte[] part = Arrays.copyOfRange(from, at, at + length);
            into.merge(code, part, Options::join);
            at += length;
        }
        return Optional.of("options in " + where + " have no end marker (255): the packet is cut off");
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] out = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, out, first.length, second.length);
        return out;
    }

    static Options of(Map<Integer, byte[]> values) {
        return new Options(new TreeMap<>(values));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Options that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** One option a line: number and hexadecimal value. */
    @Override
    public String toString() {
        var out = new StringBuilder();
        values.forEach((code, value) -> out.append(code)
                .append(' ')
                .append(HexFormat.of().formatHex(value))
                .append('\n'));
        return out.toString();
    }
}
