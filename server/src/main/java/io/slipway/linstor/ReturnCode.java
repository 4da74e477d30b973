package io.slipway.linstor;

/**
 * What LINSTOR answers with: 64 bits that say how bad it is, what was done, to what, and which case it was.
 *
 * <p>Bits 62 and 63 are the severity, the lowest 15 the case; what lies between names operation and kind of object. An
 * error is therefore a negative number about -4.6e18, which a double cannot hold exactly.
 *
 * @param value the number as it was sent
 */
public record ReturnCode(long value) {
    private static final long CASE = 0x7FFF;
    private static final int SEVERITY_SHIFT = 62;

    /** How bad it is, in the order of the two bits. */
    public enum Severity {
        SUCCESS,
        INFO,
        WARNING,
        ERROR
    }

    /** Cases that somebody decides by. */
    public enum Case {
        NODE_EXISTS(500),
        NET_INTERFACE_EXISTS(505),
        STORAGE_POOL_EXISTS(510),
        RESOURCE_GROUP_EXISTS(522),
        /** The node's satellite lacks the tools or the module for this kind of pool. */
        PROVIDER_UNSUPPORTED(989),
        /** Volume group, ZFS pool or directory cannot be used. */
        STORAGE_POOL_UNUSABLE(990),
        /** An exception inside LINSTOR; where another error stands beside it, that one says more. */
        UNKNOWN(998),
        /** The satellite is not connected: the controller wrote it down and did nothing yet. */
        NOT_CONNECTED(1002);

        private final int number;

        Case(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public Severity severity() {
        return Severity.values()[(int) (value >>> SEVERITY_SHIFT)];
    }

    public boolean isError() {
        return severity() == Severity.ERROR;
    }

    /** The number of the case, without what it happened to. */
    public int number() {
        return (int) (value & CASE);
    }

    public boolean is(Case which) {
        return number() == which.number;
    }
}
