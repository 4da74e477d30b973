/**
 * Downloading over HTTP from servers that nobody here keeps: {@link io.slipway.http.Downloads} notices connections that
 * have fallen silent and answers that end early. What to try again and what to make of it is known by those who download.
 *
 * <p>I/O: network. May depend on nothing.
 */
@NullMarked
package io.slipway.http;

import org.jspecify.annotations.NullMarked;
