package io.slipway.lifecycle.journal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.ChildJvm;
import io.slipway.SmallDisk;
import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.InstallStage;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The event log of a process that is killed, and on a disk that is full. */
class EventJournalCrashIT {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final String N = "node1";

    @TempDir
    private Path directory;

    private static NodeEvent.Armed armed(int number) {
        return new NodeEvent.Armed(
                T.plusSeconds(number), N, BootMode.INSTALL, "token-" + number, "image", T.plusSeconds(100_000));
    }

    private static List<NodeEvent> armings(EventJournal journal) {
        return journal.listEvents(0, Integer.MAX_VALUE).stream()
                .map(EventJournal.Entry::event)
                .filter(NodeEvent.Armed.class::isInstance)
                .toList();
    }

    /** Arms, one event after the other from the given number on, and prints the number of each that was acknowledged. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            try (var journal = EventJournal.open(Path.of(arguments[0]))) {
                for (int number = Integer.parseInt(arguments[1]); ; number++) {
                    // What may be lost is written in the same transactions.
                    journal.append(new NodeEvent.Progress(T, N, number, InstallStage.PACKAGES, number % 100));
                    journal.log(new LogLine(T, N, "line " + number));
                    journal.append(armed(number));
                    System.out.println(number);
                }
            }
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesKill9() throws Exception {
        var random = new SplittableRandom(4);
        Path file = directory.resolve("slipway.db");
        int next = 0;
        for (int round = 0; round < 6; round++) {
            Process child = ChildJvm.start(Child.class.getName(), file.toString(), Integer.toString(next));
            int acknowledged = next - 1;
            int killAt = next + random.nextInt(150);
            try (var printed = child.inputReader()) {
                for (String line = printed.readLine(); line != null; line = printed.readLine()) {
                    assertThat(line).matches("\\d+");
                    acknowledged = Integer.parseInt(line);
                    if (acknowledged == killAt) {
                        child.toHandle().destroyForcibly();
                    }
                }
            }
            assertThat(child.waitFor()).as("SIGKILL").isEqualTo(128 + 9);
            try (var journal = EventJournal.open(file)) {
                List<NodeEvent> found = armings(journal);
                assertThat(found.size()).isBetween(acknowledged + 1, acknowledged + 2);
                assertThat(found)
                        .isEqualTo(IntStream.range(0, found.size())
                                .mapToObj(EventJournalCrashIT::armed)
                                .toList());
                var arming = requireNonNull(journal.findState(N)).arming();
                assertThat(requireNonNull(arming).token()).isEqualTo("token-" + (found.size() - 1));
                next = found.size();
            }
        }
    }

    @Test
    void aFullDiskIsNamedAndNothingThatWasAcknowledgedIsLost() throws Exception {
        Path state = directory.resolve("small");
        try (var disk = SmallDisk.mount(state, "2m")) {
            Path file = state.resolve("slipway.db");
            int acknowledged = 0;
            try (var journal = EventJournal.open(file)) {
                while (acknowledged < 10) {
                    journal.append(armed(acknowledged++));
                }
                disk.leave(32 * 1024);
                ProblemException full = null;
                while (full == null) {
                    try {
                        journal.append(armed(acknowledged));
                        acknowledged++;
                    } catch (ProblemException e) {
                        full = e;
                    }
                }
                assertThat(full.kind()).isEqualTo(ProblemKind.ENVIRONMENT);
                assertThat(full)
                        .hasMessageContaining(file.toString())
                        .hasMessageContaining("The file system is full")
                        .hasMessageContaining("Free space there");
                assertThatThrownBy(() -> journal.append(armed(9_999))).isInstanceOf(ProblemException.class);
                assertThat(requireNonNull(requireNonNull(journal.findState(N)).arming())
                                .token())
                        .isEqualTo("token-" + (acknowledged - 1));
                disk.makeRoom();
                journal.append(armed(acknowledged++));
            }
            try (var journal = EventJournal.open(file)) {
                assertThat(armings(journal))
                        .isEqualTo(IntStream.range(0, acknowledged)
                                .mapToObj(EventJournalCrashIT::armed)
                                .toList());
            }
        }
    }
}
