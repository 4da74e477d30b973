package io.slipway.slackbuild;

/**
 * A name and where it was written.
 *
 * @param name of a SlackBuild or a package
 * @param place {@code FILE:LINE:COLUMN}
 */
public record Mention(String name, String place) {}
