/**
 * LINSTOR's REST API v1 as typed calls: {@link io.slipway.linstor.LinstorApi} speaks to one controller through whatever
 * address leads there, and gives back what the controller knows ({@link io.slipway.linstor.LinstorNode}, {@link
 * io.slipway.linstor.StoragePool}, {@link io.slipway.linstor.ResourceGroup}) or what it did ({@link
 * io.slipway.linstor.Outcome}). What it refuses becomes a problem in its own words.
 *
 * <p>It decides nothing: what is to be there, and in which order, belongs to {@code formation}.
 *
 * <p>I/O: HTTP. May depend on {@code inventory}, {@code problem} and Jackson.
 */
@NullMarked
package io.slipway.linstor;

import org.jspecify.annotations.NullMarked;
