package io.slipway.slackbuild.root;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A command and where it runs.
 *
 * @param command a program of the root and its arguments
 * @param directory its working directory in the root
 * @param environment all that it gets; {@link #fixedEnvironment} is what builds get
 * @param network whether it may use this machine's network; without, there is only {@code lo}
 */
public record SandboxRequest(
        SandboxRoot root,
        List<String> command,
        String directory,
        Map<String, String> environment,
        SandboxLimits limits,
        boolean network) {
    public SandboxRequest {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        if (command.isEmpty() || !directory.startsWith("/")) {
            throw new IllegalArgumentException("command " + command + " in \"" + directory + '"');
        }
        for (String name : environment.keySet()) {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new IllegalArgumentException("\"" + name + "\" is not the name of a variable");
            }
        }
    }

    /**
     * The same for every build, whoever builds and wherever.
     *
     * @param epoch time that stands in what is made, https://reproducible-builds.org/specs/source-date-epoch/
     * @param jobs what make does side by side
     */
    public static Map<String, String> fixedEnvironment(Instant epoch, int jobs) {
        var environment = new TreeMap<String, String>();
        environment.put("HOME", "/root");
        environment.put("USER", "root");
        environment.put("LOGNAME", "root");
        environment.put("SHELL", "/bin/bash");
        environment.put("TERM", "dumb");
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
        environment.put("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");
        environment.put("SOURCE_DATE_EPOCH", String.valueOf(epoch.getEpochSecond()));
        environment.put("MAKEFLAGS", "-j" + jobs);
        environment.put("OUTPUT", "/output");
        return environment;
    }
}
