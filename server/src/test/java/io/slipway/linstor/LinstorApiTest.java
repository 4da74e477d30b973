package io.slipway.linstor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Linstor;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinstorApiTest {
    private final FakeLinstor linstor = new FakeLinstor();
    private final LinstorApi api = LinstorApi.at(linstor.base());

    @AfterEach
    void linstorsOwnDocumentAgrees() {
        linstor.close();
        assertThat(linstor.violations()).isEmpty();
    }

    private static Ipv4Address address(int last) {
        return Ipv4Address.parse("10.0.0." + last);
    }

    private FakeLinstor.Machine node1() throws InterruptedException {
        var machine = linstor.machine("node1", "10.0.0.1");
        api.createNode("node1", true, address(1));
        return machine;
    }

    private LinstorNode node(String name) throws InterruptedException {
        return requireNonNull(api.findNode(name), "there is no " + name);
    }

    private StoragePool pool(String name) throws InterruptedException {
        return requireNonNull(api.findStoragePool("node1", name), "there is no " + name);
    }

    private static AbstractObjectAssert<?, Problem> assertProblem(ThrowingCallable call) {
        return assertThatThrownBy(call)
                .asInstanceOf(type(ProblemException.class))
                .extracting(each -> each.problems().get(0));
    }

    @Test
    void theVersionIsRead() throws Exception {
        assertThat(api.version()).isEqualTo(new ControllerVersion("1.33.3", "1.27.0"));
    }

    @Test
    void aNodeIsConnectedBeforeItIsOnline() throws Exception {
        linstor.onlineAfter(2);
        node1();

        assertThat(node("node1").connection()).isEqualTo("CONNECTED");
        assertThat(node("node1").online()).isFalse();
        LinstorNode node = node("node1");
        assertThat(node.online()).isTrue();
        assertThat(node.type()).isEqualTo("COMBINED");
        assertThat(node.interfaces()).containsExactly(new LinstorNode.NetInterface("default", "10.0.0.1"));
        assertThat(api.listNodes()).hasSize(1);
    }

    @Test
    void aNodeWithoutSatelliteIsRegisteredWithAWarning() throws Exception {
        Outcome outcome = api.createNode("node9", false, address(9));

        assertThat(outcome.existed()).isFalse();
        assertThat(outcome.warnings())
                .singleElement()
                .satisfies(report -> assertThat(report.code().is(ReturnCode.Case.NOT_CONNECTED))
                        .isTrue());
        assertThat(node("node9").connection()).isEqualTo("OFFLINE");
        assertThat(node("node9").providers()).isEmpty();
    }

    @Test
    void whatIsThereAlreadyIsKnownByItsNumber() throws Exception {
        node1().device("/dev/vdb").backing("tank");
        assertThat(api.createNode("node1", true, address(1)).existed()).isTrue();
        assertThat(api.createNetInterface("node1", "storage", address(101)).existed())
                .isFalse();
        assertThat(api.createNetInterface("node1", "storage", address(101)).existed())
                .isTrue();
        assertThat(api.createStoragePool("node1", "data", Linstor.Provider.ZFS_THIN, "tank")
                        .existed())
                .isFalse();
        assertThat(api.createStoragePool("node1", "data", Linstor.Provider.ZFS_THIN, "tank")
                        .existed())
                .isTrue();
        var group = new ResourceGroup("slipway", 2, List.of("data"), List.of());
        assertThat(api.createResourceGroup(group).existed()).isFalse();
        assertThat(api.createResourceGroup(group).existed()).isTrue();
    }

    @Test
    void twoNamesForOneSatelliteAreSaid() throws Exception {
        node1();
        api.createNode("node2", false, address(1));

        assertThat(node("node2").connection()).isEqualTo("DUPLICATE_UNAME");
        assertThat(node("node2").online()).isFalse();
    }

    @Test
    void providersComeWithTheReasonsOfThoseThatAreMissing() throws Exception {
        var machine = linstor.machine("node1", "10.0.0.1").lacks("ZFS_THIN", "no program zfs");
        api.createNode("node1", true, address(1));

        LinstorNode before = node("node1");
        assertThat(before.supports(Linstor.Provider.ZFS_THIN)).isFalse();
        assertThat(before.reasonsAgainst(Linstor.Provider.ZFS_THIN)).containsExactly("no program zfs");
        assertThat(before.supports(Linstor.Provider.LVM_THIN)).isTrue();
        machine.gets("ZFS_THIN");
        assertThat(node("node1").supports(Linstor.Provider.ZFS_THIN)).isFalse();
        api.reconnect("node1");
        assertThat(node("node1").supports(Linstor.Provider.ZFS_THIN)).isTrue();
        assertThat(node("node1").reasonsAgainst(Linstor.Provider.ZFS_THIN)).isEmpty();
    }

    @Test
    void aDevicePoolLiesWhereTheApiSays() throws Exception {
        node1().device("/dev/vdb").device("/dev/vdc");

        api.createDevicePool("node1", Linstor.Provider.LVM_THIN, "/dev/vdb", "slipway", "thin");
        api.createDevicePool("node1", Linstor.Provider.ZFS_THIN, "/dev/vdc", "slipway", "zfs");

        assertThat(pool("thin").backing())
                .isEqualTo("linstor_slipway/slipway")
                .isEqualTo(LinstorApi.backing(Linstor.Provider.LVM_THIN, "slipway"));
        assertThat(pool("zfs").backing())
                .isEqualTo("slipway")
                .isEqualTo(LinstorApi.backing(Linstor.Provider.ZFS_THIN, "slipway"));
        assertThat(pool("thin").hasSpace()).isTrue();
    }

    @Test
    void aDeviceInUseIsRefusedInLinstorsWords() throws Exception {
        node1().device("/dev/vdb").inUse("/dev/vdb", "volume group other");

        assertProblem(() -> api.createDevicePool("node1", Linstor.Provider.LVM_THIN, "/dev/vdb", "slipway", "pool"))
                .returns(ProblemKind.ENVIRONMENT, Problem::kind)
                .returns("It belongs to volume group other", Problem::details)
                .extracting(Problem::summary)
                .asString()
                .contains("pool on /dev/vdb of node1", "pvcreate failed");
    }

    @Test
    void anOfflineSatellitesSilenceIsNoSuccess() throws Exception {
        node1().device("/dev/vdb").stop();

        assertProblem(() -> api.createDevicePool("node1", Linstor.Provider.LVM_THIN, "/dev/vdb", "slipway", "pool"))
                .returns(ProblemKind.UNREACHABLE, Problem::kind)
                .extracting(Problem::cause)
                .asString()
                .contains("not connected");
    }

    @Test
    void anErrorAmongSuccessesIsAnErrorAndTheTellingOneIsShown() throws Exception {
        node1();

        assertThatThrownBy(() -> api.createStoragePool("node1", "pool", Linstor.Provider.LVM_THIN, "nope/thin"))
                .asInstanceOf(type(ProblemException.class))
                .satisfies(refused -> {
                    assertThat(refused.problems()).hasSize(1);
                    assertThat(refused.problems().get(0).summary()).contains("nope/thin is not there");
                    assertThat(refused.problems().get(0).details()).contains("ErrorReport-6B02F4D2-00000-000000.log");
                });
        StoragePool left = pool("pool");
        assertThat(left.capacity()).isEqualTo(new StoragePool.Capacity(0, 0));
        assertThat(left.hasSpace()).isFalse();
        assertThat(left.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.line()).contains("nope/thin"));
        api.deleteStoragePool("node1", "pool");
        assertThat(api.findStoragePool("node1", "pool")).isNull();
    }

    @Test
    void deletingWhatIsNotThereIsNoError() throws Exception {
        assertThat(api.deleteNode("node9").warnings()).hasSize(1);
        assertThat(api.deleteStoragePool("node9", "pool").warnings()).hasSize(1);
    }

    @Test
    void capacityIsUnknownWhileTheSatelliteIsAwayAndForDisklessPools() throws Exception {
        var machine = node1().backing("/srv/pool");
        api.createStoragePool("node1", "pool", Linstor.Provider.FILE_THIN, "/srv/pool");

        assertThat(api.listStoragePools("DfltDisklessStorPool"))
                .allSatisfy(pool -> assertThat(pool.capacity()).isNull());
        machine.stop();
        StoragePool away = pool("pool");
        assertThat(away.capacity()).isNull();
        assertThat(away.hasSpace()).isFalse();
        assertThat(away.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.line()).contains("no connection"));
    }

    @Test
    void capacityMayBeZeroAtFirst() throws Exception {
        linstor.capacityAfter(1);
        node1().backing("tank");
        api.createStoragePool("node1", "pool", Linstor.Provider.ZFS_THIN, "tank");

        assertThat(pool("pool").hasSpace()).isFalse();
        assertThat(pool("pool").hasSpace()).isTrue();
    }

    @Test
    void aPoolOnAnUnknownNodeIsNotFound() {
        assertProblem(() -> api.createStoragePool("node9", "pool", Linstor.Provider.ZFS_THIN, "tank"))
                .returns(ProblemKind.NOT_FOUND, Problem::kind);
    }

    @Test
    void badNamesAreTheInputsFault() throws Exception {
        node1().backing("tank");
        assertProblem(() -> api.createStoragePool("node1", "zf", Linstor.Provider.ZFS_THIN, "tank"))
                .returns(ProblemKind.INVALID_INPUT, Problem::kind);
        assertProblem(() -> api.createResourceGroup(new ResourceGroup("r", 2, List.of(), List.of())))
                .returns(ProblemKind.INVALID_INPUT, Problem::kind);
    }

    @Test
    void aResourceGroupIsMadeAndChanged() throws Exception {
        assertThat(api.findResourceGroup("slipway")).isNull();
        api.createResourceGroup(new ResourceGroup("slipway", 3, List.of("pool"), List.of("drbd", "storage")));
        assertThat(api.findResourceGroup("slipway"))
                .isEqualTo(new ResourceGroup("slipway", 3, List.of("pool"), List.of("drbd", "storage")));
        api.modifyResourceGroup(new ResourceGroup("slipway", 2, List.of("pool"), List.of()));
        assertThat(requireNonNull(api.findResourceGroup("slipway")).replicas()).isEqualTo(2);

        assertThat(api.listVolumeGroups("slipway")).isEmpty();
        api.createVolumeGroup("slipway");
        assertThat(api.listVolumeGroups("slipway")).containsExactly(0);
    }

    @Test
    void propertiesAreSetAndRead() throws Exception {
        node1();
        api.setNodeProperties("node1", Map.of("PrefNic", "storage"));
        api.setProperties(Map.of("DrbdOptions/auto-diskful", "60"));

        assertThat(node("node1").properties()).containsEntry("PrefNic", "storage");
        assertThat(api.properties()).containsEntry("DrbdOptions/auto-diskful", "60");
        assertProblem(() -> api.setProperties(Map.of("Nonsense/Foo", "1")))
                .returns(ProblemKind.INVALID_INPUT, Problem::kind);
    }

    @Test
    void anErrorWithoutAnyWordIsStillAnError() {
        linstor.answerNext("GET", "/v1/nodes", 500, "[{\"ret_code\":-4611686018427386906}]");

        assertProblem(api::listNodes).extracting(Problem::summary).asString().contains("case 998", "500");
    }

    @Test
    void causeAndCorrectionAreLinstors() {
        linstor.answerNext("DELETE", "/v1/nodes/node1", 500, """
                [{"ret_code": -4611686018406678028, "message": "M", "cause": "C", "correction": "D", "details": "E"}]""");

        assertProblem(() -> api.deleteNode("node1"))
                .isEqualTo(
                        new Problem(ProblemKind.CONFLICT, "LINSTOR's node node1 cannot be deleted: M", "C", "D", "E"));
    }

    @Test
    void aSuccessWithTheStatusOfAnErrorIsNoSuccess() {
        linstor.answerNext("DELETE", "/v1/nodes/node1", 500, "[{\"ret_code\": 1, \"message\": \"fine\"}]");

        assertProblem(() -> api.deleteNode("node1")).returns(ProblemKind.UNREACHABLE, Problem::kind);
    }

    @Test
    void whatIsNotLinstorIsSaid() {
        for (String said : List.of("<html>", "", "7", "[{\"message\": \"no number\"}]", "[{\"ret_code\": 1.5e18}]")) {
            linstor.answerNext("DELETE", "/v1/nodes/node1", 200, said);
            assertProblem(() -> api.deleteNode("node1")).as(said).returns(ProblemKind.UNTRUSTED, Problem::kind);
        }
    }

    @Test
    void anAnswerHasALongestLength() {
        linstor.answerNext("GET", "/v1/nodes", 200, "[" + " ".repeat(LinstorExchange.LONGEST_ANSWER) + "]");

        assertProblem(api::listNodes)
                .returns(ProblemKind.UNREACHABLE, Problem::kind)
                .extracting(Problem::cause)
                .asString()
                .contains("longer than");
    }

    @Test
    void aBrokenConnectionIsSaid() {
        linstor.cutBefore(0);

        assertProblem(() -> api.createNode("node1", false, address(1))).returns(ProblemKind.UNREACHABLE, Problem::kind);
    }

    @Test
    void nothingListening() throws IOException {
        int port;
        try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        var nobody = LinstorApi.at(URI.create("http://127.0.0.1:" + port));

        assertProblem(nobody::version)
                .returns(ProblemKind.UNREACHABLE, Problem::kind)
                .extracting(Problem::summary)
                .asString()
                .contains("127.0.0.1:" + port);
    }

    /** Headers at once, then never an end: only a limit on the whole exchange ends that. */
    @Test
    void anAnswerThatDoesNotEndIsGivenUp() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var slow = new LinstorApi(
                    HttpClient.newHttpClient(),
                    URI.create("http://127.0.0.1:" + server.getLocalPort()),
                    Duration.ofMillis(300),
                    Duration.ofMillis(300));
            var speaker = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n["
                                    .getBytes(StandardCharsets.US_ASCII));
                    // Until the client hangs up.
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // It did.
                }
            });
            speaker.start();

            assertProblem(slow::listNodes).returns(ProblemKind.TIMED_OUT, Problem::kind);
            speaker.join();
        }
    }
}
