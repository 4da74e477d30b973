package io.slipway.lifecycle;

/** What a machine did last on its way from power-on to the installer. */
public enum BootStep {
    /** Asked for DHCP. */
    DHCP,
    /** Asked for iPXE by TFTP, or by HTTP where the firmware does that. */
    LOADER,
    /** Asked for its boot script. */
    SCRIPT,
    /** Fetched the kernel. */
    KERNEL,
    /** Fetched the initrd. */
    INITRD
}
