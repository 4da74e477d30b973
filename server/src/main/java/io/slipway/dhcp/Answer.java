package io.slipway.dhcp;

/** What a responder wants done about a message. */
public sealed interface Answer {

    /**
     * Send it.
     *
     * @param message the reply
     * @param to where to
     */
    record Send(DhcpMessage message, Destination to) implements Answer {}

    /**
     * Say nothing; {@code reason} is for the log. {@code notable} tells a boot client that cannot be helped from the
     * everyday traffic of a network.
     */
    record Ignore(String reason, boolean notable) implements Answer {}

    /** Where a reply goes. */
    sealed interface Destination {
        /** An address and a UDP port. */
        record Address(Ip4 address, int port) implements Destination {}

        /** The address and port that the question came from: how port 4011 answers. */
        record Sender() implements Destination {}
    }

    /**
     * Where a reply from port 67 goes (RFC 2131 §4.1). A client without an address is always reached by broadcast: unicast
     * to an address that it does not answer ARP for yet would need raw sockets.
     */
    static Destination destination(DhcpMessage question, MessageType answer) {
        if (!question.addresses().relay().isNone()) {
            return new Destination.Address(question.addresses().relay(), 67);
        }
        if (answer != MessageType.NAK && !question.addresses().client().isNone()) {
            return new Destination.Address(question.addresses().client(), 68);
        }
        return new Destination.Address(Ip4.BROADCAST, 68);
    }
}
