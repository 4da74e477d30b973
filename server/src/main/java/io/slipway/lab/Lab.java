package io.slipway.lab;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Serve;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import io.slipway.slackbuild.root.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts a lab up, looks at it, takes it down. */
public final class Lab {
    private static final Duration TREE = Duration.ofMinutes(20);
    private static final Duration SYNC = Duration.ofMinutes(10);
    private static final Duration COMPILATION = Duration.ofHours(24);
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration SOON = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofSeconds(2);
    private static final String LAN_USUAL = "the network's own server";

    private final CommandRunner runner;
    private final Places places;
    private final LabNetwork network;

    public Lab(CommandRunner runner, Path directory) {
        this.runner = runner;
        this.places = new Places(directory);
        this.network = new LabNetwork(runner, places);
    }

    public Places places() {
        return places;
    }

    /**
     * Everything, up to machines that are on. What an earlier call with the same options has done already is not done
     * again, so one that was interrupted, or whose appliance or machines have ended, is continued.
     *
     * @param say each line of progress
     */
    public void up(Cluster cluster, LabOptions options, Consumer<String> say) throws InterruptedException {
        requireRoot();
        requireTools();
        var topology = Topology.of(cluster, options.nodes());
        makePrivate(places.directory());
        var record = record(cluster, topology, options, say);
        if (!network.isUp()) {
            say.accept("network");
            network.remove();
            Ipv4Network subnet = cluster.serve().subnet();
            Ipv4Address lan = lanAddress(cluster);
            network.create(topology, subnet, cluster.serve().address(), lan);
            if (!network.answersLacp(topology)) {
                say.accept("this computer's kernel has no bonding: bonds by LACP find no partner and use one port");
            }
            network.serveAddresses(
                    subnet, lan, options.dhcp() == Serve.DhcpMode.PROXY ? freeRange(cluster, lan, 32) : null);
        }
        if (Processes.find(places.servePid(), "serve").isEmpty()) {
            slipway(options, SYNC, say, "mirror", "sync");
            if (!cluster.packages().stacks().isEmpty()) {
                compile(options, say);
            }
            slipway(
                    options,
                    SYNC,
                    say,
                    "image",
                    "build",
                    "--lock",
                    options.lock().toString());
            say.accept("appliance");
            serve(options);
            awaitAppliance(record);
        }
        arm(options, record);
        var machines = machines(record);
        for (Machine machine : topology.machines()) {
            machines.create(machine);
            if (machines.start(machine)) {
                say.accept(machine.name() + " is on");
            }
        }
    }

    /** A machine that asks for its boot server before it listens would not ask again. */
    private void awaitAppliance(LabRecord record) throws InterruptedException {
        var view = new ApplianceView(runner, places, record.adminPort());
        long deadline = System.nanoTime() + START.toNanos();
        while (view.nodes().isEmpty()) {
            requireAppliance();
            if (System.nanoTime() > deadline) {
                throw Problem.of(
                                ProblemKind.TIMED_OUT,
                                "The lab's appliance does not answer " + START.toSeconds() + " s after its start.",
                                "Read " + places.serveLog() + ".")
                        .withDetails(tail(places.serveLog()))
                        .asException();
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    /** Nodes of which nothing is known yet. Others have been armed before, or are somebody's own doing. */
    private void arm(LabOptions options, LabRecord record) throws InterruptedException {
        var known = new ApplianceView(runner, places, record.adminPort())
                .nodes().stream()
                        .filter(node -> node.phase().equals("known"))
                        .map(ApplianceView.NodeView::name)
                        .toList();
        if (!known.isEmpty()) {
            var words = new ArrayList<>(List.of("node", "arm"));
            words.addAll(known);
            runner.run(Command.of(SOON, run(options.slipway(), words)))
                    .orFail(
                            ProblemKind.ENVIRONMENT,
                            "The lab's nodes could not be armed",
                            "\"slipway lab up\" with the same options continues.");
        }
    }

    private void requireAppliance() {
        if (Processes.find(places.servePid(), "serve").isEmpty()) {
            throw Problem.of(
                            ProblemKind.UNREACHABLE,
                            "The lab's appliance has ended.",
                            "Read " + places.serveLog() + "; \"slipway lab up\" with the same options continues.")
                    .withDetails(tail(places.serveLog()))
                    .asException();
        }
    }

    private LabRecord record(Cluster cluster, Topology topology, LabOptions options, Consumer<String> say)
            throws InterruptedException {
        var wanted = new LabRecord(
                options.clusterFile().toString(),
                "",
                options.firmware(),
                topology.machines().stream().map(Machine::name).toList(),
                options.memoryMib(),
                cluster.serve().adminPort());
        if (Files.exists(places.record())) {
            var before = LabRecord.read(places);
            if (!before.withAccelerator("").equals(wanted)) {
                throw Problem.of(
                                ProblemKind.CONFLICT,
                                "There is a lab in " + places.directory() + " already, and it was started differently.",
                                "Take it down with \"slipway lab down\", use another directory with --state, or "
                                        + "continue it with the options of then.")
                        .because(before.toString())
                        .asException();
            }
            say.accept("continuing the lab in " + places.directory());
            return before;
        }
        Path tree = options.tree() == null ? standIn(options, say) : options.tree();
        writeClusterFile(cluster, options, tree);
        String accelerator = Acceleration.probe(runner, kernelOf(tree));
        say.accept(
                accelerator.equals("kvm") ? "virtual machines use KVM" : "KVM does not work here: software emulation");
        var record = wanted.withAccelerator(accelerator);
        record.write(places.record());
        return record;
    }

    /**
     * Waits until all nodes are ready and shows what they do meanwhile.
     *
     * @throws ProblemException if a node fails or is not ready in time, saying which one hangs where
     */
    public void awaitReady(Duration longest, Consumer<String> say) throws InterruptedException {
        var record = LabRecord.read(places);
        var view = new ApplianceView(runner, places, record.adminPort());
        Map<String, String> shown = new HashMap<>();
        long deadline = System.nanoTime() + longest.toNanos();
        var never = new CountDownLatch(1);
        while (true) {
            var nodes = view.nodes().stream()
                    .filter(node -> record.nodes().contains(node.name()))
                    .toList();
            for (var node : nodes) {
                // A sentence about silence tells its seconds, which is no news each time.
                String news = node.text().replaceAll("[0-9]+ (s|min|h)", "");
                if (!news.equals(shown.put(node.name(), news))) {
                    say.accept(node.name() + ": " + node.text());
                }
            }
            if (nodes.size() == record.nodes().size() && nodes.stream().allMatch(ApplianceView.NodeView::isReady)) {
                return;
            }
            var failed =
                    nodes.stream().filter(ApplianceView.NodeView::hasFailed).findFirst();
            if (failed.isPresent() || System.nanoTime() > deadline) {
                throw hangs(nodes, failed.isPresent());
            }
            requireAppliance();
            // Polled: the appliance pushes nothing across namespaces.
            if (never.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private ProblemException hangs(List<ApplianceView.NodeView> nodes, boolean failed) {
        var details = new StringBuilder();
        for (var node : nodes) {
            if (!node.isReady()) {
                details.append(node.name())
                        .append(": ")
                        .append(node.text())
                        .append(node.waitsFor().isEmpty() ? "" : "; waits for " + node.waitsFor())
                        .append(" (")
                        .append(places.serialLog(node.name()))
                        .append(")\n");
            }
        }
        return Problem.of(
                        failed ? ProblemKind.ENVIRONMENT : ProblemKind.TIMED_OUT,
                        failed ? "A node of the lab has failed." : "Not all nodes of the lab became ready in time.",
                        "Look at a node with \"slipway lab console NODE\"; \"slipway lab down\" ends the lab.")
                .withDetails(details.toString().strip())
                .asException();
    }

    /** One line a machine: whether it runs and what the appliance says of it. */
    public List<String> status() throws InterruptedException {
        var record = LabRecord.read(places);
        var machines = machines(record);
        var nodes = new ApplianceView(runner, places, record.adminPort()).nodes();
        var lines = new ArrayList<String>();
        lines.add("lab " + places.directory() + ", " + record.firmware().name().toLowerCase(java.util.Locale.ROOT)
                + ", " + record.accelerator() + ", namespace " + places.namespace()
                + (Processes.find(places.servePid(), "serve").isPresent() ? "" : ", the appliance is not running"));
        for (String name : record.nodes()) {
            String said = nodes.stream()
                    .filter(node -> node.name().equals(name))
                    .map(ApplianceView.NodeView::text)
                    .findFirst()
                    .orElse("unknown");
            lines.add(name + "  " + (machines.isRunning(name) ? "on " : "off") + "  " + said);
        }
        return lines;
    }

    /** Switches a machine on or off, or resets it, as its buttons would. */
    public void power(Cluster cluster, String node, Power what) throws InterruptedException {
        var record = LabRecord.read(places);
        var machine = Topology.of(cluster, record.nodes().size()).machine(node);
        var machines = machines(record);
        switch (what) {
            case ON -> machines.start(machine);
            case OFF -> machines.stop(node);
            case RESET -> machines.reset(node);
        }
    }

    /** A machine's buttons. */
    public enum Power {
        ON,
        OFF,
        RESET
    }

    /** The command that logs in to a node, from inside the lab's network. */
    public List<String> ssh(Cluster cluster, String node, List<String> command) {
        LabRecord.read(places);
        var out = new ArrayList<String>(List.of("ip", "netns", "exec", places.namespace(), "ssh"));
        out.addAll(List.of("-i", places.sshKey().toString(), "-o", "IdentitiesOnly=yes"));
        out.addAll(List.of("-o", "UserKnownHostsFile=" + places.directory().resolve("known_hosts")));
        out.addAll(List.of("-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR"));
        out.add(cluster.identity().admin().name() + "@" + cluster.loginAddress(cluster.getNode(node)));
        out.addAll(command);
        return out;
    }

    /**
     * The command that asks the lab's appliance, whose admin listener is on the loopback of its namespace.
     *
     * @param slipway the command that runs this program, without arguments
     * @param words the command of this program, such as {@code node show node1}
     */
    public List<String> run(List<String> slipway, List<String> words) {
        LabRecord.read(places);
        var out = new ArrayList<String>(List.of("ip", "netns", "exec", places.namespace()));
        out.addAll(slipway);
        out.addAll(words);
        out.addAll(List.of("--state", places.appliance().toString()));
        return out;
    }

    /** Ends and removes all that a lab in this directory has made, however far it got. */
    public void down() throws InterruptedException {
        requireRoot();
        if (Files.isDirectory(places.directory().resolve("nodes"))) {
            try (var nodes = Files.list(places.directory().resolve("nodes"))) {
                var pids = nodes.map(node -> node.getFileName().toString())
                        .map(name -> Processes.find(places.pid(name), "-name " + name))
                        .flatMap(java.util.Optional::stream)
                        .map(ProcessHandle::pid)
                        .toList();
                Processes.end(pids);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        var serve = Processes.find(places.servePid(), "serve");
        if (serve.isPresent()) {
            Processes.end(List.of(serve.get().pid()));
        }
        network.remove();
        // Packages are compiled outside of the lab's namespace.
        Processes.end(
                Processes.withArguments("packages", "build", places.appliance().toString()));
        // Its control groups are no part of that directory.
        new Sandbox(places.appliance(), runner).removeLeftovers();
        if (Files.exists(places.directory())) {
            deleteTree(places.directory());
        }
    }

    private Machines machines(LabRecord record) {
        return new Machines(runner, places, record);
    }

    private static void requireRoot() {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "The lab must be run by root.",
                            "Namespaces, bridges and taps need it; use sudo.")
                    .asException();
        }
    }

    private static void requireTools() {
        var missing = Tools.missing(true);
        if (!missing.isEmpty()) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "Programs are missing: "
                                    + String.join(
                                            ", ",
                                            missing.stream().map(Tools::name).toList()) + ".",
                            "Run \"slipway doctor --fix\", which installs "
                                    + String.join(" ", Tools.debianPackages(missing)) + ".")
                    .asException();
        }
    }

    private Path standIn(LabOptions options, Consumer<String> say) throws InterruptedException {
        Path tree = options.cache().resolve("tree-" + options.suite());
        Path build = options.installation().resolve("server/standin/build");
        say.accept("tree (made of Debian " + options.suite() + ")");
        runner.run(
                        Command.of(
                                TREE,
                                build.toString(),
                                "--suite",
                                options.suite(),
                                "--out",
                                tree.toString(),
                                "--cache",
                                options.cache().toString()),
                        say)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The tree could not be made",
                        "Check that \"apt-get update\" works here, or give a Slackware tree with --tree.");
        return tree;
    }

    private static Path kernelOf(Path tree) {
        try (var kernels = Files.newDirectoryStream(tree.resolve("kernels"), "*.s")) {
            for (Path kernel : kernels) {
                if (Files.exists(kernel.resolve("bzImage"))) {
                    return kernel.resolve("bzImage");
                }
            }
        } catch (IOException failure) {
            // Said below.
        }
        throw Problem.of(
                        ProblemKind.NOT_FOUND,
                        tree + " has no kernels/*.s/bzImage, so it is no Slackware tree.",
                        "Give the directory that holds slackware64/ and kernels/.")
                .asException();
    }

    private void writeClusterFile(Cluster cluster, LabOptions options, Path tree) throws InterruptedException {
        // An earlier attempt may have ended behind this; ssh-keygen would ask.
        try {
            Files.deleteIfExists(places.sshKey());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        runner.run(Command.of(
                        Duration.ofSeconds(20),
                        "ssh-keygen",
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-C",
                        "slipway-lab",
                        "-f",
                        places.sshKey().toString()))
                .orFail(ProblemKind.ENVIRONMENT, "The lab's key could not be made", "Check that ssh-keygen works.");
        try {
            Path beside = tree.resolveSibling(tree.getFileName() + ".fingerprint");
            String fingerprint = Files.exists(beside) ? Files.readString(beside).strip() : null;
            String key = Files.readString(places.directory().resolve("id_ed25519.pub"))
                    .strip();
            Files.writeString(
                    places.clusterFile(),
                    LabClusterFile.derive(
                            Files.readString(options.clusterFile()),
                            options.clusterFile().toAbsolutePath().resolveSibling(""),
                            tree.toAbsolutePath(),
                            fingerprint,
                            options.dhcp(),
                            freeRange(cluster, lanAddress(cluster), 32),
                            key));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The gateway where the boot network has it, else the subnet's first address that nobody has. */
    static Ipv4Address lanAddress(Cluster cluster) {
        Ipv4Address gateway = cluster.identity().gateway();
        if (gateway != null && cluster.serve().subnet().isHost(gateway)) {
            return gateway;
        }
        return freeRange(cluster, cluster.serve().address(), 1).first();
    }

    /**
     * Addresses of the boot network that the cluster's file gives to nobody, as high as possible.
     *
     * @throws ProblemException if there are not so many side by side
     */
    static Ipv4Range freeRange(Cluster cluster, Ipv4Address lan, int count) {
        Ipv4Network subnet = cluster.serve().subnet();
        Set<Ipv4Address> taken = new HashSet<>();
        taken.add(lan);
        taken.add(cluster.serve().address());
        cluster.nodes().forEach(node -> taken.addAll(node.addresses().values()));
        var ranges = new ArrayList<Ipv4Range>();
        var uplink = cluster.incus().uplink();
        if (uplink != null) {
            ranges.addAll(uplink.ranges());
            taken.add(uplink.gateway());
            var ingress = uplink.ingress();
            if (ingress != null) {
                ranges.add(ingress);
            }
        }
        int run = 0;
        for (Ipv4Address address = subnet.broadcast().plus(-1); subnet.isHost(address); address = address.plus(-1)) {
            Ipv4Address candidate = address;
            boolean free = !taken.contains(candidate) && ranges.stream().noneMatch(range -> range.contains(candidate));
            run = free ? run + 1 : 0;
            if (run == count) {
                return new Ipv4Range(address, address.plus(count - 1));
            }
        }
        throw Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "The boot network " + subnet + " has no " + count + " free addresses side by side for "
                                + LAN_USUAL + ".",
                        "Use a larger serve.subnet, or --dhcp server.")
                .asException();
    }

    /** One of this program's own commands, in the lab's namespace so that {@link #down} finds it. */
    private void slipway(LabOptions options, Duration longest, Consumer<String> say, String... words)
            throws InterruptedException {
        var command = inNamespace(options);
        command.addAll(List.of(words));
        slipway(command, longest, say, words[0] + " " + words[1]);
    }

    /** Outside of the lab's namespace, which has no way to the sources. */
    private void compile(LabOptions options, Consumer<String> say) throws InterruptedException {
        var command = new ArrayList<>(options.slipway());
        command.addAll(List.of("packages", "build", "--lock", options.lock().toString()));
        slipway(command, COMPILATION, say, "packages build");
    }

    private void slipway(List<String> command, Duration longest, Consumer<String> say, String what)
            throws InterruptedException {
        say.accept(what);
        var whole = new ArrayList<>(command);
        whole.addAll(List.of(
                "-f",
                places.clusterFile().toString(),
                "--state",
                places.appliance().toString()));
        // Java names files in the encoding of the locale, and packages have names beyond ASCII.
        runner.run(Command.of(longest, whole).withEnvironment("LC_ALL", "C.UTF-8"), say)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "\"slipway " + what + "\" failed",
                        "Cure what it says; \"slipway lab up\" with the same options continues, and \"slipway lab"
                                + " down\" removes what was made.");
    }

    private List<String> inNamespace(LabOptions options) {
        var command = new ArrayList<String>(List.of("ip", "netns", "exec", places.namespace()));
        command.addAll(options.slipway());
        return command;
    }

    /** In a session of its own, so that an interrupt at the terminal does not reach it. */
    private void serve(LabOptions options) {
        var command = new ArrayList<String>(List.of("setsid"));
        command.addAll(inNamespace(options));
        command.add("serve");
        command.addAll(List.of(
                "-f",
                places.clusterFile().toString(),
                "--state",
                places.appliance().toString()));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(places.serveLog().toFile()))
                    .redirectErrorStream(true)
                    .start();
            Files.writeString(places.servePid(), process.pid() + "\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void makePrivate(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void deleteTree(Path directory) {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String tail(Path log) {
        try {
            String text = Files.exists(log) ? Files.readString(log) : "";
            return text.length() <= 3000 ? text : text.substring(text.length() - 3000);
        } catch (IOException failure) {
            return "";
        }
    }

    /** What the network's DHCP server did, for tests and people. */
    public @Nullable String lastLease() {
        var log = network.log();
        return log.stream()
                .filter(line -> line.contains("DHCPACK"))
                .reduce((first, second) -> second)
                .orElse(null);
    }
}
