package io.slipway.slackbuild.build;

import io.slipway.slackbuild.root.SandboxLimits;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How builds are run; nothing of it changes what is built.
 *
 * @param jobs builds side by side
 * @param limits of each
 * @param verify whether each package is built a second time and compared
 * @param proxies variables that say how a fetch step reaches the network, such as {@code https_proxy}
 */
public record BuildSettings(int jobs, SandboxLimits limits, boolean verify, Map<String, String> proxies) {
    public BuildSettings {
        proxies = Collections.unmodifiableMap(new TreeMap<>(proxies));
        if (jobs < 1) {
            throw new IllegalArgumentException("jobs " + jobs);
        }
    }

    /** Compilers of one build, so that all together use the machine. */
    int compilers() {
        return Math.max(1, limits.cpus() / jobs);
    }
}
