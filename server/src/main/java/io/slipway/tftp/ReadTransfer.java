package io.slipway.tftp;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One download, from the server's side: given packets and the time it returns the packets to send. It ends, whatever is
 * lost or sent to it: each silence and each repeated acknowledgement spends a try, and only progress gives tries back.
 *
 * <p>Times are nanoseconds of any clock that does not jump. Not safe for several threads.
 */
public final class ReadTransfer {
    /** Silences in a row after which the client is given up. */
    public static final int TRIES = 6;

    private static final int DEFAULT_BLOCK_BYTES = 512;
    private static final long DEFAULT_TIMEOUT = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_TIMEOUT = Duration.ofSeconds(8).toNanos();

    /** What is sent. */
    public interface Content {
        /** Bytes in all; does not change. */
        long size();

        /**
         * Reads bytes.
         *
         * @param offset of the first
         * @param into filled completely from its position to its limit
         */
        void read(long offset, ByteBuffer into);
    }

    /**
     * @param blockBytes largest block, so that a packet fits a frame: 1468 on Ethernet without VLANs
     * @param window most blocks in flight
     */
    public record Limits(int blockBytes, int window) {
        public static final Limits ETHERNET = new Limits(1468, 32);
    }

    private enum State {
        OPTIONS,
        BLOCKS,
        DONE,
        FAILED
    }

    private final Content content;
    private final int blockBytes;
    private final int window;
    private final boolean timeoutGiven;
    private final Map<String, String> granted;
    private final long lastBlock;

    private State state = State.BLOCKS;
    private String failure = "";
    /** Highest block that the client has, counted from 1 without rolling over. */
    private long acknowledged;
    /** Highest block that was sent. */
    private long sent;

    private int triesLeft = TRIES;
    private long timeout;
    private long deadline;

    private ReadTransfer(
            Content content, int blockBytes, int window, Optional<Long> timeout, Map<String, String> granted) {
        this.content = content;
        this.blockBytes = blockBytes;
        this.window = window;
        this.timeoutGiven = timeout.isPresent();
        this.timeout = timeout.orElse(DEFAULT_TIMEOUT);
        this.granted = granted;
        // A last block that is full is followed by an empty one: RFC 1350 §6.
        this.lastBlock = content.size() / blockBytes + 1;
    }

    /** A transfer for a request in mode {@code octet}; options that are unknown or out of range are left out. */
    public static ReadTransfer of(TftpPacket.Request request, Content content, Limits limits) {
        var granted = new LinkedHashMap<String, String>();
        int blockBytes = DEFAULT_BLOCK_BYTES;
        int window = 1;
        Optional<Long> timeout = Optional.empty();
        for (var option : request.options().entrySet()) {
            long value = number(option.getValue());
            switch (option.getKey()) {
                case "blksize" -> {
                    if (value >= 8 && value <= 65464) {
                        blockBytes = (int) Math.min(value, limits.blockBytes());
                        granted.put("blksize", Integer.toString(blockBytes));
                    }
                }
                case "windowsize" -> {
                    if (value >= 1 && value <= 65535) {
                        window = (int) Math.min(value, limits.window());
                        granted.put("windowsize", Integer.toString(window));
                    }
                }
                case "timeout" -> {
                    if (value >= 1 && value <= 255) {
                        timeout = Optional.of(Duration.ofSeconds(value).toNanos());
                        granted.put("timeout", Long.toString(value));
                    }
                }
                case "tsize" -> {
                    if (value >= 0) {
                        granted.put("tsize", Long.toString(content.size()));
                    }
                }
                default -> {
                    // RFC 2347: what a server does not know it leaves out of its acknowledgement.
                }
            }
        }
        return new ReadTransfer(content, blockBytes, window, timeout, granted);
    }

    private static long number(String text) {
        return text.matches("\\d{1,10}") ? Long.parseLong(text) : -1;
    }

    /** Size of the largest packet that is sent, bytes. */
    public int packetBytes() {
        return 4 + blockBytes;
    }

    /** The first packets. */
    public List<ByteBuffer> begin(long now) {
        if (!granted.isEmpty()) {
            state = State.OPTIONS;
        }
        deadline = now + timeout;
        return state == State.OPTIONS ? List.of(optionAcknowledgement()) : sendWindow();
    }

    private ByteBuffer optionAcknowledgement() {
        return ByteBuffer.wrap(new TftpPacket.OptionAcknowledgement(granted).encode());
    }

    /** What to send after a packet came from the client's address and port. */
    public List<ByteBuffer> receive(byte[] packet, long now) {
        if (isOver() || !(TftpPacket.decode(packet) instanceof TftpPacket.Decoded.Packet read)) {
            return List.of();
        }
        if (read.packet() instanceof TftpPacket.Failure refused) {
            fail("the client ended it: " + refused.code() + " " + refused.message());
            return List.of();
        }
        if (!(read.packet() instanceof TftpPacket.Acknowledgement ack)) {
            return List.of();
        }
        if (state == State.OPTIONS) {
            if (ack.block() != 0) {
                return List.of();
            }
            state = State.BLOCKS;
            progress(now);
            return sendWindow();
        }
        // The block that is meant is the one at or above the acknowledged one with these low 16 bits.
        long ahead = (ack.block() - acknowledged) & 0xffff;
        long block = acknowledged + ahead;
        if (block > sent) {
            return List.of();
        }
        if (ahead == 0) {
            return repeated(now);
        }
        acknowledged = block;
        if (acknowledged == lastBlock) {
            state = State.DONE;
            return List.of();
        }
        progress(now);
        sent = acknowledged;
        return sendWindow();
    }

    /**
     * An acknowledgement that brings nothing new. With a window it says that the window's first block was lost (RFC 7440
     * §4); without one it is a duplicate, and answering it would double every packet from here on (RFC 1123 §4.2.3.1).
     */
    private List<ByteBuffer> repeated(long now) {
        if (window == 1 || sent == acknowledged || triesLeft <= 1) {
            return List.of();
        }
        triesLeft--;
        deadline = now + timeout;
        sent = acknowledged;
        return sendWindow();
    }

    private void progress(long now) {
        triesLeft = TRIES;
        if (!timeoutGiven) {
            timeout = DEFAULT_TIMEOUT;
        }
        deadline = now + timeout;
    }

    /** What to send when nothing came until now. */
    public List<ByteBuffer> tick(long now) {
        if (isOver() || now - deadline < 0) {
            return List.of();
        }
        triesLeft--;
        if (triesLeft <= 0) {
            fail("the client is silent since block " + acknowledged + " of " + lastBlock);
            return List.of();
        }
        if (!timeoutGiven) {
            timeout = Math.min(LONGEST_TIMEOUT, timeout * 2);
        }
        deadline = now + timeout;
        if (state == State.OPTIONS) {
            return List.of(optionAcknowledgement());
        }
        sent = acknowledged;
        return sendWindow();
    }

    private List<ByteBuffer> sendWindow() {
        var out = new ArrayList<ByteBuffer>(window);
        while (sent < lastBlock && sent - acknowledged < window) {
            sent++;
            long offset = (sent - 1) * blockBytes;
            int length = (int) Math.min(blockBytes, content.size() - offset);
            var packet = ByteBuffer.allocate(4 + length).putShort((short) 3).putShort((short) sent);
            content.read(offset, packet);
            out.add(packet.flip());
        }
        return out;
    }

    private void fail(String why) {
        state = State.FAILED;
        failure = why;
    }

    public boolean isOver() {
        return state == State.DONE || state == State.FAILED;
    }

    /** Why it failed, or empty while it runs and when the client has everything. */
    public String failure() {
        return failure;
    }

    /** When {@link #tick} is due. */
    public long deadline() {
        return deadline;
    }
}
