package io.slipway.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DhcpServerResponderTest {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Ip4 SERVER = new Ip4(0x0a630001);
    private static final Ip4 RESERVED = new Ip4(0x0a63000b);
    private static final Ip4 POOL_1 = new Ip4(0x0a630064);
    private static final Ip4 POOL_2 = new Ip4(0x0a630065);
    private static final String KNOWN = "52:54:00:00:00:0b";
    static final DhcpServerResponder.ServedNetwork NETWORK = new DhcpServerResponder.ServedNetwork(
            new Ip4(0xffffff00),
            SERVER,
            List.of(SERVER),
            "lab.test",
            Map.of(KNOWN, new DhcpServerResponder.Reservation(RESERVED, "node1")),
            POOL_1,
            POOL_2,
            Duration.ofHours(1));

    private final DhcpServerResponder responder = new DhcpServerResponder(AnswerTableTest.SERVICE, NETWORK);
    private Leases leases = Leases.NONE;
    private Instant now = NOW;

    private Optional<DhcpMessage> say(String mac, MessageType type, Ip4 ciaddr, Options options) {
        var outcome = responder.answer(
                leases,
                new DhcpMessage(
                        true,
                        new DhcpMessage.Link(1, mac, 0),
                        7,
                        0,
                        false,
                        new DhcpMessage.Addresses(ciaddr, Ip4.NONE, Ip4.NONE, Ip4.NONE),
                        "",
                        "",
                        type,
                        options),
                now);
        leases = outcome.leases();
        return outcome.answer() instanceof Answer.Send send ? Optional.of(send.message()) : Optional.empty();
    }

    private Optional<Ip4> offered(String mac) {
        return say(mac, MessageType.DISCOVER, Ip4.NONE, Options.EMPTY)
                .map(reply -> reply.addresses().yours());
    }

    private Optional<MessageType> select(String mac, Ip4 address, Ip4 server) {
        return say(
                        mac,
                        MessageType.REQUEST,
                        Ip4.NONE,
                        Options.EMPTY
                                .with(OptionCode.REQUESTED_ADDRESS, address)
                                .with(OptionCode.SERVER_IDENTIFIER, server))
                .map(DhcpMessage::type);
    }

    private static String mac(int n) {
        return "52:54:00:00:01:%02x".formatted(n);
    }

    @Test
    void aKnownMachineGetsItsReservedAddressWithEverythingItNeeds() {
        assertThat(offered(KNOWN)).contains(RESERVED);
        var reply = say(
                        KNOWN,
                        MessageType.REQUEST,
                        Ip4.NONE,
                        Options.EMPTY
                                .with(OptionCode.REQUESTED_ADDRESS, RESERVED)
                                .with(OptionCode.SERVER_IDENTIFIER, SERVER))
                .orElseThrow();

        assertThat(reply.type()).isEqualTo(MessageType.ACK);
        assertThat(reply.options().findText(OptionCode.HOST_NAME)).contains("node1");
        assertThat(reply.options().findText(OptionCode.DOMAIN_NAME)).contains("lab.test");
        assertThat(reply.options().findAddress(OptionCode.SUBNET_MASK)).contains(new Ip4(0xffffff00));
        assertThat(reply.options().findAddress(OptionCode.ROUTER)).contains(SERVER);
        assertThat(reply.options().findAddress(OptionCode.BROADCAST_ADDRESS)).contains(new Ip4(0x0a6300ff));
        assertThat(reply.options().findAddress(OptionCode.LEASE_TIME)).contains(new Ip4(3600));
    }

    @Test
    void unknownMachinesShareThePoolUntilItIsEmpty() {
        assertThat(offered(mac(1))).contains(POOL_1);
        assertThat(offered(mac(2))).contains(POOL_2);
        assertThat(offered(mac(1))).contains(POOL_1);
        assertThat(offered(mac(3))).isEmpty();
    }

    @Test
    void anOfferThatIsNotTakenIsFreeAgainAfterAMinute() {
        offered(mac(1));
        offered(mac(2));
        now = now.plusSeconds(61);

        assertThat(offered(mac(3))).contains(POOL_1);
        assertThat(leases.byClient()).hasSize(1);
    }

    @Test
    void aLeaseIsRenewedAndExpires() {
        offered(mac(1));
        assertThat(select(mac(1), POOL_1, SERVER)).contains(MessageType.ACK);
        now = now.plusSeconds(1800);
        assertThat(say(mac(1), MessageType.REQUEST, POOL_1, Options.EMPTY).map(DhcpMessage::type))
                .contains(MessageType.ACK);
        now = now.plusSeconds(3599);
        assertThat(leases.expire(now).byClient()).containsKey(mac(1));
        now = now.plusSeconds(1);
        assertThat(leases.expire(now).byClient()).isEmpty();
    }

    @Test
    void anOfferDoesNotShortenALease() {
        offered(mac(1));
        select(mac(1), POOL_1, SERVER);
        offered(mac(1));
        now = now.plusSeconds(120);

        assertThat(leases.expire(now).byClient()).containsKey(mac(1));
    }

    @Test
    void aClientThatChoosesAnotherServerFreesItsOffer() {
        offered(mac(1));
        assertThat(select(mac(1), POOL_1, new Ip4(0x0a630002))).isEmpty();
        assertThat(leases.byClient()).isEmpty();
    }

    @Test
    void aWrongAddressIsRefusedSoThatTheClientStartsAgain() {
        assertThat(select(KNOWN, POOL_1, SERVER)).contains(MessageType.NAK);
        assertThat(select(mac(1), POOL_1, SERVER)).contains(MessageType.NAK);
        assertThat(say(mac(1), MessageType.REQUEST, new Ip4(0xc0a80005), Options.EMPTY)
                        .map(DhcpMessage::type))
                .contains(MessageType.NAK);
    }

    @Test
    void aClientOfAForgottenLeaseKeepsWhatNobodyElseHas() {
        assertThat(say(mac(1), MessageType.REQUEST, POOL_2, Options.EMPTY).map(DhcpMessage::type))
                .contains(MessageType.ACK);
        assertThat(say(mac(2), MessageType.REQUEST, POOL_2, Options.EMPTY)).isEmpty();
        assertThat(say(mac(2), MessageType.REQUEST, RESERVED, Options.EMPTY)).isEmpty();
    }

    @Test
    void aReleasedAddressIsFreeAndADeclinedOneIsNot() {
        offered(mac(1));
        select(mac(1), POOL_1, SERVER);
        say(mac(2), MessageType.RELEASE, POOL_1, Options.EMPTY);
        assertThat(leases.byClient()).containsKey(mac(1));
        say(mac(1), MessageType.RELEASE, POOL_1, Options.EMPTY);
        assertThat(offered(mac(2))).contains(POOL_1);
        select(mac(2), POOL_1, SERVER);
        say(mac(2), MessageType.DECLINE, Ip4.NONE, Options.EMPTY.with(OptionCode.REQUESTED_ADDRESS, POOL_1));
        assertThat(offered(mac(2))).contains(POOL_2);
        assertThat(offered(mac(3))).isEmpty();
        now = now.plusSeconds(601);
        assertThat(offered(mac(3))).contains(POOL_1);
    }

    @Test
    void informIsAnsweredWithoutAnAddressOrALease() {
        var reply = say(mac(1), MessageType.INFORM, POOL_1, Options.EMPTY).orElseThrow();

        assertThat(reply.type()).isEqualTo(MessageType.ACK);
        assertThat(reply.addresses().yours().isNone()).isTrue();
        assertThat(reply.options().has(OptionCode.LEASE_TIME)).isFalse();
        assertThat(leases.byClient()).isEmpty();
    }

    @Test
    void aFloodOfMachinesDoesNotGrowTheLeasesBeyondThePool() {
        for (int i = 0; i < 256; i++) {
            offered(mac(i));
        }
        assertThat(leases.byClient()).hasSize(2);
    }
}
