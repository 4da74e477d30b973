package io.slipway.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.inventory.Serve;
import io.slipway.lifecycle.ClaimPolicy.Answer;
import io.slipway.lifecycle.ClaimPolicy.ClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeLifecycleTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final String N = "node1";
    private static final String TOKEN = "a".repeat(64);
    private static final String IMAGE = "b".repeat(64);
    private static final String SESSION = "c".repeat(64);
    private static final String HOME = "10.99.0.11";
    private static final String FOREIGN = "10.99.0.66";

    private NodeState state = NodeState.known(N, T);

    private String apply(NodeEvent event) {
        var applied = NodeLifecycle.apply(state, event);
        state = applied.state();
        return applied.impossible();
    }

    private void arm(BootMode mode) {
        assertThat(apply(new NodeEvent.Armed(T, N, mode, TOKEN, IMAGE, T.plusSeconds(3600))))
                .isEmpty();
    }

    private Answer claim(String token, String nonce, String address, Instant at) {
        return claim(token, nonce, address, at, Serve.Enrolment.AUTOMATIC);
    }

    private Answer claim(String token, String nonce, String address, Instant at, Serve.Enrolment enrolment) {
        var decision = ClaimPolicy.decide(state, new ClaimRequest(token, nonce, address), enrolment, at, SESSION);
        decision.events().forEach(event -> assertThat(apply(event)).isEmpty());
        return decision.answer();
    }

    private void armAndFetch() {
        arm(BootMode.INSTALL);
        apply(new NodeEvent.ScriptServed(T, N, HOME));
    }

    @Test
    void theUsualLife() {
        var phases = new ArrayList<NodePhase>();
        List<NodeEvent> life = List.of(
                new NodeEvent.Defined(T, N),
                new NodeEvent.Armed(T, N, BootMode.INSTALL, TOKEN, IMAGE, T.plusSeconds(60)),
                new NodeEvent.Seen(T, N, BootStep.DHCP, ""),
                new NodeEvent.ScriptServed(T, N, HOME),
                new NodeEvent.Claimed(T, N, "n", HOME, SESSION, true),
                new NodeEvent.Progress(T, N, 1, InstallStage.PACKAGES, 40),
                new NodeEvent.HostKeys(T, N, List.of("ssh-ed25519 AAAA")),
                new NodeEvent.Installed(T, N),
                new NodeEvent.SentToDisk(T, N),
                new NodeEvent.CalledBack(T, N, HOME, List.of("kernel=6.12")),
                new NodeEvent.LoginWorked(T, N),
                new NodeEvent.FormationStarted(T, N),
                new NodeEvent.Joined(T, N));
        for (NodeEvent event : life) {
            assertThat(apply(event)).as("%s", event).isEmpty();
            if (phases.isEmpty() || phases.get(phases.size() - 1) != state.phase()) {
                phases.add(state.phase());
            }
        }
        assertThat(phases)
                .containsExactly(
                        NodePhase.KNOWN,
                        NodePhase.ARMED,
                        NodePhase.BOOTING,
                        NodePhase.INSTALLING,
                        NodePhase.INSTALLED,
                        NodePhase.FIRST_BOOT,
                        NodePhase.READY,
                        NodePhase.FORMING,
                        NodePhase.MEMBER);
        assertThat(state.hostKeys()).containsExactly("ssh-ed25519 AAAA");
    }

    @Test
    void theSameClaimGetsTheSameAnswerAndTheArmingIsSpentOnce() {
        armAndFetch();
        var first = claim(TOKEN, "nonce", HOME, T);
        assertThat(first).isEqualTo(new Answer.Granted(SESSION, IMAGE, BootMode.INSTALL));
        assertThat(state.arming()).isNull();
        assertThat(claim(TOKEN, "nonce", HOME, T.plusSeconds(5))).isEqualTo(first);
        assertThat(state.phase()).isEqualTo(NodePhase.INSTALLING);
        assertThat(state.alarms()).isEmpty();
    }

    @Test
    void anotherNonceQuarantinesAndNothingIsGrantedFromThenOn() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        assertThat(claim(TOKEN, "other", HOME, T)).isInstanceOf(Answer.Refused.class);
        assertThat(state.phase()).isEqualTo(NodePhase.QUARANTINED);
        assertThat(state.alarms()).hasSize(1);
        assertThat(claim(TOKEN, "nonce", HOME, T)).isInstanceOf(Answer.Refused.class);
        assertThat(apply(new NodeEvent.Progress(T, N, 1, InstallStage.DISK, 1))).isNotEmpty();
        apply(new NodeEvent.Disarmed(T, N, "looked"));
        assertThat(state.phase()).isEqualTo(NodePhase.KNOWN);
    }

    @Test
    void aClaimFromAnotherAddressThanTheScriptsIsRefusedWithAnAlarm() {
        armAndFetch();
        assertThat(claim(TOKEN, "nonce", FOREIGN, T).toString()).contains(HOME).contains(FOREIGN);
        assertThat(state.alarms()).hasSize(1);
        assertThat(state.arming()).isNotNull();
        claim(TOKEN, "nonce", HOME, T);
        assertThat(claim(TOKEN, "nonce", FOREIGN, T)).isInstanceOf(Answer.Refused.class);
        assertThat(state.phase()).isEqualTo(NodePhase.INSTALLING);
    }

    @Test
    void withoutAScriptATokenIsWorthNothing() {
        arm(BootMode.INSTALL);
        assertThat(claim(TOKEN, "nonce", HOME, T).toString()).contains("Nobody fetched");
    }

    @Test
    void foreignExpiredAndMissingTokensAreRefused() {
        assertThat(claim(TOKEN, "n", HOME, T).toString()).contains("not armed");
        armAndFetch();
        assertThat(claim("d".repeat(64), "n", HOME, T).toString()).contains("token");
        assertThat(claim("", "n", HOME, T).toString()).contains("token");
        assertThat(claim(TOKEN, "n", HOME, T.plusSeconds(3600)).toString()).contains("ended");
        assertThat(state.arming()).isNotNull();
    }

    @Test
    void aSpentTokenCannotBeArmedAgain() {
        armAndFetch();
        claim(TOKEN, "n", HOME, T);
        assertThat(apply(new NodeEvent.Armed(T, N, BootMode.INSTALL, TOKEN, IMAGE, T.plusSeconds(9))))
                .isNotEmpty();
    }

    @Test
    void aSecondFetcherRaisesAnAlarmAndDoesNotTakeTheArmingOver() {
        armAndFetch();
        assertThat(apply(new NodeEvent.ScriptServed(T, N, FOREIGN))).isNotEmpty();
        apply(new NodeEvent.SecondFetcher(T, N, FOREIGN));
        assertThat(state.alarms().get(0).text()).contains(FOREIGN).contains(HOME);
        assertThat(requireNonNull(state.arming()).fetcher()).isEqualTo(HOME);
    }

    @Test
    void withConfirmationTheInstallerWaitsForAPerson() {
        armAndFetch();
        var waiting = claim(TOKEN, "nonce", HOME, T, Serve.Enrolment.CONFIRM);
        assertThat(waiting).isEqualTo(new Answer.Wait(ClaimPolicy.fingerprint("nonce")));
        assertThat(state.phase()).isEqualTo(NodePhase.AWAITING_APPROVAL);
        assertThat(apply(new NodeEvent.Progress(T, N, 1, InstallStage.DISK, 1))).isNotEmpty();
        assertThat(claim(TOKEN, "nonce", HOME, T, Serve.Enrolment.CONFIRM)).isEqualTo(waiting);
        apply(new NodeEvent.Approved(T, N));
        assertThat(claim(TOKEN, "nonce", HOME, T, Serve.Enrolment.CONFIRM))
                .isEqualTo(new Answer.Granted(SESSION, IMAGE, BootMode.INSTALL));
        assertThat(ClaimPolicy.fingerprint("nonce")).matches("[0-9A-F]{5}-[0-9A-F]{5}");
    }

    @Test
    void aWaitingClaimWithAnotherNonceQuarantinesToo() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T, Serve.Enrolment.CONFIRM);
        claim(TOKEN, "other", HOME, T, Serve.Enrolment.CONFIRM);
        assertThat(state.phase()).isEqualTo(NodePhase.QUARANTINED);
    }

    @Test
    void aRestartDuringTheInstallationIsAFailureAndNotAnotherInstallation() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.Progress(T, N, 1, InstallStage.PACKAGES, 40));
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(state.phase()).isEqualTo(NodePhase.FAILED);
        assertThat(state.reason()).contains("packages, 40 %");
        assertThat(state.arming()).isNull();
        apply(new NodeEvent.Progress(T, N, 2, InstallStage.PACKAGES, 41));
        assertThat(state.phase()).as("it spoke again").isEqualTo(NodePhase.INSTALLING);
    }

    @Test
    void rescueLeavesWhatIsInstalledAlone() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.HostKeys(T, N, List.of("ssh-ed25519 AAAA")));
        apply(new NodeEvent.Installed(T, N));
        apply(new NodeEvent.CalledBack(T, N, HOME, List.of()));
        apply(new NodeEvent.LoginWorked(T, N));
        rescue();
        assertThat(state.hostKeys()).hasSize(1);
        assertThat(apply(new NodeEvent.HostKeys(T, N, List.of("ssh-ed25519 EVIL"))))
                .isNotEmpty();
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(state.phase()).isEqualTo(NodePhase.READY);
    }

    private void rescue() {
        apply(new NodeEvent.Armed(T, N, BootMode.RESCUE, "e".repeat(64), IMAGE, T.plusSeconds(60)));
        apply(new NodeEvent.ScriptServed(T, N, HOME));
        assertThat(claim("e".repeat(64), "n2", HOME, T)).isInstanceOf(Answer.Granted.class);
        assertThat(state.phase()).isEqualTo(NodePhase.RESCUE);
    }

    @Test
    void aRescueBeforeTheFirstReportLeavesTheInstallationsSessionGood() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.HostKeys(T, N, List.of("ssh-ed25519 AAAA")));
        apply(new NodeEvent.Installed(T, N));
        apply(new NodeEvent.SentToDisk(T, N));
        rescue();
        assertThat(requireNonNull(state.claim()).session()).isEqualTo(SESSION);
        assertThat(state.isInstalled()).isTrue();
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(state.phase()).isEqualTo(NodePhase.FIRST_BOOT);
        assertThat(apply(new NodeEvent.CalledBack(T, N, HOME, List.of()))).isEmpty();
        apply(new NodeEvent.LoginWorked(T, N));
        assertThat(state.phase()).isEqualTo(NodePhase.READY);
    }

    @Test
    void aReportThatComesWithoutAskingForTheBootScriptEndsTheRescueToo() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.Installed(T, N));
        rescue();
        apply(new NodeEvent.CalledBack(T, N, HOME, List.of()));
        assertThat(state.phase()).isEqualTo(NodePhase.FIRST_BOOT);
    }

    @Test
    void aReportWhileARescueIsArmedIsNotForgottenWhenItIsTakenBack() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.Installed(T, N));
        armAgain(BootMode.RESCUE);
        apply(new NodeEvent.CalledBack(T, N, HOME, List.of()));
        apply(new NodeEvent.Disarmed(T, N, "it answers"));
        assertThat(state.phase()).isEqualTo(NodePhase.FIRST_BOOT);
    }

    private void armAgain(BootMode mode) {
        assertThat(apply(new NodeEvent.Armed(T, N, mode, "f".repeat(64), IMAGE, T.plusSeconds(60))))
                .isEmpty();
    }

    @Test
    void everyPhaseComesBackAfterTwoRescues() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.Failed(T, N, "no disk matches"));
        rescue();
        armAgain(BootMode.RESCUE);
        apply(new NodeEvent.ScriptServed(T, N, HOME));
        claim("f".repeat(64), "n3", HOME, T);
        assertThat(state.phase()).isEqualTo(NodePhase.RESCUE);
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(state.phase()).isEqualTo(NodePhase.FAILED);
        assertThat(state.reason()).isEqualTo("no disk matches");
    }

    @Test
    void aRescueShellThatFailsIsAnAlarmAndNoFailedInstallation() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.CalledBack(T, N, HOME, List.of()));
        apply(new NodeEvent.LoginWorked(T, N));
        rescue();
        apply(new NodeEvent.Failed(T, N, "no keys"));
        assertThat(state.phase()).isEqualTo(NodePhase.RESCUE);
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(state.phase()).isEqualTo(NodePhase.READY);
        assertThat(state.alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.text()).contains("no keys"));
    }

    @Test
    void aSecondClaimOfARescueQuarantines() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.Installed(T, N));
        rescue();
        assertThat(claim("e".repeat(64), "n2", HOME, T)).isInstanceOf(Answer.Granted.class);
        assertThat(claim("e".repeat(64), "other", HOME, T)).isInstanceOf(Answer.Refused.class);
        assertThat(state.phase()).isEqualTo(NodePhase.QUARANTINED);
        assertThat(state.rescue()).isNull();
    }

    @Test
    void imagesAreNeededFromTheArmingToTheEndOfTheInstallation() {
        assertThat(state.neededImages()).isEmpty();
        armAndFetch();
        assertThat(state.neededImages()).containsExactly(IMAGE);
        claim(TOKEN, "nonce", HOME, T);
        assertThat(state.neededImages()).containsExactly(IMAGE);
        apply(new NodeEvent.Failed(T, N, "silence"));
        assertThat(state.neededImages()).as("it may go on").containsExactly(IMAGE);
        apply(new NodeEvent.Progress(T, N, 1, InstallStage.PACKAGES, 40));
        apply(new NodeEvent.Installed(T, N));
        assertThat(state.neededImages()).isEmpty();
        String newer = "9".repeat(64);
        apply(new NodeEvent.Armed(T, N, BootMode.RESCUE, "e".repeat(64), newer, T.plusSeconds(60)));
        assertThat(state.neededImages()).containsExactly(newer);
        apply(new NodeEvent.ScriptServed(T, N, HOME));
        claim("e".repeat(64), "n2", HOME, T);
        assertThat(state.neededImages()).containsExactly(newer);
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(state.neededImages()).isEmpty();
    }

    @Test
    void disarmingReturnsToWhereItWas() {
        arm(BootMode.INSTALL);
        apply(new NodeEvent.Disarmed(T, N, "changed my mind"));
        assertThat(state.phase()).isEqualTo(NodePhase.KNOWN);
    }

    @Test
    void aCallbackWhoseRepliesWereLostCountsOnce() {
        armAndFetch();
        claim(TOKEN, "nonce", HOME, T);
        apply(new NodeEvent.CalledBack(T, N, HOME, List.of("a=1")));
        apply(new NodeEvent.LoginWorked(T, N));
        assertThat(apply(new NodeEvent.CalledBack(T, N, HOME, List.of("a=2")))).isEmpty();
        assertThat(state.phase()).isEqualTo(NodePhase.READY);
        assertThat(requireNonNull(state.callback()).report()).containsExactly("a=1");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyOrderOfEventsIsTotalIdempotentAndNeverErasesWithoutAnArming(long seed) {
        var random = new SplittableRandom(seed);
        int armings = 0;
        int installations = 0;
        for (int i = 0; i < 20_000; i++) {
            NodeEvent event = random(random, T.plusSeconds(i));
            NodeState before = state;
            String impossible = apply(event);
            if (!impossible.isEmpty()) {
                assertThat(state).isEqualTo(before);
            }
            NodeState once = state;
            apply(event);
            assertThat(state).as("%s twice", event).isEqualTo(once);
            assertThat(state.alarms().size()).isLessThanOrEqualTo(20);
            if (event instanceof NodeEvent.Armed && impossible.isEmpty()) {
                armings++;
            }
            if (before.claim() != null
                    && state.claim() != null
                    && !before.claim().session().equals(state.claim().session())) {
                installations++;
            }
            Silence.explain(state, T.plusSeconds(i).plus(Duration.ofDays(1)));
            assertThat(Silence.waitsFor(state)).isNotNull();
        }
        assertThat(installations).isLessThanOrEqualTo(armings).isPositive();
    }

    private static NodeEvent random(SplittableRandom random, Instant at) {
        String address = random.nextBoolean() ? HOME : FOREIGN;
        String secret = Integer.toHexString(random.nextInt(1 << 20));
        return switch (random.nextInt(20)) {
            case 0 -> new NodeEvent.Defined(at, N);
            case 1 -> new NodeEvent.Armed(at, N, BootMode.INSTALL, secret, IMAGE, at.plusSeconds(60));
            case 2 -> new NodeEvent.Armed(at, N, BootMode.RESCUE, secret, IMAGE, at.plusSeconds(60));
            case 3 -> new NodeEvent.Disarmed(at, N, "x");
            case 4 -> new NodeEvent.Seen(at, N, List.of(BootStep.values()).get(random.nextInt(5)), address);
            case 5 -> new NodeEvent.ScriptServed(at, N, address);
            case 6 -> new NodeEvent.SecondFetcher(at, N, address);
            case 7 -> new NodeEvent.SentToDisk(at, N);
            case 8 -> new NodeEvent.Claimed(at, N, secret, address, secret, random.nextBoolean());
            case 9 -> new NodeEvent.DoubleClaimed(at, N, address);
            case 10 -> new NodeEvent.Approved(at, N);
            case 11 -> new NodeEvent.Progress(at, N, random.nextInt(99), InstallStage.DISK, 5);
            case 12 -> new NodeEvent.HostKeys(at, N, List.of("k"));
            case 13 -> new NodeEvent.Installed(at, N);
            case 14 -> new NodeEvent.Failed(at, N, "f");
            case 15 -> new NodeEvent.CalledBack(at, N, address, List.of());
            case 16 -> new NodeEvent.LoginWorked(at, N);
            case 17 -> new NodeEvent.LoginFailed(at, N, "f");
            case 18 -> new NodeEvent.ClaimRefused(at, N, address, "r");
            default ->
                switch (random.nextInt(4)) {
                    case 0 -> new NodeEvent.FormationStarted(at, N);
                    case 1 -> new NodeEvent.Joined(at, N);
                    case 2 -> new NodeEvent.LeaveStarted(at, N);
                    default -> new NodeEvent.Removed(at, N);
                };
        };
    }

    @Test
    void anEventOfAnotherNodeChangesNothing() {
        assertThat(apply(new NodeEvent.Removed(T, "node2"))).contains("node2");
        assertThat(state.phase()).isEqualTo(NodePhase.KNOWN);
    }

    @Test
    void silenceIsNamed() {
        Instant later = T.plusSeconds(1000);
        assertThat(Silence.explain(state, later)).isEmpty();
        arm(BootMode.INSTALL);
        assertThat(Silence.explain(state, T.plusSeconds(30))).isEmpty();
        assertThat(Silence.explain(state, later))
                .hasValueSatisfying(text -> assertThat(text).contains("never asked for DHCP"));
        for (BootStep step : BootStep.values()) {
            apply(new NodeEvent.Seen(T, N, step, HOME));
            String expected = switch (step) {
                case DHCP -> "never for iPXE";
                case LOADER -> "never its script";
                case SCRIPT -> "never fetched the kernel";
                case KERNEL -> "never the initrd";
                case INITRD -> "installer never claimed";
            };
            assertThat(Silence.explain(state, later))
                    .hasValueSatisfying(text -> assertThat(text).contains(expected));
        }
        apply(new NodeEvent.ScriptServed(T, N, HOME));
        claim(TOKEN, "n", HOME, T);
        assertThat(Silence.explain(state, later))
                .hasValueSatisfying(text -> assertThat(text).contains("right after its claim"));
        apply(new NodeEvent.Installed(T, N));
        apply(new NodeEvent.SentToDisk(T, N));
        assertThat(Silence.explain(state, later))
                .hasValueSatisfying(text -> assertThat(text).contains("report never came"));
        apply(new NodeEvent.CalledBack(T, N, HOME, List.of()));
        apply(new NodeEvent.LoginFailed(T, N, "connection refused"));
        assertThat(Silence.explain(state, later))
                .hasValueSatisfying(text -> assertThat(text).contains("connection refused"));
    }
}
