package io.slipway.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.ChildJvm;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredProcessTest {
    @TempDir
    private Path directory;

    private MeasuredProcess.Run run(Duration longest, String script) throws Exception {
        return new MeasuredProcess(directory.resolve("log"), longest, "Do this.")
                .run(List.of("sh", "-c", script), directory);
    }

    @Test
    void timeMemoryAndWordsAreTaken() throws Exception {
        MeasuredProcess.Run run = run(Duration.ofMinutes(1), "echo one; sleep 0.2; echo two >&2");
        assertThat(run.seconds()).isGreaterThanOrEqualTo(0.2);
        assertThat(run.peakKib()).isPositive();
        assertThat(run.output()).isEqualTo("one\ntwo\n");
    }

    @Test
    void aFailureIsOfTheKindThatTheStatusSays() {
        assertThatThrownBy(() -> run(Duration.ofMinutes(1), "echo last words; exit 7"))
                .isInstanceOfSatisfying(ProblemException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ProblemKind.UNTRUSTED);
                    assertThat(failure.problems().get(0).text()).contains("last words", "Do this.");
                });
        assertThatThrownBy(() -> run(Duration.ofMillis(50), "exec sleep 100"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.ENVIRONMENT));
    }

    /** What is measured, by a program that does not live to see its end. */
    public static final class Killed {
        private Killed() {}

        /**
         * Runs what writes its number into a file and goes on.
         *
         * @param arguments the directory for it
         */
        public static void main(String[] arguments) throws Exception {
            Path place = Path.of(arguments[0]);
            new MeasuredProcess(place.resolve("log"), Duration.ofHours(1), "Do this.")
                    .run(List.of("sh", "-c", "echo $$ > making && mv making pid && exec sleep 1000"), place);
        }
    }

    @Test
    void nothingThatIsMeasuredOutlivesABenchThatIsKilled() throws Exception {
        Process bench = ChildJvm.start(Killed.class.getName(), directory.toString());
        Path pid = directory.resolve("pid");
        try {
            while (!Files.exists(pid)) {
                assertThat(bench.waitFor(20, TimeUnit.MILLISECONDS))
                        .as("it should be measuring")
                        .isFalse();
            }
        } finally {
            bench.destroyForcibly().waitFor();
        }
        Optional<ProcessHandle> measured =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
        if (measured.isPresent()) {
            try {
                measured.get().onExit().get(10, TimeUnit.SECONDS);
            } finally {
                measured.get().destroyForcibly();
            }
        }
    }
}
