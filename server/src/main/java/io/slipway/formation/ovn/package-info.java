/**
 * The steps of OVN: Open vSwitch, certificates, the Raft cluster of the Northbound and Southbound databases, northd, and the
 * chassis. Voters join one at a time, by a rc script on their node; who bootstraps is asked of all of them. What is so is
 * read from {@code cluster/status} (ovsdb-server(1)) and from the databases by JSON-RPC's select (RFC 7047 §5.2.2).
 *
 * <p>No I/O but {@link io.slipway.formation.Nodes}. May depend on {@code formation}, {@code inventory}, {@code process},
 * {@code problem} and Jackson.
 */
@NullMarked
package io.slipway.formation.ovn;

import org.jspecify.annotations.NullMarked;
