package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.KeptPackage;
import io.slipway.slackbuild.build.PackageContents;
import io.slipway.slackbuild.build.PackageRecord;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code slipway packages show}. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = {
            "Show a SlackBuild, what its package is made of (the text whose SHA-256 it is kept under), and the package",
            "with its contents, if it is there."
        },
        footer = {"", "Example: slipway packages show raft"})
final class PackagesShowCommand implements Callable<Integer> {
    @Mixin
    private PlannedPackage asked = new PlannedPackage();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        BuildPlan.Item item = asked.item(asked.plan());
        Optional<PackageContents> contents = item.kept().map(kept -> PackageContents.read(kept.file(), List.of()));
        output.print(output.isJson() ? json(item, contents) + "\n" : text(item, contents));
        return 0;
    }

    private static ObjectNode json(BuildPlan.Item item, Optional<PackageContents> contents) {
        SlackBuild slackbuild = item.step().slackbuild();
        ObjectNode node = Json.object()
                .put("name", item.name())
                .put("version", slackbuild.version())
                .put("summary", slackbuild.summary())
                .put("directory", slackbuild.files().path())
                .put("digest", item.digest().sha256().hex())
                .put("state", item.kept().isPresent() ? "kept" : "build");
        item.step().after().forEach(node.putArray("needs")::add);
        item.digest().text().lines().forEach(node.putArray("madeOf")::add);
        item.kept().ifPresent(kept -> {
            PackageRecord record = kept.record();
            node.put("package", kept.file().toString())
                    .put("sha256", record.sha256().hex())
                    .put("bytes", record.size())
                    .put("installedBytes", record.installed())
                    .put("built", record.built().toString())
                    .put("log", kept.log().toString());
            record.licences().forEach(node.putArray("licences")::add);
            record.warnings().forEach(node.putArray("warnings")::add);
        });
        contents.ifPresent(found -> found.members().keySet().forEach(node.withArray("contents")::add));
        return node;
    }

    private static String text(BuildPlan.Item item, Optional<PackageContents> contents) {
        SlackBuild slackbuild = item.step().slackbuild();
        var out = new StringBuilder();
        out.append(item.name()).append(' ').append(slackbuild.version());
        out.append(slackbuild.summary().isEmpty() ? "\n" : ": " + slackbuild.summary() + "\n");
        line(out, "directory", slackbuild.files().path());
        line(out, "needs", String.join(" ", item.step().after()));
        line(out, "series", String.join(" ", item.step().series()));
        line(out, "digest", item.digest().sha256().hex());
        item.digest()
                .text()
                .lines()
                .forEach(each -> out.append("  ").append(each).append('\n'));
        if (item.kept().isEmpty()) {
            out.append("It is not built: ")
                    .append(String.join(", ", item.reasons()))
                    .append(".\n");
            return out.toString();
        }
        KeptPackage kept = item.kept().get();
        PackageRecord record = kept.record();
        line(out, "package", kept.file().toString());
        line(out, "size", BuildPlanText.size(kept));
        line(out, "sha256", record.sha256().hex());
        line(out, "built", record.built() + ", in " + BuildPlanText.shown(record.duration()));
        line(out, "log", kept.log().toString());
        line(out, "licences", String.join(", ", record.licences()));
        record.sources().forEach(source -> line(out, "source", source.file() + " " + source.address()));
        record.warnings().forEach(warning -> line(out, "warning", warning));
        contents.ifPresent(found -> found.members()
                .forEach((path, member) -> out.append(String.format(
                        Locale.ROOT,
                        "%s%s %10d  %s%s%n",
                        member.type(),
                        member.mode().letters(),
                        member.size(),
                        path,
                        member.type() == 'l' ? " -> " + member.content() : ""))));
        return out.toString();
    }

    private static void line(StringBuilder out, String what, String value) {
        out.append(String.format(Locale.ROOT, "%-10s %s%n", what + ":", value.isEmpty() ? "-" : value));
    }
}
