package dev.batchwright.simulator.wire;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** JSON in and out. */
public final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(factory())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    /**
     * A factory whose buffers belong to their threads: a thread of the simulator works through many
     * rows or calls, and there are few of them.
     */
    public static JsonFactory factory() {
        return JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool()).build();
    }

    /** The one JSON value that the bytes hold, or nothing where they hold anything else. */
    public static Optional<JsonNode> read(byte[] bytes) {
        try {
            JsonNode node = MAPPER.readTree(bytes);
            return node.isMissingNode() ? Optional.empty() : Optional.of(node);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Writes a file, which may be larger than memory. */
    public static void write(Path target, Consumer<JsonGenerator> content) {
        try (var out = new BufferedOutputStream(Files.newOutputStream(target))) {
            write(out, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] write(Consumer<JsonGenerator> content) {
        var out = new ByteArrayOutputStream(1024);
        write(out, content);
        return out.toByteArray();
    }

    /** Writes, and closes the stream. */
    public static void write(OutputStream out, Consumer<JsonGenerator> content) {
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            content.accept(json);
        }
    }
}
