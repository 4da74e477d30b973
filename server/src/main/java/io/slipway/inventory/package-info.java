/**
 * The cluster as the operator described it: immutable values with every default derived and every rule checked.
 * {@link io.slipway.inventory.Cluster} is the root; {@code inventory.yaml} reads it from {@code cluster.yaml}.
 *
 * <p>Pure. May depend on {@code problem}.
 */
@NullMarked
package io.slipway.inventory;

import org.jspecify.annotations.NullMarked;
