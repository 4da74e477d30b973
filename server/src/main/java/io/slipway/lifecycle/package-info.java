/**
 * The life of a node: {@link io.slipway.lifecycle.NodeEvent} is what happened, {@link io.slipway.lifecycle.NodeState} what
 * it amounts to, {@link io.slipway.lifecycle.NodeLifecycle} the only way from one to the next, {@link
 * io.slipway.lifecycle.ClaimPolicy} who may install, {@link io.slipway.lifecycle.Silence} what to think of a node that
 * says nothing.
 *
 * <p>Pure: time and random numbers are arguments. May depend on {@code inventory} and {@code problem}.
 */
@NullMarked
package io.slipway.lifecycle;

import org.jspecify.annotations.NullMarked;
