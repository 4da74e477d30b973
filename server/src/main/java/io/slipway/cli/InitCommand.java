package io.slipway.cli;

import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.template.TemplateTree;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Write a commented cluster.yaml from a few answers or options.",
        footer = {
            "",
            "On a terminal it asks for what no option says.",
            "",
            "Example: slipway init --name shelf --subnet 192.168.1.0/24 --serve 192.168.1.5 \\",
            "           --node node1=52:54:00:00:00:01 --node node2=52:54:00:00:00:02 --node node3=52:54:00:00:00:03"
        })
final class InitCommand implements Runnable {
    @Option(names = "--name", description = "The cluster's name.")
    private @Nullable String name;

    @Option(names = "--subnet", description = "The nodes' network, such as 192.168.1.0/24.")
    private @Nullable String subnet;

    @Option(names = "--serve", paramLabel = "ADDRESS", description = "This machine's address in it.")
    private @Nullable String serve;

    @Option(names = "--gateway", paramLabel = "ADDRESS", description = "The network's gateway.")
    private @Nullable String gateway;

    @Option(names = "--ntp", paramLabel = "HOST", description = "Time server (default: the gateway or pool.ntp.org).")
    private List<String> ntp = List.of();

    @Option(
            names = "--node",
            paramLabel = "NAME=MAC[,ADDRESS]",
            description = "A node; addresses count up from the subnet's .11 where none is given.")
    private List<String> nodes = List.of();

    @Option(names = "--mirror", description = "Where Slackware comes from: a directory or an address.")
    private @Nullable String mirror;

    @Option(names = "--key", paramLabel = "LINE", description = "An SSH public key of the administrator.")
    private List<String> keys = List.of();

    @Option(
            names = "--dhcp",
            paramLabel = "MODE",
            defaultValue = "proxy",
            description = "proxy, server or off (default: proxy).")
    private String dhcp = "proxy";

    @Option(names = "--pool", paramLabel = "RANGE", description = "DHCP pool for unknown machines (mode server).")
    private @Nullable String pool;

    @Option(names = "--uplink", paramLabel = "RANGE", description = "Addresses for OVN's routers.")
    private @Nullable String uplink;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "cluster.yaml",
            description = "The file to write (default: cluster.yaml).")
    private Path output = Path.of("cluster.yaml");

    @Option(names = "--force", description = "Replace a file that exists.")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** A node of the new file. Public, since templates read it. */
    public record NewNode(String name, String mac, String address) {}

    @Override
    public void run() {
        if (!force && Files.exists(output)) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            output + " exists already.",
                            "Write another file with -o FILE, or replace it with --force.")
                    .asException();
        }
        String text = text();
        try {
            ClusterYamlReader.read(text, output.toString(), Path.of("").toAbsolutePath());
        } catch (ProblemException e) {
            var all = new ArrayList<Problem>();
            all.add(Problem.of(
                    ProblemKind.INVALID_INPUT, "The answers do not make a cluster; nothing was written.", ""));
            all.addAll(e.problems());
            throw new ProblemException(all);
        }
        try {
            Files.writeString(
                    output,
                    text,
                    StandardOpenOption.WRITE,
                    force ? StandardOpenOption.CREATE : StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    "Cannot write " + output + ".",
                                    "Check the directory's permissions, or name another file with -o.")
                            .because(String.valueOf(e.getMessage())),
                    e);
        }
        spec.commandLine()
                .getOut()
                .printf(
                        "Wrote %s. Next: look through it, then slipway check -f %s, then slipway mirror sync -f %s.%n",
                        output, output, output);
    }

    private String text() {
        Console console = Terminal.isInput() ? System.console() : null;
        String named = answer(console, "Name of the cluster", name, "cluster", "--name");
        Ipv4Network network = value(
                "--subnet",
                answer(console, "Subnet of the nodes", subnet, "192.168.1.0/24", "--subnet"),
                Ipv4Network::parse);
        String address = answer(
                console,
                "This machine's address in it",
                serve,
                network.base().plus(5).toString(),
                "--serve");
        var list = new ArrayList<NewNode>();
        for (String node : given(console)) {
            list.add(node(node, network, list.size()));
        }
        var model = new HashMap<String, Object>(Map.of(
                "name", named,
                "subnet", network.toString(),
                "serve", address,
                "nodes", list,
                "keys", keys,
                "dhcp", dhcp,
                "mirror", answer(console, "Slackware mirror", mirror, "/srv/mirror/slackware64-current", "--mirror"),
                "ntp", !ntp.isEmpty() ? ntp : gateway != null ? List.of(gateway) : List.of("pool.ntp.org")));
        put(model, "gateway", gateway);
        put(model, "pool", pool);
        put(model, "uplink", gateway == null ? null : uplink);
        return new TemplateTree(Installation.templates())
                .render("init/cluster.yaml", model)
                .text();
    }

    private static void put(Map<String, Object> model, String key, @Nullable Object value) {
        if (value != null) {
            model.put(key, value);
        }
    }

    private List<String> given(@Nullable Console console) {
        if (!nodes.isEmpty()) {
            return nodes;
        }
        if (console == null) {
            throw missing("--node");
        }
        var out = new ArrayList<String>();
        while (true) {
            String mac = console.readLine("MAC address of node%d (empty: no more): ", out.size() + 1);
            if (mac == null || mac.isBlank()) {
                return out;
            }
            out.add("node" + (out.size() + 1) + '=' + mac.strip());
        }
    }

    private static NewNode node(String text, Ipv4Network network, int index) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "--node \"" + text + "\" is not NAME=MAC[,ADDRESS].",
                            "For example: --node node1=52:54:00:00:00:01")
                    .asException();
        }
        String[] parts = text.substring(equals + 1).split(",", 2);
        MacAddress mac = value("--node", parts[0], MacAddress::parse);
        Ipv4Address address = parts.length > 1
                ? value("--node", parts[1], Ipv4Address::parse)
                : network.base().plus(11 + index);
        return new NewNode(text.substring(0, equals), mac.text(), address.toString());
    }

    private static <T> T value(String option, String text, java.util.function.Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    Problem.of(ProblemKind.INVALID_INPUT, option + ": " + e.getMessage() + ".", "Correct the option."),
                    e);
        }
    }

    private static String answer(
            @Nullable Console console, String question, @Nullable String given, String otherwise, String option) {
        if (given != null) {
            return given;
        }
        if (console == null) {
            throw missing(option);
        }
        String answer = console.readLine("%s [%s]: ", question, otherwise);
        return answer == null || answer.isBlank() ? otherwise : answer.strip();
    }

    private static ProblemException missing(String option) {
        return Problem.of(
                        ProblemKind.INVALID_INPUT,
                        option + " is not given, and there is no terminal to ask on.",
                        "Add it; slipway init --help has an example.")
                .asException();
    }
}
