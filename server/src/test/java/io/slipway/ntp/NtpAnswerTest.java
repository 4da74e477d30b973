package io.slipway.ntp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class NtpAnswerTest {
    private static final Instant RECEIVED = Instant.parse("2026-01-01T00:00:00.500Z");
    private static final Instant SENT = Instant.parse("2026-01-01T00:00:00.750Z");

    private static byte[] question(int first) {
        byte[] question = new byte[48];
        question[0] = (byte) first;
        question[2] = 6;
        ByteBuffer.wrap(question).putLong(40, 0x0123456789abcdefL);
        return question;
    }

    @Test
    void theAnswerCarriesTheQuestionsTimeAndOurs() {
        // Leap 0, version 4, mode 4; stratum 8; poll as asked; 3,976,214,400 s after 1900 is 0xed003780.
        assertThat(HexFormat.of().formatHex(requireNonNull(NtpAnswer.to(question(0xe3), RECEIVED, SENT))))
                .isEqualTo("240806f6" + "00000000" + "00000400" + "4c4f434c" + "ed00378080000000" + "0123456789abcdef"
                        + "ed00378080000000" + "ed003780c0000000");
    }

    @Test
    void theSecondsGoOnIn2036() {
        byte[] answer = requireNonNull(NtpAnswer.to(question(0x1b), Instant.parse("2036-02-07T06:28:16Z"), SENT));
        assertThat(ByteBuffer.wrap(answer).getLong(32)).isZero();
        assertThat(answer[0]).isEqualTo((byte) 0x1c);
    }

    @Test
    void onlyClientsAreAnsweredAndNeverWithMoreThanTheySent() {
        for (int mode : new int[] {0, 1, 2, 4, 5, 6, 7}) {
            assertThat(NtpAnswer.to(question(0x20 | mode), RECEIVED, SENT)).isNull();
        }
        assertThat(NtpAnswer.to(question(0x03), RECEIVED, SENT)).isNull();
        assertThat(NtpAnswer.to(question(0x2b), RECEIVED, SENT)).isNull();
        assertThat(NtpAnswer.to(Arrays.copyOf(question(0xe3), 47), RECEIVED, SENT))
                .isNull();
        assertThat(NtpAnswer.to(new byte[0], RECEIVED, SENT)).isNull();
        assertThat(NtpAnswer.to(Arrays.copyOf(question(0xe3), 1400), RECEIVED, SENT))
                .hasSize(NtpAnswer.BYTES);
    }
}
