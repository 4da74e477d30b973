package io.slipway.tftp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** One TFTP packet (RFC 1350 §5, RFC 2347). */
public sealed interface TftpPacket {
    /** Longest request that is read: RFC 2347 allows 512. */
    int MAXIMUM_REQUEST_BYTES = 512;

    /**
     * Opcode 1 (read) or 2 (write).
     *
     * @param write whether the client wants to send a file
     * @param file the file's name as sent
     * @param mode {@code octet}, {@code netascii} or {@code mail}, in lower case
     * @param options option names in lower case and their values, in the order sent
     */
    record Request(boolean write, String file, String mode, Map<String, String> options) implements TftpPacket {
        public Request {
            options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
        }

        @Override
        public byte[] encode() {
            return strings(write ? 2 : 1, options, file, mode);
        }
    }

    /**
     * Opcode 4.
     *
     * @param block 16-bit block number
     */
    record Acknowledgement(int block) implements TftpPacket {
        @Override
        public byte[] encode() {
            return ByteBuffer.allocate(4)
                    .putShort((short) 4)
                    .putShort((short) block)
                    .array();
        }
    }

    /**
     * Opcode 5.
     *
     * @param code RFC 1350 appendix I; 8 = refused options
     * @param message for a person
     */
    record Failure(int code, String message) implements TftpPacket {
        @Override
        public byte[] encode() {
            byte[] text = message.getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(5 + text.length)
                    .putShort((short) 5)
                    .putShort((short) code)
                    .put(text)
                    .put((byte) 0)
                    .array();
        }
    }

    /**
     * Opcode 6.
     *
     * @param options the options that are granted
     */
    record OptionAcknowledgement(Map<String, String> options) implements TftpPacket {
        public OptionAcknowledgement {
            options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
        }

        @Override
        public byte[] encode() {
            return strings(6, options);
        }
    }

    /** Opcode 3, which a server of reads only sends, so that its content is not kept. */
    record Data(int block, int length) implements TftpPacket {
        @Override
        public byte[] encode() {
            throw new UnsupportedOperationException("data packets are written by the transfer, with their content");
        }
    }

    /** What came of reading a packet. */
    sealed interface Decoded {
        record Packet(TftpPacket packet) implements Decoded {}

        /** It is not TFTP; {@code reason} says why. */
        record Refused(String reason) implements Decoded {}
    }

    byte[] encode();

    private static byte[] strings(int opcode, Map<String, String> options, String... first) {
        var text = new StringBuilder();
        for (String each : first) {
            text.append(each).append('\0');
        }
        options.forEach(
                (name, value) -> text.append(name).append('\0').append(value).append('\0'));
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) opcode)
                .put(bytes)
                .array();
    }

    /** Reads a packet of any content and any length. */
    static Decoded decode(byte[] packet) {
        if (packet.length < 4) {
            return new Decoded.Refused("a TFTP packet has at least 4 bytes, this one has " + packet.length);
        }
        int opcode = (packet[0] & 255) << 8 | (packet[1] & 255);
        int number = (packet[2] & 255) << 8 | (packet[3] & 255);
        return switch (opcode) {
            case 1, 2 -> request(opcode == 2, packet);
            case 3 -> new Decoded.Packet(new Data(number, packet.length - 4));
            case 4 ->
                packet.length == 4
                        ? new Decoded.Packet(new Acknowledgement(number))
                        : new Decoded.Refused("an ACK has 4 bytes, not " + packet.length);
            case 5 -> failure(number, packet);
            case 6 -> optionAcknowledgement(packet);
            default -> new Decoded.Refused("opcode " + opcode + " is unknown");
        };
    }

    private static Decoded request(boolean write, byte[] packet) {
        if (packet.length > MAXIMUM_REQUEST_BYTES) {
            return new Decoded.Refused(
                    "a request of " + packet.length + " bytes is longer than " + MAXIMUM_REQUEST_BYTES);
        }
        if (packet[packet.length - 1] != 0) {
            return new Decoded.Refused("the request's last text has no end (NUL)");
        }
        String[] parts = split(packet, 2);
        if (parts.length < 2) {
            return new Decoded.Refused("the request has no mode");
        }
        if (parts[0].isEmpty()) {
            return new Decoded.Refused("the request names no file");
        }
        if (parts.length % 2 != 0) {
            return new Decoded.Refused("the request's option \"" + parts[parts.length - 1] + "\" has no value");
        }
        return new Decoded.Packet(new Request(write, parts[0], parts[1].toLowerCase(Locale.ROOT), options(parts, 2)));
    }

    private static Decoded optionAcknowledgement(byte[] packet) {
        String[] parts = split(packet, 2);
        if (packet[packet.length - 1] != 0 || parts.length % 2 != 0) {
            return new Decoded.Refused("the option acknowledgement is cut off");
        }
        return new Decoded.Packet(new OptionAcknowledgement(options(parts, 0)));
    }

    private static Decoded failure(int code, byte[] packet) {
        int end = packet.length;
        while (end > 4 && packet[end - 1] == 0) {
            end--;
        }
        return new Decoded.Packet(new Failure(code, printable(packet, 4, Math.min(end, 4 + 200))));
    }

    private static Map<String, String> options(String[] parts, int from) {
        var options = new LinkedHashMap<String, String>();
        for (int i = from; i + 1 < parts.length; i += 2) {
            options.putIfAbsent(parts[i].toLowerCase(Locale.ROOT), parts[i + 1]);
        }
        return options;
    }

    private static String[] split(byte[] packet, int from) {
        var out = new java.util.ArrayList<String>();
        int start = from;
        for (int i = from; i < packet.length; i++) {
            if (packet[i] == 0) {
                out.add(printable(packet, start, i));
                start = i + 1;
            }
        }
        return out.toArray(String[]::new);
    }

    /** Bytes outside printable ASCII become {@code ?}: they reach logs and file systems otherwise. */
    private static String printable(byte[] bytes, int start, int end) {
        var out = new StringBuilder();
        for (byte b : Arrays.copyOfRange(bytes, start, end)) {
            out.append(b >= 0x20 && b < 0x7f ? (char) b : '?');
        }
        return out.toString();
    }
}
