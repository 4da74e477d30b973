package io.slipway.dhcp;

import io.slipway.dhcp.ClientArchitecture.Firmware;

/**
 * Adds the boot part beside a DHCP server that gives the addresses (PXE specification 2.1 §2.1, "proxyDHCP").
 *
 * <p>BIOS firmware is told to skip boot server discovery (option 43). UEFI firmware gets no option 43: some of it ignores
 * an offer with it, and all of it asks port 4011 again without it.
 *
 * @param service what is offered
 */
public record ProxyDhcpResponder(BootService service) {

    /** The answer to a message that came to port 67. */
    public Answer answer(DhcpMessage question) {
        if (!question.request()) {
            return new Answer.Ignore("a server's reply", false);
        }
        if (question.type() != MessageType.DISCOVER) {
            return new Answer.Ignore(question.type() + " is for the server that gives addresses", false);
        }
        var recognised = BootClient.recognise(question);
        if (recognised instanceof BootClient.Recognised.Refused refused) {
            return new Answer.Ignore(refused.reason(), true);
        }
        if (!(recognised instanceof BootClient.Recognised.Boots boots)) {
            return new Answer.Ignore("not a boot client", false);
        }
        BootClient client = boots.client();
        var bootFile = service.bootFile(client);
        if (bootFile.isEmpty()) {
            return new Answer.Ignore(service.nothingFor(client), true);
        }
        Options options = service.describe(client, bootFile.get(), service.identify(client, question));
        if (client.kind() == BootClient.Kind.PXE && client.architecture().firmware() == Firmware.BIOS) {
            options = BootService.skipDiscovery(options);
        }
        return new Answer.Send(
                question.reply(
                        MessageType.OFFER,
                        Ip4.NONE,
                        service.server(),
                        service.fileField(client, bootFile.get()),
                        options),
                Answer.destination(question, MessageType.OFFER));
    }
}
