package io.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Foreign programs that judge what we wrote. */
public final class Witness {
    private Witness() {}

    /** Skips the test, loudly, when a program is missing; fails it where CI=true. */
    public static void require(String program) {
        if (program.startsWith("/") && Files.isExecutable(Path.of(program))) {
            return;
        }
        for (String directory : List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin")) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return;
            }
        }
        skip("the program \"" + program + "\" is missing: install it to run this test");
    }

    /** The same for what only root may do. */
    public static void requireRoot(String what) {
        if (!"root".equals(System.getProperty("user.name"))) {
            skip(what + " needs root: run this test as root");
        }
    }

    private static void skip(String message) {
        if ("true".equals(System.getenv("CI"))) {
            fail(message);
        }
        System.err.println("SKIPPED: " + message);
        abort(message);
    }

    /** Standard output and error of a program that must succeed. */
    public static String run(Path directory, String... command) {
        Outcome outcome = attempt(directory, command);
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return outcome.output();
    }

    /** Exit status and output, whatever they are. */
    public static Outcome attempt(Path directory, String... command) {
        require(command[0]);
        try {
            Path output = Files.createTempFile("witness", ".out");
            try {
                var builder = new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
                builder.environment().put("LC_ALL", "C");
                builder.environment().put("TZ", "UTC");
                Process process = builder.start();
                process.getOutputStream().close();
                if (!process.waitFor(60, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    fail(String.join(" ", command) + " did not end within a minute");
                }
                return new Outcome(process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
            } finally {
                Files.delete(output);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** What a program left. */
    public record Outcome(int status, String output) {}
}
