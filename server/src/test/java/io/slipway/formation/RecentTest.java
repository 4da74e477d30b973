package io.slipway.formation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RecentTest {
    private final AtomicInteger asked = new AtomicInteger();

    private Recent<String> recent(Duration fresh) {
        return new Recent<>(fresh, node -> node + " " + asked.incrementAndGet());
    }

    @Test
    void anAnswerIsGivenAgainUntilSomethingIsChanged() throws InterruptedException {
        Recent<String> recent = recent(Duration.ofHours(1));
        assertThat(recent.of("node1")).isEqualTo("node1 1");
        assertThat(recent.of("node1")).isEqualTo("node1 1");
        assertThat(recent.of("node2")).isEqualTo("node2 2");
        recent.forget();
        assertThat(recent.of("node1")).isEqualTo("node1 3");
    }

    @Test
    void whoAsksNowGetsANewAnswerAndLeavesItToTheNext() throws InterruptedException {
        Recent<String> recent = recent(Duration.ofHours(1));
        assertThat(recent.of("node1")).isEqualTo("node1 1");
        assertThat(recent.now("node1")).isEqualTo("node1 2");
        assertThat(recent.of("node1")).isEqualTo("node1 2");
    }

    @Test
    void anOldAnswerIsNotGivenAgain() throws InterruptedException {
        Recent<String> recent = recent(Duration.ZERO);
        assertThat(recent.of("node1")).isEqualTo("node1 1");
        assertThat(recent.of("node1")).isEqualTo("node1 2");
    }

    @Test
    void thatANodeIsSilentIsRememberedToo() {
        var recent = new Recent<String>(Duration.ofHours(1), node -> {
            asked.incrementAndGet();
            throw Problem.of(ProblemKind.UNREACHABLE, node + " does not answer.", "")
                    .asException();
        });
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> recent.of("node1"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("node1 does not answer");
        }
        assertThat(asked).hasValue(1);
        assertThatThrownBy(() -> recent.now("node1")).isInstanceOf(ProblemException.class);
        assertThat(asked).hasValue(2);
    }

    @Test
    void manyWhoAskAtOnceCostOneQuestion() throws InterruptedException {
        Recent<String> recent = recent(Duration.ofHours(1));
        var answers = SideBySide.ask(List.of("a", "b", "c", "d"), who -> recent.of("node1"));
        assertThat(answers.values()).containsOnly("node1 1");
    }
}
