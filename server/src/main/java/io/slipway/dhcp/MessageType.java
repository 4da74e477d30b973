package io.slipway.dhcp;

import java.util.Arrays;
import java.util.Optional;

/** Option 53: RFC 2132 §9.6. */
public enum MessageType {
    DISCOVER(1),
    OFFER(2),
    REQUEST(3),
    DECLINE(4),
    ACK(5),
    NAK(6),
    RELEASE(7),
    INFORM(8);

    private final int number;

    MessageType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<MessageType> find(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }
}
