/**
 * Reads {@code cluster.yaml} into a checked {@link io.slipway.inventory.Cluster}, or says everything that is wrong with
 * it at once, with line and column. One set of records, {@link io.slipway.inventory.yaml.ClusterYaml}, is at once what
 * the file may say, what the JSON Schema is generated from, and what {@code slipway init} writes.
 *
 * <p>Reads text, not files. May depend on {@code inventory}, {@code yaml} and {@code problem}.
 */
@NullMarked
package io.slipway.inventory.yaml;

import org.jspecify.annotations.NullMarked;
