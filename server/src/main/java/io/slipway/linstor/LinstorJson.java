package io.slipway.linstor;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * LINSTOR's JSON as our values. Fields that it adds one day are passed over; those that it leaves out (it leaves out
 * what is empty) are empty here too.
 */
final class LinstorJson {
    private static final String DISKLESS = "DISKLESS";

    private LinstorJson() {}

    static LinstorNode node(JsonNode said) {
        var interfaces = new ArrayList<LinstorNode.NetInterface>();
        for (JsonNode each : said.path("net_interfaces")) {
            interfaces.add(new LinstorNode.NetInterface(
                    each.path("name").asText(), each.path("address").asText()));
        }
        return new LinstorNode(
                said.path("name").asText(),
                said.path("type").asText().toUpperCase(Locale.ROOT),
                strings(said.path("props")),
                interfaces,
                said.path("connection_status").asText("UNKNOWN"),
                new HashSet<>(texts(said.path("storage_providers"))),
                lists(said.path("unsupported_providers")),
                new HashSet<>(texts(said.path("resource_layers"))),
                lists(said.path("unsupported_layers")));
    }

    static StoragePool storagePool(JsonNode said) {
        String provider = said.path("provider_kind").asText();
        // A diskless pool reports as much as fits into 63 bits.
        boolean measured = said.path("total_capacity").canConvertToLong()
                && said.path("total_capacity").isIntegralNumber()
                && !provider.equals(DISKLESS);
        return new StoragePool(
                said.path("node_name").asText(),
                said.path("storage_pool_name").asText(),
                provider,
                said.path("props").path("StorDriver/StorPoolName").asText(),
                measured
                        ? new StoragePool.Capacity(
                                said.path("free_capacity").asLong(),
                                said.path("total_capacity").asLong())
                        : null,
                reports(said.path("reports")));
    }

    static ResourceGroup resourceGroup(JsonNode said) {
        JsonNode filter = said.path("select_filter");
        List<String> pools = texts(filter.path("storage_pool_list"));
        if (pools.isEmpty() && filter.hasNonNull("storage_pool")) {
            pools = List.of(filter.path("storage_pool").asText());
        }
        return new ResourceGroup(
                said.path("name").asText(),
                filter.path("place_count").asInt(0),
                pools,
                texts(filter.path("layer_stack")));
    }

    /** The entries of an answer; LINSTOR's description has a single one in places where it sends a list of one. */
    static List<Report> reports(JsonNode said) {
        var out = new ArrayList<Report>();
        if (said.isObject() && said.has("ret_code")) {
            out.add(report(said));
        }
        if (said.isArray()) {
            for (JsonNode each : said) {
                out.add(report(each));
            }
        }
        return out;
    }

    private static Report report(JsonNode said) {
        JsonNode code = said.path("ret_code");
        if (!code.isIntegralNumber() || !code.canConvertToLong()) {
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            "An answer has no ret_code, so it is not LINSTOR's.",
                            "Look what listens on port 3370 of the controller's node.")
                    .withDetails(shortened(said.toString()))
                    .asException();
        }
        return new Report(
                new ReturnCode(code.longValue()),
                said.path("message").asText().strip(),
                said.path("cause").asText().strip(),
                said.path("correction").asText().strip(),
                said.path("details").asText().strip(),
                texts(said.path("error_report_ids")));
    }

    static Problem problem(String failure, Report report, int status) {
        var details = new StringBuilder(shortened(report.details()));
        for (String id : report.errorReports()) {
            details.append(details.isEmpty() ? "" : "\n")
                    .append("LINSTOR wrote a report: /var/log/linstor/ErrorReport-")
                    .append(id)
                    .append(".log on the controller's node.");
        }
        String said = report.message().isEmpty()
                ? "LINSTOR says nothing but case " + report.code().number() + " (status " + status + ")."
                : report.message();
        return new Problem(
                kind(report.code(), status),
                failure + ": " + said,
                report.cause(),
                report.correction(),
                details.toString());
    }

    /** By the hundreds of LINSTOR's cases. */
    private static ProblemKind kind(ReturnCode code, int status) {
        if (code.is(ReturnCode.Case.NOT_CONNECTED)) {
            return ProblemKind.UNREACHABLE;
        }
        if (status == 404) {
            return ProblemKind.NOT_FOUND;
        }
        return switch (code.number() / 100) {
            case 2 -> ProblemKind.INVALID_INPUT;
            case 3 -> ProblemKind.NOT_FOUND;
            case 5 -> ProblemKind.CONFLICT;
            default -> ProblemKind.ENVIRONMENT;
        };
    }

    static Map<String, String> strings(JsonNode said) {
        var out = new TreeMap<String, String>();
        said.properties()
                .forEach(field -> out.put(field.getKey(), field.getValue().asText()));
        return out;
    }

    private static Map<String, List<String>> lists(JsonNode said) {
        var out = new TreeMap<String, List<String>>();
        said.properties().forEach(field -> out.put(field.getKey(), texts(field.getValue())));
        return out;
    }

    private static List<String> texts(JsonNode said) {
        var out = new ArrayList<String>();
        for (JsonNode each : said) {
            out.add(each.asText());
        }
        return List.copyOf(out);
    }

    private static String shortened(String text) {
        int longest = 4_000;
        return text.length() <= longest ? text : text.substring(0, longest) + "…";
    }
}
