package io.slipway.slackbuild.source;

/** How far a source has come. */
public enum SourceState {
    /** Its content is known and here: it can be built from. */
    HELD,
    /** Its content is known, and not here. */
    MISSING,
    /** Nobody has reached it yet. */
    UNPINNED
}
