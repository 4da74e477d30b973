package io.slipway.lifecycle.journal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.slipway.lifecycle.NodeEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Events as JSON; the kind is the record's name. */
final class EventJson {
    private static final Map<String, Class<?>> KINDS = Arrays.stream(NodeEvent.class.getPermittedSubclasses())
            .collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(new InstantWriter())
                    .addDeserializer(Instant.class, new InstantReader()))
            // An older slipway must read what a newer one wrote.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addMixIn(NodeEvent.class, WithoutDerived.class)
            .build();

    private EventJson() {}

    @com.fasterxml.jackson.annotation.JsonIgnoreProperties("durable")
    private interface WithoutDerived {}

    private static final class InstantWriter extends StdSerializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantWriter() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class InstantReader extends StdDeserializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantReader() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return Instant.parse(in.getText());
        }
    }

    static String kind(NodeEvent event) {
        return event.getClass().getSimpleName();
    }

    static String write(NodeEvent event) {
        try {
            return MAPPER.writeValueAsString(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event is always JSON: " + event, e);
        }
    }

    /**
     * @throws JsonProcessingException if it is not an event of that kind
     */
    static NodeEvent read(String kind, String json) throws JsonProcessingException {
        Class<?> type = KINDS.get(kind);
        if (type == null) {
            throw new JsonProcessingException("unknown kind of event: " + kind) {
                private static final long serialVersionUID = 1L;
            };
        }
        return (NodeEvent) MAPPER.readValue(json, type);
    }
}
