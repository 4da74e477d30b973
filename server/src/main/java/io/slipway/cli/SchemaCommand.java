package io.slipway.cli;

import io.slipway.inventory.yaml.ClusterSchema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = "Print the JSON Schema of cluster.yaml, for editors that complete and check.",
        footer = {"", "Example: slipway schema > cluster.schema.json"})
final class SchemaCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        var out = spec.commandLine().getOut();
        out.print(ClusterSchema.json());
        out.flush();
    }
}
