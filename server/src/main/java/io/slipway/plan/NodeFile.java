package io.slipway.plan;

/**
 * One rendered file of a node.
 *
 * @param path where it goes, relative to the node's root
 * @param mode permission bits
 * @param text its content
 */
public record NodeFile(String path, int mode, String text) {}
