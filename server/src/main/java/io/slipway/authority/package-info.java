/**
 * Who vouches for what: {@link io.slipway.authority.SlackwareSignature} checks a mirror's OpenPGP signature against one
 * pinned key, {@link io.slipway.authority.ApplianceKey} signs what this appliance makes, and
 * {@link io.slipway.authority.ApplianceSshKey} is what it logs in to nodes with. Private halves lie in
 * {@code <state>/authority/}, readable by their owner only, and are made once.
 *
 * <p>I/O: disk. May depend on {@code store}, {@code problem} and BouncyCastle.
 */
@NullMarked
package io.slipway.authority;

import org.jspecify.annotations.NullMarked;
