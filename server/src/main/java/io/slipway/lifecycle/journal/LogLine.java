package io.slipway.lifecycle.journal;

import java.time.Instant;

/** A line that a node's installer sent. */
public record LogLine(Instant at, String node, String text) {}
