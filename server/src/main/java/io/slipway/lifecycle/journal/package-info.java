/**
 * The event log on disk: one SQLite database in the state directory, opened by {@code serve} alone. Events are appended
 * and never changed; states are their fold. Progress and log lines go into bounded tables in batches, everything that
 * decides about erasing a disk is synced before it is acknowledged.
 *
 * <p>I/O: disk. May depend on {@code lifecycle}, {@code inventory}, {@code store} and {@code problem}; the only user of
 * {@code java.sql}.
 */
@NullMarked
package io.slipway.lifecycle.journal;

import org.jspecify.annotations.NullMarked;
