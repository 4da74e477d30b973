package io.slipway.dhcp;

/** Numbers of the DHCP options that are used here, with the form of their values. Registry: IANA "BOOTP Vendor Extensions and DHCP Options". */
public final class OptionCode {
    /** Fills space, one byte. RFC 2132 §3.1. */
    public static final int PAD = 0;
    /** IPv4 mask, 4 bytes. RFC 2132 §3.3. */
    public static final int SUBNET_MASK = 1;
    /** IPv4 addresses. RFC 2132 §3.5. */
    public static final int ROUTER = 3;
    /** IPv4 addresses. RFC 2132 §3.8. */
    public static final int DOMAIN_NAME_SERVERS = 6;
    /** Text. RFC 2132 §3.14. */
    public static final int HOST_NAME = 12;
    /** Text. RFC 2132 §3.17. */
    public static final int DOMAIN_NAME = 15;
    /** IPv4 address, 4 bytes. RFC 2132 §5.3. */
    public static final int BROADCAST_ADDRESS = 28;
    /** IPv4 addresses. RFC 2132 §8.3. */
    public static final int NTP_SERVERS = 42;
    /** Encapsulated options of the vendor that option 60 names; for PXE: PXE specification 2.1, table 2-1. RFC 2132 §8.4. */
    public static final int VENDOR_SPECIFIC = 43;
    /** IPv4 address, 4 bytes. RFC 2132 §9.1. */
    public static final int REQUESTED_ADDRESS = 50;
    /** Seconds, 4 bytes. RFC 2132 §9.2. */
    public static final int LEASE_TIME = 51;
    /** 1 = the file field, 2 = the sname field, 3 = both carry options. RFC 2132 §9.3. */
    public static final int OVERLOAD = 52;
    /** {@link MessageType}, 1 byte. RFC 2132 §9.6. */
    public static final int MESSAGE_TYPE = 53;
    /** IPv4 address, 4 bytes. RFC 2132 §9.7. */
    public static final int SERVER_IDENTIFIER = 54;
    /** Option numbers, one byte each. RFC 2132 §9.8. */
    public static final int PARAMETER_REQUEST_LIST = 55;
    /** Text, why a request was refused. RFC 2132 §9.9. */
    public static final int MESSAGE = 56;
    /** Bytes, 2 bytes. RFC 2132 §9.10. */
    public static final int MAXIMUM_MESSAGE_SIZE = 57;
    /** Seconds, 4 bytes. RFC 2132 §9.11. */
    public static final int RENEWAL_TIME = 58;
    /** Seconds, 4 bytes. RFC 2132 §9.12. */
    public static final int REBINDING_TIME = 59;
    /** Text; {@code PXEClient:Arch:…} or {@code HTTPClient:Arch:…}. RFC 2132 §9.13. */
    public static final int CLASS_IDENTIFIER = 60;
    /** Type byte and value. RFC 2132 §9.14. */
    public static final int CLIENT_IDENTIFIER = 61;
    /** Text, in place of the sname field. RFC 2132 §9.4. */
    public static final int TFTP_SERVER_NAME = 66;
    /** Text, in place of the file field. RFC 2132 §9.5. */
    public static final int BOOTFILE_NAME = 67;
    /** Length-prefixed classes (RFC 3004); iPXE sends the bare text {@code iPXE}. */
    public static final int USER_CLASS = 77;
    /** {@link ClientArchitecture}, 16-bit numbers, big endian. RFC 4578 §2.1. */
    public static final int CLIENT_ARCHITECTURE = 93;
    /** Type 1, major, minor. RFC 4578 §2.2. */
    public static final int CLIENT_NETWORK_INTERFACE = 94;
    /** Type 0 and 16 bytes. RFC 4578 §2.3. */
    public static final int CLIENT_MACHINE_IDENTIFIER = 97;
    /** Encapsulated options of iPXE (its "Etherboot" space). */
    public static final int IPXE_ENCAPSULATED = 175;
    /** Ends the options, one byte. RFC 2132 §3.2. */
    public static final int END = 255;

    private OptionCode() {}
}
