package io.slipway.inventory.yaml;

import io.slipway.inventory.DataSize;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.MacAddress;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Binds a tree of YAML nodes to records, noting where each path stands and everything that does not fit. */
final class YamlBinder {
    /** Texts that are read by a value's own parser, with the words for what is expected. */
    static final Map<Class<?>, Scalar> SCALARS = Map.of(
            MacAddress.class, new Scalar(MacAddress::parse, "a MAC address such as 52:54:00:12:34:56"),
            Ipv4Address.class, new Scalar(Ipv4Address::parse, "an IPv4 address such as 192.0.2.1"),
            Ipv4Network.class, new Scalar(Ipv4Network::parse, "a subnet such as 192.0.2.0/24"),
            Ipv4Range.class, new Scalar(Ipv4Range::parse, "a range such as 192.0.2.10-192.0.2.20"),
            DataSize.class, new Scalar(DataSize::parse, "a size such as 512M, 40G or 1TB"),
            Duration.class, new Scalar(YamlBinder::duration, "a time such as 90s, 15m or 2h"));

    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h|d)");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f\\u0080-\\u009f\\u2028\\u2029]");

    private final Findings findings;

    YamlBinder(Findings findings) {
        this.findings = findings;
    }

    record Scalar(Function<String, Object> parse, String words) {}

    private static Duration duration(String text) {
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("not a time such as 90s, 15m or 2h: \"" + text + '"');
        }
        long n = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    /** The value, or null where a finding says why there is none. */
    <T extends Record> @Nullable T bind(Node node, Class<T> type) {
        return type.cast(record(node, type, ""));
    }

    private @Nullable Object value(Node node, Type type, @Nullable Key key, String path) {
        findings.stands(path, node.getStartMark());
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? list(node, arguments[0], key, path)
                    : map(node, arguments[1], key, path);
        }
        var plain = (Class<?>) type;
        if (plain.isRecord() && !SCALARS.containsKey(plain)) {
            return record(node, plain, path);
        }
        if (!(node instanceof ScalarNode scalar)) {
            findings.add(
                    path, "is " + kind(node) + " where " + words(plain) + " belongs", "Write " + words(plain) + ".");
            return null;
        }
        return scalar(scalar, plain, key, path);
    }

    private @Nullable Object scalar(ScalarNode node, Class<?> type, @Nullable Key key, String path) {
        String text = node.getValue();
        Tag tag = node.getTag();
        if (tag.equals(Tag.NULL)) {
            findings.add(path, "has no value", "Write " + words(type) + ", or remove the key.");
            return null;
        }
        if (!tag.startsWith(Tag.PREFIX)) {
            findings.add(path, "carries the tag " + shown(tag.getValue()), "Remove the tag; plain values are enough.");
            return null;
        }
        if (CONTROL.matcher(text).find()) {
            findings.add(path, "contains a control character", "Write it on one line, without control characters.");
            return null;
        }
        if (type == Boolean.class) {
            if (tag.equals(Tag.BOOL)) {
                return List.of("true", "yes", "on").contains(text.toLowerCase(Locale.ROOT));
            }
            findings.add(path, "is " + shown(text) + ", not true or false", "Write true or false.");
            return null;
        }
        if (type == Integer.class) {
            return integer(text, key, path);
        }
        if (type.isEnum()) {
            return choice(text, type, path);
        }
        Scalar parser = SCALARS.get(type);
        if (parser != null) {
            try {
                return parser.parse.apply(text);
            } catch (IllegalArgumentException | ArithmeticException e) {
                findings.add(path, "is " + shown(text) + ": " + e.getMessage(), "Write " + parser.words + ".");
                return null;
            }
        }
        if (key != null && !key.pattern().isEmpty() && !text.matches(key.pattern())) {
            findings.add(path, "is " + shown(text) + ", not " + key.shape(), "Write " + key.shape() + ".");
            return null;
        }
        return text;
    }

    private @Nullable Object integer(String text, @Nullable Key key, String path) {
        int min = key == null ? Integer.MIN_VALUE : key.min();
        int max = key == null ? Integer.MAX_VALUE : key.max();
        if (text.matches("-?[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        String range = "a whole number from " + min + " to " + max;
        findings.add(path, "is " + shown(text) + ", not " + range, "Write " + range + ".");
        return null;
    }

    private @Nullable Object choice(String text, Class<?> type, String path) {
        for (Object constant : type.getEnumConstants()) {
            if (choiceText((Enum<?>) constant).equals(text)) {
                return constant;
            }
        }
        String choices = choices(type);
        String nearest = Findings.nearest(text, Arrays.asList(choices.split(", ")));
        findings.add(
                path,
                "is " + shown(text) + ", not one of " + choices,
                nearest == null ? "Write one of: " + choices + "." : "Did you mean \"" + nearest + "\"?");
        return null;
    }

    /** An enum constant as it is written in the file: {@code ZFS_THIN} is {@code zfs-thin}. */
    static String choiceText(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String choices(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> choiceText((Enum<?>) constant))
                .collect(Collectors.joining(", "));
    }

    private @Nullable List<Object> list(Node node, Type element, @Nullable Key key, String path) {
        if (!(node instanceof SequenceNode sequence)) {
            findings.add(path, "is " + kind(node) + " where a list belongs", "Write [a, b] or one \"- item\" a line.");
            return null;
        }
        int size = sequence.getValue().size();
        if (key != null && (size < key.min() || size > key.max())) {
            findings.add(
                    path,
                    "has " + size + " items",
                    key.max() == Integer.MAX_VALUE
                            ? "Give at least " + key.min() + "."
                            : "Give " + key.min() + " to " + key.max() + ".");
        }
        var out = new ArrayList<Object>();
        int index = 0;
        for (Node item : sequence.getValue()) {
            Object value = value(item, element, key, path + '[' + index++ + ']');
            if (value != null) {
                out.add(value);
            }
        }
        return out;
    }

    private @Nullable Map<String, Object> map(Node node, Type element, @Nullable Key key, String path) {
        if (!(node instanceof MappingNode mapping)) {
            findings.add(path, "is " + kind(node) + " where a mapping belongs", "Write \"name: …\" lines below it.");
            return null;
        }
        var out = new LinkedHashMap<String, Object>();
        keys(mapping, path).forEach((name, tuple) -> {
            String below = path + '.' + name;
            findings.stands(below, tuple.getKeyNode().getStartMark());
            if (key != null && !key.pattern().isEmpty() && !name.matches(key.pattern())) {
                findings.add(below, "has the name " + shown(name), "Write " + key.shape() + ".");
            } else {
                Object value = value(tuple.getValueNode(), element, null, below);
                if (value != null) {
                    out.put(name, value);
                }
            }
        });
        return out;
    }

    /** The entries by key, in order; keys that are no plain texts or stand twice are findings. */
    private Map<String, NodeTuple> keys(MappingNode mapping, String path) {
        var out = new LinkedHashMap<String, NodeTuple>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode scalar)
                    || CONTROL.matcher(scalar.getValue()).find()) {
                findings.stands(path + ".?", tuple.getKeyNode().getStartMark());
                findings.add(path + ".?", "is not a plain key", "Write a name, a colon and a value.");
                continue;
            }
            String name = scalar.getValue();
            if (out.putIfAbsent(name, tuple) != null) {
                String below = (path.isEmpty() ? "" : path + '.') + name;
                findings.standsAgain(below, scalar.getStartMark());
                findings.add(below, "stands twice", "Remove one of the two.");
            }
        }
        return out;
    }

    private @Nullable Object record(Node node, Class<?> type, String path) {
        if (!(node instanceof MappingNode mapping)) {
            findings.add(path, "is " + kind(node) + " where a mapping belongs", "Write \"key: value\" lines below it.");
            return null;
        }
        var components = new LinkedHashMap<String, RecordComponent>();
        for (RecordComponent component : type.getRecordComponents()) {
            components.put(component.getName(), component);
        }
        Map<String, NodeTuple> given = keys(mapping, path);
        for (var entry : given.entrySet()) {
            if (!components.containsKey(entry.getKey())) {
                String below = (path.isEmpty() ? "" : path + '.') + entry.getKey();
                findings.stands(below, entry.getValue().getKeyNode().getStartMark());
                String nearest = Findings.nearest(entry.getKey(), components.keySet());
                findings.add(
                        below,
                        "is not a key that exists here",
                        nearest != null
                                ? "Did you mean \"" + nearest + "\"?"
                                : "Keys here: " + String.join(", ", components.keySet()) + ".");
            }
        }
        var values = new HashMap<String, @Nullable Object>();
        boolean whole = true;
        for (RecordComponent component : components.values()) {
            String below = (path.isEmpty() ? "" : path + '.') + component.getName();
            NodeTuple tuple = given.get(component.getName());
            boolean required = !component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (tuple == null) {
                if (required) {
                    findings.standsLike(below, path);
                    findings.add(
                            below, "is missing", "Add it: " + key(component).value());
                    whole = false;
                }
                continue;
            }
            Object value = value(tuple.getValueNode(), component.getGenericType(), key(component), below);
            values.put(component.getName(), value);
            whole &= value != null || !required;
        }
        return whole ? create(type, components, values) : null;
    }

    private static Object create(
            Class<?> type, Map<String, RecordComponent> components, Map<String, @Nullable Object> values) {
        Class<?>[] types =
                components.values().stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] arguments = components.keySet().stream().map(values::get).toArray();
        try {
            var constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException e) {
            throw new IllegalStateException("cannot create " + type.getSimpleName(), e);
        }
    }

    static Key key(RecordComponent component) {
        Key key = annotation(component, Key.class);
        if (key == null) {
            throw new IllegalStateException(component + " says nothing about itself");
        }
        return key;
    }

    private static <A extends Annotation> @Nullable A annotation(AnnotatedElement element, Class<A> type) {
        return element.getAnnotation(type);
    }

    private static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        return node instanceof SequenceNode ? "a list" : "a single value";
    }

    private static String words(Class<?> type) {
        Scalar scalar = SCALARS.get(type);
        if (scalar != null) {
            return scalar.words;
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type == Integer.class) {
            return "a whole number";
        }
        return type.isEnum() ? "one of " + choices(type) : "text";
    }

    private static String shown(String text) {
        String clean = CONTROL.matcher(text).replaceAll("?");
        return '"' + (clean.length() > 60 ? clean.substring(0, 57) + "…" : clean) + '"';
    }
}
