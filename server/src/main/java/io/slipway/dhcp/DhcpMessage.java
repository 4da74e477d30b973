package io.slipway.dhcp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * One DHCP message (RFC 2131 §2). The overload option is undone when reading and not used when writing: answers are
 * small.
 *
 * @param request whether a client sent it (BOOTREQUEST)
 * @param link the client's link, address and the relay on the way
 * @param xid the client's number for the exchange
 * @param secs seconds since the client began
 * @param broadcast whether the client cannot receive unicast yet
 * @param addresses the four address fields
 * @param sname server host name, at most 64 bytes
 * @param file boot file name, at most 128 bytes
 * @param type option 53
 * @param options all options but 53 and 52
 */
public record DhcpMessage(
        boolean request,
        Link link,
        int xid,
        int secs,
        boolean broadcast,
        Addresses addresses,
        String sname,
        String file,
        MessageType type,
        Options options) {
    /** Fixed fields (236 bytes) and the magic cookie (4 bytes). */
    public static final int HEADER_BYTES = 240;

    /** Longer packets are refused: an Ethernet frame holds less, and nobody sends fragments at boot. */
    public static final int MAXIMUM_BYTES = 4096;

    /** RFC 1542 §2.1: shorter ones are dropped by old relays and clients. */
    private static final int MINIMUM_BYTES_SENT = 300;

    private static final int COOKIE = 0x63825363;
    private static final int SNAME_AT = 44;
    private static final int FILE_AT = 108;
    private static final int END_OF_FILE = 236;

    public DhcpMessage {
        checkLength(sname, 64, "sname");
        checkLength(file, 128, "file");
    }

    private static void checkLength(String text, int most, String name) {
        if (text.length() > most) {
            throw new IllegalArgumentException(name + " holds " + most + " bytes, not " + text.length());
        }
    }

    /**
     * @param type ARP hardware type; 1 is Ethernet
     * @param address the client's hardware address in hexadecimal with colons, 0 to 16 bytes
     * @param hops relays on the way
     */
    public record Link(int type, String address, int hops) {
        /** Whether it is an Ethernet address (type 1, six bytes). */
        public boolean isEthernet() {
            return type == 1 && address.length() == 17;
        }
    }

    /**
     * @param client {@code ciaddr}: what the client has
     * @param yours {@code yiaddr}: what the client gets
     * @param server {@code siaddr}: where the boot file is
     * @param relay {@code giaddr}: the relay that passed it on
     */
    public record Addresses(Ip4 client, Ip4 yours, Ip4 server, Ip4 relay) {}

    /** What came of reading a packet. */
    public sealed interface Decoded {
        /** It is a DHCP message. */
        record Message(DhcpMessage message) implements Decoded {}

        /** It is not; {@code reason} says why. */
        record Refused(String reason) implements Decoded {}
    }

    /** Reads a packet of any content and any length. */
    public static Decoded decode(byte[] packet) {
        if (packet.length < HEADER_BYTES) {
            return new Decoded.Refused(
                    "a DHCP message has at least " + HEADER_BYTES + " bytes, this packet has " + packet.length);
        }
        if (packet.length > MAXIMUM_BYTES) {
            return new Decoded.Refused(
                    "a DHCP message of " + packet.length + " bytes is longer than the accepted " + MAXIMUM_BYTES);
        }
        var in = ByteBuffer.wrap(packet);
        int op = in.get() & 255;
        int htype = in.get() & 255;
        int hlen = in.get() & 255;
        int hops = in.get() & 255;
        if (op != 1 && op != 2) {
            return new Decoded.Refused("op is " + op + ", neither 1 (request) nor 2 (reply)");
        }
        if (hlen > 16) {
            return new Decoded.Refused("a hardware address of " + hlen + " bytes does not fit its field of 16");
        }
        int xid = in.getInt();
        int secs = in.getShort() & 0xffff;
        boolean broadcast = (in.getShort() & 0x8000) != 0;
        var addresses =
                new Addresses(new Ip4(in.getInt()), new Ip4(in.getInt()), new Ip4(in.getInt()), new Ip4(in.getInt()));
        var hardware = new StringBuilder();
        for (int i = 0; i < hlen; i++) {
            int b = packet[28 + i] & 255;
            hardware.append(i == 0 ? "" : ":")
                    .append(Character.forDigit(b >> 4, 16))
                    .append(Character.forDigit(b & 15, 16));
        }
        if (in.getInt(END_OF_FILE) != COOKIE) {
            return new Decoded.Refused("the magic cookie 63:82:53:63 is missing: BOOTP without DHCP");
        }
        var values = new TreeMap<Integer, byte[]>();
        var wrong = Options.decode(packet, HEADER_BYTES, packet.length, "the options field", values);
        if (wrong.isPresent()) {
            return new Decoded.Refused(wrong.get());
        }
        int overload = 0;
        byte[] overloaded = values.remove(OptionCode.OVERLOAD);
        if (overloaded != null) {
            if (overloaded.length != 1 || overloaded[0] < 1 || overloaded[0] > 3) {
                return new Decoded.Refused("option 52 (overload) is not one byte of 1, 2 or 3");
            }
            overload = overloaded[0];
        }
        // RFC 3396 §5: the options field first, then file, then sname.
        if ((overload & 1) != 0) {
            wrong = Options.decode(packet, FILE_AT, END_OF_FILE, "the file field", values);
        }
        if (wrong.isEmpty() && (overload & 2) != 0) {
            wrong = Options.decode(packet, SNAME_AT, FILE_AT, "the sname field", values);
        }
        if (wrong.isPresent()) {
            return new Decoded.Refused(wrong.get());
        }
        byte[] type = values.remove(OptionCode.MESSAGE_TYPE);
        if (type == null || type.length != 1) {
            return new Decoded.Refused("option 53 (message type) is "
                    + (type == null ? "missing" : "of " + type.length + " bytes instead of 1"));
        }
        var known = MessageType.find(type[0] & 255);
        if (known.isEmpty()) {
            return new Decoded.Refused("message type " + (type[0] & 255) + " is unknown");
        }
        return new Decoded.Message(new DhcpMessage(
                op == 1,
                new Link(htype, hardware.toString(), hops),
                xid,
                secs,
                broadcast,
                addresses,
                (overload & 2) != 0 ? "" : field(packet, SNAME_AT, FILE_AT),
                (overload & 1) != 0 ? "" : field(packet, FILE_AT, END_OF_FILE),
                known.get(),
                Options.of(values)));
    }

    private static String field(byte[] packet, int start, int end) {
        int stop = start;
        while (stop < end && packet[stop] != 0) {
            stop++;
        }
        return Options.text(Arrays.copyOfRange(packet, start, stop));
    }

    /** The packet, at least 300 bytes long. */
    public byte[] encode() {
        byte[] tail =
                options.with(OptionCode.MESSAGE_TYPE, (byte) type.number()).encode();
        var out = ByteBuffer.allocate(Math.max(MINIMUM_BYTES_SENT, HEADER_BYTES + tail.length + 1));
        String[] hardware =
                link.address().isEmpty() ? new String[0] : link.address().split(":");
        out.put((byte) (request ? 1 : 2))
                .put((byte) link.type())
                .put((byte) hardware.length)
                .put((byte) link.hops())
                .putInt(xid)
                .putShort((short) secs)
                .putShort((short) (broadcast ? 0x8000 : 0))
                .putInt(addresses.client().bits())
                .putInt(addresses.yours().bits())
                .putInt(addresses.server().bits())
                .putInt(addresses.relay().bits());
        for (String part : hardware) {
            out.put((byte) Integer.parseInt(part, 16));
        }
        out.position(SNAME_AT).put(sname.getBytes(StandardCharsets.US_ASCII));
        out.position(FILE_AT).put(file.getBytes(StandardCharsets.US_ASCII));
        out.position(END_OF_FILE).putInt(COOKIE).put(tail).put((byte) OptionCode.END);
        return out.array();
    }

    /**
     * The beginnings of an answer: the fields that RFC 2131 §4.3.1 (table 3) copies from the question.
     *
     * @param yours the client's new address, or 0.0.0.0
     */
    DhcpMessage reply(MessageType answer, Ip4 yours, Ip4 server, String bootFile, Options more) {
        boolean keepsAddress = answer == MessageType.ACK;
        return new DhcpMessage(
                false,
                new Link(link.type(), link.address(), 0),
                xid,
                0,
                broadcast,
                new Addresses(keepsAddress ? addresses.client() : Ip4.NONE, yours, server, addresses.relay()),
                "",
                bootFile,
                answer,
                more);
    }
}
