package io.slipway.dhcp;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A DHCP server for a boot network that has none (RFC 2131 §4.3): known machines get their reserved address, others one of
 * a pool. Machines are told apart by hardware address alone: firmware, iPXE and installer of one machine send different
 * client identifiers.
 *
 * @param service what is offered to machines that boot
 * @param network the addresses
 */
public record DhcpServerResponder(BootService service, ServedNetwork network) {
    /** How long an offered address waits for its request. */
    private static final Duration OFFERED = Duration.ofSeconds(60);

    /** How long an address that somebody else uses is left alone. */
    private static final Duration DECLINED = Duration.ofMinutes(10);

    /** iPXE setting 176, {@code no-pxedhcp}: do not wait for a proxyDHCP server. */
    private static final byte[] IPXE_NO_PROXY = {(byte) 176, 1, 1};

    /**
     * @param netmask the boot network's mask
     * @param router the gateway that is offered, or null
     * @param nameServers DNS servers that are offered
     * @param domain DNS domain that is offered, or empty
     * @param reservations the address of each known machine by hardware address in lower case with colons
     * @param poolFirst first address for unknown machines, or null for none
     * @param poolLast last address for unknown machines, or null for none
     * @param lease how long an address lasts
     */
    public record ServedNetwork(
            Ip4 netmask,
            @Nullable Ip4 router,
            List<Ip4> nameServers,
            String domain,
            Map<String, Reservation> reservations,
            @Nullable Ip4 poolFirst,
            @Nullable Ip4 poolLast,
            Duration lease) {
        public ServedNetwork {
            nameServers = List.copyOf(nameServers);
            reservations = Map.copyOf(reservations);
        }

        boolean contains(Ip4 address, Ip4 server) {
            return (address.bits() & netmask.bits()) == (server.bits() & netmask.bits());
        }
    }

    /**
     * @param address the machine's address
     * @param hostName its name
     */
    public record Reservation(Ip4 address, String hostName) {}

    /**
     * @param leases who has which address now
     * @param answer what to do
     */
    public record Outcome(Leases leases, Answer answer) {}

    /** The answer to a message that came to port 67, and what became of the leases. */
    public Outcome answer(Leases before, DhcpMessage question, Instant now) {
        if (!question.request()) {
            return ignore(before, "a server's reply");
        }
        if (!question.link().isEthernet()) {
            return ignore(before, "not an Ethernet client: " + question.link());
        }
        if (!question.addresses().relay().isNone()) {
            return new Outcome(
                    before,
                    new Answer.Ignore(
                            "it came through the relay " + question.addresses().relay()
                                    + ", which is on another network",
                            true));
        }
        Leases leases = before.expire(now);
        return switch (question.type()) {
            case DISCOVER -> discover(leases, question, now);
            case REQUEST -> request(leases, question, now);
            case DECLINE -> decline(leases, question, now);
            case RELEASE -> release(leases, question);
            case INFORM -> new Outcome(leases, send(question, MessageType.ACK, Ip4.NONE));
            case OFFER, ACK, NAK -> ignore(leases, question.type() + " is a server's message");
        };
    }

    private static Outcome ignore(Leases leases, String reason) {
        return new Outcome(leases, new Answer.Ignore(reason, false));
    }

    private Outcome discover(Leases leases, DhcpMessage question, Instant now) {
        String client = question.link().address();
        var address = choose(leases, question);
        if (address.isEmpty()) {
            return new Outcome(
                    leases,
                    new Answer.Ignore(
                            "no address is left for the unknown machine " + client + "; widen serve.dhcp.pool", true));
        }
        var held = leases.find(client);
        // An offer must not shorten a lease that the client still has.
        boolean bound =
                held.isPresent() && held.get().bound() && held.get().address().equals(address.get());
        Leases after = bound ? leases : leases.with(client, new Leases.Lease(address.get(), now.plus(OFFERED), false));
        return new Outcome(after, send(question, MessageType.OFFER, address.get()));
    }

    private Optional<Ip4> choose(Leases leases, DhcpMessage question) {
        String client = question.link().address();
        var reserved = network.reservations().get(client);
        if (reserved != null) {
            return Optional.of(reserved.address());
        }
        var held = leases.find(client);
        if (held.isPresent()) {
            return Optional.of(held.get().address());
        }
        var wanted = question.options().findAddress(OptionCode.REQUESTED_ADDRESS);
        if (wanted.isPresent() && isFree(leases, wanted.get())) {
            return wanted;
        }
        Ip4 first = network.poolFirst();
        Ip4 last = network.poolLast();
        if (first == null || last == null) {
            return Optional.empty();
        }
        Set<Ip4> taken = leases.taken();
        for (Ip4 each = first; each.compareTo(last) <= 0; each = new Ip4(each.bits() + 1)) {
            if (!taken.contains(each) && isGiven(each)) {
                return Optional.of(each);
            }
            if (each.bits() == -1) {
                break;
            }
        }
        return Optional.empty();
    }

    private boolean isFree(Leases leases, Ip4 address) {
        return !leases.taken().contains(address) && isGiven(address);
    }

    /** Whether an address is the pool's, and neither ours nor reserved. */
    private boolean isGiven(Ip4 address) {
        Ip4 first = network.poolFirst();
        Ip4 last = network.poolLast();
        return first != null
                && last != null
                && first.compareTo(address) <= 0
                && address.compareTo(last) <= 0
                && !address.equals(service.server())
                && network.reservations().values().stream()
                        .noneMatch(each -> each.address().equals(address));
    }

    private Outcome request(Leases leases, DhcpMessage question, Instant now) {
        String client = question.link().address();
        var chosenServer = question.options().findAddress(OptionCode.SERVER_IDENTIFIER);
        if (chosenServer.isPresent() && !chosenServer.get().equals(service.server())) {
            boolean onlyOffered =
                    leases.find(client).map(lease -> !lease.bound()).orElse(false);
            return ignore(onlyOffered ? leases.without(client) : leases, "it chose the server " + chosenServer.get());
        }
        Ip4 wanted = question.addresses().client().isNone()
                ? question.options().findAddress(OptionCode.REQUESTED_ADDRESS).orElse(Ip4.NONE)
                : question.addresses().client();
        if (wanted.isNone()) {
            return ignore(leases, "a request for no address");
        }
        var reserved = network.reservations().get(client);
        var held = leases.find(client).map(Leases.Lease::address);
        Optional<Ip4> rightful = reserved == null ? held : Optional.of(reserved.address());
        if (rightful.isEmpty() && chosenServer.isEmpty()) {
            if (!network.contains(wanted, service.server())) {
                return new Outcome(leases, send(question, MessageType.NAK, Ip4.NONE));
            }
            // Leases were lost (a restart): the client keeps what nobody else has, RFC 2131 §4.3.2.
            if (!isFree(leases, wanted)) {
                return ignore(leases, "a request for " + wanted + ", which this server did not give");
            }
            rightful = Optional.of(wanted);
        }
        if (rightful.isEmpty() || !rightful.get().equals(wanted)) {
            return new Outcome(leases, send(question, MessageType.NAK, Ip4.NONE));
        }
        return new Outcome(
                leases.with(client, new Leases.Lease(wanted, now.plus(network.lease()), true)),
                send(question, MessageType.ACK, wanted));
    }

    private Outcome decline(Leases leases, DhcpMessage question, Instant now) {
        String client = question.link().address();
        var address = question.options().findAddress(OptionCode.REQUESTED_ADDRESS);
        var held = leases.find(client);
        if (address.isEmpty() || held.isEmpty() || !held.get().address().equals(address.get())) {
            return ignore(leases, "it declines an address that it does not have");
        }
        return new Outcome(
                leases.without(client).decline(address.get(), now.plus(DECLINED)),
                new Answer.Ignore(
                        client + " says that somebody else uses " + address.get()
                                + "; find the machine that has it by hand",
                        true));
    }

    private Outcome release(Leases leases, DhcpMessage question) {
        String client = question.link().address();
        var held = leases.find(client);
        boolean own = held.isPresent()
                && held.get().address().equals(question.addresses().client());
        return ignore(own ? leases.without(client) : leases, "released");
    }

    private Answer send(DhcpMessage question, MessageType type, Ip4 yours) {
        Options options = Options.EMPTY.with(OptionCode.SERVER_IDENTIFIER, service.server());
        if (type == MessageType.NAK) {
            return new Answer.Send(
                    question.reply(
                            type,
                            Ip4.NONE,
                            Ip4.NONE,
                            "",
                            options.with(OptionCode.MESSAGE, "that address is not this machine's here")),
                    Answer.destination(question, type));
        }
        if (!yours.isNone()) {
            int seconds = (int) Math.min(Integer.MAX_VALUE, network.lease().toSeconds());
            options = options.withSeconds(OptionCode.LEASE_TIME, seconds)
                    .withSeconds(OptionCode.RENEWAL_TIME, seconds / 2)
                    .withSeconds(OptionCode.REBINDING_TIME, (int) (seconds * 7L / 8));
        }
        options = options.with(OptionCode.SUBNET_MASK, network.netmask())
                .with(
                        OptionCode.BROADCAST_ADDRESS,
                        new Ip4(service.server().bits() | ~network.netmask().bits()));
        Ip4 router = network.router();
        if (router != null) {
            options = options.with(OptionCode.ROUTER, router);
        }
        if (!network.nameServers().isEmpty()) {
            options = options.with(OptionCode.DOMAIN_NAME_SERVERS, network.nameServers());
        }
        if (!network.domain().isEmpty()) {
            options = options.with(OptionCode.DOMAIN_NAME, network.domain());
        }
        var reserved = network.reservations().get(question.link().address());
        if (reserved != null) {
            options = options.with(OptionCode.HOST_NAME, reserved.hostName());
        }
        String file = "";
        Ip4 next = Ip4.NONE;
        if (BootClient.recognise(question) instanceof BootClient.Recognised.Boots boots) {
            BootClient client = boots.client();
            var bootFile = service.bootFile(client);
            if (bootFile.isPresent()) {
                file = service.fileField(client, bootFile.get());
                next = service.server();
                options = service.describe(client, bootFile.get(), options);
            }
            options = switch (client.kind()) {
                // UEFI takes an offer as HTTP boot's only with its class in it.
                case HTTP -> options.with(OptionCode.CLASS_IDENTIFIER, "HTTPClient");
                case IPXE -> options.with(OptionCode.IPXE_ENCAPSULATED, IPXE_NO_PROXY);
                // Without option 60 firmware takes the file from here and asks no boot server.
                case PXE -> options;
            };
        }
        return new Answer.Send(question.reply(type, yours, next, file, options), Answer.destination(question, type));
    }
}
