package io.slipway.formation.linstor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Repository;
import io.slipway.formation.Finding;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.linstor.FakeLinstor;
import io.slipway.linstor.LinstorApi;
import io.slipway.linstor.ResourceGroup;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
class LinstorStepsTest {
    private static final int LOOKS = 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final List<World> worlds = new ArrayList<>();

    /** A cluster of machines, one controller and what forms it. */
    private static final class World implements AutoCloseable {
        final Cluster cluster;
        final Linstor linstor;
        final FakeLinstor controller = new FakeLinstor();
        final LinstorApi api = new LinstorApi(HTTP, controller.base(), PATIENCE, PATIENCE);
        final StorageMachine.Death death = new StorageMachine.Death();
        final Map<String, StorageMachine> machines = new LinkedHashMap<>();
        final Map<String, FakeLinstor.Machine> satellites = new LinkedHashMap<>();

        World(Linstor.Provider provider, int size) {
            Cluster example = ClusterYamlReader.read(Repository.example("bonds"));
            linstor = new Linstor(provider, 2, "pool", "tank");
            cluster = new Cluster(
                    example.identity(),
                    example.slackware(),
                    example.packages(),
                    example.serve(),
                    example.bonds(),
                    example.networks(),
                    example.traffic(),
                    example.nodes().subList(0, size),
                    example.ovn(),
                    linstor,
                    example.incus(),
                    example.deployHost(),
                    example.router());
            for (Node node : cluster.listNodes(Role.LINSTOR_SATELLITE)) {
                var satellite = controller.machine(
                        node.name(), cluster.clusterAddress(node).toString());
                satellites.put(node.name(), satellite);
                machines.put(node.name(), new StorageMachine(satellite, linstor, death));
            }
        }

        StorageMachine machine(String name) {
            return requireNonNull(machines.get(name));
        }

        FakeLinstor.Machine satellite(String name) {
            return requireNonNull(satellites.get(name));
        }

        String first() {
            return machines.keySet().iterator().next();
        }

        FormationPlan plan() {
            Nodes nodes = this::machine;
            return FormationPlan.of(LinstorSteps.of(cluster, nodes, api, List.of()));
        }

        Step.Work step(String id) {
            return plan().getStep(id).work();
        }

        /** What the runner does, one step after the other and without its patience. */
        void form() throws InterruptedException {
            for (Step step : plan().steps()) {
                form(step);
            }
        }

        void formUntil(String id) throws InterruptedException {
            for (Step step : plan().until(id).steps()) {
                form(step);
            }
        }

        private static void form(Step step) throws InterruptedException {
            Finding found = step.work().probe();
            for (int i = 0; i < LOOKS && found.state() == Finding.State.UNKNOWN; i++) {
                found = step.work().probe();
            }
            if (found.state() == Finding.State.TO_DO) {
                step.work().act();
                found = step.work().verify();
                for (int i = 0; i < LOOKS && found.state() != Finding.State.DONE && found.problem() == null; i++) {
                    found = step.work().verify();
                }
            }
            if (found.problem() != null) {
                throw found.problem().asException();
            }
            assertThat(found.state()).as(step.id() + ": " + found.text()).isEqualTo(Finding.State.DONE);
        }

        /** What was changed so far, on nodes and at the controller. */
        int changes() {
            return controller.changes().size()
                    + machines.values().stream()
                            .mapToInt(machine -> machine.changes().size())
                            .sum();
        }

        void assertFormed() throws InterruptedException {
            assertThat(api.listNodes())
                    .hasSize(machines.size())
                    .allSatisfy(node -> assertThat(node.online()).isTrue());
            assertThat(api.listStoragePools("pool")).hasSize(machines.size()).allSatisfy(pool -> {
                assertThat(pool.provider()).isEqualTo(linstor.provider().name());
                assertThat(pool.hasSpace()).isTrue();
            });
            assertThat(api.findResourceGroup("pool"))
                    .isEqualTo(new ResourceGroup("pool", 2, List.of("pool"), List.of()));
            assertThat(api.listVolumeGroups("pool")).isEmpty();
            for (Step step : plan().steps()) {
                assertThat(step.work().probe().state()).as(step.id()).isEqualTo(Finding.State.DONE);
            }
        }

        @Override
        public void close() {
            controller.close();
        }
    }

    private World world(Linstor.Provider provider) {
        var world = new World(provider, 3);
        worlds.add(world);
        return world;
    }

    @AfterEach
    void linstorsOwnDocumentAgrees() {
        for (World world : worlds) {
            world.close();
            assertThat(world.controller.violations()).isEmpty();
        }
    }

    private static World fresh(World world) {
        world.controller.onlineAfter(2).capacityAfter(2);
        String module = world.linstor.provider() == Linstor.Provider.ZFS_THIN ? "zfs" : "dm_thin_pool";
        world.machines.values().forEach(machine -> machine.daemonsDown().unloaded("drbd", module));
        return world;
    }

    @Test
    void aClusterWithoutLinstorHasNoSteps() {
        Cluster lab = ClusterYamlReader.read(Repository.example("lab"));
        assertThat(lab.linstor()).isNull();
        Nodes nobody = node -> {
            throw new AssertionError("nobody is to be asked");
        };
        assertThat(LinstorSteps.of(lab, nobody, LinstorApi.at(URI.create("http://127.0.0.1:1")), List.of("first")))
                .isEmpty();
    }

    @Test
    void theFirstStepsComeAfterWhatTheyAreTold() {
        World world = world(Linstor.Provider.ZFS_THIN);
        Nodes nodes = world::machine;
        List<Step> steps = LinstorSteps.of(world.cluster, nodes, world.api, List.of("first"));
        assertThat(steps).filteredOn(step -> step.after().contains("first")).hasSize(world.machines.size() + 1);
        assertThat(steps).filteredOn(step -> step.after().isEmpty()).isEmpty();
        assertThat(steps.get(steps.size() - 1).id()).isEqualTo(LinstorSteps.LAST);
    }

    @ParameterizedTest
    @EnumSource(Linstor.Provider.class)
    void fromInstalledNodesToPlacedVolumesAndNothingIsDoneTwice(Linstor.Provider provider) throws Exception {
        World world = fresh(world(provider));

        world.form();

        world.assertFormed();
        int changes = world.changes();
        world.form();
        assertThat(world.changes()).isEqualTo(changes);
    }

    @Test
    void replicationUsesTheStorageNetwork() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        world.form();

        Node node = world.cluster.getNode(world.first());
        var known = requireNonNull(world.api.findNode(node.name()));
        assertThat(world.cluster.traffic().storage())
                .isNotEqualTo(world.cluster.traffic().cluster());
        assertThat(requireNonNull(known.findInterface("storage")).address())
                .isEqualTo(node.address(world.cluster.traffic().storage()).toString());
        assertThat(known.properties()).containsEntry("PrefNic", "storage");
        assertThat(known.type()).isEqualTo(node.has(Role.LINSTOR_CONTROLLER) ? "COMBINED" : "SATELLITE");
    }

    /** Between any two changes, and between a change and its answer; two nodes have all kinds of steps. */
    @ParameterizedTest
    @EnumSource(Linstor.Provider.class)
    void killedAtAnyPointTheNextRunGoesOn(Linstor.Provider provider) throws Exception {
        int points = 0;
        for (boolean before : new boolean[] {true, false}) {
            for (int i = 0; killedAt(provider, i, before, true); i++) {
                points++;
            }
            for (int i = 0; killedAt(provider, i, before, false); i++) {
                points++;
            }
        }
        assertThat(points).isGreaterThan(30);
    }

    /** Whether there was an i-th change to be killed at. */
    private boolean killedAt(Linstor.Provider provider, int i, boolean before, boolean atController) throws Exception {
        World world = fresh(new World(provider, 2));
        try (world) {
            if (atController && before) {
                world.controller.cutBefore(i);
            } else if (atController) {
                world.controller.cutAfter(i);
            } else {
                world.death.changesLeft = i + 1;
                world.death.before = before;
            }
            boolean killed = false;
            try {
                world.form();
            } catch (StorageMachine.Killed expected) {
                killed = true;
            } catch (ProblemException cut) {
                assertThat(cut.kind()).isEqualTo(ProblemKind.UNREACHABLE);
                killed = true;
            }
            if (killed) {
                world.death.changesLeft = Integer.MAX_VALUE;
                world.form();
                world.assertFormed();
            }
            assertThat(world.controller.violations()).isEmpty();
            return killed;
        }
    }

    @Test
    void nothingIsKnownWhileTheControllerIsDown() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        world.controller.close();

        assertThat(world.step("linstor.controller").probe().state()).isEqualTo(Finding.State.TO_DO);
        for (String id : List.of(
                "linstor.node." + world.first(),
                "linstor.pool." + world.first(),
                "linstor.capacity",
                LinstorSteps.LAST)) {
            assertThat(world.step(id).probe().state()).as(id).isEqualTo(Finding.State.UNKNOWN);
        }
    }

    @Test
    void aPoolIsNotAskedOfASatelliteThatIsAway() throws Exception {
        World world = world(Linstor.Provider.LVM_THIN);
        String node = world.first();
        world.formUntil("linstor.node." + node);
        world.satellite(node).stop();

        assertThat(world.step("linstor.pool." + node).probe().state()).isEqualTo(Finding.State.UNKNOWN);
        assertThatThrownBy(world.step("linstor.pool." + node)::act)
                .hasMessageContaining("without having done anything");
    }

    // ---- tools

    private static void assertWrong(Finding found, String... words) {
        assertThat(found.state()).as(found.text()).isEqualTo(Finding.State.WRONG);
        assertThat(requireNonNull(found.problem()).text()).contains(words);
    }

    @Test
    void anOldDrbdIsSaidPlainly() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        StorageMachine machine = world.machine(node);

        machine.drbdLoaded = "8.4.11";
        machine.drbdFile = "8.4.11";
        assertWrong(world.step("linstor.tools." + node).probe(), "DRBD 9 on " + node, "DRBD 8.4.11", "kernel 6.12.1");
        machine.drbdLoaded = "";
        machine.drbdFile = "";
        assertWrong(world.step("linstor.tools." + node).probe(), "no DRBD");
        machine.drbdLoaded = "8.4.11";
        machine.drbdFile = "9.3.3";
        assertWrong(
                world.step("linstor.tools." + node).probe(), "8.4.11 in use", "9.3.3 is installed", "Restart " + node);
        assertThat(machine.changes()).isEmpty();
    }

    @Test
    void missingProgramsAreNamedTogether() throws Exception {
        World world = world(Linstor.Provider.LVM_THIN);
        String node = world.first();
        world.machine(node).absent("thin_check", "socat", "zpool");

        assertWrong(world.step("linstor.tools." + node).probe(), node, "LVM_THIN", "socat", "thin_check");
        assertThat(world.step("linstor.tools." + node).probe().text()).doesNotContain("zpool");
    }

    // ---- daemons

    @Test
    void aSatelliteThatIsStartingIsAwaited() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        world.machine(node).satellite = 4;

        assertThat(world.step("linstor.satellite." + node).probe().state()).isEqualTo(Finding.State.TO_DO);
        world.machine(node).satellite = 0;
        assertThat(world.step("linstor.satellite." + node).verify().state()).isEqualTo(Finding.State.DONE);
    }

    /** The rc script gives up after its time, the program does not. */
    @Test
    void aSatelliteThatOutlastsItsScriptIsNoFailure() throws Exception {
        var slow = new LinstorDaemon("satellite", "node1", node -> new Scripted(4, 1), null);
        slow.act();
        var dead = new LinstorDaemon("satellite", "node1", node -> new Scripted(3, 1), null);
        assertThatThrownBy(dead::act)
                .hasMessageContaining("satellite cannot be started on node1")
                .hasMessageContaining("satellite-console.log");
    }

    private record Scripted(int status, int start) implements CommandRunner {
        @Override
        public CommandResult run(Command command, Consumer<String> line) {
            boolean starts = command.arguments().get(1).equals("start");
            return new CommandResult(command, starts ? start : status, false, "", "no Java");
        }
    }

    // ---- nodes

    @Test
    void providersThatCameAfterTheSatelliteAreAskedForAnew() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        world.satellite(node).lacks("ZFS_THIN", "no program zfs");
        assertThatThrownBy(() -> world.formUntil("linstor.node." + node)).isInstanceOf(ProblemException.class);
        Step.Work step = world.step("linstor.node." + node);
        Finding before = step.probe();
        assertThat(before.state()).isEqualTo(Finding.State.TO_DO);
        assertThat(before.text()).contains("no program zfs");

        world.satellite(node).gets("ZFS_THIN");
        step.act();

        assertThat(step.verify().state()).isEqualTo(Finding.State.DONE);
        assertThat(world.controller.changes()).contains("PUT /v1/nodes/" + node + "/reconnect");
    }

    @Test
    void aProviderThatDoesNotComeIsWrongWithItsReasons() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        world.satellite(node).lacks("ZFS_THIN", "no program zfs");
        world.api.createNode(node, true, world.cluster.clusterAddress(world.cluster.getNode(node)));
        Step.Work step = world.step("linstor.node." + node);

        step.act();

        assertWrong(step.verify(), node, "ZFS_THIN", "no program zfs", "connected anew");
    }

    @Test
    void aNodeKnownAtAnotherAddressIsNotTouched() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        world.api.createNode(node, true, Ipv4Address.parse("192.0.2.7"));

        assertWrong(
                world.step("linstor.node." + node).probe(),
                node,
                "192.0.2.7",
                world.cluster.clusterAddress(world.cluster.getNode(node)).toString());
    }

    @Test
    void statesThatNeedAPersonAreNotWaitedFor() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        for (String state : List.of(
                "DUPLICATE_UNAME",
                "HOSTNAME_MISMATCH",
                "VERSION_MISMATCH",
                "OTHER_CONTROLLER",
                "AUTHENTICATION_ERROR")) {
            world.controller.answerNext("GET", "/v1/nodes", 200, node(world, node, state));
            assertWrong(world.step("linstor.node." + node).probe(), node, state);
        }
        for (String state : List.of("OFFLINE", "CONNECTED", "FULL_SYNC_FAILED", "SOMETHING_NEW")) {
            world.controller.answerNext("GET", "/v1/nodes", 200, node(world, node, state));
            Finding found = world.step("linstor.node." + node).probe();
            assertThat(found.state()).as(state).isEqualTo(Finding.State.TO_DO);
            assertThat(found.text()).contains(state);
        }
    }

    private static String node(World world, String name, String state) {
        Node node = world.cluster.getNode(name);
        return String.format(
                """
                [{"name": "%s", "type": "COMBINED", "connection_status": "%s", "props": {"PrefNic": "storage"},
                  "net_interfaces": [{"name": "default", "address": "%s"}, {"name": "storage", "address": "%s"}]}]""",
                name,
                state,
                world.cluster.clusterAddress(node),
                node.address(world.cluster.traffic().storage()));
    }

    // ---- pools

    @Test
    void aThinPoolThatLostItsStoragePoolIsTakenOver() throws Exception {
        for (var provider : List.of(Linstor.Provider.LVM_THIN, Linstor.Provider.ZFS_THIN)) {
            World world = world(provider);
            world.form();
            String node = world.first();
            world.api.deleteStoragePool(node, "pool");

            world.form();

            world.assertFormed();
            assertThat(world.controller.changes())
                    .filteredOn(each -> each.contains("/v1/physical-storage/" + node))
                    .hasSize(1);
        }
    }

    @Test
    void aVolumeGroupWithoutThinPoolIsMadeAnew() throws Exception {
        World world = world(Linstor.Provider.LVM_THIN);
        String node = world.first();
        world.machine(node).content("type=LVM2_member", "group=linstor_tank");

        world.form();

        world.assertFormed();
        assertThat(world.machine(node).changes())
                .containsExactly("/sbin/vgremove linstor_tank", "/sbin/pvremove /dev/vda4");
    }

    @Test
    void aZfsPoolThatSleepsIsImported() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        String node = world.first();
        world.machine(node).content("type=zfs_member", "zpool=tank");

        world.form();

        world.assertFormed();
        assertThat(world.machine(node).changes()).containsExactly("/sbin/zpool import -N -d /dev/vda4 tank");
    }

    @Test
    void whatIsNotOursIsNotTouched() throws Exception {
        Map<List<String>, String> contents = Map.of(
                List.of("type=ext4"), "ext4",
                List.of("type=ambiguous"), "ambiguous",
                List.of("holder=dm-3"), "in use by dm-3",
                List.of("type=LVM2_member", "group=data", "volume=a", "volume=b"), "volume group data with 2 volumes",
                List.of("type=LVM2_member", "group=linstor_tank", "volume=a"),
                        "volume group linstor_tank with 1 volumes",
                List.of("type=zfs_member", "zpool=tank"), "ZFS pool tank");
        for (var each : contents.entrySet()) {
            World world = world(Linstor.Provider.LVM_THIN);
            String node = world.first();
            world.formUntil("linstor.node." + node);
            world.machine(node).content(each.getKey().toArray(String[]::new));
            int changes = world.changes();

            assertWrong(world.step("linstor.pool." + node).probe(), node, "/dev/vda4", each.getValue());
            assertThatThrownBy(world.step("linstor.pool." + node)::act).isInstanceOf(ProblemException.class);
            assertThat(world.changes()).isEqualTo(changes);
        }
    }

    @Test
    void thereMustBeOnePartition() throws Exception {
        World world = world(Linstor.Provider.LVM_THIN);
        String node = world.first();
        world.formUntil("linstor.node." + node);

        world.machine(node).partitions = List.of();
        assertWrong(world.step("linstor.pool." + node).probe(), "found none", "poolPartition");
        world.machine(node).partitions = List.of("/dev/vda4", "/dev/vdb1");
        assertWrong(world.step("linstor.pool." + node).probe(), "/dev/vda4, /dev/vdb1");
    }

    @Test
    void aPoolThatCouldNotBeMadeIsClearedAway() throws Exception {
        World world = world(Linstor.Provider.LVM_THIN);
        String node = world.first();
        world.formUntil("linstor.node." + node);
        assertThatThrownBy(
                        () -> world.api.createStoragePool(node, "pool", Linstor.Provider.LVM_THIN, "linstor_tank/tank"))
                .isInstanceOf(ProblemException.class);
        Finding found = world.step("linstor.pool." + node).probe();
        assertThat(found.state()).isEqualTo(Finding.State.TO_DO);
        assertThat(found.text()).contains("linstor_tank/tank is not there");

        world.form();

        world.assertFormed();
        assertThat(world.controller.changes()).contains("DELETE /v1/nodes/" + node + "/storage-pools/pool");
    }

    @Test
    void aPoolOfAnotherKindIsNotMixedIn() throws Exception {
        World world = world(Linstor.Provider.LVM_THIN);
        String node = world.first();
        world.formUntil("linstor.node." + node);
        world.satellite(node).backing("old");
        world.api.createStoragePool(node, "pool", Linstor.Provider.ZFS_THIN, "old");

        assertWrong(world.step("linstor.pool." + node).probe(), node, "ZFS_THIN in old", "LVM_THIN");
    }

    @Test
    void aSatelliteGoneMeansNoRoom() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        world.form();
        world.satellite(world.first()).stop();

        Finding found = world.step("linstor.capacity").probe();

        assertThat(found.state()).isEqualTo(Finding.State.TO_DO);
        assertThat(found.text()).isEqualTo("no room yet on " + world.first());
    }

    // ---- resource group

    @Test
    void aGroupWithOtherCopiesIsCorrected() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        world.api.createResourceGroup(new ResourceGroup("pool", 3, List.of("other"), List.of()));
        Finding found = world.step(LinstorSteps.LAST).probe();
        assertThat(found.state()).isEqualTo(Finding.State.TO_DO);
        assertThat(found.text()).contains("3 copies in other");

        world.form();

        world.assertFormed();
    }

    @Test
    void volumeGroupsWouldBreakVirtualMachines() throws Exception {
        World world = world(Linstor.Provider.ZFS_THIN);
        world.form();
        world.api.createVolumeGroup("pool");

        assertWrong(world.step(LinstorSteps.LAST).probe(), "no volume groups", "virtual machine");
    }
}
