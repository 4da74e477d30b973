package io.slipway.formation.incus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with Incus on them, as seen with 6.0.4: what its daemons answer, what they refuse, what a join leaves behind that
 * was cut off. Understands the scripts of the steps by what they do, and fails on any other.
 */
public final class FakeIncus implements Nodes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";

    /** One node. */
    public static final class Machine {
        final String name;
        public boolean unreachable;
        public boolean installed = true;
        public boolean running = true;
        /** Its process is there and never answers. */
        boolean stuck;
        /** Seconds since its process was started. */
        public long uptime = 10;
        /** The cluster that it is in, by its certificate, or empty. */
        String cluster = "";

        String serverName;
        public int instancesOfItsOwn;
        public List<String> partition = new ArrayList<>(List.of("device=/dev/vda4"));
        public boolean kvm;
        /** Incus has found a QEMU that works with KVM. */
        public boolean qemu = true;

        boolean ovnKey;

        Machine(String name) {
            this.name = name;
            this.serverName = name;
        }

        /** In a cluster that we do not know. */
        public void foreign(String fingerprint, String as) {
            cluster = fingerprint;
            serverName = as;
        }
    }

    /** A member as the cluster knows it. */
    private static final class Entry {
        final String address;
        boolean pending;
        String status = "Online";
        /** Looks until it is ONLINE. */
        int comes;

        Entry(String address) {
            this.address = address;
        }
    }

    /** An instance. */
    static final class Instance {
        String location;
        String status = "Running";
        final Map<String, String> config = new TreeMap<>();
        String file = "";
        int comes;
        final int number;

        Instance(String location, int number) {
            this.location = location;
            this.number = number;
        }
    }

    /** What the program that forms the cluster does not survive. */
    public static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Cluster cluster;
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final Map<String, Entry> members = new TreeMap<>();
    private final Set<String> raft = new TreeSet<>();
    private final Map<String, String> tokens = new TreeMap<>();
    private final Map<String, String> config = new TreeMap<>();
    private final Map<String, ObjectNode> pools = new TreeMap<>();
    private final Map<String, ObjectNode> networks = new TreeMap<>();
    private final Map<String, String> parents = new TreeMap<>();
    private final Map<String, String> sources = new TreeMap<>();
    private final ObjectNode devices = JSON.createObjectNode();
    private final Set<String> clients = new TreeSet<>();
    private final Map<String, String> trustTokens = new TreeMap<>();
    private final Map<String, Instance> instances = new TreeMap<>();
    private final Map<String, String> images = new TreeMap<>();
    private final List<String> changes = new ArrayList<>();
    private final List<String> argv = new ArrayList<>();
    private int secrets;
    private int commands;
    private int dieAt = Integer.MAX_VALUE;
    private boolean dieBefore;
    private boolean dead;
    // what is to go wrong, and what takes time
    public int expiredTokens;
    public int looksUntilOnline;
    public int looksUntilAddress;
    public boolean linstorDriver = true;
    public boolean poolFailsOnce;
    public @Nullable String cutOffJoin;
    /** A join that fails on the way while its daemon goes on. */
    public @Nullable String failedJoin;
    /** So many changes are refused because a member seems to be away. */
    public int refusals;

    public boolean noBusybox;
    public boolean imageNotCopied;
    public boolean overlayBroken;
    public boolean largePacketsLost;
    public boolean outsideSilent;
    public boolean dataLost;
    /** What a node has not of which virtual machines are made, or empty. */
    public String machineLacks = "";

    public boolean machineCannotMove;
    /** Who loses touch when the proof's instances are removed, or empty. */
    public String lost = "";

    /** Seconds in which a virtual machine that is moved does not answer. */
    public int silence = 1;

    public FakeIncus(Cluster cluster) {
        this.cluster = cluster;
        for (Node node : cluster.listNodes(Role.INCUS_MEMBER)) {
            machines.put(node.name(), new Machine(node.name()));
        }
    }

    public Machine machine(String name) {
        Machine machine = machines.get(name);
        if (machine == null) {
            throw new IllegalArgumentException("no node " + name);
        }
        return machine;
    }

    /** What was changed so far, one line each. */
    public synchronized List<String> changes() {
        return List.copyOf(changes);
    }

    /** How many programs were run so far. */
    public synchronized int commands() {
        return commands;
    }

    /** Everything that stood in arguments. */
    public synchronized String arguments() {
        return String.join("\n", argv);
    }

    /** The program that forms the cluster dies before or after its n-th command from now. */
    public synchronized void dieAt(int n, boolean before) {
        dieAt = commands + n;
        dieBefore = before;
        dead = false;
    }

    public synchronized boolean died() {
        return dead;
    }

    /** Somebody starts it again. */
    public synchronized void revive() {
        dead = false;
        dieAt = Integer.MAX_VALUE;
    }

    /** All that there is, for comparison. */
    public synchronized String state() {
        var out = new StringBuilder();
        members.forEach((name, entry) ->
                out.append("member " + name + " " + entry.address + (entry.pending ? " pending" : "") + "\n"));
        out.append("raft ").append(raft).append('\n');
        machines.forEach((name, machine) -> out.append(
                name + " " + machine.cluster + " as " + machine.serverName + " key " + machine.ovnKey + "\n"));
        // Each run has certificates of its own, and members take part in any order.
        config.forEach((key, value) -> out.append(key + " " + (value.contains("BEGIN") ? "PEM" : value) + "\n"));
        for (ObjectNode thing : Stream.concat(pools.values().stream(), networks.values().stream())
                .toList()) {
            var locations = new TreeSet<String>();
            thing.path("locations").forEach(each -> locations.add(each.asText()));
            out.append(thing.deepCopy().without(List.of("locations")).toString())
                    .append(locations)
                    .append('\n');
        }
        out.append(parents)
                .append('\n')
                .append(sources)
                .append('\n')
                .append(devices)
                .append('\n');
        out.append(trustTokens.keySet())
                .append('\n')
                .append(instances.keySet())
                .append(images)
                .append('\n');
        return out.toString();
    }

    public synchronized String config(String key) {
        return config.getOrDefault(key, "");
    }

    public synchronized void config(String key, String value) {
        config.put(key, value);
    }

    public synchronized void trusts(String client) {
        clients.add(client);
        trustTokens.remove(client);
    }

    public synchronized Map<String, String> trustTokens() {
        return Map.copyOf(trustTokens);
    }

    /** Daemons forget tokens when they are restarted. */
    public synchronized void forgetTokens() {
        trustTokens.clear();
    }

    public synchronized JsonNode network(String name) {
        return networks.getOrDefault(name, JSON.createObjectNode());
    }

    public synchronized JsonNode pool(String name) {
        return pools.getOrDefault(name, JSON.createObjectNode());
    }

    public synchronized String parent(String network, String node) {
        return parents.getOrDefault(network + "/" + node, "");
    }

    public synchronized String source(String pool, String node) {
        return sources.getOrDefault(pool + "/" + node, "");
    }

    public synchronized void networkStatus(String name, String status) {
        requireNetwork(name).put("status", status);
    }

    private ObjectNode requireNetwork(String name) {
        ObjectNode network = networks.get(name);
        if (network == null) {
            throw new IllegalArgumentException("no network " + name);
        }
        return network;
    }

    public synchronized JsonNode devices() {
        return devices.deepCopy();
    }

    /** Somebody has set the profile up. */
    public synchronized void device(String name, Map<String, String> values) {
        values.forEach(devices.putObject(name)::put);
    }

    public synchronized Set<String> instances() {
        return Set.copyOf(instances.keySet());
    }

    /** An instance of somebody else, or what a proof has left. */
    public synchronized void instance(String name, String location, boolean marked) {
        var instance = new Instance(location, instances.size() + 2);
        if (marked) {
            instance.config.put("user.slipway.proof", "true");
        }
        instances.put(name, instance);
    }

    public synchronized Set<String> images() {
        return Set.copyOf(images.keySet());
    }

    public synchronized void image(String fingerprint, boolean marked) {
        images.put(fingerprint, marked ? "true" : "");
    }

    /** The machine is installed again; the cluster knows nothing of it. */
    public synchronized void reinstall(String node) {
        Machine machine = machine(node);
        machine.cluster = "";
        machine.serverName = node;
        Entry entry = members.get(node);
        if (entry != null) {
            entry.status = "Offline";
        }
    }

    /** A stranger in the cluster. */
    public synchronized void stranger(String name) {
        members.put(name, new Entry("192.0.2.99:8443"));
    }

    public synchronized void status(String node, String status) {
        requireEntry(node).status = status;
    }

    /** The member's heartbeats are too late for so many looks. */
    public synchronized void silence(String node, int looks) {
        requireEntry(node).comes = looks;
    }

    private Entry requireEntry(String node) {
        Entry entry = members.get(node);
        if (entry == null) {
            throw new IllegalArgumentException("no member " + node);
        }
        return entry;
    }

    @Override
    public CommandRunner on(String node) {
        Machine machine = machine(node);
        return new CommandRunner() {
            @Override
            public CommandResult run(Command command, Consumer<String> line) {
                synchronized (FakeIncus.this) {
                    return FakeIncus.this.run(machine, command);
                }
            }
        };
    }

    private CommandResult run(Machine machine, Command command) {
        if (dead) {
            throw new Killed();
        }
        commands++;
        boolean dies = commands == dieAt;
        if (dies && dieBefore) {
            dead = true;
            throw new Killed();
        }
        if (machine.unreachable) {
            throw Problem.of(ProblemKind.UNREACHABLE, machine.name + " does not answer.", "")
                    .asException();
        }
        argv.addAll(command.arguments());
        CommandResult result = answer(machine, command);
        if (dies) {
            dead = true;
            throw new Killed();
        }
        return result;
    }

    private CommandResult answer(Machine machine, Command command) {
        List<String> all = command.arguments();
        if (all.size() < 4 || !all.get(0).equals("/bin/sh")) {
            throw new AssertionError("nobody expected: " + all);
        }
        String script = all.get(2);
        List<String> given = all.subList(4, all.size());
        String input = new String(command.input().toBytes(), StandardCharsets.UTF_8);
        if (script.contains("incus query --raw \"$path\"")) {
            return ok(command, get(machine, given));
        }
        if (script.contains("pgrep")) {
            return ok(command, machine.running || machine.stuck ? "up=" + machine.uptime + "\n" : "");
        }
        if (script.contains("PARTNAME")) {
            return ok(command, String.join("\n", machine.partition));
        }
        if (script.contains("/dev/kvm")) {
            return ok(command, machine.kvm ? "kvm=yes\n" : "");
        }
        if (script.contains("openssl req")) {
            if (!machine.ovnKey) {
                changed(machine, "makes a key");
                machine.ovnKey = true;
            }
            return ok(command, "REQUEST of " + machine.name + "\n");
        }
        if (script.contains("rc.incusd start")) {
            return start(machine, command);
        }
        if (script.contains("$directory/database")) {
            changed(machine, "is set back");
            machine.running = false;
            machine.stuck = false;
            machine.cluster = "";
            return ok(command, "");
        }
        if (!machine.running || !machine.installed) {
            return new CommandResult(command, 1, false, "", "Error: The incus daemon doesn't appear to be started");
        }
        if (script.contains("incus admin sql")) {
            return ok(command, sql(machine, given.get(1)));
        }
        if (script.contains("sed 's/^/    /'")) {
            return apply(machine, command, input);
        }
        if (script.contains("admin init --preseed")) {
            return preseed(machine, command, input);
        }
        if (script.contains("query --raw $4 -X")) {
            return ok(
                    command,
                    send(machine, given.get(0), given.get(1), given.get(2)).toPrettyString());
        }
        return proof(machine, command, script, given);
    }

    private static CommandResult ok(Command command, String output) {
        return new CommandResult(command, 0, false, output, "");
    }

    private static CommandResult failed(Command command, String error) {
        return new CommandResult(command, 1, false, "", "Error: " + error + "\n");
    }

    private void changed(Machine machine, String what) {
        changes.add(machine.name + " " + what);
    }

    private CommandResult start(Machine machine, Command command) {
        if (!machine.installed) {
            return failed(command, "no incusd");
        }
        if (!machine.running && !machine.stuck) {
            changed(machine, "starts incusd");
            Entry entry = members.get(machine.name);
            boolean lost = entry != null && entry.pending && !machine.cluster.isEmpty();
            machine.running = !lost;
            machine.uptime = 0;
            return lost
                    ? failed(command, "Failed to initialize global database: No node registered with address")
                    : ok(command, "");
        }
        return ok(command, "");
    }

    // ---- questions

    private String get(Machine machine, List<String> paths) {
        if (!machine.installed) {
            return "{\"type\":\"error\",\"error_code\":-1,\"error\":\"no program incus\"}";
        }
        if (!machine.running) {
            return "";
        }
        var out = new StringBuilder();
        for (String path : paths) {
            out.append(look(machine, path).toPrettyString()).append('\n');
        }
        return out.toString();
    }

    private static ObjectNode sync(JsonNode metadata) {
        ObjectNode out = JSON.createObjectNode()
                .put("type", "sync")
                .put("status_code", 200)
                .put("error_code", 0);
        out.set("metadata", metadata);
        return out;
    }

    private static ObjectNode error(int code, String text) {
        return JSON.createObjectNode()
                .put("type", "error")
                .put("error_code", code)
                .put("error", text);
    }

    private boolean isOurs(Machine machine) {
        return machine.cluster.equals(fingerprint());
    }

    /** The cluster's certificate, or something that no node has. */
    private String fingerprint() {
        return members.isEmpty()
                ? "none"
                : "0123456789abcdef" + cluster.identity().name();
    }

    private ObjectNode look(Machine machine, String path) {
        if (path.equals("/1.0")) {
            return sync(server(machine));
        }
        if (path.startsWith("/1.0/instances") && !isOurs(machine)) {
            ArrayNode own = JSON.createArrayNode();
            for (int i = 0; i < machine.instancesOfItsOwn; i++) {
                own.add("/1.0/instances/i" + i);
            }
            return sync(own);
        }
        if (!isOurs(machine)) {
            return path.contains("target=") ? error(400, "not clustered") : sync(JSON.createArrayNode());
        }
        String plain = path.replaceAll("\\?.*", "");
        switch (plain) {
            case "/1.0/cluster/members" -> {
                return sync(members());
            }
            case "/1.0/cluster" -> {
                return sync(JSON.createObjectNode().set("member_config", memberConfig()));
            }
            case "/1.0/storage-pools" -> {
                return sync(array(pools));
            }
            case "/1.0/networks" -> {
                return sync(array(networks));
            }
            case "/1.0/profiles/default" -> {
                return sync(JSON.createObjectNode().set("devices", devices.deepCopy()));
            }
            case "/1.0/certificates" -> {
                ArrayNode out = JSON.createArrayNode();
                members.keySet()
                        .forEach(name -> out.addObject().put("name", name).put("type", "server"));
                clients.forEach(name -> out.addObject().put("name", name).put("type", "client"));
                return sync(out);
            }
            case "/1.0/operations" -> {
                ArrayNode out = JSON.createArrayNode();
                trustTokens.forEach((name, secret) -> out.add(trustToken(name, secret)));
                return sync(JSON.createObjectNode().set("running", out));
            }
            case "/1.0/instances" -> {
                ArrayNode out = JSON.createArrayNode();
                instances.forEach((name, instance) -> out.add(instance(name, instance)));
                return sync(out);
            }
            case "/1.0/images" -> {
                ArrayNode out = JSON.createArrayNode();
                images.forEach((print, mark) -> out.addObject()
                        .put("fingerprint", print)
                        .putObject("properties")
                        .put("slipway.proof", mark));
                return sync(out);
            }
            default -> {
                return lookAtOne(plain, path);
            }
        }
    }

    private ObjectNode lookAtOne(String plain, String path) {
        String name = plain.substring(plain.lastIndexOf('/') + 1);
        if (plain.startsWith("/1.0/networks/")) {
            ObjectNode network = networks.get(name);
            if (network == null) {
                return error(404, "Network not found");
            }
            ObjectNode copy = network.deepCopy();
            String parent = parent(name, path.substring(path.indexOf('=') + 1));
            if (!parent.isEmpty()) {
                copy.withObject("config").put("parent", parent);
            }
            return sync(copy);
        }
        if (plain.contains("/volumes/custom")) {
            return sync(JSON.createArrayNode());
        }
        if (plain.startsWith("/1.0/images/")) {
            return images.containsKey(name) ? sync(JSON.createObjectNode()) : error(404, "Image not found");
        }
        Matcher instance = Pattern.compile("/1.0/instances/([^/]+)(/state)?").matcher(plain);
        if (instance.matches()) {
            Instance found = instances.get(instance.group(1));
            if (found == null) {
                return error(404, "Instance not found");
            }
            return sync(instance.group(2) == null ? instance(instance.group(1), found) : state(found));
        }
        throw new AssertionError("nobody expected a question for " + path);
    }

    private static ArrayNode array(Map<String, ObjectNode> things) {
        ArrayNode out = JSON.createArrayNode();
        things.values().forEach(each -> out.add(each.deepCopy()));
        return out;
    }

    private static ObjectNode instance(String name, Instance instance) {
        ObjectNode out = JSON.createObjectNode()
                .put("name", name)
                .put("location", instance.location)
                .put("status", instance.status);
        instance.config.forEach(out.putObject("config")::put);
        return out;
    }

    private ObjectNode state(Instance instance) {
        ObjectNode out = JSON.createObjectNode().put("status", instance.status);
        ArrayNode addresses = out.putObject("network").putObject("eth0").putArray("addresses");
        addresses.addObject().put("family", "inet6").put("scope", "link").put("address", "fe80::1");
        if (instance.comes > 0) {
            instance.comes--;
        } else if (instance.status.equals("Running")) {
            addresses.addObject().put("family", "inet").put("scope", "global").put("address", address(instance));
        }
        return out;
    }

    private String address(Instance instance) {
        var network = cluster.incus().network();
        return network == null
                ? "192.0.2.1"
                : network.subnet().base().toString().replaceAll("\\d+$", "" + instance.number);
    }

    private ObjectNode server(Machine machine) {
        ObjectNode out = JSON.createObjectNode();
        ArrayNode extensions = out.putArray("api_extensions").add("projects");
        if (linstorDriver) {
            extensions.add("storage_driver_linstor");
        }
        ObjectNode values = out.putObject("config");
        if (isOurs(machine)) {
            config.forEach((key, value) -> values.put(key, key.equals("network.ovn.client_key") ? "…" : value));
        }
        out.putObject("environment")
                .put("server_version", "6.0.4")
                .put("driver", machine.kvm && machine.qemu ? "lxc | qemu" : "lxc")
                .put("server_clustered", !machine.cluster.isEmpty())
                .put("server_name", machine.serverName)
                .put(
                        "certificate_fingerprint",
                        machine.cluster.isEmpty() ? "own certificate of " + machine.name : machine.cluster);
        return out;
    }

    private ArrayNode members() {
        ArrayNode out = JSON.createArrayNode();
        members.forEach((name, entry) -> {
            if (entry.pending) {
                return;
            }
            String status = isHeardOf(entry) ? entry.status : "Offline";
            ObjectNode member = out.addObject()
                    .put("server_name", name)
                    .put("url", "https://" + entry.address)
                    .put("status", status)
                    .put("message", "seen");
            member.putArray("roles").add(out.size() == 1 ? "database-leader" : "database");
        });
        return out;
    }

    private static boolean isHeardOf(Entry entry) {
        boolean heard = entry.comes == 0;
        entry.comes = Math.max(0, entry.comes - 1);
        return heard;
    }

    private ArrayNode memberConfig() {
        ArrayNode out = JSON.createArrayNode();
        pools.forEach((name, pool) -> {
            if (pool.path("status").asText().equals("Created")) {
                out.addObject().put("entity", "storage-pool").put("name", name).put("key", "source");
            }
        });
        networks.forEach((name, network) -> {
            if (network.path("type").asText().equals("physical")
                    && network.path("status").asText().equals("Created")) {
                out.addObject().put("entity", "network").put("name", name).put("key", "parent");
            }
        });
        return out;
    }

    // ---- the cluster

    private String addressOf(Machine machine) {
        return cluster.clusterAddress(cluster.getNode(machine.name)) + ":"
                + cluster.incus().port();
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    private CommandResult preseed(Machine machine, Command command, String input) {
        JsonNode document = parse(input);
        JsonNode joins = document.path("cluster");
        changed(machine, joins.has("cluster_token") ? "joins" : "bootstraps");
        if (!joins.has("cluster_token")) {
            if (!machine.cluster.isEmpty()) {
                return failed(command, "This server is already clustered");
            }
            document.path("config")
                    .properties()
                    .forEach(each -> config.put(each.getKey(), each.getValue().asText()));
            machine.serverName = joins.path("server_name").asText();
            members.put(machine.serverName, new Entry(addressOf(machine)));
            raft.add(addressOf(machine));
            machine.cluster = fingerprint();
            return ok(command, "");
        }
        return join(machine, command, joins);
    }

    private CommandResult join(Machine machine, Command command, JsonNode joins) {
        JsonNode token = parse(new String(
                Base64.getDecoder().decode(joins.path("cluster_token").asText()), StandardCharsets.UTF_8));
        String name = token.path("server_name").asText();
        if (!machine.cluster.isEmpty()) {
            return failed(command, "Failed to join cluster: This server is already clustered");
        }
        if (!token.path("secret").asText().equals(tokens.get(name))) {
            return failed(command, "Failed to join cluster: Failed to setup cluster trust: No matching join token");
        }
        if (expiredTokens > 0) {
            expiredTokens--;
            tokens.remove(name);
            return failed(command, "Failed to join cluster: The provided token has expired");
        }
        tokens.remove(name);
        if (members.containsKey(name)) {
            return failed(
                    command,
                    "Failed to join cluster: Failed request to add member: UNIQUE constraint failed: nodes.name");
        }
        if (raft.contains(addressOf(machine))) {
            return failed(command, "Failed to join cluster: Failed to join cluster: server address already in use (1)");
        }
        for (JsonNode needed : memberConfig()) {
            boolean has = false;
            for (JsonNode given : joins.path("member_config")) {
                has |= given.path("name").equals(needed.path("name"))
                        && given.path("key").equals(needed.path("key"));
            }
            if (!has) {
                return failed(
                        command, "Failed to join cluster: no " + needed.path("key") + " for " + needed.path("name"));
            }
        }
        var entry = new Entry(joins.path("server_address").asText());
        members.put(name, entry);
        machine.serverName = name;
        if (name.equals(cutOffJoin)) {
            // The machine was reset after the cluster had accepted it.
            cutOffJoin = null;
            entry.pending = true;
            raft.add(entry.address);
            machine.cluster = fingerprint();
            machine.running = false;
            return failed(command, "Failed to join cluster: websocket: close 1006 (abnormal closure): unexpected EOF");
        }
        if (name.equals(failedJoin)) {
            failedJoin = null;
            entry.pending = true;
            raft.add(entry.address);
            return failed(command, "Failed to join cluster: Failed to join cluster: context deadline exceeded");
        }
        entry.comes = looksUntilOnline;
        raft.add(entry.address);
        machine.cluster = fingerprint();
        for (JsonNode given : joins.path("member_config")) {
            String of = given.path("name").asText();
            (given.path("key").asText().equals("parent") ? parents : sources)
                    .put(of + "/" + name, given.path("value").asText());
            ObjectNode thing = pools.containsKey(of) ? pools.get(of) : networks.get(of);
            if (thing != null) {
                thing.withArray("locations").add(name);
            }
        }
        return ok(command, "");
    }

    private String sql(Machine machine, String statement) {
        Matcher of =
                Pattern.compile("(SELECT|DELETE) .*state = 1 AND name = '(.*)'").matcher(statement);
        if (!of.matches()) {
            throw new AssertionError("nobody expected: " + statement);
        }
        Entry entry = members.get(of.group(2));
        boolean there = entry != null && entry.pending;
        if (of.group(1).equals("SELECT")) {
            return there ? "{\"rows\":[[60]]}" : "{\"rows\":null}";
        }
        if (there) {
            changed(machine, "forgets the pending " + of.group(2));
            members.remove(of.group(2));
        }
        return "Rows affected: 1";
    }

    private CommandResult apply(Machine machine, Command command, String input) {
        if (!machine.ovnKey) {
            return failed(command, "the key is gone");
        }
        changed(machine, "tells Incus where OVN is");
        String key = "";
        for (String line : input.split("\n")) {
            Matcher entry = Pattern.compile("  ([a-z._]+): (.*)").matcher(line);
            if (entry.matches()) {
                key = entry.group(1);
                config.put(key, entry.group(2).equals("|") ? "" : entry.group(2).replace("\"", ""));
            } else if (line.startsWith("    ")) {
                config.merge(key, line.strip() + "\n", String::concat);
            }
        }
        config.put("network.ovn.client_key", KEY);
        machine.ovnKey = false;
        return ok(command, "");
    }

    // ---- changes

    private ObjectNode send(Machine machine, String method, String path, String data) {
        JsonNode body = data.isEmpty() ? JSON.createObjectNode() : parse(data);
        changed(machine, method + " " + path + (data.isEmpty() ? "" : " " + data));
        if (refusals > 0 && method.equals("POST") && !path.contains("cluster")) {
            refusals--;
            return error(500, "Failed checking member node3: Cluster member is offline");
        }
        String plain = path.replaceAll("\\?.*", "");
        String target = path.contains("target=") ? path.substring(path.indexOf("target=") + 7) : "";
        return switch (method + " " + plain) {
            case "POST /1.0/cluster/members" ->
                joinToken(body.path("server_name").asText());
            case "POST /1.0/certificates" -> {
                String name = body.path("name").asText();
                String secret = "trust secret " + ++secrets;
                trustTokens.put(name, secret);
                yield async(trustToken(name, secret));
            }
            case "POST /1.0/storage-pools" -> pool(body, target);
            case "POST /1.0/networks" -> network(body, target);
            case "PATCH /1.0" -> {
                body.path("config")
                        .properties()
                        .forEach(each ->
                                config.put(each.getKey(), each.getValue().asText()));
                yield sync(JSON.nullNode());
            }
            case "PATCH /1.0/profiles/default" -> {
                devices.setAll((ObjectNode) body.path("devices"));
                yield sync(JSON.nullNode());
            }
            default -> other(method, plain, body);
        };
    }

    private ObjectNode other(String method, String plain, JsonNode body) {
        String name = plain.substring(plain.lastIndexOf('/') + 1);
        if (method.equals("DELETE") && plain.startsWith("/internal/cluster/raft-node/")) {
            raft.remove(name);
        } else if (method.equals("DELETE") && plain.startsWith("/1.0/cluster/members/")) {
            Entry entry = members.remove(name);
            if (entry != null) {
                raft.remove(entry.address);
                pools.values().forEach(each -> without(each, name));
                networks.values().forEach(each -> without(each, name));
            }
        } else if (method.equals("DELETE") && plain.startsWith("/1.0/images/")) {
            if (images.remove(name) == null) {
                return error(404, "Image not found");
            }
        } else if (method.equals("PATCH") && plain.startsWith("/1.0/networks/")) {
            requireNetwork(name).withObject("config").setAll((ObjectNode) body.path("config"));
        } else {
            throw new AssertionError("nobody expected: " + method + " " + plain);
        }
        return sync(JSON.nullNode());
    }

    private static void without(ObjectNode thing, String node) {
        ArrayNode left = JSON.createArrayNode();
        thing.path("locations").forEach(each -> {
            if (!each.asText().equals(node)) {
                left.add(each);
            }
        });
        thing.set("locations", left);
    }

    private static ObjectNode async(JsonNode operation) {
        ObjectNode out = sync(operation);
        return out.put("type", "async");
    }

    private ObjectNode joinToken(String name) {
        if (members.containsKey(name) && !pending(name)) {
            return error(400, "The cluster already has a member with name: " + name);
        }
        String secret = "join secret " + ++secrets;
        tokens.put(name, secret);
        ObjectNode operation = JSON.createObjectNode().put("class", "token");
        operation
                .putObject("metadata")
                .put("serverName", name)
                .put("secret", secret)
                .put("fingerprint", fingerprint())
                .put("expiresAt", "2027-01-01T00:00:00Z")
                .putArray("addresses")
                .add("192.0.2.1:8443");
        return async(operation);
    }

    private boolean pending(String name) {
        Entry entry = members.get(name);
        return entry != null && entry.pending;
    }

    private static ObjectNode trustToken(String name, String secret) {
        ObjectNode operation = JSON.createObjectNode().put("class", "token");
        ObjectNode metadata =
                operation.putObject("metadata").put("secret", secret).put("fingerprint", "ab");
        metadata.putArray("addresses").add("192.0.2.1:8443");
        metadata.putObject("request").put("name", name);
        return operation;
    }

    private ObjectNode pool(JsonNode body, String target) {
        return part(body, target, pools, "driver", "source", sources, "The storage pool");
    }

    private ObjectNode network(JsonNode body, String target) {
        String name = body.path("name").asText();
        if (body.path("type").asText().equals("ovn")) {
            if (!config("network.ovn.northbound_connection").contains(":6641")) {
                return error(500, "Failed to connect to OVN");
            }
            networks.computeIfAbsent(name, key -> thing(body, "type"));
            members.keySet()
                    .forEach(member -> networks.get(name).withArray("locations").add(member));
        }
        return part(body, target, networks, "type", "parent", parents, "The network");
    }

    private static ObjectNode thing(JsonNode body, String kind) {
        ObjectNode out = JSON.createObjectNode()
                .put("name", body.path("name").asText())
                .put(kind, body.path(kind).asText())
                .put("status", "Pending");
        out.putObject("config");
        out.putArray("locations");
        return out;
    }

    private ObjectNode part(
            JsonNode body,
            String target,
            Map<String, ObjectNode> things,
            String kind,
            String own,
            Map<String, String> owns,
            String what) {
        String name = body.path("name").asText();
        if (!target.isEmpty()) {
            if (!members.containsKey(target)) {
                return error(404, "Cluster member not found");
            }
            ObjectNode thing = things.computeIfAbsent(name, key -> thing(body, kind));
            for (JsonNode location : thing.path("locations")) {
                if (location.asText().equals(target)) {
                    return error(400, what + " already defined on member \"" + target + '"');
                }
            }
            thing.withArray("locations").add(target);
            owns.put(name + "/" + target, body.path("config").path(own).asText());
            return sync(JSON.nullNode());
        }
        ObjectNode thing = things.get(name);
        if (thing == null || thing.path("locations").size() < members.size()) {
            return error(500, what + " is not defined on all members");
        }
        String status = thing.path("status").asText();
        if (status.equals("Created")) {
            return error(500, what + " is already created");
        }
        if (status.equals("Errored") && !body.path("config").isEmpty()) {
            return error(500, what + " already partially created. Please do not specify any global config");
        }
        thing.withObject("config").setAll((ObjectNode) body.path("config"));
        if (poolFailsOnce && things == pools) {
            poolFailsOnce = false;
            thing.put("status", "Errored");
            return error(500, "no space left on device");
        }
        thing.put("status", "Created");
        return sync(JSON.nullNode());
    }

    // ---- the proof

    private CommandResult proof(Machine machine, Command command, String script, List<String> given) {
        if (script.contains("grub-mkstandalone")) {
            if (!machineLacks.isEmpty()) {
                return new CommandResult(command, 3, false, "", machineLacks + "\n");
            }
            changed(machine, "imports a virtual machine");
            images.put("c0de", "true");
            return imported(command, "size=9001\nfingerprint=c0de\n");
        }
        if (script.contains("listener=$!")) {
            return moveLive(machine, command, given);
        }
        if (script.contains("incus image import")) {
            if (noBusybox) {
                return new CommandResult(
                        command, 3, false, "", "no bin/busybox in /usr/share/mkinitrd/initrd-tree.tar.gz\n");
            }
            changed(machine, "imports an image");
            images.put("f00d", "true");
            return imported(command, "size=1045\nfingerprint=f00d\n");
        }
        if (script.contains("--wait -X POST -d \"$")) {
            return launch(machine, command, given);
        }
        if (script.contains("/bin/ping")) {
            return ok(command, ping(given));
        }
        if (script.contains("incus move")) {
            changed(machine, "moves " + given.get(0) + " to " + given.get(1));
            Instance instance = instances.get(given.get(0));
            if (instance == null) {
                return failed(command, "Instance not found");
            }
            instance.file = dataLost ? "" : given.get(2);
            instance.location = given.get(1);
            instance.comes = looksUntilAddress;
            return ok(command, "");
        }
        if (script.contains("/bin/cat")) {
            Instance instance = instances.get(given.get(0));
            return instance == null ? failed(command, "Instance not found") : ok(command, instance.file + "\n");
        }
        if (script.contains("incus delete --force")) {
            given.forEach(each -> {
                changed(machine, "deletes " + each);
                instances.remove(each);
            });
            if (!lost.isEmpty()) {
                silence(lost, 3);
                lost = "";
            }
            return ok(command, "");
        }
        throw new AssertionError("nobody expected: " + script);
    }

    private CommandResult imported(Command command, String said) {
        return imageNotCopied
                ? new CommandResult(command, 1, false, said, "Error: Failed syncing image between servers\n")
                : ok(command, said);
    }

    /** A running machine is moved live, or not at all. */
    private CommandResult moveLive(Machine machine, Command command, List<String> given) {
        Instance moved = instances.get(given.get(0));
        if (moved == null) {
            return failed(command, "Instance not found");
        }
        if (machineCannotMove
                || !moved.config.getOrDefault("migration.stateful", "").equals("true")) {
            return failed(command, "Error: Instance must be stopped to be moved statelessly");
        }
        changed(machine, "moves " + given.get(0) + " live to " + given.get(1));
        moved.location = given.get(1);
        return ok(command, given.get(3).isEmpty() ? "" : "silence=" + silence + "\n");
    }

    private CommandResult launch(Machine machine, Command command, List<String> given) {
        for (int i = 0; i < given.size(); i += 2) {
            JsonNode body = parse(given.get(i + 1));
            String name = body.path("name").asText();
            if (instances.containsKey(name)) {
                return failed(command, "Instance \"" + name + "\" already exists");
            }
            if (!images.containsKey(body.path("source").path("fingerprint").asText())) {
                return failed(command, "Image not found");
            }
            changed(machine, "launches " + name);
            var instance = new Instance(given.get(i).replaceAll(".*target=", ""), instances.size() + 2);
            body.path("config")
                    .properties()
                    .forEach(each ->
                            instance.config.put(each.getKey(), each.getValue().asText()));
            instance.comes = looksUntilAddress;
            instances.put(name, instance);
        }
        return ok(command, "");
    }

    private String ping(List<String> given) {
        var outside = cluster.incus().uplink();
        var inside = new LinkedHashSet<String>();
        instances.values().forEach(each -> inside.add(address(each)));
        var out = new StringBuilder();
        for (String each : given) {
            List<String> words = List.of(each.split(" "));
            for (String way : words.subList(1, words.size())) {
                String to = way.substring(way.indexOf(':') + 1);
                boolean world = outside != null && to.equals(outside.gateway().toString());
                boolean lost = world ? outsideSilent : inside.contains(to) ? overlayBroken : !isGateway(to);
                lost |= largePacketsLost && Integer.parseInt(way.substring(0, way.indexOf(':'))) > 1000;
                out.append(words.get(0) + (lost ? " failed " : " reached ") + way
                        + " round-trip min/avg/max = 0.9/1.5/2.0 ms\n");
            }
        }
        return out.toString();
    }

    private boolean isGateway(String address) {
        Incus.OvnNetwork network = cluster.incus().network();
        return network != null && IncusSteps.gateway(network.subnet()).startsWith(address + "/");
    }
}
