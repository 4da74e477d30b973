/**
 * The command line: the only reader of arguments and environment, the only printer, the only place that ends the
 * process. Every command is one class that calls one method of the package that does the work.
 *
 * <p>Edge. May depend on everything.
 */
@NullMarked
package io.slipway.cli;

import org.jspecify.annotations.NullMarked;
