package io.slipway.tftp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TftpPacketTest {
    private static final byte[] REQUEST =
            "\0\1undionly.kpxe\0OCTET\0TSize\0000\0blksize\0001432\0".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void aRequestIsReadAsFirmwareSendsIt() {
        var options = new LinkedHashMap<String, String>();
        options.put("tsize", "0");
        options.put("blksize", "1432");
        assertThat(TftpPacket.decode(REQUEST))
                .isEqualTo(new TftpPacket.Decoded.Packet(
                        new TftpPacket.Request(false, "undionly.kpxe", "octet", options)));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        TftpPacket[] packets = {
            new TftpPacket.Request(true, "a", "netascii", Map.of()),
            new TftpPacket.Acknowledgement(65535),
            new TftpPacket.Failure(1, "no such file"),
            new TftpPacket.OptionAcknowledgement(Map.of("tsize", "17")),
        };
        for (TftpPacket packet : packets) {
            assertThat(TftpPacket.decode(packet.encode())).isEqualTo(new TftpPacket.Decoded.Packet(packet));
        }
    }

    @Test
    void everyPrefixOfARequestThatCutsATextIsRefused() {
        for (int length = 0; length < REQUEST.length; length++) {
            byte[] packet = Arrays.copyOf(REQUEST, length);
            // Cut behind a pair of texts, what is left is a whole, shorter request.
            if (length == 22 || length == 30) {
                assertThat(TftpPacket.decode(packet)).isInstanceOf(TftpPacket.Decoded.Packet.class);
            } else {
                assertThat(TftpPacket.decode(packet))
                        .as("%d bytes", length)
                        .isInstanceOf(TftpPacket.Decoded.Refused.class);
            }
        }
    }

    @Test
    void nothingThrows() {
        var random = new SplittableRandom(1);
        for (int round = 0; round < 50_000; round++) {
            byte[] packet = new byte[random.nextInt(600)];
            random.nextBytes(packet);
            if (packet.length > 1) {
                packet[0] = 0;
                packet[1] = (byte) random.nextInt(8);
            }
            TftpPacket.decode(packet);
        }
    }

    @Test
    void aHugeRequestIsRefused() {
        byte[] packet = Arrays.copyOf(REQUEST, 513);
        assertThat(TftpPacket.decode(packet).toString()).contains("longer than 512");
    }
}
