package io.slipway.inventory;

/**
 * The router instance that starts on the deploy host and moves into the cluster after formation.
 *
 * @param instance its name in Incus
 * @param target the member that receives it
 */
public record Router(String instance, String target) {}
