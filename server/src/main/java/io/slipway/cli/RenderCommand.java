package io.slipway.cli;

import io.slipway.authority.ApplianceSshKey;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.plan.NodeFile;
import io.slipway.plan.NodeFiles;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.template.TemplateTree;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "render",
        mixinStandardHelpOptions = true,
        description = "Show what a node gets: the list of its rendered files, or one of them.",
        footer = {"", "Example: slipway render node1 /etc/rc.d/rc.inet1.conf"})
final class RenderCommand implements Runnable {
    @Mixin
    private ClusterOption cluster = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private TreeOptions trees = new TreeOptions();

    @Parameters(index = "0", paramLabel = "NODE", description = "The node's name.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String node;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "A file, such as /etc/hosts.")
    private @Nullable String path;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        Cluster read = cluster.read();
        Node wanted = read.getNode(node);
        var rendering = new NodeFiles(read, new TemplateTree(trees.templates()), key(read));
        List<NodeFile> files = Stream.concat(
                        rendering.files(wanted).stream(),
                        rendering.instructions(wanted).stream()
                                .map(file -> new NodeFile("installer:" + file.path(), file.mode(), file.text())))
                .toList();
        var out = spec.commandLine().getOut();
        String asked = path;
        if (asked == null) {
            files.forEach(file ->
                    out.printf("%04o %s%n", file.mode(), file.path().contains(":") ? file.path() : "/" + file.path()));
            return;
        }
        String plain = asked.startsWith("/") ? asked.substring(1) : asked;
        NodeFile found = files.stream()
                .filter(file -> file.path().equals(plain))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                                ProblemKind.NOT_FOUND,
                                "Node " + node + " gets no rendered file " + asked + ".",
                                "It gets: " + files.stream().map(NodeFile::path).collect(Collectors.joining(", ")))
                        .asException());
        out.print(found.text());
        out.flush();
    }

    /** The appliance's key where there is one; looking at what would be rendered makes none. */
    private String key(Cluster read) {
        return Files.exists(state.directory().resolve("authority/ssh_ed25519"))
                ? ApplianceSshKey.open(
                                state.directory(), "slipway@" + read.identity().name())
                        .publicLine()
                : "# the appliance's key, made by the first slipway image build";
    }
}
