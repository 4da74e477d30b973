package io.slipway.inventory;

/** What a node does in the cluster. */
public enum Role {
    /** Runs the OVN Northbound and Southbound databases and northd; a Raft voter. */
    OVN_CENTRAL("ovn-central"),
    /** Runs ovn-controller: a chassis. */
    OVN_HOST("ovn-host"),
    LINSTOR_CONTROLLER("linstor-controller"),
    LINSTOR_SATELLITE("linstor-satellite"),
    INCUS_MEMBER("incus-member");

    private final String text;

    Role(String text) {
        this.text = text;
    }

    /** As written in {@code cluster.yaml}. */
    public String text() {
        return text;
    }
}
