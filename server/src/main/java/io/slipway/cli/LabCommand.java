package io.slipway.cli;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Serve;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.lab.Firmware;
import io.slipway.lab.Lab;
import io.slipway.lab.LabOptions;
import io.slipway.lab.Tools;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code slipway lab}. */
@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        description = "A cluster of virtual machines on this computer.",
        footer = {"", "Example: slipway lab up --yes"})
final class LabCommand implements Runnable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final int ESCAPE = 0x1d;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The lab's directory (default: ~/.local/state/slipway-lab).")
    private @Nullable Path state;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Name what to do: up, down, status, console, ssh, power or run.");
    }

    private Lab lab() {
        return state == null ? usual() : new Lab(new LocalCommandRunner(), state);
    }

    private static Lab usual() {
        return new Lab(new LocalCommandRunner(), home().resolve(".local/state/slipway-lab"));
    }

    /** How another command of slipway is run against the appliance of the lab in the usual place. */
    static List<String> against(List<String> words) {
        return against(usual(), words);
    }

    private static Path home() {
        return Path.of(System.getProperty("user.home"));
    }

    /** The lab's own file: what it was started with, as far as the machines are concerned. */
    private static Cluster cluster(Lab lab) {
        return ClusterYamlReader.read(lab.places().clusterFile());
    }

    private void say(String line) {
        var out = spec.commandLine().getOut();
        out.println(LocalTime.now(java.time.ZoneId.systemDefault()).format(TIME) + " " + line);
        out.flush();
    }

    @Command(
            name = "up",
            mixinStandardHelpOptions = true,
            description = {
                "Builds, boots, installs and forms the cluster; ends when it is proven to work.",
                "Repeated, it continues: what runs is left alone, what has ended is started again."
            },
            footer = {"", "Example: slipway lab up --firmware uefi -f my-cluster.yaml"})
    int up(
            @Option(
                            names = {"-f", "--file"},
                            paramLabel = "FILE",
                            description = "The cluster's file (default: the lab example).")
                    @Nullable
                    Path file,
            @Option(
                            names = "--firmware",
                            defaultValue = "bios",
                            description = "bios, uefi, or mixed: by turns (default: bios).")
                    Firmware firmware,
            @Option(names = "--nodes", defaultValue = "99", description = "Boot only the first N nodes.") int nodes,
            @Option(
                            names = "--tree",
                            paramLabel = "DIR",
                            description = "A Slackware tree instead of the one made here.")
                    @Nullable
                    Path tree,
            @Option(
                            names = "--suite",
                            defaultValue = "trixie",
                            description = "The Debian suite that the tree is made of (default: trixie).")
                    String suite,
            @Option(
                            names = "--memory",
                            paramLabel = "MIB",
                            defaultValue = "2048",
                            description = "Memory of each machine in MiB (default: 2048).")
                    int memory,
            @Option(
                            names = "--dhcp",
                            defaultValue = "proxy",
                            description =
                                    "Who gives addresses: the lab's DHCP server (proxy) or the appliance (server).")
                    Serve.DhcpMode dhcp,
            @Mixin LockOption lock,
            @Option(
                            names = "--timeout",
                            paramLabel = "MINUTES",
                            defaultValue = "40",
                            description = "How long to wait for all nodes (default: 40).")
                    int minutes,
            @Option(names = "--no-form", description = "End when all nodes are ready, and form nothing.")
                    boolean noForm,
            @Option(names = "--yes", description = "Ask nothing; install missing programs too.") boolean yes)
            throws InterruptedException, IOException {
        if (nodes < 1 || memory < 512 || minutes < 1) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "--nodes and --timeout are at least 1, --memory at least 512.",
                            "Correct the option.")
                    .asException();
        }
        Path root = Installation.root();
        Path chosen = file == null ? root.resolve("server/examples/lab.yaml") : file;
        Cluster cluster = ClusterYamlReader.read(chosen);
        if (!yes && Terminal.isInput() && !confirmed(cluster, nodes)) {
            return 0;
        }
        if (yes) {
            DoctorCommand.install(Tools.missing(true), this::say);
        }
        var lab = lab();
        var options = new LabOptions(
                chosen.toAbsolutePath(),
                tree == null ? null : tree.toAbsolutePath(),
                root,
                home().resolve(".cache/slipway-lab"),
                suite,
                firmware,
                nodes,
                memory,
                dhcp,
                lock.file(),
                thisProgram(root));
        lab.up(cluster, options, this::say);
        lab.awaitReady(Duration.ofMinutes(minutes), this::say);
        String first = cluster.nodes().get(0).name();
        if (noForm || nodes < cluster.nodes().size()) {
            say("all nodes are ready; try: slipway lab ssh " + first);
            return 0;
        }
        say("all nodes are ready; forming the cluster");
        int status = runAgainst(lab, List.of("form"));
        say(
                status == 0
                        ? "the cluster stands; try: slipway lab ssh " + first + " sudo incus cluster list"
                        : "the cluster is not formed; \"slipway lab up\" with the same options continues");
        return status;
    }

    private boolean confirmed(Cluster cluster, int nodes) {
        int count = Math.min(nodes, cluster.nodes().size());
        var out = spec.commandLine().getOut();
        out.printf("Start %d virtual machines on this computer? [y/N] ", count);
        out.flush();
        var answer = new java.util.Scanner(System.in, java.nio.charset.StandardCharsets.UTF_8);
        return answer.hasNextLine() && answer.nextLine().strip().equalsIgnoreCase("y");
    }

    private static List<String> thisProgram(Path root) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dslipway.root=" + root,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
    }

    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description = "Ends the lab and removes all that it made.",
            footer = {"", "Example: slipway lab down"})
    int down() throws InterruptedException {
        lab().down();
        return 0;
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Shows the machines and what the appliance says of them.",
            footer = {"", "Example: slipway lab status"})
    int status() throws InterruptedException {
        var out = spec.commandLine().getOut();
        lab().status().forEach(out::println);
        out.flush();
        return 0;
    }

    @Command(
            name = "power",
            mixinStandardHelpOptions = true,
            description = "Switches a machine on or off, or resets it.",
            footer = {"", "Example: slipway lab power node2 reset"})
    int power(@Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "on|off|reset") Lab.Power what)
            throws InterruptedException {
        var lab = lab();
        lab.power(cluster(lab), node, what);
        return 0;
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = "Runs another command of slipway against the lab's appliance.",
            footer = {"", "Example: slipway lab run node show node1"})
    int run(@Parameters(arity = "1..*", paramLabel = "WORD") List<String> words)
            throws InterruptedException, IOException {
        return runAgainst(lab(), words);
    }

    /** The lab's file is meant where a command takes one and none was named. */
    private static int runAgainst(Lab lab, List<String> words) throws InterruptedException, IOException {
        return new ProcessBuilder(against(lab, words)).inheritIO().start().waitFor();
    }

    private static List<String> against(Lab lab, List<String> words) {
        var all = new ArrayList<>(words);
        var command = Main.commandLine().getSubcommands().get(words.get(0));
        boolean takesFile = command != null && command.getCommandSpec().findOption("-f") != null;
        if (takesFile && !words.contains("-f") && !words.contains("--file")) {
            all.addAll(List.of("-f", lab.places().clusterFile().toString()));
        }
        return lab.run(thisProgram(Installation.root()), all);
    }

    @Command(
            name = "ssh",
            mixinStandardHelpOptions = true,
            description = "Logs in to a node, or runs a command there.",
            footer = {"", "Example: slipway lab ssh node1 uname -a"})
    int ssh(
            @Parameters(index = "0", paramLabel = "NODE") String node,
            @Parameters(index = "1..*", arity = "0..*", paramLabel = "COMMAND") @Nullable List<String> command)
            throws InterruptedException, IOException {
        var lab = lab();
        return new ProcessBuilder(lab.ssh(cluster(lab), node, command == null ? List.of() : command))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Command(
            name = "console",
            mixinStandardHelpOptions = true,
            description = "Attaches to a machine's first serial port; Ctrl-] leaves.",
            footer = {"", "Example: slipway lab console node1"})
    int console(@Parameters(paramLabel = "NODE") String node) throws InterruptedException, IOException {
        var lab = lab();
        boolean terminal = Terminal.isInput();
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            attach(channel, lab.places().serialSocket(node), node);
            if (terminal) {
                stty("raw", "-echo");
            }
            var output = new Thread(() -> copy(Channels.newInputStream(channel), System.out), "console-output");
            output.setDaemon(true);
            output.start();
            OutputStream toMachine = Channels.newOutputStream(channel);
            for (int key = System.in.read(); key >= 0 && key != ESCAPE; key = System.in.read()) {
                toMachine.write(key);
                toMachine.flush();
            }
        } finally {
            if (terminal) {
                stty("sane");
            }
        }
        return 0;
    }

    /** A machine that has ended leaves its socket behind. */
    private static void attach(SocketChannel channel, Path socket, String node) {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException off) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.NOT_FOUND,
                            "The lab has no machine \"" + node + "\" that is on.",
                            "See \"slipway lab status\"."),
                    off);
        }
    }

    private static void copy(InputStream from, OutputStream to) {
        var buffer = new byte[4096];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
            }
        } catch (IOException closed) {
            // The machine was switched off, or the person has left.
        }
    }

    private static void stty(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<String>(List.of("stty"));
        command.addAll(List.of(words));
        new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
