package io.slipway.app;

import io.slipway.authority.ApplianceSshKey;
import io.slipway.dhcp.Answer;
import io.slipway.dhcp.BootClient;
import io.slipway.dhcp.BootService;
import io.slipway.dhcp.DhcpMessage;
import io.slipway.dhcp.DhcpServerResponder;
import io.slipway.dhcp.Ip4;
import io.slipway.dhcp.Leases;
import io.slipway.dhcp.ProxyDhcpResponder;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import io.slipway.inventory.Serve;
import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.NodeState;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.netboot.AdminListener;
import io.slipway.netboot.BootListener;
import io.slipway.netboot.DhcpListener;
import io.slipway.netboot.Images;
import io.slipway.netboot.NodeRegistry;
import io.slipway.netboot.NtpListener;
import io.slipway.netboot.TftpListener;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import io.slipway.remote.SshSession;
import io.slipway.remote.SshTarget;
import io.slipway.store.AtomicFiles;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code slipway serve} runs. Everything that must survive is in the event log before it is acknowledged, so that the
 * appliance may be killed at any moment and started again.
 */
public final class Appliance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Appliance.class);
    /** In the state directory: what happened to every node. */
    public static final String EVENT_LOG = "slipway.db";

    private static final int SSH_PORT = 22;
    private static final String SSH_USER = "slipway";
    private static final Duration LOGIN = Duration.ofSeconds(30);

    /** The node may take a while to start sshd after its report. */
    private static final long LOGIN_EVERY_SECONDS = 5;

    private final Cluster cluster;
    private final Path state;
    private final InstantSource clock;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final List<String> listening = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2, task -> {
        var thread = new Thread(task, "slipway-clock");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Future<?>> tasks = new ArrayList<>();
    private @Nullable NodeRegistry registry;
    private Leases leases = Leases.NONE;
    private Leases savedLeases = Leases.NONE;

    private Appliance(Cluster cluster, Path state, InstantSource clock) {
        this.cluster = cluster;
        this.state = state;
        this.clock = clock;
    }

    /** Starts everything; what was started is stopped again if something cannot be. */
    public static Appliance start(Cluster cluster, Path state) {
        var appliance = new Appliance(cluster, state, InstantSource.system());
        try {
            appliance.start();
            return appliance;
        } catch (RuntimeException e) {
            appliance.close();
            throw e;
        }
    }

    private void start() {
        Serve serve = cluster.serve();
        StateDirectory.create(state);
        BootLoaders loaders = BootLoaders.find(Path.of(serve.ipxeDirectory()));
        warnings.addAll(loaders.missing());
        ApplianceSshKey key =
                ApplianceSshKey.open(state, "slipway@" + cluster.identity().name());
        EventJournal journal = EventJournal.open(state.resolve(EVENT_LOG));
        running.push(journal);
        var images = new Images(state.resolve("images"));
        var nodes = new NodeRegistry(cluster, journal, images, clock, new SecureRandom());
        registry = nodes;
        if (images.current().isEmpty()) {
            warnings.add("There is no image yet, so no node can be armed. Build it: slipway image build");
        }
        String address = serve.address().toString();
        running.push(BootListener.start(nodes, address, serve.bootPort(), loaders.directory()));
        listening.add("HTTP for nodes    " + address + " TCP " + serve.bootPort());
        running.push(TftpListener.start(
                serve.address(), 69, loaders.directory(), from -> nodes.seen(from, BootStep.LOADER)));
        listening.add("TFTP              " + address + " UDP 69 (" + loaders.directory() + ")");
        startDhcp(serve, nodes, loaders, journal);
        startNtp(serve.address());
        String token = adminToken();
        listening.add("admin             " + serve.adminAddress() + " TCP " + serve.adminPort());
        var formation = AutomaticFormation.of(cluster, state, nodes);
        AdminListener admin = AdminListener.start(
                nodes, serve.adminAddress(), serve.adminPort(), token, List.copyOf(listening), formation::text);
        running.push(admin);
        running.push(formation);
        publish("http://" + serve.adminAddress() + ":" + admin.port());
        every(1, "the clock", () -> {
            nodes.expireArmings();
            saveLeases(journal);
            journal.flush();
        });
        every(LOGIN_EVERY_SECONDS, "the login check", () -> checkLogins(nodes, key.file()));
        if (serve.formation() == Serve.Formation.AUTOMATIC) {
            every(1, "the formation", formation::look);
        }
    }

    /** Where the nodes are to have their time from this machine. It may have a server that tells it already. */
    private void startNtp(Ipv4Address address) {
        if (!cluster.identity().ntp().contains(address.toString())) {
            return;
        }
        try {
            running.push(NtpListener.start(address, NtpListener.PORT, clock));
            listening.add("NTP               " + address + " UDP " + NtpListener.PORT);
        } catch (ProblemException taken) {
            if (taken.kind() != ProblemKind.CONFLICT) {
                throw taken;
            }
            warnings.add("Another program has " + address + " UDP port " + NtpListener.PORT
                    + ": see that it tells the nodes the time, as cluster.ntp wants.");
        }
    }

    private void startDhcp(Serve serve, NodeRegistry nodes, BootLoaders loaders, EventJournal journal) {
        var service = new BootService(ip(serve.address()), serve.bootPort(), loaders.files());
        Function<DhcpMessage, Answer> responder;
        switch (serve.dhcp().mode()) {
            case OFF -> {
                listening.add("DHCP              off; for dnsmasq: dhcp-match=set:ipxe,175  dhcp-boot=tag:ipxe,"
                        + service.scriptUrl());
                return;
            }
            case PROXY -> {
                var proxy = new ProxyDhcpResponder(service);
                responder = proxy::answer;
            }
            case SERVER -> {
                var server = new DhcpServerResponder(service, servedNetwork());
                var kept = new TreeMap<String, Leases.Lease>();
                journal.listLeases()
                        .forEach(row ->
                                kept.put(row.client(), new Leases.Lease(new Ip4(row.address()), row.until(), true)));
                leases = new Leases(kept, Map.of());
                savedLeases = leases;
                responder = question -> answerAsServer(server, question);
            }
            default -> throw new IllegalStateException("unknown DHCP mode");
        }
        running.push(DhcpListener.start(
                serve.address(),
                DhcpListener.UdpPorts.STANDARD,
                responder,
                service,
                (question, client) -> seen(nodes, question, client)));
        listening.add("DHCP (" + serve.dhcp().mode().name().toLowerCase(java.util.Locale.ROOT) + ")"
                + " ".repeat(serve.dhcp().mode() == Serve.DhcpMode.PROXY ? 5 : 4) + "  " + serve.address()
                + " UDP 67 and 4011");
    }

    private static void seen(NodeRegistry nodes, DhcpMessage question, BootClient client) {
        if (question.link().isEthernet()) {
            nodes.seen(
                    MacAddress.parse(question.link().address()),
                    BootStep.DHCP,
                    "",
                    client.uuid(),
                    client.architecture().name());
        }
    }

    private synchronized Answer answerAsServer(DhcpServerResponder server, DhcpMessage question) {
        var outcome = server.answer(leases, question, clock.instant());
        leases = outcome.leases();
        return outcome.answer();
    }

    private void saveLeases(EventJournal journal) {
        Leases now;
        synchronized (this) {
            if (leases.equals(savedLeases)) {
                return;
            }
            now = leases;
        }
        journal.saveLeases(now.byClient().entrySet().stream()
                .filter(each -> each.getValue().bound())
                .map(each -> new EventJournal.LeaseRow(
                        each.getKey(),
                        each.getValue().address().bits(),
                        each.getValue().until()))
                .toList());
        synchronized (this) {
            savedLeases = now;
        }
    }

    /** Known machines get the address that they will have on the boot network, if they have one there. */
    private DhcpServerResponder.ServedNetwork servedNetwork() {
        Serve serve = cluster.serve();
        var reservations = new HashMap<String, DhcpServerResponder.Reservation>();
        for (Node node : cluster.nodes()) {
            for (Network network : cluster.networks()) {
                Ipv4Address address = node.findAddress(network.name());
                if (address != null && serve.subnet().contains(address)) {
                    reservations.put(
                            node.bootInterface().mac().text(),
                            new DhcpServerResponder.Reservation(ip(address), node.name()));
                }
            }
        }
        Ipv4Range pool = serve.dhcp().pool();
        Ipv4Address router = serve.dhcp().router();
        return new DhcpServerResponder.ServedNetwork(
                ip(serve.subnet().netmask()),
                router == null ? null : ip(router),
                cluster.identity().dns().stream().map(Appliance::ip).toList(),
                cluster.identity().domain(),
                reservations,
                pool == null ? null : ip(pool.first()),
                pool == null ? null : ip(pool.last()),
                serve.dhcp().lease());
    }

    private static Ip4 ip(Ipv4Address address) {
        return new Ip4(address.bits());
    }

    /** Each node that has reported itself becomes ready once a login with a pinned host key works. */
    private static void checkLogins(NodeRegistry nodes, Path key) {
        for (NodeState node : nodes.listStates()) {
            NodeState.Callback callback = node.callback();
            if (node.phase() == NodePhase.FIRST_BOOT && callback != null) {
                try (var session = new SshSession(
                        new SshTarget(node.node(), callback.address(), SSH_PORT, SSH_USER, key, node.hostKeys()))) {
                    nodes.record(login(session, node.node(), nodes.now()));
                } catch (InterruptedException stopping) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    static NodeEvent login(CommandRunner shell, String node, Instant now) throws InterruptedException {
        try {
            var result = shell.run(Command.of(LOGIN, "uname", "-n"));
            String name = result.output().strip();
            if (result.succeeded() && name.equals(node)) {
                return new NodeEvent.LoginWorked(now, node);
            }
            return new NodeEvent.LoginFailed(
                    now,
                    node,
                    result.succeeded()
                            ? "its name (uname -n) is \"" + name + "\" instead of \"" + node + "\""
                            : result.timedOut()
                                    ? "uname did not end within " + LOGIN.toSeconds() + " s"
                                    : "uname ended with status " + result.status());
        } catch (ProblemException e) {
            var problem = e.problems().get(0);
            return new NodeEvent.LoginFailed(now, node, (problem.summary() + " " + problem.cause()).strip());
        }
    }

    private void every(long seconds, String what, Runnable work) {
        tasks.add(scheduler.scheduleWithFixedDelay(
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException e) {
                        // A scheduled task that throws is never run again.
                        LOG.error("{}: {}", what, e.toString());
                    }
                },
                seconds,
                seconds,
                TimeUnit.SECONDS));
    }

    private String adminToken() {
        Path file = state.resolve(ApplianceClient.TOKEN_FILE);
        try {
            if (Files.exists(file)) {
                String token = Files.readString(file).strip();
                if (token.matches("[0-9a-f]{64}")) {
                    return token;
                }
            }
            byte[] bytes = new byte[32];
            new SecureRandom().nextBytes(bytes);
            String token = HexFormat.of().formatHex(bytes);
            AtomicFiles.write(file, "rw-------", out -> out.write((token + "\n").getBytes(StandardCharsets.US_ASCII)));
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void publish(String address) {
        AtomicFiles.write(
                state.resolve(ApplianceClient.ADDRESS_FILE),
                "rw-------",
                out -> out.write((address + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    /** One line for each thing that listens. */
    public List<String> listening() {
        return List.copyOf(listening);
    }

    /** What works less well than it could, and what to do about it. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Arms a node for one installation, unless something is installed there already. */
    public void arm(String node) {
        NodeRegistry nodes = registry;
        if (nodes == null) {
            throw new IllegalStateException("the appliance is not running");
        }
        nodes.arm(node, BootMode.INSTALL, false);
    }

    @Override
    public void close() {
        tasks.forEach(task -> task.cancel(true));
        scheduler.shutdownNow();
        try {
            if (!scheduler.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("a login check is still running");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                LOG.warn("stopping: {}", e.toString());
            }
        }
        try {
            Files.deleteIfExists(state.resolve(ApplianceClient.ADDRESS_FILE));
        } catch (IOException e) {
            LOG.debug("stopping: {}", e.toString());
        }
    }
}
