package io.slipway.netboot;

import io.slipway.boot.BootDecision;
import io.slipway.boot.BootPolicy;
import io.slipway.boot.BootRequest;
import io.slipway.boot.IpxeScript;
import io.slipway.boot.NodeIdentification;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.Node;
import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.ClaimPolicy;
import io.slipway.lifecycle.InstallStage;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodeLifecycle;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.NodeState;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.lifecycle.journal.LogLine;
import io.slipway.lifecycle.journal.Machine;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of one cluster: turns what the listeners hear and what the operator asks into events, one at a time. Safe for
 * several threads.
 */
public final class NodeRegistry {
    private static final Pattern NONCE = Pattern.compile("[0-9a-zA-Z]{16,128}");
    private static final Pattern HOST_KEY = Pattern.compile("(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]{20,2000}");
    private static final int LONGEST_REASON = 500;

    private final Cluster cluster;
    private final EventJournal journal;
    private final Images images;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<String, Long> lastSeq = new HashMap<>();
    private long version = 1;

    public NodeRegistry(
            Cluster cluster, EventJournal journal, Images images, InstantSource clock, SecureRandom random) {
        this.cluster = cluster;
        this.journal = journal;
        this.images = images;
        this.clock = clock;
        this.random = random;
        for (Node node : cluster.nodes()) {
            append(new NodeEvent.Defined(clock.instant(), node.name()));
        }
    }

    public Cluster cluster() {
        return cluster;
    }

    public Images images() {
        return images;
    }

    public EventJournal journal() {
        return journal;
    }

    public Instant now() {
        return clock.instant();
    }

    private synchronized NodeLifecycle.Applied append(NodeEvent event) {
        var applied = journal.append(event);
        changed();
        return applied;
    }

    private synchronized void changed() {
        version++;
        notifyAll();
    }

    /** Records what another part of the appliance found out. */
    public void record(NodeEvent event) {
        append(event);
    }

    /** The same, of a node of the cluster, with its state afterwards. */
    public synchronized NodeState record(String name, NodeEvent event) {
        state(name);
        return append(event).state();
    }

    /**
     * Waits until something changed since a version.
     *
     * @return the present version
     */
    public synchronized long awaitChange(long since, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (version <= since) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return version;
    }

    /** The state of a node of the cluster. */
    public synchronized NodeState state(String name) {
        Node node = cluster.getNode(name);
        NodeState state = journal.findState(node.name());
        return state == null ? NodeState.known(node.name(), clock.instant()) : state;
    }

    /** States of the cluster's nodes, in cluster.yaml's order. */
    public synchronized List<NodeState> listStates() {
        return cluster.nodes().stream().map(node -> state(node.name())).toList();
    }

    private Optional<Node> find(MacAddress mac) {
        return cluster.nodes().stream()
                .filter(node ->
                        node.interfaces().stream().anyMatch(each -> each.mac().equals(mac)))
                .findFirst();
    }

    /** A machine was seen on the boot network. */
    public synchronized void seen(MacAddress mac, BootStep step, String address, String uuid, String architecture) {
        Instant now = clock.instant();
        var node = find(mac);
        if (node.isPresent()) {
            append(new NodeEvent.Seen(now, node.get().name(), step, address));
        } else if (!mac.isGroup()) {
            journal.discover(new Machine(mac.text(), uuid, "", architecture, address, now, now, step));
            changed();
        }
    }

    /** An address fetched something on its way to the installer. */
    public synchronized void seen(String address, BootStep step) {
        Instant now = clock.instant();
        for (NodeState state : listStates()) {
            NodeState.Boot boot = state.boot();
            boolean known = boot != null && boot.address().equals(address);
            boolean fetched = state.arming() != null && state.arming().fetcher().equals(address);
            if (known || fetched) {
                append(new NodeEvent.Seen(now, state.node(), step, address));
                return;
            }
        }
        ArpTable.find(address).ifPresent(mac -> seen(mac, step, address, "", ""));
    }

    /** The boot script for a machine. */
    public synchronized String bootScript(BootRequest request, IpxeScript.Site site) {
        Instant now = clock.instant();
        MacAddress mac = request.mac();
        var node = NodeIdentification.identify(cluster, request);
        if (node.isEmpty()) {
            if (mac != null) {
                journal.discover(new Machine(
                        mac.text(),
                        request.uuid(),
                        request.serial(),
                        (request.architecture() + " " + request.platform()).strip(),
                        request.address(),
                        now,
                        now,
                        BootStep.SCRIPT));
                changed();
            }
            return IpxeScript.of(BootPolicy.decide(Optional.empty(), request, now, false), request, site);
        }
        if (mac != null) {
            journal.forgetMachine(mac.text());
        }
        String name = node.get().name();
        NodeState state = state(name);
        NodeState.Arming arming = state.arming();
        boolean image = arming != null && images.exists(arming.image());
        BootDecision decision = BootPolicy.decide(Optional.of(state), request, now, image);
        if (decision instanceof BootDecision.Start) {
            append(new NodeEvent.ScriptServed(now, name, request.address()));
        } else if (decision instanceof BootDecision.LocalDisk) {
            append(new NodeEvent.SentToDisk(now, name));
        } else if (arming != null
                && !arming.fetcher().isEmpty()
                && !arming.fetcher().equals(request.address())) {
            append(new NodeEvent.SecondFetcher(now, name, request.address()));
        } else {
            append(new NodeEvent.Seen(now, name, BootStep.SCRIPT, request.address()));
        }
        return IpxeScript.of(decision, request, site);
    }

    /**
     * An installer's claim.
     *
     * @param fields {@code token}, {@code nonce}, {@code mac}, {@code uuid}, {@code serial}
     */
    public synchronized ClaimPolicy.Answer claim(String name, Map<String, String> fields, String address) {
        NodeState state = findState(name);
        if (state == null) {
            return new ClaimPolicy.Answer.Refused("There is no node of that name.");
        }
        String nonce = fields.getOrDefault("nonce", "");
        if (!NONCE.matcher(nonce).matches()) {
            return new ClaimPolicy.Answer.Refused("The nonce is not 16 to 128 letters and digits.");
        }
        String mac = fields.getOrDefault("mac", "");
        if (!mac.isEmpty() && !isOwn(name, mac)) {
            String reason = "The hardware address of the claim is none of this node's.";
            append(new NodeEvent.ClaimRefused(clock.instant(), name, address, reason));
            return new ClaimPolicy.Answer.Refused(reason);
        }
        var decision = ClaimPolicy.decide(
                state,
                new ClaimPolicy.ClaimRequest(fields.getOrDefault("token", ""), nonce, address),
                cluster.serve().enrolment(),
                clock.instant(),
                secret());
        for (NodeEvent event : decision.events()) {
            append(event);
        }
        return decision.answer();
    }

    private boolean isOwn(String name, String mac) {
        try {
            return find(MacAddress.parse(mac))
                    .filter(node -> node.name().equals(name))
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private @Nullable NodeState findState(String name) {
        return cluster.nodes().stream().anyMatch(node -> node.name().equals(name)) ? state(name) : null;
    }

    /** Whether the session is the one of a granted claim. */
    private static boolean isSession(NodeState.@Nullable Claim claim, String session) {
        return claim != null
                && claim.approved()
                && MessageDigest.isEqual(
                        claim.session().getBytes(StandardCharsets.US_ASCII), session.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What an installer reports.
     *
     * @param body lines {@code key=value}, the first one {@code seq=n}
     * @return why it is refused, or empty
     */
    public synchronized Optional<String> events(String name, String session, String body) {
        NodeState state = findState(name);
        NodeState.Rescue rescue = state == null ? null : state.rescue();
        boolean rescued = rescue != null && isSession(rescue.claim(), session);
        if (state == null || !(rescued || isSession(state.claim(), session))) {
            return Optional.of("The session is not the one of this node's claim.");
        }
        List<String> lines = body.lines().toList();
        if (lines.isEmpty() || !lines.get(0).matches("seq=\\d{1,15}")) {
            return Optional.of("The first line is not seq=<number>.");
        }
        long seq = Long.parseLong(lines.get(0).substring(4));
        // A rescue shell counts from one again, and says nothing about the installation.
        NodeState.Progress old = rescued ? null : state.progress();
        long last = lastSeq.getOrDefault(session, old == null ? -1 : old.seq());
        if (seq <= last) {
            return Optional.empty();
        }
        InstallStage stage = old == null ? InstallStage.CLAIMED : old.stage();
        int percent = old == null ? 0 : old.percent();
        boolean staged = false;
        var keys = new ArrayList<String>();
        String failed = "";
        boolean installed = false;
        Instant now = clock.instant();
        for (String line : lines.subList(1, lines.size())) {
            int equals = line.indexOf('=');
            String value = printable(line.substring(equals + 1));
            String key = equals < 0 ? "" : line.substring(0, equals);
            if (rescued && !key.equals("log") && !key.equals("failed")) {
                continue;
            }
            switch (key) {
                case "stage" -> {
                    var found = InstallStage.find(value);
                    if (found.isEmpty()) {
                        return Optional.of("There is no stage \"" + value + "\".");
                    }
                    stage = found.get();
                    staged = true;
                }
                case "percent" -> {
                    if (!value.matches("\\d{1,3}") || Integer.parseInt(value) > 100) {
                        return Optional.of("percent is a number from 0 to 100.");
                    }
                    percent = Integer.parseInt(value);
                }
                case "log" -> journal.log(new LogLine(now, name, value));
                case "hostkey" -> hostKey(value).ifPresent(keys::add);
                case "failed" -> failed = value.isEmpty() ? "The installer gave no reason." : shorten(value);
                case "installed" -> installed = value.equals("yes");
                default -> journal.log(new LogLine(now, name, "(not understood) " + printable(line)));
            }
        }
        // After a failure the installer's shell may still send lines; only a stage says that it goes on.
        if (!rescued && (staged || state.phase() != NodePhase.FAILED)) {
            append(new NodeEvent.Progress(now, name, seq, stage, percent));
        }
        if (!keys.isEmpty()) {
            append(new NodeEvent.HostKeys(now, name, keys));
        }
        if (!failed.isEmpty() && (!rescued || state.phase() == NodePhase.RESCUE)) {
            append(new NodeEvent.Failed(now, name, failed));
        } else if (installed) {
            append(new NodeEvent.Installed(now, name));
        }
        lastSeq.put(session, seq);
        changed();
        return Optional.empty();
    }

    private static Optional<String> hostKey(String value) {
        String[] parts = value.strip().split(" ");
        String key = parts.length < 2 ? "" : parts[0] + " " + parts[1];
        return HOST_KEY.matcher(key).matches() ? Optional.of(key) : Optional.empty();
    }

    /**
     * The first-boot report.
     *
     * @param body lines {@code key=value}
     * @return why it is refused, or empty when it is acknowledged
     */
    public synchronized Optional<String> callback(String name, String session, String body, String address) {
        NodeState state = findState(name);
        if (state == null || !isSession(state.claim(), session)) {
            return Optional.of("The session is not the one of this node's claim.");
        }
        var report = body.lines()
                .filter(line -> line.indexOf('=') > 0)
                .map(NodeRegistry::printable)
                .toList();
        if (report.isEmpty()) {
            return Optional.of("The report has no line key=value.");
        }
        var keys = report.stream()
                .filter(line -> line.startsWith("hostkey="))
                .flatMap(line -> hostKey(line.substring(8)).stream())
                .toList();
        if (state.hostKeys().isEmpty() && !keys.isEmpty()) {
            append(new NodeEvent.HostKeys(clock.instant(), name, keys));
        }
        var applied = append(new NodeEvent.CalledBack(clock.instant(), name, address, report));
        return applied.impossible().isEmpty() ? Optional.empty() : Optional.of(applied.impossible());
    }

    /** Control characters would reach terminals. */
    private static String printable(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(Character.isISOControl(c) && c != '\t' ? '?' : c));
        return out.toString();
    }

    private static String shorten(String text) {
        return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
    }

    private String secret() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static ProblemException conflict(String summary, String correction) {
        return Problem.of(ProblemKind.CONFLICT, summary, correction).asException();
    }

    /**
     * Allows one installation or one rescue shell.
     *
     * @param reinstall whether what is installed may be erased
     */
    public synchronized NodeState arm(String name, BootMode mode, boolean reinstall) {
        NodeState state = state(name);
        if (state.phase() == NodePhase.QUARANTINED) {
            throw conflict(
                    "Node " + name + " is quarantined: " + state.reason(),
                    "Look at both machines, then: slipway node disarm " + name);
        }
        if (state.phase() == NodePhase.INSTALLING || state.phase() == NodePhase.AWAITING_APPROVAL) {
            throw conflict(
                    "Node " + name + " is being installed now.",
                    "Wait for it; if it hangs, restart the machine and arm it then, or: slipway node disarm " + name);
        }
        if (mode == BootMode.INSTALL && state.isInstalled() && !reinstall) {
            throw conflict(
                    "Node " + name + " is installed (" + state.phase().text() + ").",
                    "To erase it and install it again: slipway node reinstall " + name);
        }
        String image = images.current()
                .orElseThrow(() -> conflict(
                        "There is no image to install from in " + images.directory() + ".",
                        "Build it: slipway image build"));
        if (!Files.isDirectory(
                images.directory().resolve(image).resolve("nodes").resolve(name))) {
            throw conflict(
                    "The current image has nothing for node " + name + ".",
                    "It was built before the node was added to cluster.yaml. Build it again: slipway image build");
        }
        Instant now = clock.instant();
        return append(new NodeEvent.Armed(
                        now,
                        name,
                        mode,
                        secret(),
                        image,
                        now.plus(cluster.serve().armWindow())))
                .state();
    }

    /** Ends an arming, a quarantine or a failure. */
    public synchronized NodeState disarm(String name) {
        return append(new NodeEvent.Disarmed(clock.instant(), state(name).node(), "by the operator"))
                .state();
    }

    /** Lets a waiting installer go on. */
    public synchronized NodeState approve(String name) {
        NodeState state = state(name);
        if (state.phase() != NodePhase.AWAITING_APPROVAL) {
            throw conflict(
                    "Node " + name + " does not wait for approval; it is "
                            + state.phase().text() + ".",
                    "See: slipway node show " + name);
        }
        return append(new NodeEvent.Approved(clock.instant(), name)).state();
    }

    /** Ends armings whose time is over. Called every second. */
    public synchronized void expireArmings() {
        Instant now = clock.instant();
        for (NodeState state : listStates()) {
            NodeState.Arming arming = state.arming();
            if (arming != null && !now.isBefore(arming.until())) {
                append(new NodeEvent.Disarmed(now, state.node(), "its window has ended"));
            }
        }
    }
}
