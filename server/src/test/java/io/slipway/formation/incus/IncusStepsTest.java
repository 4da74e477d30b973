package io.slipway.formation.incus;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.formation.Finding;
import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.FormationRunner;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class IncusStepsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-23T00:00:00Z"));

    /** A cluster of machines and what forms it. */
    private static final class World {
        final Cluster cluster;
        final FakeIncus incus;
        final List<String> shown = Collections.synchronizedList(new ArrayList<>());
        final List<String> events = Collections.synchronizedList(new ArrayList<>());
        final TestAuthority authority = new TestAuthority(CLOCK.instant());

        World(Cluster cluster) {
            this.cluster = cluster;
            this.incus = new FakeIncus(cluster);
        }

        FormationPlan plan() {
            return FormationPlan.of(IncusSteps.of(
                    new Members(cluster, incus),
                    authority,
                    CLOCK,
                    List.of(),
                    List.of(),
                    List.of(),
                    (client, token) -> shown.add(client + " " + token)));
        }

        FormationReport run() {
            return run(plan());
        }

        FormationReport run(FormationPlan plan) {
            var runner = new FormationRunner(event -> events.add(text(event)), CLOCK);
            return runner.run(plan, Set.of());
        }

        private static String text(FormationEvent event) {
            return event.step().id() + " " + event.word() + " " + event.text();
        }

        void form() {
            FormationReport report = run();
            assertThat(report.steps())
                    .filteredOn(each -> each.problem() != null)
                    .isEmpty();
            assertThat(report.succeeded()).isTrue();
        }

        FormationReport.Result result(FormationReport report, String id) {
            return report.steps().stream()
                    .filter(each -> each.step().id().equals(id))
                    .findFirst()
                    .orElseThrow();
        }

        Finding probe(String id) throws InterruptedException {
            return plan().getStep(id).work().probe();
        }

        String problem(FormationReport report, String id) {
            FormationReport.Result result = result(report, id);
            assertThat(result.outcome()).as(id + ": " + result.text()).isEqualTo(Outcome.FAILED);
            return requireNonNull(result.problem()).text();
        }
    }

    private static World world() {
        return new World(Clusters.lab());
    }

    private static Cluster trusting(String... clients) {
        Cluster lab = Clusters.lab();
        return Clusters.with(lab, Clusters.trusting(lab.incus(), clients));
    }

    // ---- plans

    @Test
    void aClusterWithoutMembersHasNoSteps() {
        Cluster lab = Clusters.lab();
        List<Node> nodes = lab.nodes().stream()
                .map(node -> Clusters.with(node, Set.of(Role.OVN_CENTRAL)))
                .toList();
        assertThat(new World(Clusters.withNodes(lab, nodes)).plan().steps()).isEmpty();
    }

    @Test
    void theFirstStepsComeAfterWhatTheyAreTold() {
        Cluster cluster = Clusters.with(Clusters.lab(), new Linstor(Linstor.Provider.FILE_THIN, 2, "pool", "tank"));
        World world = new World(cluster);
        List<Step> steps = IncusSteps.of(
                new Members(cluster, world.incus),
                world.authority,
                CLOCK,
                List.of("ovn.last"),
                List.of("linstor.last"),
                List.of("preflight"),
                (client, token) -> {});
        assertThat(steps).filteredOn(step -> step.after().isEmpty()).isEmpty();
        assertThat(steps)
                .filteredOn(step -> step.after().contains("preflight"))
                .extracting(Step::id)
                .containsExactly("incus.daemon.node1", "incus.daemon.node2", "incus.daemon.node3");
        assertThat(steps)
                .filteredOn(step -> step.after().contains("ovn.last"))
                .extracting(Step::id)
                .containsExactly("incus.ovn");
        assertThat(steps)
                .filteredOn(step -> step.after().contains("linstor.last"))
                .extracting(Step::id)
                .containsExactly("incus.linstor");
        assertThat(steps).extracting(Step::id).contains(IncusSteps.LAST);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClusterWithoutAnUplinkIsSmaller(boolean network) throws Exception {
        Cluster lab = Clusters.lab();
        World world = new World(Clusters.with(lab, Clusters.without(lab.incus(), network)));

        world.form();

        assertThat(world.plan().steps())
                .extracting(Step::id)
                .doesNotContain("incus.uplink", "incus.uplink.node1")
                .contains("incus.pool", IncusSteps.LAST);
        assertThat(world.incus.devices().has("eth0")).isEqualTo(network);
        if (network) {
            assertThat(world.incus
                            .network("ovn0")
                            .path("config")
                            .path("network")
                            .asText())
                    .isEqualTo("none");
        } else {
            assertThat(world.plan().steps()).extracting(Step::id).doesNotContain("incus.ovn", "incus.network");
        }
    }

    // ---- the whole way

    @Test
    void fromDaemonsToAProfileAndNothingIsDoneTwice() throws Exception {
        World world = new World(trusting("laptop"));
        world.incus.looksUntilOnline = 2;
        world.incus.machine("node2").running = false;

        world.form();

        assertThat(world.incus.network("UPLINK").path("config").toString())
                .isEqualTo("{\"dns.nameservers\":\"10.77.0.1\",\"ipv4.gateway\":\"10.77.0.1/24\","
                        + "\"ipv4.ovn.ranges\":\"10.77.0.100-10.77.0.149\","
                        + "\"ipv4.routes\":\"10.77.0.150/31,10.77.0.152/29,10.77.0.160/27,10.77.0.192/29\"}");
        assertThat(world.incus.network("ovn0").path("config").toString())
                .isEqualTo("{\"bridge.mtu\":\"1442\",\"ipv4.address\":\"10.234.0.1/24\","
                        + "\"ipv4.nat\":\"true\",\"ipv6.address\":\"none\",\"network\":\"UPLINK\"}");
        assertThat(world.incus.devices().toString())
                .isEqualTo("{\"root\":{\"type\":\"disk\",\"path\":\"/\",\"pool\":\"local\"},"
                        + "\"eth0\":{\"type\":\"nic\",\"name\":\"eth0\",\"network\":\"ovn0\"}}");
        assertThat(world.incus.parent("UPLINK", "node3")).isEqualTo("cluster-br");
        assertThat(world.shown).hasSize(1);

        List<String> changes = world.incus.changes();
        String state = world.incus.state();
        int commands = world.incus.commands();
        FormationReport second = world.run();
        assertThat(second.changedNothing()).isTrue();
        assertThat(world.incus.changes()).isEqualTo(changes);
        assertThat(world.incus.state()).isEqualTo(state);
        assertThat(world.shown).hasSize(1);
        // One question a node, and one for whom it trusts.
        assertThat(world.incus.commands() - commands).isLessThanOrEqualTo(5);
    }

    @Test
    void joinsComeOneAtATimeInTheFilesOrder() {
        World world = world();
        world.form();
        assertThat(world.incus.changes())
                .filteredOn(change -> change.endsWith("joins") || change.endsWith("bootstraps"))
                .containsExactly("node1 bootstraps", "node2 joins", "node3 joins");
    }

    /** Before and after every command of a run, with the real runner. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void killedAtAnyPointTheNextRunGoesOn(boolean before) {
        World whole = new World(trusting("laptop"));
        whole.incus.machine("node3").running = false;
        whole.form();
        String wanted = whole.incus.state();
        int points = 0;
        for (int i = 1; ; i++) {
            World world = new World(trusting("laptop"));
            world.incus.machine("node3").running = false;
            world.incus.dieAt(i, before);
            world.run();
            if (!world.incus.died()) {
                break;
            }
            points++;
            world.incus.revive();
            world.form();
            assertThat(world.incus.state()).as("killed at command " + i).isEqualTo(wanted);
            assertThat(world.shown).as("killed at command " + i).isNotEmpty();
            assertThat(Set.copyOf(world.shown)).hasSize(1);
            assertThat(world.incus.changes())
                    .as("killed at command " + i)
                    .filteredOn(change -> change.endsWith("joins"))
                    .doesNotHaveDuplicates();
        }
        assertThat(points).isGreaterThan(30);
    }

    // ---- members

    @Test
    void nothingIsKnownBeforeThereIsACluster() throws Exception {
        World world = world();
        assertThat(world.probe("incus.bootstrap").state()).isEqualTo(Finding.State.TO_DO);
        for (Step step : world.plan().steps()) {
            if (!step.id().startsWith("incus.daemon") && !step.id().equals("incus.bootstrap")) {
                assertThat(step.work().probe().state()).as(step.id()).isEqualTo(Finding.State.UNKNOWN);
            }
        }
        assertThat(world.incus.changes()).isEmpty();
    }

    @Test
    void aMissingProgramIsSaid() {
        World world = world();
        world.incus.machine("node2").installed = false;
        assertThat(world.problem(world.run(), "incus.daemon.node2"))
                .contains("Incus is not installed on node2", "packages.local");
        assertThat(world.incus.changes()).isEmpty();
    }

    @Test
    void aMemberThatDoesNotAnswerMayHaveTheCluster() throws Exception {
        World world = world();
        world.incus.machine("node3").unreachable = true;

        Finding found = world.probe("incus.bootstrap");
        assertThat(found.state()).isEqualTo(Finding.State.UNKNOWN);
        assertThat(found.text()).contains("node3", "may be where the cluster is");

        FormationReport report = world.run();
        assertThat(world.problem(report, "incus.daemon.node3")).contains("node3");
        assertThat(world.result(report, "incus.bootstrap").outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(world.incus.changes()).isEmpty();
    }

    @Test
    void theOneThatHasAClusterIsTheFirst() {
        World world = world();
        world.form();
        world.incus.reinstall("node1");

        world.form();

        assertThat(world.incus.changes())
                .filteredOn(change -> change.contains("joins")
                        || change.contains("bootstraps")
                        || change.contains("cluster/members/"))
                .containsExactly(
                        "node1 bootstraps",
                        "node2 joins",
                        "node3 joins",
                        "node2 DELETE /1.0/cluster/members/node1?force=1",
                        "node1 joins");
        // It joins a cluster that has a pool and an uplink, so it says what they are there.
        assertThat(world.incus.parent("UPLINK", "node1")).isEqualTo("cluster-br");
    }

    /** A machine that is busy sends its heartbeats late, and a plan that says "unknown" of a formed cluster is of no use. */
    @Test
    void aMemberThatIsNotHeardOfForAMomentIsLookedAtAgain() throws Exception {
        World world = new World(Clusters.lab());
        world.form();
        world.incus.silence("node2", 1);

        var outlook = new FormationRunner(event -> {}, CLOCK).look(world.plan());

        assertThat(outlook.steps())
                .filteredOn(each -> each.finding().state() != Finding.State.DONE)
                .isEmpty();
    }

    @Test
    void aMemberThatCameBackEmptyIsNotRemovedWhileInstancesAreListedOnIt() {
        World world = world();
        world.form();
        world.incus.instance("web", "node2", false);
        world.incus.reinstall("node2");
        List<String> changes = world.incus.changes();

        assertThat(world.problem(world.run(), "incus.join.node2"))
                .contains("instance web", "incus cluster remove --force node2");
        assertThat(world.incus.changes()).isEqualTo(changes);
    }

    @Test
    void aNodeOfAnotherClusterIsNotTouched() {
        World world = world();
        world.form();
        List<String> changes = world.incus.changes();
        world.incus.machine("node3").foreign("fedcba9876543210", "node3");

        assertThat(world.problem(world.run(), "incus.bootstrap"))
                .contains("one Incus cluster", "node1, node2 in one", "node3 in one", "Nothing was changed");
        assertThat(world.incus.changes()).isEqualTo(changes);
    }

    @Test
    void aNodeThatWasClusteredUnderAnotherNameIsNotTouched() {
        World world = world();
        world.incus.machine("node2").foreign("fedcba9876543210", "old-name");

        assertThat(world.problem(world.run(), "incus.bootstrap")).contains("node2", "old-name");
        assertThat(world.incus.changes()).isEmpty();
    }

    @Test
    void membersThatTheFileDoesNotKnowAreSaid() {
        World world = world();
        world.form();
        world.incus.stranger("node9");
        assertThat(world.problem(world.run(), "incus.bootstrap"))
                .contains("node9", "incus cluster remove", "--accept incus-cluster");
    }

    @Test
    void aTokenThatHasExpiredIsMadeAnew() {
        World world = world();
        world.incus.expiredTokens = 1;

        world.form();

        assertThat(world.incus.changes())
                .filteredOn(change -> change.startsWith("node1 POST /1.0/cluster/members"))
                .hasSize(3);
    }

    @Test
    void tokensThatExpireAgainAndAgainAreSaid() {
        World world = world();
        world.incus.expiredTokens = 9;
        assertThat(world.problem(world.run(), "incus.join.node2")).contains("node2", "expired");
        assertThat(String.join("\n", world.events)).doesNotContain("secret");
    }

    /** A reset of the machine after the cluster had accepted it, seen with Incus 6.0.4: its daemon does not start again. */
    @ParameterizedTest
    @ValueSource(strings = {"node2", "node3"})
    void aNodeThatWasResetWhileItJoinedIsSetBackAndJoins(String node) {
        World whole = world();
        whole.form();
        World world = world();
        world.incus.cutOffJoin = node;
        FormationReport report = world.run();
        assertThat(report.succeeded()).isFalse();

        world.form();

        assertThat(world.incus.state()).isEqualTo(whole.incus.state());
        assertThat(world.incus.changes()).contains(node + " is set back", "node1 forgets the pending " + node);
    }

    @Test
    void aJoinThatFailedOnTheWayIsSetBackThoughItsDaemonGoesOn() {
        World whole = world();
        whole.form();
        World world = world();
        world.incus.machine("node2").uptime = 10_000;
        world.incus.failedJoin = "node2";
        assertThat(world.problem(world.run(), "incus.join.node2")).contains("deadline exceeded");

        world.form();

        assertThat(world.incus.state()).isEqualTo(whole.incus.state());
    }

    @Test
    void aChangeIsAskedForAgainWhereAMemberSeemedToBeAway() {
        World world = world();
        world.incus.refusals = 2;
        world.form();
        assertThat(world.incus.refusals).isZero();
        World bad = world();
        bad.incus.refusals = 100;
        assertThat(bad.problem(bad.run(), "incus.pool.node1")).contains("member is offline");
    }

    /** The entry is older than the daemon only if the daemon was started after the cluster accepted it. */
    @Test
    void aNodeThatIsJoiningAtThisMomentIsLeftAlone() throws Exception {
        World world = world();
        world.incus.cutOffJoin = "node2";
        world.run();
        world.incus.machine("node2").running = true;
        world.incus.machine("node2").uptime = 1000;
        List<String> changes = world.incus.changes();

        assertThat(world.probe("incus.join.node2").text()).contains("is joining");
        world.plan().getStep("incus.join.node2").work().act();

        assertThat(world.incus.changes()).isEqualTo(changes);
    }

    @Test
    void aNodeWithInstancesOfItsOwnDoesNotJoin() {
        World world = world();
        world.incus.machine("node2").instancesOfItsOwn = 2;
        assertThat(world.problem(world.run(), "incus.join.node2")).contains("node2", "2 instances", "lose");
    }

    @Test
    void anEvacuatedMemberIsSaid() {
        World world = world();
        world.form();
        world.incus.status("node2", "Evacuated");
        assertThat(world.problem(world.run(), "incus.members")).contains("node2", "incus cluster restore node2");
    }

    // ---- storage

    @ParameterizedTest
    @EnumSource(
            value = Incus.Driver.class,
            names = {"LVM", "ZFS"})
    void localPoolsLieOnThePartitionThatTheInstallerLeft(Incus.Driver driver) {
        Cluster lab = Clusters.lab();
        World world = new World(Clusters.with(lab, Clusters.local(lab.incus(), driver)));
        world.form();
        assertThat(world.incus.source("local", "node2")).isEqualTo("/dev/vda4");
        assertThat(world.incus.pool("local").path("status").asText()).isEqualTo("Created");
    }

    @Test
    void aPartitionWithSomethingOnItIsNotTouched() {
        Cluster lab = Clusters.lab();
        World world = new World(Clusters.with(lab, Clusters.local(lab.incus(), Incus.Driver.LVM)));
        world.incus.machine("node2").partition = List.of("device=/dev/vda4", "holds=ext4 data");
        world.incus.machine("node3").partition = List.of();
        FormationReport report = world.run();
        assertThat(world.problem(report, "incus.pool.node2")).contains("node2", "/dev/vda4", "ext4 data", "wipefs");
        assertThat(world.problem(report, "incus.pool.node3")).contains("none", "poolPartition");
        assertThat(world.incus.source("local", "node2")).isEmpty();
    }

    @Test
    void aPoolThatFailedHalfwayIsGoneOnWith() {
        World world = world();
        world.incus.poolFailsOnce = true;
        assertThat(world.problem(world.run(), "incus.pool")).contains("no space left on device");
        world.form();
        assertThat(world.incus.pool("local").path("status").asText()).isEqualTo("Created");
    }

    @Test
    void linstorsPoolIsTheOneThatInstancesGet() {
        Cluster cluster = Clusters.with(Clusters.lab(), new Linstor(Linstor.Provider.FILE_THIN, 2, "pool", "tank"));
        World world = new World(cluster);

        world.form();

        assertThat(world.incus.config("storage.linstor.controller_connection")).isEqualTo("http://10.77.0.11:3370");
        assertThat(world.incus.pool("pool").path("driver").asText()).isEqualTo("linstor");
        assertThat(world.incus.source("pool", "node3")).isEqualTo("pool");
        assertThat(world.incus.devices().path("root").path("pool").asText()).isEqualTo("pool");
    }

    @Test
    void anIncusWithoutADriverForLinstorIsSaidAndCanBeAccepted() {
        Cluster cluster = Clusters.with(Clusters.lab(), new Linstor(Linstor.Provider.FILE_THIN, 2, "pool", "tank"));
        World world = new World(cluster);
        world.incus.linstorDriver = false;
        assertThat(world.problem(world.run(), "incus.linstor")).contains("Incus 6.0.4", "6.12", "packages.local");

        var runner = new FormationRunner(event -> {}, CLOCK);
        FormationReport report = runner.run(world.plan(), Set.of("incus-without-linstor"));

        assertThat(report.succeeded()).isTrue();
        assertThat(world.result(report, "incus.shared").text()).contains("no driver for LINSTOR");
        assertThat(world.incus.devices().path("root").path("pool").asText()).isEqualTo("local");
    }

    // ---- networks

    @Test
    void theKeyForOvnStaysOnTheNodes() {
        World world = world();
        world.form();
        assertThat(world.incus.config("network.ovn.northbound_connection"))
                .isEqualTo("ssl:10.77.0.11:6641,ssl:10.77.0.12:6641,ssl:10.77.0.13:6641");
        assertThat(world.incus.config("network.ovn.ca_cert").strip())
                .isEqualTo(world.authority.authority().strip());
        assertThat(world.incus.config("network.ovn.client_key")).contains("secret");
        assertThat(world.authority.requests()).containsExactly("REQUEST of node1\n");
        assertThat(world.incus.arguments()).doesNotContain("PRIVATE KEY");
    }

    @Test
    void aCertificateOfAnotherAuthorityOrOneThatEndsSoonIsReplaced() throws Exception {
        World world = world();
        world.form();
        String good = world.incus.config("network.ovn.client_cert");

        world.incus.config("network.ovn.client_cert", new TestAuthority(CLOCK.instant()).sign("another"));
        assertThat(world.probe("incus.ovn").text()).contains("not of the cluster's own authority");
        world.incus.config("network.ovn.client_cert", world.authority.endingIn(20));
        assertThat(world.probe("incus.ovn").text()).contains("ends on 2026-12-13");
        world.form();
        assertThat(world.incus.config("network.ovn.client_cert")).isNotEqualTo(good);
        assertThat(world.probe("incus.ovn").state()).isEqualTo(Finding.State.DONE);
    }

    @Test
    void withoutTlsThereIsNoKey() {
        World world = new World(Clusters.withTls(Clusters.lab(), false));
        world.form();
        assertThat(world.incus.config("network.ovn.northbound_connection"))
                .isEqualTo("tcp:10.77.0.11:6641,tcp:10.77.0.12:6641,tcp:10.77.0.13:6641");
        assertThat(world.incus.config("network.ovn.client_key")).isEmpty();
        assertThat(world.authority.requests()).isEmpty();
    }

    @Test
    void anUplinkWithOtherRangesIsCorrected() {
        World world = world();
        world.form();
        Incus incus = world.cluster.incus();
        var changed = new Incus(
                incus.port(),
                incus.localPool(),
                Clusters.uplink(requireNonNull(incus.uplink()), "10.77.0.100-10.77.0.120"),
                incus.network(),
                incus.trust());
        FormationPlan plan = FormationPlan.of(IncusSteps.of(
                new Members(Clusters.with(world.cluster, changed), world.incus),
                world.authority,
                CLOCK,
                List.of(),
                List.of(),
                List.of(),
                (client, token) -> {}));

        assertThat(world.run(plan).succeeded()).isTrue();

        assertThat(world.incus
                        .network("UPLINK")
                        .path("config")
                        .path("ipv4.ovn.ranges")
                        .asText())
                .isEqualTo("10.77.0.100-10.77.0.120");
    }

    @Test
    void anotherNetworkOfThatNameIsNotTouched() {
        World world = world();
        world.form();
        Incus incus = world.cluster.incus();
        var other = new Incus(
                incus.port(),
                incus.localPool(),
                incus.uplink(),
                new Incus.OvnNetwork("ovn0", io.slipway.inventory.Ipv4Network.parse("10.9.0.0/24")),
                incus.trust());
        FormationPlan plan = FormationPlan.of(IncusSteps.of(
                new Members(Clusters.with(world.cluster, other), world.incus),
                world.authority,
                CLOCK,
                List.of(),
                List.of(),
                List.of(),
                (client, token) -> {}));
        List<String> changes = world.incus.changes();

        assertThat(world.problem(world.run(plan), "incus.network"))
                .contains("ovn0", "ipv4.address 10.9.0.1/24", "10.234.0.1/24", "not touched");
        assertThat(world.incus.changes()).isEqualTo(changes);
    }

    @Test
    void aNetworkThatFailedHalfwayIsGoneOnWith() {
        World world = world();
        world.form();
        world.incus.networkStatus("ovn0", "Errored");
        world.form();
        assertThat(world.incus.network("ovn0").path("status").asText()).isEqualTo("Created");
    }

    @Test
    void whatAPersonHasPutIntoTheProfileStays() {
        World world = world();
        world.incus.device("disk0", Map.of("type", "disk", "path", "/", "pool", "fast"));
        world.form();
        assertThat(world.incus.devices().has("root")).isFalse();
        assertThat(world.incus.devices().path("eth0").path("network").asText()).isEqualTo("ovn0");
    }

    // ---- trust

    @Test
    void aTokenIsShownOnceAndNowhereElse() {
        World world = new World(trusting("laptop", "desk"));
        world.form();
        assertThat(world.shown).hasSize(2);
        assertThat(String.join("\n", world.events)).doesNotContain("secret");
        for (String shown : world.shown) {
            assertThat(String.join("\n", world.events)).doesNotContain(shown.split(" ")[1]);
        }

        world.incus.trusts("laptop");
        world.incus.forgetTokens();
        FormationReport second = world.run();

        assertThat(world.shown).hasSize(2);
        assertThat(world.result(second, "incus.trust").text())
                .contains("trusted: laptop", "the token of desk", "incus config trust add");
    }

    @Test
    void aTokenThatWasMadeAndNotShownIsShown() throws Exception {
        World world = new World(trusting("laptop"));
        world.form();
        world.incus.config("user.slipway.trust-shown", "");
        Map<String, String> tokens = world.incus.trustTokens();

        world.form();

        assertThat(world.incus.trustTokens()).isEqualTo(tokens);
        assertThat(Set.copyOf(world.shown)).hasSize(1);
    }
}
