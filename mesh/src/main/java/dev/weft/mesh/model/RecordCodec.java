package dev.weft.mesh.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.HealthCheck;
import dev.weft.api.MacAddress;
import dev.weft.api.PublishedPort;
import dev.weft.api.WeftException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/**
 * Records as JSON. Each carries the format it was written in; fields that a reader does not know are ignored, so a format
 * changes only when an older reader would go wrong, and kept by who changes a record that others made.
 */
public final class RecordCodec {

    private static final String FORMAT_FIELD = "format";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .addModule(new Jdk8Module())
            .addMixIn(Attachment.class, AttachmentKinds.class)
            .addMixIn(HealthCheck.Probe.class, ProbeKinds.class)
            .addMixIn(HealthCheck.Callback.class, CallbackElsewhere.class)
            .addModule(new SimpleModule()
                    .addDeserializer(HealthCheck.Callback.class, new CallbackDeserializer())
                    .addSerializer(InetAddress.class, new TextSerializer<>(InetAddress.class, InetAddress::getHostAddress))
                    .addDeserializer(InetAddress.class, new TextDeserializer<>(InetAddress.class, Cidr::parseAddress))
                    .addSerializer(Cidr.class, new TextSerializer<>(Cidr.class, Cidr::toString))
                    .addDeserializer(Cidr.class, new TextDeserializer<>(Cidr.class, Cidr::parse))
                    .addSerializer(Duration.class, new TextSerializer<>(Duration.class, Duration::toString))
                    .addDeserializer(Duration.class, new TextDeserializer<>(Duration.class, Duration::parse))
                    .addSerializer(PublishedPort.class, new TextSerializer<>(PublishedPort.class, PublishedPort::toString))
                    .addDeserializer(PublishedPort.class, new TextDeserializer<>(PublishedPort.class, PublishedPort::parse))
                    .addSerializer(MacAddress.class, new TextSerializer<>(MacAddress.class, MacAddress::toString))
                    .addDeserializer(MacAddress.class, new TextDeserializer<>(MacAddress.class, MacAddress::parse)))
            .build();

    private RecordCodec() {
    }

    public static byte[] encode(Record value) {
        ObjectNode tree = whole(value);
        StateFormat.shorten(tree, value);
        return bytes(tree, value);
    }

    /**
     * The record in the place of another, for whoever changes what others wrote: fields of a later version, which this one does not know, stay
     * as they are (the record's own; not those inside of its parts).
     */
    public static byte[] encode(Record value, byte[] before) {
        ObjectNode tree = whole(value);
        Set<String> known = new HashSet<>();
        tree.fieldNames().forEachRemaining(known::add);
        StateFormat.shorten(tree, value);
        try {
            MAPPER.readTree(before).properties().stream().filter(field -> !known.contains(field.getKey()))
                    .forEach(field -> tree.set(field.getKey(), field.getValue()));
        } catch (IOException e) {
            throw new UnreadableRecord("what a " + value.getClass().getSimpleName() + " replaces cannot be read: " + e.getMessage(), e);
        }
        return bytes(tree, value);
    }

    private static ObjectNode whole(Record value) {
        ObjectNode tree = MAPPER.createObjectNode().put(FORMAT_FIELD, StateFormat.of(value));
        tree.setAll(tree(value));
        return tree;
    }

    private static byte[] bytes(ObjectNode tree, Record value) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new AssertionError("every record can be written: " + value, e);
        }
    }

    static ObjectNode tree(Record value) {
        return MAPPER.valueToTree(value);
    }

    /** @throws UnreadableRecord if the bytes are no such record, or of a later format */
    public static <T extends Record> T decode(byte[] bytes, Class<T> type) {
        try {
            JsonNode tree = MAPPER.readTree(bytes);
            int format = tree == null ? 0 : tree.path(FORMAT_FIELD).asInt(0);
            if (format < StateFormat.FIRST || format > StateFormat.LATEST) {
                throw new UnreadableRecord("a " + type.getSimpleName() + " of format " + format + " was found, and this version of Weft reads "
                        + StateFormat.FIRST + " to " + StateFormat.LATEST + "; update this node", null);
            }
            StateFormat.complete((ObjectNode) tree, type, format);
            return MAPPER.treeToValue(tree, type);
        } catch (IOException | WeftException.InvalidSpec e) {
            throw new UnreadableRecord("a " + type.getSimpleName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Bytes that are not the record they should be. */
    public static final class UnreadableRecord extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnreadableRecord(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Attachment.InProcess.class, name = "in-process"),
        @JsonSubTypes.Type(value = Attachment.HostInterface.class, name = "host-interface"),
        @JsonSubTypes.Type(value = Attachment.NetworkNamespace.class, name = "network-namespace"),
        @JsonSubTypes.Type(value = Attachment.External.class, name = "external")})
    private interface AttachmentKinds {
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = HealthCheck.Tcp.class, name = "tcp"),
        @JsonSubTypes.Type(value = HealthCheck.Http.class, name = "http"),
        @JsonSubTypes.Type(value = HealthCheck.Callback.class, name = "callback")})
    private interface ProbeKinds {
    }

    /** That there is a callback can be written down; what it calls is where the endpoint is. */
    @JsonIgnoreProperties("isHealthy")
    private interface CallbackElsewhere {
    }

    private static final class CallbackDeserializer extends StdDeserializer<HealthCheck.Callback> {
        private static final long serialVersionUID = 1L;

        CallbackDeserializer() {
            super(HealthCheck.Callback.class);
        }

        @Override
        public HealthCheck.Callback deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            parser.skipChildren();
            return new HealthCheck.Callback(() -> false);
        }
    }

    private static final class TextSerializer<T> extends StdScalarSerializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<T, String> text;

        TextSerializer(Class<T> type, Function<T, String> text) {
            super(type, false);
            this.text = text;
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeString(text.apply(value));
        }
    }

    private static final class TextDeserializer<T> extends StdScalarDeserializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<String, T> value;

        TextDeserializer(Class<T> type, Function<String, T> value) {
            super(type);
            this.value = value;
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return value.apply(parser.getValueAsString(""));
        }
    }
}
