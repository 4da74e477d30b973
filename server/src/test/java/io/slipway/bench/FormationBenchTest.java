package io.slipway.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormationBenchTest {
    private static final String FIRST = """
            {"at":"2026-01-01T00:00:00Z","event":"started","step":"preflight.done"}
            {"at":"2026-01-01T00:00:01Z","event":"done","step":"preflight.done","seconds":1.0}
            {"at":"2026-01-01T00:00:01.500Z","event":"started","step":"ovn.raft"}
            {"at":"2026-01-01T00:00:02Z","event":"started","step":"incus.members"}
            {"at":"2026-01-01T00:00:06Z","event":"done","step":"ovn.raft","seconds":4.5}
            {"at":"2026-01-01T00:00:12Z","event":"done","step":"incus.members","seconds":10.0}
            {"succeeded":true,"seconds":12.25,"commands":40,"event":"ended","steps":[
            """.strip() + """
            {"step":"preflight.done","outcome":"done","seconds":1.0},
            {"step":"ovn.raft","outcome":"done","seconds":4.5},{"step":"incus.members","outcome":"done","seconds":10.0}]}
            """.replace("\n", "");
    private static final String SECOND =
            "a note\n{\"succeeded\":true,\"seconds\":2.5,\"commands\":9,\"event\":\"ended\","
                    + "\"steps\":[{\"step\":\"ovn.raft\",\"outcome\":\"already-done\",\"seconds\":0.5}]}\n";

    private static List<String> run(String... runs) throws Exception {
        var said = new ArrayDeque<>(List.of(runs));
        return FormationBench.run(said::poll);
    }

    @Test
    void eachPartIsSaidWithWhatItTook() throws Exception {
        assertThat(run(FIRST, SECOND))
                .containsExactly(
                        "ready to proven: 12.3 s, 40 commands on nodes",
                        "  preflight     1.0 s, from 0.0 s to 1.0 s",
                        "  ovn           4.5 s, from 1.5 s to 6.0 s",
                        "  incus        10.0 s, from 2.0 s to 12.0 s",
                        "the longest steps:",
                        "  incus.members                  10.0 s",
                        "  ovn.raft                        4.5 s",
                        "  preflight.done                  1.0 s",
                        "second run: 2.5 s, 9 commands on nodes, nothing changed");
    }

    @Test
    void whatWasFormedBeforeOrNotAtAllIsNotAFigure() {
        assertThatThrownBy(() -> run(SECOND)).hasMessageContaining("formed before");
        assertThatThrownBy(() -> run("")).hasMessageContaining("not formed");
        assertThatThrownBy(() -> run(FIRST, FIRST.replace("true", "false"))).hasMessageContaining("not formed");
    }
}
