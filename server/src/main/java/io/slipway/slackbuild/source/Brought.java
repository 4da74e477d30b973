package io.slipway.slackbuild.source;

/**
 * What came of looking for a source in one place.
 *
 * @param objection why there is no file, as the end of a sentence about the place, or empty if there is one
 * @param type what a server calls it ({@code Content-Type}), or empty
 * @param resumed whether its beginning came earlier than its end, so that it may be pieced together wrongly
 */
record Brought(String objection, String type, boolean resumed) {
    static Brought nothing(String objection) {
        return new Brought(objection, "", false);
    }

    static Brought file(String type, boolean resumed) {
        return new Brought("", type, resumed);
    }
}
