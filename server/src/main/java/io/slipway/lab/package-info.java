/**
 * A cluster of virtual machines on this computer, against a real appliance: one namespace with a bridge for each
 * network, another for the DHCP server that the network has anyway, one QEMU process for each node. Everything lies in
 * one directory and goes away with it.
 *
 * <p>The lab starts programs (among them this one) and asks the appliance; it takes no part in what they do. It may
 * depend on {@code inventory}, {@code process} and {@code problem}.
 */
@NullMarked
package io.slipway.lab;

import org.jspecify.annotations.NullMarked;
