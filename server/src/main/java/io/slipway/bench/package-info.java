/**
 * Figures against other people's servers, measured in one run on one machine; printed as ratios, never asserted.
 *
 * <p>Edge. May depend on everything.
 */
@NullMarked
package io.slipway.bench;

import org.jspecify.annotations.NullMarked;
