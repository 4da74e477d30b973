package io.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LocalCommandRunnerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private final CommandRunner runner = new LocalCommandRunner();

    @Test
    void outputErrorAndStatusAreKeptApart() throws InterruptedException {
        var result = runner.run(Command.of(LONG, "sh", "-c", "echo out; echo err >&2; exit 3"));
        assertThat(result.output()).isEqualTo("out\n");
        assertThat(result.error()).isEqualTo("err\n");
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.succeeded()).isFalse();
    }

    @Test
    void argumentsReachTheProgramAsTheyAre() throws InterruptedException {
        var result = runner.run(Command.of(LONG, "printf", "[%s]", "$(id) ; 'x' \"y\" *", "", "a\nb"));
        assertThat(result.output()).isEqualTo("[$(id) ; 'x' \"y\" *][][a\nb]");
    }

    @Test
    void inputIsGivenAndMayBeIgnored() throws InterruptedException {
        byte[] bytes = new byte[300_000];
        bytes[299_999] = (byte) 0xff;
        assertThat(runner.run(Command.of(LONG, "wc", "-c").withInput(Command.Input.of(bytes)))
                        .output())
                .startsWith("300000");
        assertThat(runner.run(Command.of(LONG, "true").withInput(Command.Input.of(bytes)))
                        .succeeded())
                .isTrue();
    }

    @Test
    void outputIsBoundedAndTheProgramStillEnds() throws InterruptedException {
        var result =
                runner.run(Command.of(LONG, "sh", "-c", "yes | head -c 5000000").withOutputLimit(1000));
        assertThat(result.output()).hasSize(1000);
        assertThat(result.succeeded()).isTrue();
    }

    @Test
    void linesAreShownAsTheyCome() throws Exception {
        var first = new CountDownLatch(1);
        var lines = new ArrayList<String>();
        var running = CompletableFuture.supplyAsync(() -> {
            try {
                return runner.run(
                        Command.of(LONG, "sh", "-c", "echo 10%; printf '20%%\\r30%%\\n'; cat >/dev/null; exec sleep 1"),
                        line -> {
                            lines.add(line);
                            first.countDown();
                        });
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        });
        assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(running).as("the program still runs").isNotDone();
        assertThat(running.get().succeeded()).isTrue();
        assertThat(lines).containsExactly("10%", "20%", "30%");
    }

    @Test
    void timeUpEndsTheWholeTree(@TempDir Path directory) throws Exception {
        var command = Command.of(
                        Duration.ofMillis(700),
                        "sh",
                        "-c",
                        "trap '' TERM; (trap '' TERM; sleep 300 & echo $! > child; wait) & wait")
                .withDirectory(directory);
        var result = runner.run(command);
        assertThat(result.timedOut()).isTrue();
        assertThat(result.succeeded()).isFalse();
        long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());
        Optional<ProcessHandle> left = ProcessHandle.of(child);
        if (left.isPresent()) {
            left.get().onExit().get(5, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> result.orFail(ProblemKind.ENVIRONMENT, "It did not work", "Try again."))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.TIMED_OUT));
    }

    @Test
    void interruptingEndsTheProgram(@TempDir Path directory) throws Exception {
        var started = new CountDownLatch(1);
        var caught = new CompletableFuture<Boolean>();
        var thread = new Thread(() -> {
            try {
                runner.run(
                        Command.of(LONG, "sh", "-c", "echo $$ > pid; echo ready; exec sleep 300")
                                .withDirectory(directory),
                        line -> started.countDown());
                caught.complete(false);
            } catch (InterruptedException interrupted) {
                caught.complete(true);
            }
        });
        thread.start();
        assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        assertThat(caught.get(10, TimeUnit.SECONDS)).isTrue();
        long pid = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void aMissingProgramIsNamed() {
        assertThatThrownBy(() -> runner.run(Command.of(LONG, "no-such-program-at-all")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.ENVIRONMENT))
                .hasMessageContaining("\"no-such-program-at-all\"");
    }

    @Test
    void failuresShowTheCommandItsStatusAndWhatItSaid() throws InterruptedException {
        var result = runner.run(Command.of(LONG, "sh", "-c", "echo no such disk >&2; exit 7"));
        assertThatThrownBy(() -> result.orFail(ProblemKind.ENVIRONMENT, "The disk could not be made", "Look."))
                .hasMessageContaining("The disk could not be made.")
                .hasMessageContaining("status 7")
                .hasMessageContaining("sh -c 'echo no such disk >&2; exit 7'")
                .hasMessageContaining("no such disk");
    }

    @Test
    void inputIsNotShown() {
        assertThat(Command.of(LONG, "cat").withInput(Command.Input.of("secret")).toString())
                .doesNotContain("secret");
    }
}
