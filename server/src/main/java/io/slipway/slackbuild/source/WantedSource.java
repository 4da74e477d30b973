package io.slipway.slackbuild.source;

import java.net.URI;
import java.util.List;

/**
 * A source that a SlackBuild names.
 *
 * @param addresses where its author says that it is, the first one first; {@code http}, {@code https} or {@code file}
 * @param md5 32 lower-case hexadecimal digits, or empty where the SlackBuild gives none
 */
public record WantedSource(SourceKey key, List<URI> addresses, String md5) {
    public WantedSource {
        addresses = List.copyOf(addresses);
        if (!md5.matches("([0-9a-f]{32})?")) {
            throw new IllegalArgumentException(
                    "MD5SUM \"" + md5 + "\" of " + key + " is not 32 lower-case hexadecimal digits");
        }
    }
}
