package io.slipway.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dhcp.ClientArchitecture.Firmware;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Architecture × client class × user class × port × mode → reply, as it stands on the wire. */
class AnswerTableTest {
    private static final Ip4 SERVER = new Ip4(0x0a630001);
    static final BootService SERVICE =
            new BootService(SERVER, 8080, Map.of(Firmware.BIOS, "undionly.kpxe", Firmware.UEFI_X64, "snponly.efi"));
    private static final String SCRIPT = "http://10.99.0.1:8080/boot.ipxe?mac=${mac:hexhyp}&uuid=${uuid}"
            + "&serial=${serial:uristring}&arch=${buildarch}&platform=${platform}";
    private static final String HTTP_LOADER = "http://10.99.0.1:8080/ipxe/snponly.efi";
    private static final String GUID = HexFormat.of().formatHex(Packets.GUID);

    private enum Port {
        PROXY_67,
        SERVER_67,
        BOOT_4011
    }

    static Stream<Arguments> rows() {
        Options noGuid =
                Options.EMPTY.with(60, "PXEClient:Arch:00000:UNDI:002001").with(93, (byte) 0, (byte) 0);
        Options badGuid = Packets.firmware(0).with(97, (byte) 0, (byte) 1);
        Options oldRom = Options.EMPTY.with(60, "PXEClient");
        Options classOnly = Options.EMPTY.with(60, "PXEClient:Arch:00007:UNDI:003016");
        Options rfc3004 = Packets.firmware(0).with(77, (byte) 4, (byte) 'i', (byte) 'P', (byte) 'X', (byte) 'E');
        Options etherboot = Packets.firmware(0).with(175, (byte) 0x13, (byte) 1, (byte) 1);
        Options ipxeWithoutHttp = Packets.ipxe(0).with(175, (byte) 0x17, (byte) 1, (byte) 1);
        return Stream.of(
                // client, port, type, file field, option 67, option 60, option 43, destination
                row("BIOS ROM", Packets.firmware(0), Port.PROXY_67, "undionly.kpxe", "", "PXEClient", "060108ff"),
                row("BIOS ROM", Packets.firmware(0), Port.SERVER_67, "undionly.kpxe", "", "", ""),
                row("BIOS ROM", Packets.firmware(0), Port.BOOT_4011, "undionly.kpxe", "", "PXEClient", ""),
                row("ROM without GUID", noGuid, Port.PROXY_67, "undionly.kpxe", "", "PXEClient", "060108ff"),
                row("ROM without option 93", oldRom, Port.PROXY_67, "undionly.kpxe", "", "PXEClient", "060108ff"),
                row("x64 UEFI", Packets.firmware(7), Port.PROXY_67, "snponly.efi", "", "PXEClient", ""),
                row("x64 UEFI", Packets.firmware(7), Port.SERVER_67, "snponly.efi", "", "", ""),
                row("x64 UEFI", Packets.firmware(7), Port.BOOT_4011, "snponly.efi", "", "PXEClient", ""),
                row("x64 UEFI by class", classOnly, Port.PROXY_67, "snponly.efi", "", "PXEClient", ""),
                row("EBC", Packets.firmware(9), Port.PROXY_67, "snponly.efi", "", "PXEClient", ""),
                row("HTTP boot", Packets.httpFirmware(16), Port.PROXY_67, HTTP_LOADER, HTTP_LOADER, "HTTPClient", ""),
                row("HTTP boot", Packets.httpFirmware(16), Port.SERVER_67, HTTP_LOADER, HTTP_LOADER, "HTTPClient", ""),
                row("iPXE BIOS", Packets.ipxe(0), Port.PROXY_67, "", SCRIPT, "PXEClient", ""),
                row("iPXE BIOS", Packets.ipxe(0), Port.SERVER_67, "", SCRIPT, "", ""),
                row("iPXE BIOS", Packets.ipxe(0), Port.BOOT_4011, "", SCRIPT, "PXEClient", ""),
                row("iPXE UEFI", Packets.ipxe(7), Port.PROXY_67, "", SCRIPT, "PXEClient", ""),
                row("iPXE arm64", Packets.ipxe(11), Port.PROXY_67, "", SCRIPT, "PXEClient", ""),
                row("iPXE, RFC 3004", rfc3004, Port.PROXY_67, "", SCRIPT, "PXEClient", ""),
                row("iPXE by option 175", etherboot, Port.PROXY_67, "", SCRIPT, "PXEClient", ""),
                row("iPXE, no HTTP", ipxeWithoutHttp, Port.PROXY_67, "undionly.kpxe", "", "PXEClient", "060108ff"),
                silence("32-bit UEFI", Packets.firmware(6), Port.PROXY_67, "X86_UEFI (6)"),
                silence("arm64 UEFI", Packets.firmware(11), Port.BOOT_4011, "ARM64_UEFI (11)"),
                silence("arm64 HTTP", Packets.httpFirmware(19), Port.PROXY_67, "ARM64_UEFI_HTTP (19)"),
                silence("unknown number", Packets.firmware(999), Port.PROXY_67, "0x03e7"),
                silence("wrong GUID", badGuid, Port.PROXY_67, "option 97"),
                silence("odd option 93", Packets.firmware(0).with(93, (byte) 0), Port.PROXY_67, "option 93"),
                silence("a laptop", Options.EMPTY.with(60, "MSFT 5.0"), Port.PROXY_67, "not a boot client"),
                silence("a laptop", Options.EMPTY, Port.BOOT_4011, "not a boot client"));
    }

    private static Arguments row(
            String client, Options options, Port port, String file, String option67, String option60, String option43) {
        // The script's address is longer than the file field.
        return Arguments.of(client, options, port, file, option67, option60, option43, "");
    }

    private static Arguments silence(String client, Options options, Port port, String reason) {
        return Arguments.of(client, options, port, "", "", "", "", reason);
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("rows")
    void theReplyOnTheWire(
            String client,
            Options options,
            Port port,
            String file,
            String option67,
            String option60,
            String option43,
            String silence) {
        var question = Packets.read(
                Packets.question(port == Port.BOOT_4011 ? MessageType.REQUEST : MessageType.DISCOVER, options)
                        .encode());
        Answer answer = switch (port) {
            case PROXY_67 -> new ProxyDhcpResponder(SERVICE).answer(question);
            case SERVER_67 ->
                new DhcpServerResponder(SERVICE, DhcpServerResponderTest.NETWORK)
                        .answer(Leases.NONE, question, DhcpServerResponderTest.NOW)
                        .answer();
            case BOOT_4011 -> SERVICE.answerBootServer(question);
        };
        if (!silence.isEmpty()) {
            assertThat(answer).isInstanceOf(Answer.Ignore.class);
            assertThat(((Answer.Ignore) answer).reason()).contains(silence);
            return;
        }
        var send = (Answer.Send) answer;
        var reply = Packets.read(send.message().encode());
        assertThat(reply.request()).isFalse();
        assertThat(reply.xid()).isEqualTo(0x11223344);
        assertThat(reply.link().address()).isEqualTo(Packets.MAC);
        assertThat(reply.type()).isEqualTo(port == Port.BOOT_4011 ? MessageType.ACK : MessageType.OFFER);
        assertThat(reply.addresses().server()).isEqualTo(SERVER);
        assertThat(reply.addresses().yours().isNone()).isEqualTo(port != Port.SERVER_67);
        assertThat(reply.file()).isEqualTo(file);
        assertThat(reply.options().findText(67).orElse("")).isEqualTo(option67);
        assertThat(reply.options().findText(60).orElse("")).isEqualTo(option60);
        assertThat(HexFormat.of().formatHex(reply.options().find(43).orElse(new byte[0])))
                .isEqualTo(option43);
        assertThat(reply.options().findAddress(54)).contains(SERVER);
        boolean echoes = port != Port.SERVER_67 && options.has(97);
        assertThat(HexFormat.of().formatHex(reply.options().find(97).orElse(new byte[0])))
                .isEqualTo(echoes ? GUID : "");
        assertThat(send.to())
                .isEqualTo(
                        port == Port.BOOT_4011
                                ? new Answer.Destination.Sender()
                                : new Answer.Destination.Address(Ip4.BROADCAST, 68));
    }

    @Test
    void proxyLeavesRequestsAndRepliesToOthers() {
        var responder = new ProxyDhcpResponder(SERVICE);
        for (MessageType type : MessageType.values()) {
            var answer = responder.answer(Packets.question(type, Packets.firmware(0)));
            assertThat(answer instanceof Answer.Send).as("%s", type).isEqualTo(type == MessageType.DISCOVER);
        }
        assertThat(responder.answer(Packets.read(
                        ((Answer.Send) responder.answer(Packets.question(MessageType.DISCOVER, Packets.firmware(0))))
                                .message()
                                .encode())))
                .isInstanceOf(Answer.Ignore.class);
    }

    @Test
    void aRelayedQuestionIsAnsweredToTheRelay() {
        var question = Packets.question(MessageType.DISCOVER, Packets.firmware(0));
        var relayed = new DhcpMessage(
                true,
                question.link(),
                1,
                0,
                false,
                new DhcpMessage.Addresses(Ip4.NONE, Ip4.NONE, Ip4.NONE, new Ip4(0x0a000001)),
                "",
                "",
                MessageType.DISCOVER,
                question.options());

        var send = (Answer.Send) new ProxyDhcpResponder(SERVICE).answer(relayed);

        assertThat(send.to()).isEqualTo(new Answer.Destination.Address(new Ip4(0x0a000001), 67));
        assertThat(send.message().addresses().relay()).isEqualTo(new Ip4(0x0a000001));
    }

    @Test
    void aChosenMenuItemIsEchoed() {
        var question = Packets.question(
                MessageType.REQUEST,
                Packets.firmware(0).with(43, (byte) 71, (byte) 4, (byte) 0, (byte) 1, (byte) 0, (byte) 0, (byte) 255));

        var send = (Answer.Send) SERVICE.answerBootServer(question);

        assertThat(HexFormat.of().formatHex(send.message().options().find(43).orElseThrow()))
                .isEqualTo("470400010000ff");
    }

    @Test
    void theUuidIsPrintedAsTheMachineShowsIt() {
        var recognised = BootClient.recognise(Packets.read(Packets.captured("seabios-ipxe-discover")));

        assertThat(recognised)
                .isEqualTo(new BootClient.Recognised.Boots(new BootClient(
                        BootClient.Kind.IPXE, ClientArchitecture.X86_BIOS, "12345678-9abc-def0-1234-56789abcdef0")));
    }

    @Test
    void capturedFirmwareIsToldApart() {
        var ovmf = (BootClient.Recognised.Boots)
                BootClient.recognise(Packets.read(Packets.captured("ovmf-firmware-discover")));
        var ipxe =
                (BootClient.Recognised.Boots) BootClient.recognise(Packets.read(Packets.captured("ovmf-ipxe-request")));

        assertThat(ovmf.client().kind()).isEqualTo(BootClient.Kind.PXE);
        assertThat(ovmf.client().architecture()).isEqualTo(ClientArchitecture.X64_UEFI);
        assertThat(ipxe.client().kind()).isEqualTo(BootClient.Kind.IPXE);
    }
}
