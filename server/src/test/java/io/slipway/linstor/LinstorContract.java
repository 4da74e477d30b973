package io.slipway.linstor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.oas.OpenApi30;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * LINSTOR's own OpenAPI document as the judge of what is asked and what is answered.
 *
 * <p>The document is LINBIT's, under the GPL, and no part of this repository. Whoever has it says where it is with the
 * system property {@code slipway.linstor.openapi} or the environment variable {@code SLIPWAY_LINSTOR_OPENAPI}.
 */
final class LinstorContract {
    private static final String PROPERTY = "slipway.linstor.openapi";
    private static final String VARIABLE = "SLIPWAY_LINSTOR_OPENAPI";
    private static final String ERRORS = "#/components/schemas/ApiCallRcList";
    private static final Optional<LinstorContract> AT_HAND = find();

    private final JsonNode document;
    private final Judge ofRequests;
    private final Judge ofAnswers;

    private LinstorContract(Path file) throws IOException {
        document = new YAMLMapper().readTree(Files.readString(file));
        ObjectNode strict = document.deepCopy();
        close(strict.at("/components/schemas"));
        ofRequests = new Judge("urn:linstor:requests", strict);
        ofAnswers = new Judge("urn:linstor:answers", withWhatTheControllerReallySays(strict));
    }

    /** The document, or nothing after a loud line that it is not here. */
    static Optional<LinstorContract> atHand() {
        return AT_HAND;
    }

    private static Optional<LinstorContract> find() {
        String file = System.getProperty(PROPERTY, System.getenv(VARIABLE));
        if (file == null || file.isBlank()) {
            System.err.println(
                    "NOT CHECKED: requests to LINSTOR and answers of the one in the tests, against LINSTOR's own"
                            + " OpenAPI document. Name it with " + VARIABLE + "=/path/to/rest_v1_openapi.yaml.");
            return Optional.empty();
        }
        try {
            return Optional.of(new LinstorContract(Path.of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Judge {
        private final String name;
        private final JsonSchemaFactory factory;
        private final Map<String, JsonSchema> schemas = new ConcurrentHashMap<>();

        Judge(String name, JsonNode document) {
            this.name = name;
            this.factory = JsonSchemaFactory.getInstance(
                    SpecVersion.VersionFlag.V4,
                    builder -> builder.metaSchema(OpenApi30.getInstance())
                            .defaultMetaSchemaIri(OpenApi30.getInstance().getIri())
                            .schemaLoaders(loaders -> loaders.schemas(Map.of(name, document.toString()))));
        }

        List<String> findings(String pointer, JsonNode value) {
            return schemas
                    .computeIfAbsent(pointer, each -> factory.getSchema(SchemaLocation.of(name + each)))
                    .validate(value)
                    .stream()
                    .map(ValidationMessage::getMessage)
                    .toList();
        }
    }

    /** LINSTOR refuses fields that it does not know, so its objects are closed, though the document leaves them open. */
    private static void close(JsonNode schemas) {
        for (JsonNode schema : schemas) {
            if (schema.has("properties") && !schema.has("additionalProperties")) {
                ((ObjectNode) schema).put("additionalProperties", false);
            }
        }
    }

    /** Seen from controller 1.33.3, against its own document of version 1.27.0. */
    private static ObjectNode withWhatTheControllerReallySays(ObjectNode strict) {
        ObjectNode out = strict.deepCopy();
        add(out, "/components/schemas/Node/properties/type/enum", "SATELLITE", "COMBINED", "CONTROLLER", "AUXILIARY");
        add(out, "/components/schemas/Node/properties/connection_status/enum", "DUPLICATE_UNAME");
        add(out, "/components/schemas/ProviderKind/enum", "REMOTE_SPDK");
        // An offline satellite's devices are refused with a number and nothing else.
        ArrayNode required = (ArrayNode) out.at("/components/schemas/ApiCallRc/required");
        required.removeAll().add("ret_code");
        return out;
    }

    private static void add(ObjectNode document, String pointer, String... values) {
        ArrayNode list = (ArrayNode) document.at(pointer);
        for (String value : values) {
            list.add(value);
        }
    }

    /**
     * What is wrong with a request.
     *
     * @param target path and query
     * @param body null where there is none
     */
    List<String> request(String method, String target, @Nullable JsonNode body) {
        var findings = new ArrayList<String>();
        URI uri = URI.create(target);
        Optional<String> template = template(uri.getRawPath());
        JsonNode operation = template.map(path -> operation(path, method)).orElse(null);
        if (operation == null || operation.isMissingNode()) {
            return List.of("there is no " + method + " " + target);
        }
        Set<String> known = queryNames(operation);
        for (String name : queryNames(uri)) {
            if (!known.contains(name)) {
                findings.add(method + " " + target + " has a query \"" + name + '"');
            }
        }
        JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
        if (schema.isMissingNode() != (body == null)) {
            findings.add(method + " " + target + (body == null ? " needs a body" : " takes no body"));
        } else if (body != null) {
            String pointer = pointer(template.get(), method) + "/requestBody/content/application~1json/schema";
            ofRequests
                    .findings(pointer, body)
                    .forEach(each -> findings.add(method + " " + target + " " + body + ": " + each));
        }
        return findings;
    }

    /**
     * What is wrong with an answer. Every error is a list of entries, though the document has a single one in places
     * and names no errors at all in others.
     */
    List<String> answer(String method, String target, int status, JsonNode body) {
        String pointer = ERRORS;
        if (status < 400) {
            String template = template(URI.create(target).getRawPath()).orElseThrow();
            String content = "/responses/" + status + "/content/application~1json/schema";
            if (operation(template, method).at(content).isMissingNode()) {
                return List.of(method + " " + target + " is never answered with " + status);
            }
            pointer = pointer(template, method) + content;
        }
        return ofAnswers.findings(pointer, body).stream()
                .map(each -> method + " " + target + " answered with " + status + " " + body + ": " + each)
                .toList();
    }

    private JsonNode operation(String template, String method) {
        return document.path("paths").path(template).path(method.toLowerCase(Locale.ROOT));
    }

    private static String pointer(String template, String method) {
        return "#/paths/"
                + template.replace("~", "~0")
                        .replace("/", "~1")
                        .replace("{", "%7B")
                        .replace("}", "%7D")
                + "/"
                + method.toLowerCase(Locale.ROOT);
    }

    /** The path of the document that a path is an instance of; one without a placeholder where there is one goes first. */
    private Optional<String> template(String path) {
        String[] segments = path.split("/", -1);
        Iterator<String> names = document.path("paths").fieldNames();
        return Stream.iterate(names, Iterator::hasNext, each -> each)
                .map(Iterator::next)
                .filter(name -> matches(name.split("/", -1), segments))
                .min(Comparator.comparingLong(
                        name -> name.chars().filter(c -> c == '{').count()));
    }

    private static boolean matches(String[] template, String[] segments) {
        if (template.length != segments.length) {
            return false;
        }
        for (int i = 0; i < segments.length; i++) {
            if (!template[i].startsWith("{") && !template[i].equals(segments[i])) {
                return false;
            }
        }
        return true;
    }

    private Set<String> queryNames(JsonNode operation) {
        var out = new HashSet<String>();
        for (JsonNode each : operation.path("parameters")) {
            JsonNode parameter =
                    each.has("$ref") ? document.at(each.path("$ref").asText().substring(1)) : each;
            if (parameter.path("in").asText().equals("query")) {
                out.add(parameter.path("name").asText());
            }
        }
        return out;
    }

    static List<String> queryNames(URI uri) {
        return uri.getRawQuery() == null
                ? List.of()
                : Arrays.stream(uri.getRawQuery().split("&"))
                        .map(each -> URLDecoder.decode(each.split("=", 2)[0], StandardCharsets.UTF_8))
                        .toList();
    }
}
