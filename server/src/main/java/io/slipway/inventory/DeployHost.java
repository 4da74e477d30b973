package io.slipway.inventory;

/**
 * The build and deploy machine as a standalone Incus host.
 *
 * @param name its short name
 * @param address where its Incus listens
 * @param port TCP port of its API
 */
public record DeployHost(String name, Ipv4Address address, int port) {}
