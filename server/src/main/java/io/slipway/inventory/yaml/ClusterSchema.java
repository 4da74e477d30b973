package io.slipway.inventory.yaml;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.yaml.Key;
import io.slipway.yaml.YamlBinder;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON Schema (draft 2020-12) of {@code cluster.yaml}, from the records that also read it. */
public final class ClusterSchema {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final Map<Class<?>, String> PATTERNS = Map.of(
            io.slipway.inventory.MacAddress.class, "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$",
            io.slipway.inventory.Ipv4Address.class, "^\\d{1,3}(\\.\\d{1,3}){3}$",
            io.slipway.inventory.Ipv4Network.class, "^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$",
            io.slipway.inventory.Ipv4Range.class, "^\\d{1,3}(\\.\\d{1,3}){3} *- *\\d{1,3}(\\.\\d{1,3}){3}$",
            io.slipway.inventory.DataSize.class, "^\\d{1,9}([KMGT](B|iB)?)?$",
            Duration.class, "^\\d{1,6}(ms|s|m|h|d)$");

    private ClusterSchema() {}

    /** Indented JSON that ends with a newline. */
    public static String json() {
        ObjectNode root = record(ClusterYaml.class);
        ObjectNode out = JSON.objectNode();
        out.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        out.put("title", "Slipway cluster.yaml");
        out.setAll(root);
        return out.toPrettyString() + "\n";
    }

    private static ObjectNode record(Class<?> type) {
        ObjectNode out = JSON.objectNode();
        out.put("type", "object");
        ObjectNode properties = out.putObject("properties");
        var required = JSON.arrayNode();
        for (RecordComponent component : type.getRecordComponents()) {
            Key key = YamlBinder.key(component);
            ObjectNode property = JSON.objectNode();
            property.put(
                    "description",
                    key.otherwise().isEmpty() ? key.value() : key.value() + " Default: " + key.otherwise() + ".");
            property.setAll(type(component.getGenericType(), key));
            properties.set(component.getName(), property);
            if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                required.add(component.getName());
            }
        }
        if (!required.isEmpty()) {
            out.set("required", required);
        }
        out.put("additionalProperties", false);
        return out;
    }

    private static ObjectNode type(Type type, Key key) {
        ObjectNode out = JSON.objectNode();
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == java.util.List.class) {
                out.put("type", "array");
                out.set("items", element((Class<?>) arguments[0], key));
                if (key.min() > 0) {
                    out.put("minItems", key.min());
                }
                if (key.max() < Integer.MAX_VALUE) {
                    out.put("maxItems", key.max());
                }
                return out;
            }
            out.put("type", "object");
            if (!key.pattern().isEmpty()) {
                out.putObject("propertyNames").put("pattern", anchored(key.pattern()));
            }
            out.set("additionalProperties", element((Class<?>) arguments[1], null));
            return out;
        }
        out.setAll(element((Class<?>) type, key));
        if (type == Integer.class && key.max() < Integer.MAX_VALUE) {
            out.put("minimum", key.min());
            out.put("maximum", key.max());
        }
        return out;
    }

    private static ObjectNode element(Class<?> type, @Nullable Key key) {
        ObjectNode out = JSON.objectNode();
        String pattern = PATTERNS.get(type);
        if (pattern != null) {
            // Sizes may be plain numbers.
            if (type == io.slipway.inventory.DataSize.class) {
                out.putArray("type").add("string").add("integer");
            } else {
                out.put("type", "string");
            }
            return out.put("pattern", pattern);
        }
        if (type.isRecord()) {
            return record(type);
        }
        if (type == Boolean.class) {
            return out.put("type", "boolean");
        }
        if (type == Integer.class) {
            return out.put("type", "integer");
        }
        if (type.isEnum()) {
            var choices = out.putArray("enum");
            for (Object constant : type.getEnumConstants()) {
                choices.add(YamlBinder.choiceText((Enum<?>) constant));
            }
            return out;
        }
        out.put("type", "string");
        if (key != null && !key.pattern().isEmpty()) {
            out.put("pattern", anchored(key.pattern()));
        }
        return out;
    }

    private static String anchored(String pattern) {
        return "^(" + pattern + ")$";
    }
}
