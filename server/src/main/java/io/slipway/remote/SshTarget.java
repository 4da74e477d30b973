package io.slipway.remote;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a node is and how it is known to be that node.
 *
 * @param node the node's name, for messages
 * @param address where its SSH server is
 * @param port its TCP port
 * @param user the login name
 * @param key the private key's file, in OpenSSH's format
 * @param hostKeys the pinned host keys, {@code type base64}; without any, nothing is sent
 */
public record SshTarget(String node, String address, int port, String user, Path key, List<String> hostKeys) {
    public SshTarget {
        hostKeys = List.copyOf(hostKeys);
    }
}
