/**
 * What went wrong, said so that a person can act: {@link io.slipway.problem.Problem} has a summary, a cause, a
 * correction and details; {@link io.slipway.problem.ProblemException} carries one or several of them to the edge that
 * prints them. {@link io.slipway.problem.ProblemKind} maps once to an HTTP status and once to an exit status.
 *
 * <p>Pure. May depend on nothing.
 */
@NullMarked
package io.slipway.problem;

import org.jspecify.annotations.NullMarked;
