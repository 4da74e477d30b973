package io.slipway.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DhcpMessageTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "seabios-ipxe-discover",
                "seabios-ipxe-request",
                "ovmf-firmware-discover",
                "ovmf-firmware-request",
                "ovmf-ipxe-discover",
                "ovmf-ipxe-request"
            })
    void aCapturedPacketIsReadAndWrittenWithoutLoss(String name) {
        var message = Packets.read(Packets.captured(name));

        assertThat(message.request()).isTrue();
        assertThat(message.link().address()).startsWith("52:54:00:aa:bb:0");
        assertThat(message.type()).isEqualTo(name.endsWith("discover") ? MessageType.DISCOVER : MessageType.REQUEST);
        assertThat(Packets.read(message.encode())).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"seabios-ipxe-request", "ovmf-firmware-discover"})
    void everyPrefixIsRefusedWithAReason(String name) {
        byte[] packet = Packets.captured(name);
        int end = packet.length;
        while (packet[end - 1] == 0) {
            end--;
        }
        for (int length = 0; length < end; length++) {
            var decoded = DhcpMessage.decode(Arrays.copyOf(packet, length));
            assertThat(decoded).as("%d bytes", length).isInstanceOf(DhcpMessage.Decoded.Refused.class);
            assertThat(((DhcpMessage.Decoded.Refused) decoded).reason()).hasSizeGreaterThan(20);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void noChangedPacketThrows(long seed) {
        var random = new SplittableRandom(seed);
        var service = AnswerTableTest.SERVICE;
        byte[][] originals = {
            Packets.captured("seabios-ipxe-request"),
            Packets.captured("ovmf-firmware-discover"),
            Packets.question(MessageType.DISCOVER, Packets.firmware(0)).encode()
        };
        int answered = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] original = originals[random.nextInt(originals.length)];
            byte[] packet = Arrays.copyOf(original, random.nextInt(original.length * 2));
            for (int i = random.nextInt(8); i > 0 && packet.length > 0; i--) {
                packet[random.nextInt(packet.length)] = (byte) random.nextInt();
            }
            if (DhcpMessage.decode(packet) instanceof DhcpMessage.Decoded.Message read) {
                if (new ProxyDhcpResponder(service).answer(read.message()) instanceof Answer.Send send) {
                    assertThat(send.message().encode()).hasSizeLessThan(1000);
                    answered++;
                }
                service.answerBootServer(read.message());
                new DhcpServerResponder(service, DhcpServerResponderTest.NETWORK)
                        .answer(Leases.NONE, read.message(), DhcpServerResponderTest.NOW);
            }
        }
        assertThat(answered).isPositive();
    }

    @Test
    void aLongOptionIsSplitAndJoined() {
        byte[] longValue = new byte[700];
        new SplittableRandom(7).nextBytes(longValue);
        var message = Packets.question(MessageType.DISCOVER, Options.EMPTY.with(120, longValue));

        assertThat(Packets.read(message.encode()).options().find(120)).contains(longValue);
    }

    @Test
    void optionsInFileAndSnameAreReadInTheOrderOfRfc3396() {
        byte[] packet = Packets.question(
                        MessageType.DISCOVER,
                        Options.EMPTY.with(OptionCode.HOST_NAME, "a").with(200, (byte) 0))
                .encode();
        // Option 200 (1 byte) becomes the overload option; file continues the host name, sname ends it.
        for (int i = 240; i < packet.length; i++) {
            if ((packet[i] & 255) == 200) {
                packet[i] = OptionCode.OVERLOAD;
                packet[i + 2] = 3;
                break;
            }
        }
        System.arraycopy(new byte[] {12, 1, 'b', (byte) 255}, 0, packet, 108, 4);
        System.arraycopy(new byte[] {12, 1, 'c', (byte) 255}, 0, packet, 44, 4);

        var message = Packets.read(packet);

        assertThat(message.options().findText(OptionCode.HOST_NAME)).contains("abc");
        assertThat(message.file()).isEmpty();
        assertThat(message.sname()).isEmpty();

        packet[111] = 9;
        assertThat(DhcpMessage.decode(packet).toString()).contains("file field");
    }

    @Test
    void controlCharactersOfAPacketDoNotReachTexts() {
        var message = Packets.question(MessageType.DISCOVER, Options.EMPTY.with(12, (byte) 27, (byte) 'x', (byte) 0));

        assertThat(Packets.read(message.encode()).options().findText(12)).contains("?x");
    }
}
