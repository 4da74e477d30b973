package io.slipway.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Commands that are at work while something happens to them. */
final class Running {
    private static final long LONGEST = 100;

    private Running() {}

    /** Runs it in a thread of its own; ready when it has printed a line. */
    static CompletableFuture<CommandResult> begin(CommandRunner shell, Command command) throws InterruptedException {
        var ready = new CountDownLatch(1);
        var running = CompletableFuture.supplyAsync(() -> {
            try {
                return shell.run(command, line -> ready.countDown());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(ready.await(LONGEST, TimeUnit.SECONDS)).isTrue();
        return running;
    }

    static long pid(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    static void awaitEnd(long pid) throws Exception {
        var process = ProcessHandle.of(pid);
        if (process.isPresent()) {
            process.get().onExit().get(LONGEST, TimeUnit.SECONDS);
        }
    }
}
