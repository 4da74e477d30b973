package io.slipway.formation.proof;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.NodeScript;
import io.slipway.formation.incus.IncusApi;
import io.slipway.formation.incus.Member;
import io.slipway.formation.incus.Members;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One proof: where its instances are and what has been seen of them in this run. What is not done yet in this run counts
 * as not done, unless the cluster was proven before.
 */
final class Trial {
    /** What instances' names begin with. */
    static final String NAME = "slipway-proof";
    /** The virtual machine. */
    static final String MACHINE = NAME + "-machine";
    /** Key of an instance's configuration; nothing without it is ever removed. */
    static final String MARK = "user.slipway.proof";
    /** Property of the image. */
    static final String IMAGE_MARK = "slipway.proof";
    /** Key of the server's configuration: what was proven, and what of the live migration is known. */
    private static final String PROVEN = "user.slipway.proven";

    static final String INSTANCES = "/1.0/instances?recursion=1";
    static final String IMAGES = "/1.0/images?recursion=1";

    private static final Duration USUAL = Duration.ofMinutes(3);

    private static final String DELETE = """
            for each in "$@"; do
              incus delete --force "$each" </dev/null &
            done
            wait
            """;

    final Members members;
    private final Cluster cluster;
    private final boolean again;
    private final TreeMap<String, String> addresses = new TreeMap<>();
    private volatile String image = "";
    private volatile boolean moved;
    private volatile boolean removed;
    private volatile String live = "";
    private volatile List<String> machines = List.of();

    Trial(Members members, boolean again) {
        this.cluster = members.cluster();
        this.members = members;
        this.again = again;
    }

    /** The members that instances are made on; the second is the first again where there is only one. */
    List<String> places() {
        List<String> names = members.names();
        return List.of(names.get(0), names.size() > 1 ? names.get(1) : names.get(0));
    }

    boolean hasTwoMembers() {
        return members.names().size() > 1;
    }

    /** Where the first instance is moved to: a member that nothing was tried on, if there is one. */
    String target() {
        return members.names().get(Math.min(2, members.names().size() - 1));
    }

    static String instance(int number) {
        return NAME + "-" + number;
    }

    Incus.@Nullable OvnNetwork network() {
        return cluster.incus().network();
    }

    Incus.@Nullable Uplink uplink() {
        return cluster.incus().uplink();
    }

    /** The address of OVN's router in the instances' network. */
    String gateway() {
        Incus.OvnNetwork network = network();
        return network == null ? "" : new Ipv4Address(network.subnet().base().bits() + 1).toString();
    }

    /** Bytes of IP packet between instances. */
    int mtu() {
        return Math.min(1500, cluster.getNetwork(cluster.traffic().tunnel()).mtu() - 58);
    }

    // ---- what was proven before

    private String digest() {
        var text = new StringBuilder();
        for (Node node : cluster.listNodes(Role.INCUS_MEMBER)) {
            text.append(node.name())
                    .append(' ')
                    .append(cluster.clusterAddress(node))
                    .append('\n');
        }
        Incus incus = cluster.incus();
        text.append(incus.localPool()).append(incus.uplink()).append(incus.network());
        text.append(cluster.linstor()).append(cluster.ovn());
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, 32);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** What was found of the live migration when the cluster was proven, or null if it was not, or is to be again. */
    @Nullable
    String proven(Member speaker) {
        String[] parts = speaker.config(PROVEN).split(" ", 2);
        return again || !parts[0].equals(digest()) ? null : parts.length > 1 ? parts[1] : "";
    }

    void remember(IncusApi api) throws InterruptedException {
        var body = IncusApi.object();
        body.putObject("config").put(PROVEN, (digest() + " " + live).strip());
        api.require("It cannot be remembered that the cluster was proven", USUAL, "PATCH", "/1.0", body);
    }

    // ---- what was seen in this run

    boolean isImported() {
        return !image.isEmpty();
    }

    /** The image's fingerprint, which is the SHA-256 of its file. */
    String image() {
        return image;
    }

    void imported(String fingerprint) {
        image = fingerprint;
    }

    boolean isMoved() {
        return moved;
    }

    void moved() {
        moved = true;
    }

    boolean isRemoved() {
        return removed;
    }

    void removed() {
        removed = true;
    }

    /** What there is to say of the live migration in the end, or empty as long as it is open. */
    String live() {
        return live;
    }

    void live(String text) {
        live = text;
    }

    /** Where the virtual machine is made and where it is moved to; empty as long as that is not known. */
    List<String> machines() {
        return machines;
    }

    void machines(List<String> both) {
        machines = both;
    }

    synchronized String address(String instance) {
        return addresses.getOrDefault(instance, "");
    }

    synchronized void address(String instance, String address) {
        addresses.put(instance, address);
    }

    // ---- the cluster

    /** @throws io.slipway.problem.ProblemException if no member answers */
    Member speaker(String... paths) throws InterruptedException {
        return there(members.speaker(true, paths));
    }

    /** Whoever answered a moment ago. */
    Member recentSpeaker() throws InterruptedException {
        return there(members.speaker(false));
    }

    private static Member there(@Nullable Member speaker) {
        if (speaker == null) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "No member of an Incus cluster answers.",
                            "Form the cluster first: slipway form.")
                    .asException();
        }
        return speaker;
    }

    /** What Incus says of an instance, or of what is below it. */
    JsonNode ask(String path) throws InterruptedException {
        return members.api(recentSpeaker().node()).get("/1.0/instances/" + path).metadata();
    }

    CommandResult script(String node, Duration timeout, String script, String... arguments)
            throws InterruptedException {
        return new NodeScript(node, members.nodes())
                .run(timeout, Command.Input.NONE, "HOME=${HOME:-/root}; export HOME\n" + script, arguments);
    }

    /** The IPv4 address that an instance has by its own account, or empty. */
    static String address(JsonNode state) {
        for (JsonNode address : state.path("network").path("eth0").path("addresses")) {
            if (address.path("family").asText().equals("inet")
                    && address.path("scope").asText().equals("global")) {
                return address.path("address").asText();
            }
        }
        return "";
    }

    /** Names of the instances that carry the mark. */
    static List<String> marked(JsonNode instances) {
        var out = new ArrayList<String>();
        for (JsonNode instance : instances) {
            if (instance.path("config").path(MARK).asText().equals("true")) {
                out.add(instance.path("name").asText());
            }
        }
        return out;
    }

    /** Fingerprints of the images that carry the mark. */
    static List<String> markedImages(JsonNode images) {
        var out = new ArrayList<String>();
        for (JsonNode image : images) {
            if (image.path("properties").path(IMAGE_MARK).asText().equals("true")) {
                out.add(image.path("fingerprint").asText());
            }
        }
        return out;
    }

    /**
     * Removes every instance and image that carries the mark; what somebody else removes at the same time is removed too.
     *
     * @return how many there were
     */
    int clear(Member speaker) throws InterruptedException {
        List<String> instances = marked(speaker.get(INSTANCES).metadata());
        List<String> images = markedImages(speaker.get(IMAGES).metadata());
        if (instances.isEmpty() && images.isEmpty()) {
            return 0;
        }
        IncusApi api = members.api(speaker.node());
        if (!instances.isEmpty()) {
            CommandResult result = script(speaker.node(), USUAL, DELETE, instances.toArray(String[]::new));
            // What somebody else has removed meanwhile is removed too.
            List<String> left = marked(api.get(INSTANCES).metadata());
            if (!left.isEmpty()) {
                throw Problem.of(
                                ProblemKind.ENVIRONMENT,
                                "The proof's instances " + String.join(", ", left) + " cannot be removed.",
                                "Remove them on " + speaker.node() + ": incus delete --force " + String.join(" ", left)
                                        + ".")
                        .because("Incus says: " + result.error().strip())
                        .asException();
            }
        }
        for (String image : images) {
            var answer = api.send(USUAL, "DELETE", "/1.0/images/" + image, IncusApi.object());
            if (!answer.isOk() && !answer.isAbsent()) {
                throw Problem.of(
                                ProblemKind.ENVIRONMENT,
                                "The proof's image cannot be removed.",
                                "Remove it on " + speaker.node() + ": incus image delete " + image.substring(0, 12)
                                        + ".")
                        .because("Incus says: " + answer.error())
                        .asException();
            }
        }
        return instances.size() + images.size();
    }
}
