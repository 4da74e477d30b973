package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.slackbuild.build.BuildPlan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code slipway packages why}. */
@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        description = "Say why a package would be built, and what needs it.",
        footer = {"", "Example: slipway packages why cowsql"})
final class PackagesWhyCommand implements Callable<Integer> {
    @Mixin
    private PlannedPackage asked = new PlannedPackage();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        BuildPlan plan = asked.plan();
        BuildPlan.Item item = asked.item(plan);
        PlannedPackage.Users users = asked.users(item.name());
        if (output.isJson()) {
            ObjectNode node = Json.object()
                    .put("name", item.name())
                    .put("state", item.kept().isPresent() ? "kept" : "build")
                    .put("digest", item.digest().sha256().hex());
            item.reasons().forEach(node.putArray("reasons")::add);
            users.direct().forEach(node.putArray("neededBy")::add);
            users.further().forEach(node.putArray("neededByThese")::add);
            output.print(node + "\n");
            return 0;
        }
        var out = new StringBuilder();
        if (item.kept().isPresent()) {
            out.append(item.name()).append(" is there, as it would be built now.\n");
        } else {
            out.append(item.name()).append(" would be built:\n");
            item.reasons().forEach(reason -> out.append("  ").append(reason).append('\n'));
            // Of what is rebuilt on its way, why.
            plan.toBuild().stream()
                    .filter(other -> !other.name().equals(item.name()))
                    .forEach(other -> out.append("and ")
                            .append(other.name())
                            .append(" before it: ")
                            .append(String.join(", ", other.reasons()))
                            .append('\n'));
        }
        out.append(
                users.direct().isEmpty()
                        ? "Nothing requires it.\n"
                        : "Required by " + String.join(", ", users.direct())
                                + (users.further().isEmpty()
                                        ? ""
                                        : "; these are needed by " + String.join(", ", users.further()))
                                + ".\n");
        output.print(out.toString());
        return 0;
    }
}
