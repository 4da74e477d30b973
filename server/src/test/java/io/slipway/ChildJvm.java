package io.slipway;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with this one's classes, to be killed. */
public final class ChildJvm {
    private ChildJvm() {}

    /** Starts a main class; its two outputs are one stream. */
    public static Process start(String mainClass, String... arguments) throws IOException {
        return start(List.of(), mainClass, arguments);
    }

    /**
     * The same as what a terminal has in its foreground: a process group of its own, whose processes do not ignore Ctrl-C
     * even if these tests run in the background.
     */
    public static Process startInForeground(String mainClass, String... arguments) throws IOException {
        return start(List.of("setsid", "env", "--default-signal=INT"), mainClass, arguments);
    }

    /** The same as where the environment names that locale. */
    public static Process startWithLocale(String locale, String mainClass, String... arguments) throws IOException {
        return start(List.of("env", "LC_ALL=" + locale), mainClass, arguments);
    }

    private static Process start(List<String> before, String mainClass, String... arguments) throws IOException {
        var command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // It lives for a second or two.
                "-XX:TieredStopAtLevel=1",
                "-Dslipway.root=" + Repository.root(),
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
