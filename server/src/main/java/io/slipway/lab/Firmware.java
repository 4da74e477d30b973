package io.slipway.lab;

/** What virtual machines start with. */
public enum Firmware {
    /** SeaBIOS. */
    BIOS,
    /** OVMF. */
    UEFI,
    /** The first machine with SeaBIOS, the second with OVMF, and so on by turns. */
    MIXED;

    /**
     * @param index of the machine in the lab, from 0
     * @return {@link #BIOS} or {@link #UEFI}
     */
    Firmware of(int index) {
        return this == MIXED ? (index % 2 == 0 ? BIOS : UEFI) : this;
    }
}
