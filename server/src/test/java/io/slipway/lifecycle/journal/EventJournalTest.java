package io.slipway.lifecycle.journal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.InstallStage;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodePhase;
import io.slipway.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventJournalTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final String N = "node1";

    @TempDir
    private Path directory;

    private EventJournal open() {
        return EventJournal.open(directory.resolve("slipway.db"));
    }

    private static List<NodeEvent> everyKind() {
        return List.of(
                new NodeEvent.Defined(T, N),
                new NodeEvent.Armed(T, N, BootMode.INSTALL, "t", "i", T.plusSeconds(60)),
                new NodeEvent.Seen(T, N, BootStep.DHCP, ""),
                new NodeEvent.ScriptServed(T, N, "10.0.0.1"),
                new NodeEvent.SecondFetcher(T, N, "10.0.0.2"),
                new NodeEvent.ClaimRefused(T, N, "10.0.0.2", "why"),
                new NodeEvent.Claimed(T, N, "n", "10.0.0.1", "s", false),
                new NodeEvent.Approved(T, N),
                new NodeEvent.Progress(T, N, 1, InstallStage.DISK, 3),
                new NodeEvent.HostKeys(T, N, List.of("ssh-ed25519 AAAA", "ssh-rsa B")),
                new NodeEvent.Failed(T, N, "a \"quoted\"\nreason é"),
                new NodeEvent.Progress(T, N, 2, InstallStage.FINISH, 99),
                new NodeEvent.Installed(T, N),
                new NodeEvent.SentToDisk(T, N),
                new NodeEvent.CalledBack(T, N, "10.0.0.1", List.of("kernel=6", "disk=a b")),
                new NodeEvent.LoginFailed(T, N, "refused"),
                new NodeEvent.LoginWorked(T, N),
                new NodeEvent.FormationStarted(T, N),
                new NodeEvent.Joined(T, N),
                new NodeEvent.LeaveStarted(T, N),
                new NodeEvent.Removed(T, N),
                new NodeEvent.DoubleClaimed(T, N, "10.0.0.3"),
                new NodeEvent.Disarmed(T, N, "done"));
    }

    @Test
    void everyKindOfEventIsListed() {
        assertThat(everyKind().stream().map(Object::getClass).distinct())
                .hasSize(NodeEvent.class.getPermittedSubclasses().length);
    }

    @Test
    void theStateIsTheSameAfterReopening() throws Exception {
        for (int count = 1; count <= everyKind().size(); count++) {
            Path file = directory.resolve("n" + count + ".db");
            var states = new java.util.TreeMap<String, io.slipway.lifecycle.NodeState>();
            try (var journal = EventJournal.open(file)) {
                everyKind().subList(0, count).forEach(journal::append);
                states.putAll(journal.listStates());
            }
            try (var journal = EventJournal.open(file)) {
                assertThat(journal.listStates()).isEqualTo(states);
            }
        }
        for (NodeEvent event : everyKind()) {
            assertThat(EventJson.read(EventJson.kind(event), EventJson.write(event)))
                    .isEqualTo(event);
        }
    }

    @Test
    void anImpossibleEventIsRecordedAndChangesNothing() {
        try (var journal = open()) {
            journal.append(new NodeEvent.Defined(T, N));
            var applied = journal.append(new NodeEvent.LoginWorked(T, N));
            assertThat(applied.impossible()).contains("LoginWorked cannot happen while known");
            assertThat(journal.listNewestEvents(N, 10).get(1).impossible()).isEqualTo(applied.impossible());
        }
        try (var journal = open()) {
            assertThat(requireNonNull(journal.findState(N)).phase()).isEqualTo(NodePhase.KNOWN);
        }
    }

    @Test
    void repetitionsDoNotGrowTheLog() {
        try (var journal = open()) {
            everyKind().subList(0, 17).forEach(journal::append);
            int before = journal.listEvents(0, 1000).size();
            for (int i = 0; i < 300; i++) {
                journal.append(new NodeEvent.SentToDisk(T.plusSeconds(i), N));
                journal.append(new NodeEvent.CalledBack(T.plusSeconds(i), N, "10.0.0.1", List.of()));
            }
            assertThat(journal.listEvents(0, 1000)).hasSize(before);
            assertThat(requireNonNull(journal.findState(N)).heard()).isEqualTo(T.plusSeconds(299));
        }
    }

    @Test
    void everyStartFromTheDiskIsWrittenDown() {
        try (var journal = open()) {
            everyKind().forEach(journal::append);
            for (int start = 1; start <= 3; start++) {
                Instant at = T.plusSeconds(start * 100L);
                journal.append(new NodeEvent.Seen(at, N, BootStep.DHCP, "10.0.0.1"));
                journal.append(new NodeEvent.SentToDisk(at.plusSeconds(3), N));
                journal.append(new NodeEvent.SentToDisk(at.plusSeconds(4), N));
            }
            assertThat(journal.listNewestEvents(N, 1000).stream()
                            .map(EventJournal.Entry::event)
                            .filter(NodeEvent.SentToDisk.class::isInstance)
                            .filter(event -> event.at().isAfter(T)))
                    .hasSize(3);
        }
    }

    @Test
    void unknownMachinesAreBounded() {
        try (var journal = open()) {
            for (int i = 0; i < 1000; i++) {
                journal.discover(new Machine(
                        "52:54:00:00:%02x:%02x".formatted(i >> 8, i & 255),
                        "",
                        "",
                        "",
                        "",
                        T,
                        T.plusSeconds(i),
                        BootStep.DHCP));
            }
            journal.discover(new Machine(
                    "52:54:00:00:03:e6",
                    "u",
                    "",
                    "",
                    "10.0.0.9",
                    T.plusSeconds(5),
                    T.plusSeconds(2000),
                    BootStep.SCRIPT));
            journal.discover(new Machine("52:54:00:00:03:e6", "", "s", "", "", T, T.plusSeconds(2001), BootStep.DHCP));
        }
        try (var journal = open()) {
            assertThat(journal.listMachines()).hasSize(256);
            var last = journal.listMachines().get(255);
            assertThat(last)
                    .isEqualTo(new Machine(
                            "52:54:00:00:03:e6", "u", "s", "", "10.0.0.9", T, T.plusSeconds(2001), BootStep.DHCP));
        }
    }

    @Test
    void logLinesAreBoundedInNumberAndLength() {
        try (var journal = open()) {
            for (int i = 0; i < 21_000; i++) {
                journal.log(new LogLine(T, N, "line " + i));
            }
            journal.log(new LogLine(T, N, "x".repeat(5000)));
            var kept = journal.listLog(N, 100_000);
            assertThat(kept).hasSizeBetween(20_000, 20_500);
            assertThat(kept.get(kept.size() - 1).text()).hasSize(1001);
        }
    }

    @Test
    void leasesAreKept() {
        var row = new EventJournal.LeaseRow("52:54:00:00:00:01", 0xc0a80001, T);
        try (var journal = open()) {
            journal.saveLeases(List.of(row));
        }
        try (var journal = open()) {
            assertThat(journal.listLeases()).containsExactly(row);
        }
    }

    @Test
    void aSecondSlipwayIsRefused() {
        try (var journal = open()) {
            journal.append(new NodeEvent.Defined(T, N));
            assertThatThrownBy(this::open)
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("in use")
                    .hasMessageContaining("--state");
        }
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Files.writeString(
                directory.resolve("slipway.db"), "this is no database, but it is longer than a header is. ".repeat(20));
        assertThatThrownBy(this::open).hasMessageContaining("slipway.db").hasMessageContaining("damaged");
    }
}
