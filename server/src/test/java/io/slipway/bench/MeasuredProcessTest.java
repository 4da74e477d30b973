package io.slipway.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
}
