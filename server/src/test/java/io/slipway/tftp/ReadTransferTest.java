package io.slipway.tftp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadTransferTest {

    private static ReadTransfer.Content content(byte[] bytes) {
        return new ReadTransfer.Content() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public void read(long offset, ByteBuffer into) {
                into.put(bytes, (int) offset, into.remaining());
            }
        };
    }

    private static ReadTransfer transfer(byte[] bytes, Map<String, String> options) {
        return ReadTransfer.of(
                new TftpPacket.Request(false, "f", "octet", options), content(bytes), ReadTransfer.Limits.ETHERNET);
    }

    private static byte[] bytes(int size) {
        byte[] out = new byte[size];
        new SplittableRandom(size).nextBytes(out);
        return out;
    }

    private static byte[] ack(int block) {
        return new TftpPacket.Acknowledgement(block & 0xffff).encode();
    }

    /** A client after RFC 7440: acknowledges each window's end, and the last good block when one is missing. */
    private static final class Client {
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        final int blockBytes;
        final int window;
        long have;
        boolean complete;
        int inWindow;

        Client(int blockBytes, int window) {
            this.blockBytes = blockBytes;
            this.window = window;
        }

        List<byte[]> receive(ByteBuffer packet) {
            int opcode = packet.getShort();
            if (opcode == 6) {
                return List.of(ack(0));
            }
            int block = packet.getShort() & 0xffff;
            boolean last = packet.remaining() < blockBytes;
            if (block != ((have + 1) & 0xffff)) {
                inWindow = 0;
                return List.of(ack((int) have));
            }
            have++;
            inWindow++;
            byte[] part = new byte[packet.remaining()];
            packet.get(part);
            got.writeBytes(part);
            complete |= last;
            if (last || inWindow == window) {
                inWindow = 0;
                return List.of(ack((int) have));
            }
            return List.of();
        }
    }

    @ParameterizedTest
    @CsvSource({"0,512,1", "511,512,1", "512,512,1", "1025,512,1", "100000,1432,1", "1000000,1432,16", "64,8,4"})
    void theClientGetsEveryByte(int size, int block, int window) {
        byte[] file = bytes(size);
        var options = block == 512 && window == 1
                ? Map.<String, String>of()
                : Map.of("blksize", "" + block, "windowsize", "" + window);
        assertThat(run(file, options, block, window, 0, 1)).isEqualTo("complete");
    }

    @Test
    void blockNumbersRollOverPast65535() {
        assertThat(run(bytes(70_000 * 8 + 3), Map.of("blksize", "8"), 8, 1, 0, 1))
                .isEqualTo("complete");
        assertThat(run(bytes(140_000 * 8), Map.of("blksize", "8", "windowsize", "32"), 8, 32, 0, 1))
                .isEqualTo("complete");
    }

    @ParameterizedTest
    @CsvSource({
        "1,1", "2,1", "3,1", "4,1", "5,8", "6,8", "7,8", "8,8", "9,32", "10,32", "11,32", "12,32", "13,4", "14,4"
    })
    void withLossItEndsCompleteOrGivesUp(long seed, int window) {
        String light = run(bytes(60_000), Map.of("windowsize", "" + window), 512, window, 10, seed);
        assertThat(light).isEqualTo("complete");
        String heavy = run(bytes(60_000), Map.of("windowsize", "" + window), 512, window, 80, seed);
        assertThat(heavy).containsAnyOf("complete", "silent");
    }

    /** Runs server and client over a lossy network until nothing more happens. */
    private static String run(
            byte[] file, Map<String, String> options, int block, int window, int lossPercent, long seed) {
        var random = new SplittableRandom(seed);
        var server = transfer(file, options);
        var client = new Client(block, window);
        Deque<ByteBuffer> toClient = new ArrayDeque<>();
        long now = 0;
        toClient.addAll(server.begin(now));
        int ticks = 0;
        int steps = 0;
        while (true) {
            assertThat(steps++).as("steps are bounded").isLessThan(2_000_000);
            ByteBuffer packet = toClient.poll();
            if (packet == null) {
                if (server.isOver()) {
                    break;
                }
                now = server.deadline();
                assertThat(ticks++).as("silences are bounded").isLessThan(5_000);
                toClient.addAll(server.tick(now));
                continue;
            }
            if (random.nextInt(100) < lossPercent) {
                continue;
            }
            for (byte[] answer : client.receive(packet)) {
                if (random.nextInt(100) >= lossPercent) {
                    toClient.addAll(server.receive(answer, now));
                }
            }
        }
        if (client.complete) {
            assertThat(client.got.toByteArray()).isEqualTo(file);
        }
        // The last acknowledgement may be lost: the client has everything, the server never hears so.
        return client.complete ? "complete" : server.failure();
    }

    @Test
    void optionsAreGrantedWithinLimits() {
        var first = transfer(bytes(5), Map.of("blksize", "65464")).begin(0);
        assertThat(new String(first.get(0).array(), java.nio.charset.StandardCharsets.US_ASCII))
                .contains("blksize\0001468\0");
        var all = transfer(bytes(5), Map.of("tsize", "0")).begin(0);
        assertThat(TftpPacket.decode(all.get(0).array()).toString()).contains("tsize=5");
    }

    @Test
    void optionsOutOfRangeAreLeftOut() {
        for (var bad : List.of(
                Map.of("blksize", "7"),
                Map.of("blksize", "99999999999999999999"),
                Map.of("windowsize", "0"),
                Map.of("timeout", "-1"),
                Map.of("multicast", ""),
                Map.of("tsize", "x"))) {
            var first = transfer(bytes(5), bad).begin(0).get(0);
            assertThat(first.getShort(0)).as("%s", bad).isEqualTo((short) 3);
        }
    }

    @Test
    void aSilentClientIsGivenUp() {
        var transfer = transfer(bytes(5000), Map.of());
        transfer.begin(0);
        int sent = 1;
        while (!transfer.isOver()) {
            sent += transfer.tick(transfer.deadline()).size();
        }
        assertThat(sent).isEqualTo(ReadTransfer.TRIES);
        assertThat(transfer.failure()).contains("silent since block 0");
    }

    @Test
    void aDuplicateAcknowledgementDoesNotDoubleThePackets() {
        var transfer = transfer(bytes(5000), Map.of());
        transfer.begin(0);
        assertThat(transfer.receive(ack(1), 1)).hasSize(1);
        assertThat(transfer.receive(ack(1), 2)).isEmpty();
        assertThat(transfer.receive(ack(9), 2)).isEmpty();
    }

    @Test
    void repeatedAcknowledgementsOfAWindowSpendTries() {
        var transfer = transfer(bytes(50_000), Map.of("windowsize", "4"));
        transfer.begin(0);
        transfer.receive(ack(0), 1);
        int sent = 0;
        for (int i = 0; i < 1000; i++) {
            sent += transfer.receive(ack(0), 2).size();
        }
        assertThat(sent).isLessThanOrEqualTo(4 * ReadTransfer.TRIES);
    }

    @Test
    void nothingThatIsReceivedThrowsOrEndsIt() {
        var random = new SplittableRandom(3);
        var transfer = transfer(bytes(50_000), Map.of("windowsize", "4"));
        var sent = new ArrayList<ByteBuffer>(transfer.begin(0));
        for (int i = 0; i < 20_000; i++) {
            byte[] packet = new byte[random.nextInt(40)];
            random.nextBytes(packet);
            if (packet.length > 1 && packet[0] == 0 && packet[1] == 5) {
                continue;
            }
            sent.addAll(transfer.receive(packet, i));
        }
        assertThat(transfer.isOver()).isFalse();
        assertThat(sent).hasSizeLessThan(1000);
    }

    @Test
    void aClientThatAbortsAfterTheSizeIsDone() {
        var transfer = transfer(bytes(5000), Map.of("tsize", "0"));
        transfer.begin(0);
        transfer.receive(new TftpPacket.Failure(8, "User aborted the transfer").encode(), 1);
        assertThat(transfer.isOver()).isTrue();
        assertThat(transfer.failure()).contains("User aborted");
    }

    @Test
    void anAcknowledgementInsideTheWindowSendsTheRestAgain() {
        var transfer = transfer(bytes(512 * 20), Map.of("windowsize", "4"));
        transfer.begin(0);
        assertThat(transfer.receive(ack(0), 1)).hasSize(4);
        var again = transfer.receive(ack(2), 2);
        assertThat(again).hasSize(4);
        assertThat(Arrays.copyOf(again.get(0).array(), 4)).containsExactly(0, 3, 0, 3);
    }
}
