package io.slipway.yaml;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
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

/**
 * Binds a tree of YAML nodes to records, noting where each path stands and everything that does not fit. A record's
 * components say what they mean and may hold with {@link Key}; those that are not {@code @Nullable} are required.
 */
public final class YamlBinder {
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f\\u0080-\\u009f\\u2028\\u2029]");

    private final Map<Class<?>, Scalar> scalars;
    private final Findings findings;

    /**
     * @param scalars values that are read from one text by a parser of their own
     * @param findings gets what does not fit
     */
    public YamlBinder(Map<Class<?>, Scalar> scalars, Findings findings) {
        this.scalars = Map.copyOf(scalars);
        this.findings = findings;
    }

    /**
     * @param parse throws an IllegalArgumentException or ArithmeticException that says what is wrong
     * @param words what is expected, with an example
     */
    public record Scalar(Function<String, Object> parse, String words) {}

    /** The value, or null where a finding says why there is none. */
    public <T extends Record> @Nullable T bind(Node node, Class<T> type) {
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
        if (plain.isRecord() && !scalars.containsKey(plain)) {
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
        Scalar parser = scalars.get(type);
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
    public static String choiceText(Enum<?> constant) {
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
            // The records are the reading package's own.
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException e) {
            throw new IllegalStateException("cannot create " + type.getSimpleName(), e);
        }
    }

    /**
     * What a component says about itself.
     *
     * @throws IllegalStateException if that is nothing
     */
    public static Key key(RecordComponent component) {
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

    private String words(Class<?> type) {
        Scalar scalar = scalars.get(type);
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
