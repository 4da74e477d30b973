package io.slipway.ntp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a server says that has no better clock than its machine's (RFC 5905 section 7.3, RFC 4330 section 6). */
public final class NtpAnswer {
    /** Both ways, without extensions and signatures. */
    public static final int BYTES = 48;

    /** Nodes agree with each other at stratum 10 when nobody tells them the time; real servers have far smaller ones. */
    private static final int STRATUM = 8;

    private static final int CLIENT = 3;
    private static final int SERVER = 4;
    /** 2^-10 s: what a busy Java program can promise. */
    private static final byte PRECISION = -10;
    /** Seconds with 16 bits behind the point: 16 ms. */
    private static final int DISPERSION = 1 << 10;

    /** From NTP's epoch, 1900, to that of {@link Instant}. */
    private static final long SECONDS_UNTIL_1970 = 2_208_988_800L;

    private NtpAnswer() {}

    /**
     * @param question as it came
     * @param received when
     * @param sent when the answer leaves
     * @return the answer, never longer than the question; null if that is not a client's
     */
    public static byte @Nullable [] to(byte[] question, Instant received, Instant sent) {
        if (question.length < BYTES) {
            return null;
        }
        int version = question[0] >> 3 & 7;
        if ((question[0] & 7) != CLIENT || version < 1 || version > 4) {
            return null;
        }
        var asked = ByteBuffer.wrap(question);
        var answer = ByteBuffer.allocate(BYTES);
        answer.put((byte) (version << 3 | SERVER));
        answer.put((byte) STRATUM);
        answer.put(asked.get(2));
        answer.put(PRECISION);
        answer.putInt(0);
        answer.putInt(DISPERSION);
        answer.put("LOCL".getBytes(StandardCharsets.US_ASCII));
        put(answer, received);
        answer.putLong(asked.getLong(40));
        put(answer, received);
        put(answer, sent);
        return answer.array();
    }

    /** The era is not told: the seconds begin anew in 2036, and clients know by their own clock which is meant. */
    private static void put(ByteBuffer to, Instant time) {
        to.putInt((int) (time.getEpochSecond() + SECONDS_UNTIL_1970));
        to.putInt((int) (((long) time.getNano() << 32) / 1_000_000_000L));
    }
}
