package io.slipway.formation.ovn;

/** OVN's two clustered databases. */
enum Database {
    NORTHBOUND("nb", "OVN_Northbound", 6641, 6643),
    SOUTHBOUND("sb", "OVN_Southbound", 6642, 6644);

    private final String brief;
    private final String schema;
    private final int port;
    private final int raftPort;

    Database(String brief, String schema, int port, int raftPort) {
        this.brief = brief;
        this.schema = schema;
        this.port = port;
        this.raftPort = raftPort;
    }

    /** In the names of files and programs. */
    String brief() {
        return brief;
    }

    /** Its name in OVSDB. */
    String schema() {
        return schema;
    }

    /** TCP port for clients. */
    int port() {
        return port;
    }

    /** TCP port for the other voters. */
    int raftPort() {
        return raftPort;
    }

    /** For people. */
    String title() {
        return this == NORTHBOUND ? "Northbound" : "Southbound";
    }

    /** What answers {@code ovs-appctl -t}. */
    String control() {
        return "/var/run/ovn/ovn" + brief + "_db.ctl";
    }

    /** Where it is asked by JSON-RPC on its own node. */
    String socket() {
        return "unix:/var/run/ovn/ovn" + brief + "_db.sock";
    }
}
