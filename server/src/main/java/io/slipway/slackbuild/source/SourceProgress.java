package io.slipway.slackbuild.source;

/** Is told how fetching goes on; called by several threads, often. */
public interface SourceProgress {
    /** Nobody listens. */
    SourceProgress NONE = new SourceProgress() {
        @Override
        public void at(long done, long total) {}

        @Override
        public void obtained(SourceKey key, String place, long size) {}
    };

    /**
     * @param done bytes so far, of all sources
     * @param total bytes of those whose length is known by now
     */
    void at(long done, long total);

    /**
     * A source is here.
     *
     * @param place the directory or address that had it
     * @param size bytes
     */
    void obtained(SourceKey key, String place, long size);
}
