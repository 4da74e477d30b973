package io.slipway.formation.proof;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.formation.Finding;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.FormationRunner;
import io.slipway.formation.Step;
import io.slipway.formation.incus.Clusters;
import io.slipway.formation.incus.FakeIncus;
import io.slipway.formation.incus.IncusSteps;
import io.slipway.formation.incus.Members;
import io.slipway.formation.incus.TestAuthority;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ProofStepsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-23T00:00:00Z"));

    /** A formed cluster, and what proves it. */
    private static final class World {
        final Cluster cluster;
        final FakeIncus incus;

        World(Cluster cluster) {
            this.cluster = cluster;
            this.incus = new FakeIncus(cluster);
            var steps = IncusSteps.of(
                    new Members(cluster, incus),
                    new TestAuthority(CLOCK.instant()),
                    CLOCK,
                    List.of(),
                    List.of(),
                    List.of(),
                    (client, token) -> {});
            assertThat(run(FormationPlan.of(steps)).succeeded()).isTrue();
        }

        World() {
            this(Clusters.lab());
        }

        FormationPlan plan(boolean again) {
            return FormationPlan.of(ProofSteps.of(new Members(cluster, incus), List.of(), again));
        }

        FormationReport run(FormationPlan plan) {
            return new FormationRunner(event -> {}, CLOCK).run(plan, Set.of());
        }

        FormationReport prove() {
            FormationReport report = run(plan(false));
            assertThat(report.steps())
                    .filteredOn(each -> each.problem() != null)
                    .isEmpty();
            assertThat(report.succeeded()).isTrue();
            return report;
        }

        /** What happens in a plan whose steps have a second. */
        String problem(String id) {
            var hasty = new ArrayList<Step>();
            for (Step step : plan(false).steps()) {
                hasty.add(step.within(Duration.ofSeconds(1)));
            }
            FormationReport report = run(FormationPlan.of(hasty));
            FormationReport.Result result = result(report, id);
            assertThat(result.outcome()).as(result.text()).isEqualTo(Outcome.FAILED);
            return requireNonNull(result.problem()).text();
        }

        void withKvm() {
            cluster.listNodes(Role.INCUS_MEMBER).forEach(node -> incus.machine(node.name()).kvm = true);
        }

        List<String> changes() {
            return incus.changes();
        }

        void assertNothingIsLeft() {
            assertThat(incus.instances()).isEmpty();
            assertThat(incus.images()).isEmpty();
        }
    }

    private static FormationReport.Result result(FormationReport report, String id) {
        return report.steps().stream()
                .filter(each -> each.step().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void twoInstancesReachEachOtherAndOneMovesWithItsData() {
        World world = new World();
        world.incus.looksUntilAddress = 2;

        FormationReport report = world.prove();

        assertThat(result(report, "proof.image").text()).isEqualTo("an image of 1045 KiB");
        assertThat(result(report, "proof.instances").text()).isEqualTo("10.234.0.2 on node1, 10.234.0.3 on node2");
        assertThat(result(report, "proof.overlay").text())
                .isEqualTo("across members in 1.5 ms, packets of 1442 bytes too");
        assertThat(result(report, "proof.gateway").text())
                .contains("10.234.0.1 in 1.5 ms", "the uplink's gateway 10.77.0.1 answers");
        assertThat(result(report, "proof.move").text()).contains("moved to node3 with its data", "reached");
        assertThat(result(report, "proof.live").text()).isEqualTo("not checked: no KVM on node1, node2, node3");
        world.assertNothingIsLeft();
    }

    /** The next plan is to find all done, and the next machine to be moved a member to take it. */
    @Test
    void aMemberThatLostTouchOverTheProofIsWaitedFor() throws Exception {
        World world = new World();
        world.incus.lost = "node3";

        FormationReport report = world.prove();

        assertThat(result(report, "proof.removed").text()).isEqualTo("the cluster is proven");
        assertThat(new Members(world.cluster, world.incus).online().text()).startsWith("3 members are ONLINE");
    }

    @Test
    void aProvenClusterIsNotProvenAgain() {
        World world = new World();
        world.prove();
        List<String> changes = world.changes();
        int commands = world.incus.commands();

        FormationReport second = world.prove();

        assertThat(second.changedNothing()).isTrue();
        assertThat(world.changes()).isEqualTo(changes);
        assertThat(world.incus.commands() - commands).isEqualTo(1);
        assertThat(result(second, "proof.live").text()).isEqualTo("not checked: no KVM on node1, node2, node3");
    }

    @Test
    void verifyingProvesItAgain() {
        World world = new World();
        world.prove();
        int changes = world.changes().size();

        FormationReport again = world.run(world.plan(true));

        assertThat(again.succeeded()).isTrue();
        assertThat(result(again, "proof.move").outcome()).isEqualTo(Outcome.DONE);
        assertThat(world.changes().size()).isGreaterThan(changes + 5);
        world.assertNothingIsLeft();
        world.prove();
    }

    @Test
    void aClusterWithAnotherNetworkIsProvenAgain() throws Exception {
        World world = new World();
        world.prove();
        Cluster other = Clusters.with(world.cluster, Clusters.without(world.cluster.incus(), true));
        List<Step> steps = ProofSteps.of(new Members(other, world.incus), List.of(), false);
        assertThat(steps.get(0).work().probe().state()).isEqualTo(Finding.State.TO_DO);
    }

    /** Before and after every command of a proof. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void killedAtAnyPointNothingIsLeftAfterTheNextRun(boolean before) {
        World whole = new World();
        whole.withKvm();
        whole.prove();
        String wanted = whole.incus.state();
        int points = 0;
        for (int i = 1; ; i++) {
            World world = new World();
            world.withKvm();
            world.incus.dieAt(i, before);
            world.run(world.plan(false));
            if (!world.incus.died()) {
                break;
            }
            points++;
            world.incus.revive();
            world.prove();
            assertThat(world.incus.state()).as("killed at command " + i).isEqualTo(wanted);
        }
        assertThat(points).isGreaterThan(15);
    }

    @Test
    void onlyWhatCarriesTheMarkIsRemoved() throws Exception {
        World world = new World();
        world.incus.instance("web", "node1", false);
        world.incus.instance("slipway-proof-7", "node1", false);
        world.incus.instance("slipway-proof-1", "node3", true);
        world.incus.image("beef", false);
        world.incus.image("f00d", true);

        ProofSteps.remove(new Members(world.cluster, world.incus));

        assertThat(world.incus.instances()).containsExactlyInAnyOrder("web", "slipway-proof-7");
        assertThat(world.incus.images()).containsExactly("beef");
    }

    @Test
    void removingFromNoClusterDoesNothing() throws Exception {
        Cluster lab = Clusters.lab();
        var incus = new FakeIncus(lab);
        incus.machine("node1").unreachable = true;
        ProofSteps.remove(new Members(lab, incus));
        assertThat(incus.changes()).isEmpty();
    }

    @Test
    void nothingIsKnownBeforeThereIsACluster() throws Exception {
        Cluster lab = Clusters.lab();
        for (Step step : ProofSteps.of(new Members(lab, new FakeIncus(lab)), List.of("incus.profile"), false)) {
            assertThat(step.work().probe().state()).as(step.id()).isEqualTo(Finding.State.UNKNOWN);
            assertThat(step.after()).isNotEmpty();
        }
    }

    @Test
    void anotherMemberSpeaksWhenTheFirstIsDown() {
        World world = new World();
        world.prove();
        world.incus.machine("node1").unreachable = true;
        assertThat(world.prove().changedNothing()).isTrue();
    }

    @Test
    void oneMemberIsEnoughForAllButTheMove() {
        Cluster lab = Clusters.lab();
        World world = new World(Clusters.withNodes(lab, lab.nodes().subList(0, 1)));
        FormationReport report = world.prove();
        assertThat(result(report, "proof.instances").text()).isEqualTo("10.234.0.2 on node1, 10.234.0.3 on node1");
        assertThat(result(report, "proof.overlay").text()).contains("on one member");
        assertThat(result(report, "proof.move").text()).isEqualTo("not checked: Incus has one member only");
        assertThat(result(report, "proof.live").text()).isEqualTo("not checked: Incus has one member only");
    }

    @Test
    void withoutANetworkInstancesMoveAllTheSame() {
        Cluster lab = Clusters.lab();
        World world = new World(Clusters.with(lab, Clusters.without(lab.incus(), false)));
        FormationReport report = world.prove();
        assertThat(result(report, "proof.overlay").text()).startsWith("not checked");
        assertThat(result(report, "proof.gateway").text()).startsWith("not checked");
        assertThat(result(report, "proof.move").text()).isEqualTo("moved to node3 with its data");
    }

    @Test
    void aClusterWithoutMembersHasNothingToProve() {
        Cluster lab = Clusters.lab();
        var nodes = lab.nodes().stream()
                .map(node -> Clusters.with(node, Set.of(Role.OVN_CENTRAL)))
                .toList();
        Cluster none = Clusters.withNodes(lab, nodes);
        assertThat(ProofSteps.of(new Members(none, new FakeIncus(none)), List.of(), false))
                .isEmpty();
    }

    @Test
    void aVirtualMachineMovesWhileItRunsWhereThereIsKvm() {
        World world = new World();
        world.incus.machine("node1").kvm = true;
        world.incus.machine("node3").kvm = true;
        world.incus.looksUntilAddress = 2;

        FormationReport report = world.prove();

        assertThat(result(report, "proof.machine").text())
                .isEqualTo("10.234.0.4 on node1 in 1.5 ms, packets of 1442 bytes too");
        String live = "a virtual machine moved from node1 to node3 while it ran, silent for 1 s, reached in 1.5 ms,"
                + " packets of 1442 bytes too";
        assertThat(result(report, "proof.live").text()).isEqualTo(live);
        assertThat(world.changes())
                .contains("node1 launches slipway-proof-machine", "node1 moves slipway-proof-machine live to node3");
        world.assertNothingIsLeft();
        assertThat(result(world.prove(), "proof.live").text()).isEqualTo(live);
    }

    @Test
    void aVirtualMachineMovesWithoutANetworkToo() {
        Cluster lab = Clusters.lab();
        World world = new World(Clusters.with(lab, Clusters.without(lab.incus(), false)));
        world.withKvm();
        assertThat(result(world.prove(), "proof.live").text())
                .isEqualTo("a virtual machine moved from node1 to node2 while it ran");
    }

    @Test
    void oneMemberWithKvmIsNotEnough() {
        World world = new World();
        world.incus.machine("node2").kvm = true;
        assertThat(result(world.prove(), "proof.live").text()).isEqualTo("not checked: no KVM on node1, node3");
        assertThat(world.changes()).noneMatch(each -> each.contains("machine"));
    }

    @Test
    void kvmThatIncusCannotUseIsSaid() {
        World world = new World();
        world.withKvm();
        world.incus.machine("node1").qemu = false;
        world.incus.machine("node3").qemu = false;
        assertThat(result(world.prove(), "proof.live").text())
                .isEqualTo("not checked: Incus has no QEMU that it can use on node1, node3");
    }

    @Test
    void aNodeThatCannotMakeAVirtualMachineIsNoFailure() {
        World world = new World();
        world.withKvm();
        world.incus.machineLacks = "no program grub-mkstandalone";
        FormationReport report = world.prove();
        assertThat(result(report, "proof.machine").text())
                .isEqualTo("not checked: there is no program grub-mkstandalone on node1");
        assertThat(result(report, "proof.live").text())
                .isEqualTo(result(report, "proof.machine").text());
    }

    // ---- what goes wrong

    @Test
    void anUplinkThatDoesNotAnswerIsNoFailure() {
        World world = new World();
        world.incus.outsideSilent = true;
        assertThat(result(world.prove(), "proof.gateway").text()).contains("10.77.0.1 does not answer");
    }

    @Test
    void anImageThatWasNotCopiedAtOnceIsThereAllTheSame() {
        World world = new World();
        world.withKvm();
        world.incus.imageNotCopied = true;
        world.prove();
    }

    @Test
    void aMissingBusyBoxIsSaid() {
        World world = new World();
        world.incus.noBusybox = true;
        assertThat(world.problem("proof.image")).contains("node1", "initrd-tree.tar.gz", "mkinitrd");
    }

    @Test
    void anOverlayThatDoesNotPassIsSaid() {
        World world = new World();
        world.incus.overlayBroken = true;
        assertThat(world.problem("proof.overlay")).contains("no answer yet from slipway-proof-1 to 10.234.0.3");
    }

    @Test
    void anOverlayThatPassesSmallPacketsOnlyIsSaid() {
        World world = new World();
        world.incus.largePacketsLost = true;
        assertThat(world.problem("proof.overlay")).contains("packets of 1442 bytes do not");
    }

    @Test
    void aVirtualMachineThatDoesNotMoveIsSaid() {
        World world = new World();
        world.withKvm();
        world.incus.machineCannotMove = true;
        assertThat(world.problem("proof.live")).contains("cannot be moved from node1 to node2", "must be stopped");
    }

    @Test
    void aVirtualMachineThatWasStartedAgainInsteadIsSaid() {
        World world = new World();
        world.withKvm();
        world.incus.silence = 9;
        assertThat(world.problem("proof.live")).contains("slipway-proof-machine", "silence for 9 s");
    }

    @Test
    void dataThatIsLostIsSaid() {
        World world = new World();
        world.incus.dataLost = true;
        assertThat(world.problem("proof.move")).contains("slipway-proof-1", "node3", "an empty one");
    }
}
