package io.slipway.linstor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Linstor;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One LINSTOR controller's REST API, version 1 (<a href="https://app.swaggerhub.com/apis-docs/Linstor/Linstor">its
 * description</a>).
 *
 * <p>Calls that create something can be repeated: what is there already is an {@link Outcome} that says so, recognised by
 * LINSTOR's number for the case. Every method throws a {@link ProblemException} with LINSTOR's own message, cause,
 * correction and details where it refuses, {@code UNREACHABLE} where no controller answers, {@code TIMED_OUT} where it
 * takes too long (then a change may have happened, or happen later).
 */
public final class LinstorApi {
    /** Where a satellite listens, unless its file says otherwise. */
    private static final int SATELLITE_PORT = 3366;

    /** The interface by which the controller reaches a satellite. */
    public static final String CONTROL_INTERFACE = "default";

    /** The property of a storage pool that says what it lies in. */
    private static final String BACKING = "StorDriver/StorPoolName";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final LinstorExchange exchange;
    private final Duration queryTimeout;
    private final Duration changeTimeout;

    /**
     * @param http sends the requests
     * @param base where the controller is, such as {@code http://127.0.0.1:3370}
     * @param queryTimeout for each question, answer included
     * @param changeTimeout for each change, answer included; making a pool on an emulated machine takes most of a minute
     */
    public LinstorApi(HttpClient http, URI base, Duration queryTimeout, Duration changeTimeout) {
        this.exchange = new LinstorExchange(http, base);
        this.queryTimeout = queryTimeout;
        this.changeTimeout = changeTimeout;
    }

    /** With a client of its own, a minute for a question and five for a change. */
    public static LinstorApi at(URI base) {
        var http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        return new LinstorApi(http, base, Duration.ofMinutes(1), Duration.ofMinutes(5));
    }

    /** Answered as soon as the controller serves; its satellites may take longer. */
    public ControllerVersion version() throws InterruptedException {
        JsonNode said = ask("The version of LINSTOR's controller cannot be read", "/v1/controller/version");
        return new ControllerVersion(
                said.path("version").asText(), said.path("rest_api_version").asText());
    }

    public List<LinstorNode> listNodes() throws InterruptedException {
        return elements(ask("LINSTOR's nodes cannot be listed", "/v1/nodes"))
                .map(LinstorJson::node)
                .toList();
    }

    public @Nullable LinstorNode findNode(String name) throws InterruptedException {
        return elements(ask("LINSTOR's node " + name + " cannot be read", "/v1/nodes?nodes=" + encoded(name)))
                .map(LinstorJson::node)
                .findFirst()
                .orElse(null);
    }

    /**
     * Makes a node known. Succeeds also when nothing listens at the address: its connection tells.
     *
     * @param combined whether the controller runs there too
     * @param address where its satellite listens, on port 3366
     */
    public Outcome createNode(String name, boolean combined, Ipv4Address address) throws InterruptedException {
        ObjectNode face = JSON.objectNode()
                .put("name", CONTROL_INTERFACE)
                .put("address", address.toString())
                // LINSTOR's description calls both optional; without them it answers with case 609.
                .put("satellite_port", SATELLITE_PORT)
                .put("satellite_encryption_type", "PLAIN");
        ObjectNode body = JSON.objectNode().put("name", name).put("type", combined ? "Combined" : "Satellite");
        body.putArray("net_interfaces").add(face);
        return create("LINSTOR's node " + name, "/v1/nodes", body, ReturnCode.Case.NODE_EXISTS);
    }

    /** Forgets a node. One that is not known is no error. */
    public Outcome deleteNode(String name) throws InterruptedException {
        return change("LINSTOR's node " + name + " cannot be deleted", "DELETE", nodePath(name), null);
    }

    /** Makes a satellite say anew which providers it has: it looks when it is connected, and never again. */
    public Outcome reconnect(String name) throws InterruptedException {
        return change(
                "LINSTOR's node " + name + " cannot be connected anew", "PUT", nodePath(name) + "/reconnect", null);
    }

    /** Gives a node one more address, such as the one for replication. */
    public Outcome createNetInterface(String node, String name, Ipv4Address address) throws InterruptedException {
        return create(
                "Network interface " + name + " of LINSTOR's node " + node,
                nodePath(node) + "/net-interfaces",
                JSON.objectNode().put("name", name).put("address", address.toString()),
                ReturnCode.Case.NET_INTERFACE_EXISTS);
    }

    /** Sets properties of a node; those that are not named stay. */
    public Outcome setNodeProperties(String node, Map<String, String> properties) throws InterruptedException {
        return change(
                "Properties of LINSTOR's node " + node + " cannot be set", "PUT", nodePath(node), override(properties));
    }

    /**
     * Every node's share of the pools of a name.
     *
     * @param name the pool's name; nodes that have none of it are absent
     */
    public List<StoragePool> listStoragePools(String name) throws InterruptedException {
        return elements(ask(
                        "LINSTOR's storage pools " + name + " cannot be listed",
                        "/v1/view/storage-pools?storage_pools=" + encoded(name)))
                .map(LinstorJson::storagePool)
                .toList();
    }

    public @Nullable StoragePool findStoragePool(String node, String name) throws InterruptedException {
        return elements(ask(
                        "LINSTOR's storage pool " + name + " on " + node + " cannot be read",
                        "/v1/view/storage-pools?nodes=" + encoded(node) + "&storage_pools=" + encoded(name)))
                .map(LinstorJson::storagePool)
                .findFirst()
                .orElse(null);
    }

    /**
     * Makes a storage pool of something that is there.
     *
     * <p>Where what it lies in cannot be used this fails and the pool stays registered without any capacity: delete it
     * before another try.
     *
     * @param backing {@code volumeGroup/thinPool}, a ZFS pool's name, or a directory
     */
    public Outcome createStoragePool(String node, String name, Linstor.Provider provider, String backing)
            throws InterruptedException {
        ObjectNode body = JSON.objectNode().put("storage_pool_name", name).put("provider_kind", provider.name());
        body.putObject("props").put(BACKING, backing);
        return create(
                "LINSTOR's storage pool " + name + " on " + node,
                nodePath(node) + "/storage-pools",
                body,
                ReturnCode.Case.STORAGE_POOL_EXISTS);
    }

    /**
     * Takes a whole device, makes a volume group or ZFS pool of it, and a storage pool in that. The device's content is
     * lost; LINSTOR refuses one that LVM or ZFS already uses. {@link #backing} says what the storage pool then lies in.
     *
     * @param device its path
     * @param group name of the thin pool or ZFS pool
     * @param name the storage pool's name
     */
    public Outcome createDevicePool(String node, Linstor.Provider provider, String device, String group, String name)
            throws InterruptedException {
        if (provider == Linstor.Provider.FILE_THIN) {
            throw new IllegalArgumentException("file-thin takes a directory, not a device");
        }
        ObjectNode body =
                JSON.objectNode().put("provider_kind", provider.name()).put("pool_name", group);
        body.putArray("device_paths").add(device);
        body.putObject("with_storage_pool").put("name", name);
        return create(
                "LINSTOR's storage pool " + name + " on " + device + " of " + node,
                "/v1/physical-storage/" + encoded(node),
                body,
                ReturnCode.Case.STORAGE_POOL_EXISTS);
    }

    /**
     * What a pool made by {@link #createDevicePool} lies in: LINSTOR prefixes the volume group of a thin pool, and only
     * that.
     */
    public static String backing(Linstor.Provider provider, String group) {
        return provider == Linstor.Provider.LVM_THIN ? "linstor_" + group + "/" + group : group;
    }

    /** Forgets a storage pool; what it lies in stays. One that is not known is no error. */
    public Outcome deleteStoragePool(String node, String name) throws InterruptedException {
        return change(
                "LINSTOR's storage pool " + name + " on " + node + " cannot be deleted",
                "DELETE",
                nodePath(node) + "/storage-pools/" + encoded(name),
                null);
    }

    public @Nullable ResourceGroup findResourceGroup(String name) throws InterruptedException {
        return elements(ask(
                        "LINSTOR's resource group " + name + " cannot be read",
                        "/v1/resource-groups?resource_groups=" + encoded(name)))
                .map(LinstorJson::resourceGroup)
                // Asked for one, an old controller lists all.
                .filter(group -> group.name().equalsIgnoreCase(name))
                .findFirst()
                .orElse(null);
    }

    public Outcome createResourceGroup(ResourceGroup group) throws InterruptedException {
        ObjectNode body = JSON.objectNode().put("name", group.name());
        body.set("select_filter", selectFilter(group));
        return create(
                "LINSTOR's resource group " + group.name(),
                "/v1/resource-groups",
                body,
                ReturnCode.Case.RESOURCE_GROUP_EXISTS);
    }

    /** Makes an existing group place volumes as this one says. Volumes that exist stay where they are. */
    public Outcome modifyResourceGroup(ResourceGroup group) throws InterruptedException {
        ObjectNode body = JSON.objectNode();
        body.set("select_filter", selectFilter(group));
        return change(
                "LINSTOR's resource group " + group.name() + " cannot be changed",
                "PUT",
                "/v1/resource-groups/" + encoded(group.name()),
                body);
    }

    /** The numbers of a resource group's volume groups: volumes that each of its resources has. */
    public List<Integer> listVolumeGroups(String group) throws InterruptedException {
        return elements(ask(
                        "The volume groups of LINSTOR's resource group " + group + " cannot be listed",
                        volumeGroups(group)))
                .map(each -> each.path("volume_number").asInt())
                .toList();
    }

    /** Adds a volume group with the next number, at every call: look first. */
    public Outcome createVolumeGroup(String group) throws InterruptedException {
        return change(
                "LINSTOR's resource group " + group + " cannot be given a volume group",
                "POST",
                volumeGroups(group),
                JSON.objectNode());
    }

    /** What is set for the whole cluster. */
    public Map<String, String> properties() throws InterruptedException {
        return LinstorJson.strings(ask("LINSTOR's properties cannot be read", "/v1/controller/properties"));
    }

    /** Sets properties for the whole cluster; those that are not named stay. */
    public Outcome setProperties(Map<String, String> properties) throws InterruptedException {
        return change("LINSTOR's properties cannot be set", "POST", "/v1/controller/properties", override(properties));
    }

    private static ObjectNode override(Map<String, String> properties) {
        ObjectNode body = JSON.objectNode();
        ObjectNode set = body.putObject("override_props");
        properties.forEach(set::put);
        return body;
    }

    private static ObjectNode selectFilter(ResourceGroup group) {
        ObjectNode out = JSON.objectNode().put("place_count", group.replicas());
        if (!group.storagePools().isEmpty()) {
            out.set("storage_pool_list", texts(group.storagePools()));
        }
        if (!group.layers().isEmpty()) {
            out.set("layer_stack", texts(group.layers()));
        }
        return out;
    }

    private static ArrayNode texts(List<String> values) {
        ArrayNode out = JSON.arrayNode();
        values.forEach(out::add);
        return out;
    }

    private static String nodePath(String node) {
        return "/v1/nodes/" + encoded(node);
    }

    private static String volumeGroups(String group) {
        return "/v1/resource-groups/" + encoded(group) + "/volume-groups";
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return Stream.iterate(0, i -> i < list.size(), i -> i + 1).map(list::get);
    }

    private JsonNode ask(String failure, String path) throws InterruptedException {
        var answer = exchange.send(failure, "GET", path, null, queryTimeout);
        if (answer.status() != 200) {
            throw refused(failure, answer);
        }
        return answer.body();
    }

    private Outcome create(String what, String path, ObjectNode body, ReturnCode.Case exists)
            throws InterruptedException {
        String failure = what + " cannot be made";
        var answer = exchange.send(failure, "POST", path, body, changeTimeout);
        List<Report> reports = LinstorJson.reports(answer.body());
        List<Report> errors =
                reports.stream().filter(report -> report.code().isError()).toList();
        if (!errors.isEmpty()
                && errors.stream().allMatch(report -> report.code().is(exists))) {
            return new Outcome(true, reports);
        }
        return done(failure, answer);
    }

    private Outcome change(String failure, String method, String path, @Nullable ObjectNode body)
            throws InterruptedException {
        return done(failure, exchange.send(failure, method, path, body, changeTimeout));
    }

    /** LINSTOR mixes successes and errors in one answer, and calls it a success to have sent nothing to nobody. */
    private static Outcome done(String failure, LinstorExchange.Answer answer) {
        List<Report> reports = LinstorJson.reports(answer.body());
        if (answer.status() >= 300
                || reports.stream().anyMatch(report -> report.code().isError())) {
            throw refused(failure, answer);
        }
        if (reports.isEmpty()) {
            throw Problem.of(
                            ProblemKind.UNREACHABLE,
                            failure + ": LINSTOR answers that all is well, without having done anything.",
                            "Look whether the node's satellite runs, with /etc/rc.d/rc.linstor-satellite status, and run"
                                    + " this again.")
                    .because("It does so when the node's satellite is not connected.")
                    .asException();
        }
        return new Outcome(false, reports);
    }

    private static ProblemException refused(String failure, LinstorExchange.Answer answer) {
        List<Report> reports = LinstorJson.reports(answer.body());
        List<Report> errors =
                reports.stream().filter(report -> report.code().isError()).toList();
        List<Report> telling = errors.stream()
                .filter(report -> !report.code().is(ReturnCode.Case.UNKNOWN))
                .toList();
        List<Report> shown = telling.isEmpty() ? errors : telling;
        if (shown.isEmpty()) {
            return Problem.of(
                            ProblemKind.UNREACHABLE,
                            failure + ": LINSTOR answers with status " + answer.status() + " and no error.",
                            "Look into /var/log/linstor on the controller's node.")
                    .asException();
        }
        return new ProblemException(shown.stream()
                .map(report -> LinstorJson.problem(failure, report, answer.status()))
                .toList());
    }
}
