/**
 * The proof that a formed cluster works: two small containers on two members get addresses, reach each other across the
 * overlay and the gateway, one is moved with its data, a virtual machine is moved while it runs where there is KVM, and
 * everything is removed again. {@link
 * io.slipway.formation.proof.ProofSteps} makes the steps.
 *
 * <p>What was proven is remembered in Incus's own configuration, so a cluster is proven once, and again when it has other
 * members or another network. Only what carries the proof's mark is ever removed.
 *
 * <p>May depend on {@code formation}, {@code formation.incus}, {@code inventory}, {@code process} and {@code problem}.
 */
@NullMarked
package io.slipway.formation.proof;

import org.jspecify.annotations.NullMarked;
