package io.slipway.mirror;

/** Is told how a sync goes on; called by several threads, often. */
@FunctionalInterface
public interface MirrorProgress {
    /** Nobody listens. */
    MirrorProgress NONE = (phase, done, total) -> {};

    /** What is being done. */
    enum Phase {
        /** The list of files and its signature. */
        METADATA,
        /** Over the network into the scratch directory. */
        DOWNLOAD,
        /** Into the store, hashing. */
        INGEST,
        /** Making everything safe on the disk. */
        SYNC
    }

    /**
     * @param done bytes so far in this phase
     * @param total bytes of this phase, or 0 where nobody knows
     */
    void at(Phase phase, long done, long total);
}
