package io.slipway.lab;

/** What a virtual machine starts with. */
public enum Firmware {
    /** SeaBIOS. */
    BIOS,
    /** OVMF. */
    UEFI
}
