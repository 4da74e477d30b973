package io.slipway.formation;

import io.slipway.process.CommandRunner;

/** How steps reach nodes. */
@FunctionalInterface
public interface Nodes {
    /**
     * Runs programs on a node as root. All programs of one node share a connection. A node that does not answer is a
     * problem of kind UNREACHABLE that names it; a program that was cut off was perhaps executed, and is not repeated.
     *
     * @param node its name in cluster.yaml
     * @throws IllegalArgumentException if there is no such node
     */
    CommandRunner on(String node);
}
