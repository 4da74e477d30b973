package io.slipway.lab;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Where a lab keeps what. The namespaces are named after the directory, so that a lab which was killed can be taken
 * down by whoever knows the directory.
 *
 * @param directory the lab's own, absolute
 */
public record Places(Path directory) {
    public Places {
        directory = directory.toAbsolutePath().normalize();
    }

    /** Says what was started, before it is started. */
    Path record() {
        return directory.resolve("lab.json");
    }

    /** The file given to the appliance: the user's, with what the lab decides. */
    public Path clusterFile() {
        return directory.resolve("cluster.yaml");
    }

    /** The appliance's state directory. */
    public Path appliance() {
        return directory.resolve("appliance");
    }

    public Path serveLog() {
        return directory.resolve("serve.log");
    }

    Path servePid() {
        return directory.resolve("serve.pid");
    }

    Path dnsmasqPid() {
        return directory.resolve("dnsmasq.pid");
    }

    Path dnsmasqLeases() {
        return directory.resolve("dnsmasq.leases");
    }

    /** What the network's DHCP server did. */
    public Path dnsmasqLog() {
        return directory.resolve("dnsmasq.log");
    }

    /** The private half of the key with which the lab logs in to nodes. */
    public Path sshKey() {
        return directory.resolve("id_ed25519");
    }

    public Path node(String name) {
        return directory.resolve("nodes").resolve(name);
    }

    /** All that the machine printed on its first serial port, over all its starts. */
    public Path serialLog(String name) {
        return node(name).resolve("serial.log");
    }

    /** A UNIX socket at the machine's first serial port. */
    public Path serialSocket(String name) {
        return node(name).resolve("serial.sock");
    }

    /** A UNIX socket that speaks QMP. */
    public Path qmpSocket(String name) {
        return node(name).resolve("qmp.sock");
    }

    Path pid(String name) {
        return node(name).resolve("qemu.pid");
    }

    /** The namespace of the appliance and the machines. */
    public String namespace() {
        return "slipway-" + digest();
    }

    /** The namespace of the network's own DHCP server. */
    public String lanNamespace() {
        return namespace() + "-lan";
    }

    private String digest() {
        try {
            var sha = MessageDigest.getInstance("SHA-256")
                    .digest(directory.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha, 0, 4);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
