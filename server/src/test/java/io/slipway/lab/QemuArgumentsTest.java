package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.inventory.MacAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class QemuArgumentsTest {
    private static final Machine MACHINE = new Machine(
            "node1",
            "11111111-2222-3333-4444-555555555555",
            "A,1",
            List.of(
                    new Machine.Card("eth0", MacAddress.parse("52:54:00:00:00:01"), "tap0-0", true),
                    new Machine.Card("eth1", MacAddress.parse("52:54:00:00:00:02"), "tap0-1", false)),
            List.of(
                    new Machine.Disk(Machine.Transport.VIRTIO, "one", "", 1),
                    new Machine.Disk(Machine.Transport.SATA, "two", "Fast Disk", 1)));

    @Test
    void theNetworkComesFirstAndTheFirstDiskSecond() {
        assertThat(arguments("tcg", Firmware.BIOS))
                .contains("virtio-net-pci,speed=10000,duplex=full,netdev=net0,mac=52:54:00:00:00:01,bootindex=1")
                .contains("virtio-net-pci,speed=10000,duplex=full,netdev=net1,mac=52:54:00:00:00:02,romfile=")
                .contains("virtio-blk-pci,drive=disk0,serial=one,bootindex=2")
                .contains("ide-hd,bus=ahci.1,drive=disk1,serial=two,model=Fast Disk");
    }

    @Test
    void emulationLeavesOutTheInstructionThatQemuGetsWrong() {
        assertThat(arguments("tcg", Firmware.BIOS))
                .anyMatch(word -> word.startsWith("max,cx16=off,"))
                .doesNotContain("host");
        assertThat(arguments("kvm", Firmware.BIOS)).contains("host").noneMatch(word -> word.startsWith("max"));
    }

    @Test
    void firmwareVariablesAreTheMachinesOwn() {
        assertThat(String.join(" ", arguments("tcg", Firmware.UEFI)))
                .contains("readonly=on,file=/ovmf/OVMF_CODE_4M.fd")
                .contains("unit=1,file=/lab/nodes/node1/vars.fd");
        assertThat(String.join(" ", arguments("tcg", Firmware.BIOS))).doesNotContain("pflash");
    }

    @Test
    void aCommaInAValueIsNoSeparator() {
        assertThat(arguments("tcg", Firmware.BIOS))
                .anySatisfy(argument -> assertThat(argument).endsWith(",serial=A,,1"));
    }

    private static List<String> arguments(String accelerator, Firmware firmware) {
        return new QemuArguments(accelerator, firmware, Path.of("/ovmf"), 1024, 2)
                .of(MACHINE, new Places(Path.of("/lab")));
    }
}
