package io.slipway.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.mirror.Snapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists snapshots. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the snapshots that there are.",
        footer = {"", "Example: slipway mirror list --json"})
final class MirrorListCommand implements Callable<Integer> {
    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = output.out();
        List<Snapshot> snapshots = Snapshot.list(state.directory());
        if (output.isJson()) {
            out.println(new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(
                            snapshots.stream().map(MirrorListCommand::fields).toList()));
            return 0;
        }
        if (snapshots.isEmpty()) {
            out.println("There are no snapshots. Take one with \"slipway mirror sync\".");
            return 0;
        }
        out.printf(Locale.ROOT, "%-24s %8s %8s  %-10s %s%n", "NAME", "PACKAGES", "MIB", "VERIFIED", "MIRROR");
        for (Snapshot snapshot : snapshots) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %8d %8d  %-10s %s%n",
                    snapshot.name(),
                    snapshot.packages().size(),
                    snapshot.size() >> 20,
                    snapshot.verify().name().toLowerCase(Locale.ROOT),
                    snapshot.mirror());
        }
        return 0;
    }

    private static Map<String, Object> fields(Snapshot snapshot) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("name", snapshot.name());
        fields.put("mirror", snapshot.mirror());
        fields.put("verify", snapshot.verify().name().toLowerCase(Locale.ROOT));
        fields.put("packages", snapshot.packages().size());
        fields.put("files", snapshot.files().size());
        fields.put("bytes", snapshot.size());
        fields.put("kernel", snapshot.kernel());
        fields.put("initrd", snapshot.initrd());
        fields.put("sha256", snapshot.getFile(Snapshot.CHECKSUMS).sha256().hex());
        return fields;
    }
}
