/**
 * Files under the state directory: content by its SHA-256 ({@link io.slipway.store.ContentStore}), files and directories
 * that are there whole or not at all ({@link io.slipway.store.AtomicFiles}), and the lock that keeps two programs out of
 * one directory ({@link io.slipway.store.StateLock}). A program that is killed at any point leaves nothing half-done
 * where somebody looks.
 *
 * <p>I/O: disk. May depend on {@code problem}.
 */
@NullMarked
package io.slipway.store;

import org.jspecify.annotations.NullMarked;
