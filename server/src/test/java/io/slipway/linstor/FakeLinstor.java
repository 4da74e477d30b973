package io.slipway.linstor;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A LINSTOR controller as seen from its REST API, behaving as controller 1.33.3 was seen to: it calls every refusal a
 * 500, mixes successes and errors in one answer, keeps a pool that it could not make, is content with nothing when a
 * satellite is away. What takes time with the real one takes a number of looks here.
 *
 * <p>Every request and every answer of its own goes by {@link LinstorContract} where LINSTOR's document is at hand;
 * {@link #violations()} is what it found.
 */
public final class FakeLinstor implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final long SUCCESS = 0;
    private static final long INFO = 1L << 62;
    private static final long WARNING = 2L << 62;
    private static final long ERROR = 3L << 62;
    private static final long CREATE = 0x1000000;
    private static final long MODIFY = 0x2000000;
    private static final long DELETE = 0x3000000;
    private static final long NODE = 0x3C0000;
    private static final long STORAGE_POOL = 0x140000;
    private static final long NET_INTERFACE = 0x1C0000;
    private static final long PHYSICAL = 0x4C0000;
    private static final long GROUP = 0x440000;
    private static final long VOLUME_GROUP = 0x480000;
    private static final long CONTROLLER = 0x100000;
    private static final long UNKNOWN_FIELD = -3458764513820540931L;

    private static final Map<String, Set<String>> KNOWN_FIELDS = Map.of(
            "node",
                    Set.of(
                            "name",
                            "type",
                            "flags",
                            "props",
                            "net_interfaces",
                            "connection_status",
                            "uuid",
                            "storage_providers",
                            "resource_layers",
                            "unsupported_providers",
                            "unsupported_layers",
                            "eviction_timestamp"),
            "interface", Set.of("name", "address", "satellite_port", "satellite_encryption_type", "is_active", "uuid"),
            "modify", Set.of("node_type", "override_props", "delete_props", "delete_namespaces"),
            "pool",
                    Set.of(
                            "storage_pool_name",
                            "node_name",
                            "provider_kind",
                            "props",
                            "shared_space",
                            "external_locking"),
            "physical",
                    Set.of(
                            "provider_kind",
                            "device_paths",
                            "raid_level",
                            "pool_name",
                            "vdo_enable",
                            "with_storage_pool",
                            "pv_create_arguments",
                            "vg_create_arguments",
                            "lv_create_arguments",
                            "zpool_create_arguments"),
            "group", Set.of("name", "description", "props", "select_filter", "peer_slots"),
            "group-modify", Set.of("description", "override_props", "delete_props", "select_filter", "peer_slots"),
            "volume-group", Set.of("volume_number", "props", "flags"));

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final Map<String, Registered> nodes = new TreeMap<>();
    private final Map<String, Pool> pools = new TreeMap<>();
    private final Map<String, ObjectNode> groups = new TreeMap<>();
    private final Map<String, List<Integer>> volumeGroups = new TreeMap<>();
    private final Map<String, String> properties = new TreeMap<>();
    private final List<String> requests = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Optional<LinstorContract> contract = LinstorContract.atHand();
    private int looksUntilOnline;
    private int looksUntilCapacity;
    private int changesUntilCut = -1;
    private boolean cutBefore;
    private @Nullable Canned canned;

    /** One computer with LINSTOR's satellite. */
    public final class Machine {
        private final String name;
        private final Map<String, String> unsupported = new TreeMap<>();
        private final Set<String> providers = new TreeSet<>(Set.of("DISKLESS", "FILE", "FILE_THIN", "REMOTE_SPDK"));
        private final Map<String, String> devices = new TreeMap<>();
        private final Map<String, Long> backings = new TreeMap<>();
        private boolean running = true;

        private Machine(String name) {
            this.name = name;
            for (String kind : List.of("LVM", "LVM_THIN", "ZFS", "ZFS_THIN")) {
                providers.add(kind);
            }
        }

        /** A provider whose tools are not there, with the satellite's words for it. */
        public Machine lacks(String provider, String reason) {
            synchronized (FakeLinstor.this) {
                providers.remove(provider);
                unsupported.put(provider, reason);
            }
            return this;
        }

        /** The tools are there now; the satellite notices when it is connected anew. */
        public Machine gets(String provider) {
            synchronized (FakeLinstor.this) {
                unsupported.remove(provider);
                providers.add(provider);
            }
            return this;
        }

        /** A block device without anything on it. */
        public Machine device(String path) {
            synchronized (FakeLinstor.this) {
                devices.put(path, "");
            }
            return this;
        }

        /** A volume group with thin pool, a ZFS pool or a directory. */
        public Machine backing(String backing) {
            synchronized (FakeLinstor.this) {
                backings.put(backing, 4_182_016L);
            }
            return this;
        }

        /** The backing is gone, or has no space. */
        public Machine withoutBacking(String backing) {
            synchronized (FakeLinstor.this) {
                backings.remove(backing);
            }
            return this;
        }

        /** Something on the device that LINSTOR will not overwrite. */
        public Machine inUse(String path, String by) {
            synchronized (FakeLinstor.this) {
                devices.put(path, by);
            }
            return this;
        }

        /** What is on a device; empty when nothing is. */
        public String useOf(String path) {
            synchronized (FakeLinstor.this) {
                return devices.getOrDefault(path, "no such device");
            }
        }

        public Machine stop() {
            synchronized (FakeLinstor.this) {
                running = false;
            }
            return this;
        }

        public Machine start() {
            synchronized (FakeLinstor.this) {
                running = true;
            }
            return this;
        }
    }

    private static final class Registered {
        final String name;
        final String type;
        final Map<String, String> properties = new TreeMap<>();
        final Map<String, String> interfaces = new LinkedHashMap<>();
        Set<String> providers = Set.of();
        Map<String, String> unsupported = Map.of();
        int looks;

        Registered(String name, String type) {
            this.name = name;
            this.type = type;
        }
    }

    private static final class Pool {
        final String node;
        final String name;
        final String provider;
        final String backing;
        int looks;

        Pool(String node, String name, String provider, String backing) {
            this.node = node;
            this.name = name;
            this.provider = provider;
            this.backing = backing;
        }
    }

    private record Canned(String method, String path, int status, String body) {}

    private record Reply(int status, JsonNode body) {}

    static {
        // The JDK's server writes headers and body apart; with Nagle's algorithm each answer then takes 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    public FakeLinstor() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A machine whose satellite listens at an address and has all providers. */
    public synchronized Machine machine(String name, String address) {
        var machine = new Machine(name);
        machines.put(address, machine);
        return machine;
    }

    /** Satellites are CONNECTED for so many looks before they are ONLINE. */
    public synchronized FakeLinstor onlineAfter(int looks) {
        looksUntilOnline = looks;
        return this;
    }

    /** Pools show no capacity for so many looks. */
    public synchronized FakeLinstor capacityAfter(int looks) {
        looksUntilCapacity = looks;
        return this;
    }

    /** The connection breaks before the n-th change from now is made, counted from 0. */
    public synchronized void cutBefore(int change) {
        changesUntilCut = change;
        cutBefore = true;
    }

    /** The connection breaks after the n-th change from now was made and before it is answered. */
    public synchronized void cutAfter(int change) {
        changesUntilCut = change;
        cutBefore = false;
    }

    /** The next request of that kind is answered so, and does nothing. */
    public synchronized void answerNext(String method, String path, int status, String body) {
        canned = new Canned(method, path, status, body);
    }

    /** Method, path and body of every request so far. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    /** The same without those that only ask. */
    public synchronized List<String> changes() {
        return requests.stream().filter(each -> !each.startsWith("GET ")).toList();
    }

    /** What LINSTOR's document has against requests and answers so far. */
    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    public synchronized String property(String node, String name) {
        Registered registered = nodes.get(node);
        return registered == null ? "" : registered.properties.getOrDefault(name, "");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        String target = exchange.getRequestURI().toString();
        String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        @Nullable Reply reply;
        byte[] raw = new byte[0];
        synchronized (this) {
            requests.add(method + " " + target + (text.isEmpty() ? "" : " " + text));
            boolean change = !method.equals("GET");
            boolean cut = change && changesUntilCut-- == 0;
            if (canned != null && canned.method.equals(method) && target.startsWith(canned.path)) {
                Canned now = canned;
                canned = null;
                raw = now.body.getBytes(StandardCharsets.UTF_8);
                reply = new Reply(now.status, JSON.missingNode());
            } else {
                reply = cut && cutBefore ? null : judged(method, target, text);
                if (reply != null) {
                    raw = reply.body.toString().getBytes(StandardCharsets.UTF_8);
                }
                if (cut) {
                    reply = null;
                }
            }
        }
        if (reply == null) {
            exchange.close();
            return;
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(reply.status, raw.length == 0 ? -1 : raw.length);
        exchange.getResponseBody().write(raw);
        exchange.close();
    }

    private Reply judged(String method, String target, String text) {
        JsonNode body = null;
        try {
            body = text.isEmpty() ? null : MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return refused(UNKNOWN_FIELD, "Unable to parse input json.", "", e.getOriginalMessage());
        }
        JsonNode asked = body;
        contract.ifPresent(judge -> violations.addAll(judge.request(method, target, asked)));
        Reply reply;
        try {
            reply = answer(method, target, body == null ? JSON.objectNode() : body);
        } catch (Refusal refusal) {
            reply = refusal.reply;
        }
        Reply given = reply;
        contract.ifPresent(judge -> violations.addAll(judge.answer(method, target, given.status, given.body)));
        return reply;
    }

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Reply reply;

        Refusal(Reply reply) {
            super(reply.body.toString());
            this.reply = reply;
        }
    }

    private Reply answer(String method, String target, JsonNode body) {
        URI uri = URI.create(target);
        String[] path = Arrays.stream(uri.getRawPath().substring(1).split("/"))
                .map(each -> URLDecoder.decode(each, StandardCharsets.UTF_8))
                .toArray(String[]::new);
        String route = method + " " + path[Math.min(1, path.length - 1)];
        return switch (route) {
            case "GET controller" ->
                path[2].equals("version") ? new Reply(200, version()) : new Reply(200, strings(properties));
            case "POST controller" -> setProperties(body);
            case "GET nodes" -> path.length == 2 ? listNodes(query(uri, "nodes")) : notFound(target);
            case "POST nodes" ->
                switch (path.length) {
                    case 2 -> createNode(body);
                    default ->
                        path[3].equals("net-interfaces")
                                ? createInterface(node(path[2]), body)
                                : createPool(node(path[2]), body);
                };
            case "PUT nodes" -> path.length == 4 ? reconnect(node(path[2])) : modifyNode(node(path[2]), body);
            case "DELETE nodes" -> path.length == 3 ? deleteNode(path[2]) : deletePool(path[2], path[4]);
            case "GET view" -> listPools(query(uri, "nodes"), query(uri, "storage_pools"));
            case "GET physical-storage" -> listDevices(node(path[2]));
            case "POST physical-storage" -> createDevicePool(node(path[2]), body);
            case "GET resource-groups" ->
                path.length == 2 ? listGroups(query(uri, "resource_groups")) : listVolumeGroups(path[2]);
            case "POST resource-groups" -> path.length == 2 ? createGroup(body) : createVolumeGroup(path[2], body);
            case "PUT resource-groups" -> modifyGroup(path[2], body);
            default -> notFound(target);
        };
    }

    private static List<String> query(URI uri, String name) {
        var out = new ArrayList<String>();
        if (uri.getRawQuery() != null) {
            for (String each : uri.getRawQuery().split("&")) {
                String[] pair = each.split("=", 2);
                if (pair[0].equals(name)) {
                    out.add(URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
                }
            }
        }
        return out;
    }

    private static ObjectNode version() {
        return JSON.objectNode()
                .put("version", "1.33.3")
                .put("git_hash", "0000000000000000000000000000000000000000")
                .put("build_time", "2026-05-12T00:00:00+00:00")
                .put("rest_api_version", "1.27.0");
    }

    // ---- nodes

    private Reply createNode(JsonNode body) {
        known("node", body);
        String name = body.path("name").asText();
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9-]*")) {
            return refused(ERROR | CREATE | NODE | 200, "The node name '" + name + "' is not valid.", "", "");
        }
        String type = body.path("type").asText().toUpperCase(Locale.ROOT);
        if (!Set.of("CONTROLLER", "SATELLITE", "COMBINED", "AUXILIARY").contains(type)) {
            return refused(ERROR | CREATE | NODE | 201, "The node type '" + type + "' is not valid.", "", "");
        }
        if (body.path("net_interfaces").isEmpty()) {
            return refused(
                    ERROR | CREATE | NODE | 603, "Node '" + name + "' cannot be registered.", "No interfaces.", "");
        }
        JsonNode face = body.path("net_interfaces").get(0);
        known("interface", face);
        if (!face.has("satellite_port") || !face.has("satellite_encryption_type")) {
            return refused(ERROR | CREATE | NODE | 609, "Node '" + name + "' has no satellite connection.", "", "");
        }
        if (nodes.containsKey(name)) {
            return refused(
                    ERROR | CREATE | NODE | 500,
                    "Node '" + name + "' cannot be registered.",
                    "A node '" + name + "' is there already.",
                    "Choose another name, or delete that node first.");
        }
        var registered = new Registered(name, type);
        String netName = face.path("name").asText();
        if (netName.length() < 3) {
            return refused(ERROR | CREATE | NODE | 204, "The interface name '" + netName + "' is not valid.", "", "");
        }
        registered.interfaces.put(netName, face.path("address").asText());
        registered.properties.put("CurStltConnName", netName);
        nodes.put(name, registered);
        ArrayNode out = entries(SUCCESS | CREATE | NODE | 1, "Node '" + name + "' is registered.");
        if (state(registered).equals("OFFLINE")) {
            return new Reply(201, out.add(entry(WARNING | CREATE | NODE | 1002, notConnected(name))));
        }
        if (!state(registered).equals("DUPLICATE_UNAME")) {
            connected(registered);
        }
        return new Reply(201, out.add(entry(SUCCESS | CREATE | NODE | 9, "Node '" + name + "' is authenticated.")));
    }

    private static String notConnected(String name) {
        return "There is no connection to satellite '" + name + "'";
    }

    private void connected(Registered node) {
        Machine machine = machineOf(node);
        if (machine != null) {
            node.providers = Set.copyOf(machine.providers);
            node.unsupported = Map.copyOf(machine.unsupported);
            node.properties.put("NodeUname", machine.name);
        }
    }

    private Machine online(Registered node) {
        return requireNonNull(machineOf(node), "an online node has a machine");
    }

    private @Nullable Machine machineOf(Registered node) {
        return machines.get(node.interfaces.values().iterator().next());
    }

    private String state(Registered node) {
        Machine machine = machineOf(node);
        if (machine == null || !machine.running) {
            node.looks = 0;
            return "OFFLINE";
        }
        boolean taken = nodes.values().stream()
                .filter(other -> other != node && machineOf(other) == machine)
                .anyMatch(other -> machine.name.equals(other.properties.get("NodeUname")));
        if (taken && !machine.name.equals(node.properties.get("NodeUname"))) {
            return "DUPLICATE_UNAME";
        }
        return node.looks >= looksUntilOnline ? "ONLINE" : "CONNECTED";
    }

    private Reply listNodes(List<String> wanted) {
        ArrayNode out = JSON.arrayNode();
        for (Registered node : nodes.values()) {
            if (!wanted.isEmpty() && !wanted.contains(node.name)) {
                continue;
            }
            String state = state(node);
            boolean connected = state.equals("CONNECTED") || state.equals("ONLINE");
            if (connected && !node.properties.containsKey("NodeUname")) {
                connected(node);
            }
            ObjectNode each = out.addObject().put("name", node.name).put("type", node.type);
            each.set("props", strings(node.properties));
            ArrayNode faces = each.putArray("net_interfaces");
            node.interfaces.forEach((name, address) -> {
                ObjectNode face = faces.addObject().put("name", name).put("address", address);
                if (faces.size() == 1) {
                    face.put("satellite_port", 3366)
                            .put("satellite_encryption_type", "PLAIN")
                            .put("is_active", true);
                }
            });
            each.put("connection_status", state);
            if (connected) {
                ArrayNode providers = each.putArray("storage_providers");
                node.providers.forEach(providers::add);
                each.putArray("resource_layers").add("DRBD").add("STORAGE");
                ObjectNode unsupported = each.putObject("unsupported_providers");
                node.unsupported.forEach(
                        (kind, reason) -> unsupported.putArray(kind).add(reason));
                each.putObject("unsupported_layers").putArray("LUKS").add("no program cryptsetup");
                node.looks++;
            }
        }
        return new Reply(200, out);
    }

    private Reply deleteNode(String name) {
        if (nodes.remove(name) == null) {
            return new Reply(
                    200, entries(WARNING | DELETE | NODE | 3000, "Deleting node '" + name + "' had no effect."));
        }
        pools.values().removeIf(pool -> pool.node.equals(name));
        return new Reply(200, entries(SUCCESS | DELETE | NODE | 2, "Node '" + name + "' is deleted."));
    }

    private Reply modifyNode(Registered node, JsonNode body) {
        known("modify", body);
        body.path("override_props")
                .properties()
                .forEach(field ->
                        node.properties.put(field.getKey(), field.getValue().asText()));
        return new Reply(200, entries(SUCCESS | MODIFY | NODE | 3, "Node '" + node.name + "' is modified."));
    }

    private Reply reconnect(Registered node) {
        if (!state(node).equals("OFFLINE")) {
            connected(node);
            node.looks = 0;
        }
        return new Reply(200, entries(SUCCESS | MODIFY | NODE, "Node [" + node.name + "] is being reconnected."));
    }

    private Reply createInterface(Registered node, JsonNode body) {
        known("interface", body);
        String name = body.path("name").asText();
        if (name.length() < 3) {
            return refused(
                    ERROR | CREATE | NET_INTERFACE | 204, "The interface name '" + name + "' is not valid.", "", "");
        }
        if (node.interfaces.containsKey(name)) {
            return refused(
                    ERROR | CREATE | NET_INTERFACE | 505,
                    "Interface '" + name + "' cannot be registered.",
                    "It is there already.",
                    "");
        }
        node.interfaces.put(name, body.path("address").asText());
        return new Reply(201, entries(SUCCESS | CREATE | NET_INTERFACE | 1, "Interface '" + name + "' is registered."));
    }

    // ---- pools

    private static String key(String node, String pool) {
        return node + " " + pool;
    }

    private Reply createPool(Registered node, JsonNode body) {
        known("pool", body);
        String name = body.path("storage_pool_name").asText();
        String provider = body.path("provider_kind").asText();
        ArrayNode out = JSON.arrayNode();
        return register(
                        node,
                        name,
                        provider,
                        body.path("props").path("StorDriver/StorPoolName").asText(),
                        out)
                ? new Reply(201, out)
                : new Reply(500, out);
    }

    private boolean register(Registered node, String name, String provider, String backing, ArrayNode out) {
        Machine machine = machineOf(node);
        long create = CREATE | STORAGE_POOL;
        if (name.length() < 3) {
            out.add(entry(ERROR | create | 208, "The storage pool name '" + name + "' is not valid."));
            return false;
        }
        if (pools.containsKey(key(node.name, name))) {
            out.add(entry(
                    ERROR | create | 510, "Storage pool '" + name + "' cannot be registered on '" + node.name + "'."));
            return false;
        }
        if (machine == null || !state(node).equals("ONLINE") || !node.providers.contains(provider)) {
            out.add(entry(ERROR | create | 989, "The satellite cannot do " + provider));
            return false;
        }
        pools.put(key(node.name, name), new Pool(node.name, name, provider, backing));
        out.add(entry(SUCCESS | create | 1, "Storage pool '" + name + "' on node '" + node.name + "' is registered."));
        if (!machine.backings.containsKey(backing)) {
            ObjectNode unusable = entry(ERROR | create | 990, "(" + node.name + ") " + backing + " is not there");
            unusable.putArray("error_report_ids").add("6B02F4D2-00000-000000");
            out.add(unusable);
            out.add(entry(ERROR | create | 998, "Registering failed with an exception."));
            return false;
        }
        out.add(entry(SUCCESS | create | 3, "Storage pool is updated on '" + node.name + "'"));
        return true;
    }

    private Reply listDevices(Registered node) {
        if (!state(node).equals("ONLINE")) {
            ArrayNode out = JSON.arrayNode();
            out.addObject().put("ret_code", ERROR | 998);
            return new Reply(500, out);
        }
        ArrayNode out = JSON.arrayNode();
        online(node).devices.forEach((path, use) -> {
            if (use.isEmpty()) {
                out.addObject()
                        .put("size", 4_294_967_296L)
                        .put("rotational", true)
                        .put("device", path);
            }
        });
        return new Reply(200, out);
    }

    private Reply createDevicePool(Registered node, JsonNode body) {
        known("physical", body);
        // The real one is content to have sent this to nobody.
        if (!state(node).equals("ONLINE")) {
            return new Reply(201, JSON.arrayNode());
        }
        Machine machine = online(node);
        String provider = body.path("provider_kind").asText();
        String device = body.path("device_paths").path(0).asText();
        String group = body.path("pool_name").asText();
        if (!node.providers.contains(provider)) {
            return refused(ERROR | 990, "(" + node.name + ") Storage pools cannot be looked at", "", "");
        }
        String use = machine.devices.get(device);
        if (use == null || !use.isEmpty()) {
            return refused(
                    ERROR | 998,
                    "(" + node.name + ") pvcreate failed on device: " + device,
                    "",
                    use == null ? "No device found for " + device : "It belongs to " + use);
        }
        String backing = provider.equals("LVM_THIN") ? "linstor_" + group + "/" + group : group;
        machine.devices.put(device, backing);
        machine.backings.put(backing, 4_182_016L);
        ArrayNode out = entries(
                SUCCESS | CREATE | PHYSICAL, "(" + node.name + ") " + backing + " on [" + device + "] is made.");
        if (body.has("with_storage_pool")
                && !register(node, body.path("with_storage_pool").path("name").asText(), provider, backing, out)) {
            return new Reply(500, out);
        }
        return new Reply(201, out);
    }

    private Reply listPools(List<String> ofNodes, List<String> names) {
        ArrayNode out = JSON.arrayNode();
        if (names.isEmpty() || names.contains("DfltDisklessStorPool")) {
            for (Registered node : nodes.values()) {
                out.addObject()
                        .put("storage_pool_name", "DfltDisklessStorPool")
                        .put("node_name", node.name)
                        .put("provider_kind", "DISKLESS")
                        .put("free_capacity", Long.MAX_VALUE)
                        .put("total_capacity", Long.MAX_VALUE);
            }
        }
        for (Pool pool : pools.values()) {
            if ((!names.isEmpty() && !names.contains(pool.name))
                    || (!ofNodes.isEmpty() && !ofNodes.contains(pool.node))) {
                continue;
            }
            Registered node = node(pool.node);
            ObjectNode each = out.addObject()
                    .put("storage_pool_name", pool.name)
                    .put("node_name", pool.node)
                    .put("provider_kind", pool.provider);
            each.putObject("props").put("StorDriver/StorPoolName", pool.backing);
            each.putObject("static_traits").put("Provisioning", "Thin").put("SupportsSnapshots", "true");
            each.put("free_space_mgr_name", pool.node + ";" + pool.name);
            each.put("supports_snapshots", true).put("external_locking", false);
            if (!state(node).equals("ONLINE")) {
                each.putArray("reports").add(entry(WARNING | 1002, notConnected(pool.node)));
                continue;
            }
            Long size = online(node).backings.get(pool.backing);
            boolean late = pool.looks++ < looksUntilCapacity;
            each.put("free_capacity", size == null || late ? 0 : size);
            each.put("total_capacity", size == null || late ? 0 : size);
            if (size == null) {
                each.putArray("reports")
                        .addObject()
                        .put("ret_code", ERROR | 998)
                        .put("message", "Free space of '" + pool.name + "' on '" + pool.node + "' cannot be asked for")
                        .put("cause", pool.backing + " is not there");
            }
        }
        return new Reply(200, out);
    }

    private Reply deletePool(String node, String name) {
        if (pools.remove(key(node, name)) == null) {
            return new Reply(
                    200,
                    entries(
                            WARNING | DELETE | STORAGE_POOL | 3000,
                            "Deleting storage pool '" + name + "' had no effect."));
        }
        return new Reply(200, entries(SUCCESS | DELETE | STORAGE_POOL | 2, "Storage pool '" + name + "' is deleted."));
    }

    // ---- resource groups

    private Reply createGroup(JsonNode body) {
        known("group", body);
        String name = body.path("name").asText();
        if (name.length() < 2) {
            return refused(
                    ERROR | CREATE | GROUP | 237,
                    "The resource group name '" + name + "' is not valid.",
                    "It is shorter than 2 characters",
                    "");
        }
        if (groups.containsKey(name)) {
            return refused(ERROR | CREATE | GROUP | 522, "A resource group '" + name + "' is there already.", "", "");
        }
        ArrayNode out = missingPools(body);
        groups.put(name, body.deepCopy());
        volumeGroups.put(name, new ArrayList<>());
        return new Reply(
                201, out.add(entry(SUCCESS | CREATE | GROUP | 1, "Resource group '" + name + "' is created.")));
    }

    private ArrayNode missingPools(JsonNode body) {
        ArrayNode out = JSON.arrayNode();
        for (JsonNode wanted : body.path("select_filter").path("storage_pool_list")) {
            if (pools.values().stream().noneMatch(pool -> pool.name.equals(wanted.asText()))) {
                out.add(entry(WARNING | 3000, "These storage pools are on no node:\n\t" + wanted.asText()));
            }
        }
        return out;
    }

    private Reply modifyGroup(String name, JsonNode body) {
        known("group-modify", body);
        ObjectNode group = group(name);
        body.path("select_filter")
                .properties()
                .forEach(field -> ((ObjectNode) group.path("select_filter")).set(field.getKey(), field.getValue()));
        return new Reply(200, entries(SUCCESS | CREATE | GROUP | 3, "Resource group '" + name + "' is modified."));
    }

    private Reply listGroups(List<String> wanted) {
        ArrayNode out = JSON.arrayNode();
        if (wanted.isEmpty()) {
            out.addObject().put("name", "DfltRscGrp").putObject("select_filter").put("place_count", 2);
        }
        groups.forEach((name, group) -> {
            if (wanted.isEmpty() || wanted.contains(name)) {
                ObjectNode each = group.deepCopy();
                JsonNode first =
                        group.path("select_filter").path("storage_pool_list").path(0);
                if (!first.isMissingNode()) {
                    ((ObjectNode) each.path("select_filter")).put("storage_pool", first.asText());
                }
                out.add(each);
            }
        });
        return new Reply(200, out);
    }

    private Reply listVolumeGroups(String name) {
        group(name);
        ArrayNode out = JSON.arrayNode();
        requireNonNull(volumeGroups.get(name)).forEach(number -> out.addObject().put("volume_number", number));
        return new Reply(200, out);
    }

    private Reply createVolumeGroup(String name, JsonNode body) {
        known("volume-group", body);
        group(name);
        List<Integer> numbers = requireNonNull(volumeGroups.get(name));
        numbers.add(numbers.size());
        return new Reply(
                201,
                entries(SUCCESS | CREATE | VOLUME_GROUP | 1, "Volume group " + (numbers.size() - 1) + " is created."));
    }

    private Reply setProperties(JsonNode body) {
        known("modify", body);
        ArrayNode out = JSON.arrayNode();
        for (Map.Entry<String, JsonNode> each : body.path("override_props").properties()) {
            if (!each.getKey().startsWith("Aux/") && !each.getKey().startsWith("DrbdOptions/")) {
                return refused(
                        ERROR | CONTROLLER | MODIFY | 213,
                        "The key '" + each.getKey() + "' is not on the list",
                        "",
                        "");
            }
            properties.put(each.getKey(), each.getValue().asText());
            out.add(entry(SUCCESS | CREATE | CONTROLLER | 1, "Property '" + each.getKey() + "' is set"));
        }
        nodes.keySet().forEach(name -> out.add(entry(INFO | CONTROLLER | MODIFY, "(" + name + ") applied")));
        return new Reply(201, out);
    }

    // ---- words

    private Registered node(String name) {
        Registered found = nodes.get(name);
        if (found == null) {
            throw new Refusal(
                    new Reply(404, entries(ERROR | CREATE | STORAGE_POOL | 300, "Node '" + name + "' is not there.")));
        }
        return found;
    }

    private ObjectNode group(String name) {
        ObjectNode found = groups.get(name);
        if (found == null) {
            throw new Refusal(
                    new Reply(404, entries(ERROR | GROUP | 322, "Resource group '" + name + "' is not there.")));
        }
        return found;
    }

    private static void known(String shape, JsonNode body) {
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            if (!requireNonNull(KNOWN_FIELDS.get(shape)).contains(field.getKey())) {
                throw new Refusal(refused(
                        UNKNOWN_FIELD,
                        "Unable to parse input json.",
                        "",
                        "Unrecognized field \"" + field.getKey() + "\""));
            }
        }
    }

    private static Reply notFound(String target) {
        return new Reply(404, entries(ERROR | 998, "Path '" + target + "' not found on server."));
    }

    private static Reply refused(long code, String message, String cause, String correctionOrDetails) {
        ObjectNode entry = entry(code, message);
        if (!cause.isEmpty()) {
            entry.put("cause", cause);
        }
        if (!correctionOrDetails.isEmpty()) {
            entry.put("details", correctionOrDetails);
        }
        return new Reply(500, JSON.arrayNode().add(entry));
    }

    private static ArrayNode entries(long code, String message) {
        return JSON.arrayNode().add(entry(code, message));
    }

    private static ObjectNode entry(long code, String message) {
        return JSON.objectNode().put("ret_code", code).put("message", message);
    }

    private static ObjectNode strings(Map<String, String> values) {
        ObjectNode out = JSON.objectNode();
        values.forEach(out::put);
        return out;
    }
}
