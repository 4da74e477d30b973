package io.slipway.dhcp;

import java.util.Arrays;
import java.util.Optional;

/**
 * What kind of firmware asks: option 93, 16 bits, big endian. Values: IANA "Processor Architecture Types" registry. RFC
 * 4578 §2.1 has 7 and 9 the other way round; its erratum 4625 and all firmware follow the registry.
 */
public enum ClientArchitecture {
    X86_BIOS(0, Firmware.BIOS),
    NEC_PC98(1, Firmware.OTHER),
    ITANIUM(2, Firmware.OTHER),
    ALPHA(3, Firmware.OTHER),
    ARC_X86(4, Firmware.OTHER),
    INTEL_LEAN_CLIENT(5, Firmware.OTHER),
    X86_UEFI(6, Firmware.UEFI_X86),
    X64_UEFI(7, Firmware.UEFI_X64),
    XSCALE_EFI(8, Firmware.OTHER),
    /** EFI byte code; x64 machines of the first years say this, after the letter of RFC 4578. */
    EBC(9, Firmware.UEFI_X64),
    ARM32_UEFI(10, Firmware.OTHER),
    ARM64_UEFI(11, Firmware.UEFI_ARM64),
    POWER_OPEN_FIRMWARE(12, Firmware.OTHER),
    POWER_EPAPR(13, Firmware.OTHER),
    POWER_OPAL(14, Firmware.OTHER),
    X86_UEFI_HTTP(15, Firmware.UEFI_X86),
    X64_UEFI_HTTP(16, Firmware.UEFI_X64),
    EBC_HTTP(17, Firmware.UEFI_X64),
    ARM32_UEFI_HTTP(18, Firmware.OTHER),
    ARM64_UEFI_HTTP(19, Firmware.UEFI_ARM64),
    X86_BIOS_HTTP(20, Firmware.BIOS),
    ARM32_UBOOT(21, Firmware.OTHER),
    ARM64_UBOOT(22, Firmware.OTHER),
    ARM32_UBOOT_HTTP(23, Firmware.OTHER),
    ARM64_UBOOT_HTTP(24, Firmware.OTHER),
    RISCV32_UEFI(25, Firmware.OTHER),
    RISCV32_UEFI_HTTP(26, Firmware.OTHER),
    RISCV64_UEFI(27, Firmware.OTHER),
    RISCV64_UEFI_HTTP(28, Firmware.OTHER),
    RISCV128_UEFI(29, Firmware.OTHER),
    RISCV128_UEFI_HTTP(30, Firmware.OTHER),
    S390_BASIC(31, Firmware.OTHER),
    S390_EXTENDED(32, Firmware.OTHER),
    MIPS32_UEFI(33, Firmware.OTHER),
    MIPS64_UEFI(34, Firmware.OTHER),
    SUNWAY32_UEFI(35, Firmware.OTHER),
    SUNWAY64_UEFI(36, Firmware.OTHER),
    LOONGARCH32_UEFI(37, Firmware.OTHER),
    LOONGARCH32_UEFI_HTTP(38, Firmware.OTHER),
    LOONGARCH64_UEFI(39, Firmware.OTHER),
    LOONGARCH64_UEFI_HTTP(40, Firmware.OTHER),
    ARM_RPIBOOT(41, Firmware.OTHER);

    /** Which loader a machine can start; several architectures share one. */
    public enum Firmware {
        BIOS,
        UEFI_X86,
        UEFI_X64,
        UEFI_ARM64,
        /** Nothing that iPXE is packaged for. */
        OTHER
    }

    private final int number;
    private final Firmware firmware;

    ClientArchitecture(int number, Firmware firmware) {
        this.number = number;
        this.firmware = firmware;
    }

    public int number() {
        return number;
    }

    public Firmware firmware() {
        return firmware;
    }

    public static Optional<ClientArchitecture> find(int number) {
        return Arrays.stream(values()).filter(each -> each.number == number).findFirst();
    }
}
