package io.slipway.cli;

import io.slipway.app.Appliance;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code slipway serve}. */
@Command(
        name = "serve",
        description = "Boots nodes, serves images to them and hears back from them, until it is stopped.",
        footer = {"", "Example: slipway serve -f cluster.yaml --arm all"})
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private ClusterOption file = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Option(
            names = "--arm",
            paramLabel = "all|NODE",
            split = ",",
            description = "Allow these nodes one installation each. What is installed already is never armed by this.")
    private List<String> arm = List.of();

    @Option(names = "--yes", description = "Do not ask before arming.")
    private boolean yes;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            defaultValue = "slipway",
            description =
                    "When started as root, run as this user if it exists; only the right to bind low ports is kept"
                            + " (default: ${DEFAULT-VALUE}).")
    private String user = "slipway";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Cluster cluster = file.read();
        List<String> wanted = nodesToArm(cluster);
        if (!wanted.isEmpty() && !yes) {
            confirm(out, wanted);
        }
        var dropped = DroppedPrivileges.of(user);
        if (dropped.isPresent()) {
            out.println("Running as user " + user + " with the right to bind low ports and no other.");
            out.flush();
            return dropped.get()
                    .run(state.directory(), spec.commandLine().getParent().getParseResult());
        }
        var stopped = new CountDownLatch(1);
        var finished = new CountDownLatch(1);
        Appliance appliance = Appliance.start(cluster, state.directory());
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stopped.countDown();
                            try {
                                finished.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "slipway-stop"));
        try {
            appliance.warnings().forEach(warning -> out.println("Note: " + warning));
            out.println("Cluster " + cluster.identity().name() + ", listening:");
            appliance.listening().forEach(line -> out.println("  " + line));
            armAll(appliance, wanted, out);
            out.println("Watch: slipway status --watch --state " + state.directory());
            out.flush();
            stopped.await();
        } finally {
            appliance.close();
            finished.countDown();
        }
        return 0;
    }

    private List<String> nodesToArm(Cluster cluster) {
        if (arm.contains("all")) {
            return cluster.nodes().stream().map(Node::name).toList();
        }
        arm.forEach(cluster::getNode);
        return List.copyOf(arm);
    }

    private static void confirm(PrintWriter out, List<String> wanted) {
        out.println("The system disks of " + String.join(", ", wanted)
                + " will be ERASED when they boot from the network.");
        out.print("Type yes to go on: ");
        out.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
            if (answer == null || !answer.strip().equals("yes")) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "Nothing was armed and nothing was started.",
                                "Answer yes, or give --yes, or leave --arm away.")
                        .asException();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** After a restart some nodes are installed already: those are left alone, and said. */
    private static void armAll(Appliance appliance, List<String> wanted, PrintWriter out) {
        for (String node : wanted) {
            try {
                appliance.arm(node);
                out.println("Armed: " + node);
            } catch (ProblemException e) {
                out.println("Not armed: " + node + ". " + e.problems().get(0).summary());
            }
        }
    }
}
