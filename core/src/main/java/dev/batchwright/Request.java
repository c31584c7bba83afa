package dev.batchwright;

import dev.batchwright.input.Endpoint;
import dev.batchwright.input.ResponseSchema;
import dev.batchwright.input.RowIds;
import dev.batchwright.job.JsonFields;
import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Dialect;
import dev.batchwright.schema.Schema;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One request of a job: an endpoint and a JSON body, with an id or without.
 *
 * <pre>{@code
 * Request.chat().id("42").system("Be brief.").user("What is in this picture?").image(picture)
 * Request.embeddings().model("text-embedding-3-small").input("some text")
 * Request.json("/v1/rerank", "{\"query\": ...}")
 * }</pre>
 *
 * <p>Requests are values: each method gives a new one and leaves its own as it was, so that what
 * many have in common is said once. A parameter that has no method here is set by {@link #with};
 * the body is the provider's own, and nothing in it is looked at. A model may be left to the job.
 *
 * <p>An id names the result. Without one, the request gets one made from its line of a batch file,
 * the same each time and the same as the command line gives to that line: {@code row-} and 16
 * digits, and {@code -2}, {@code -3} for equal ones.
 *
 * <p>Immutable, safe for any thread. Equal when id, endpoint, model and body are.
 */
public abstract sealed class Request permits Request.Fluent {
    private static final JsonMapper JSON = new JsonMapper();

    final Draft draft;

    private Request(Draft draft) {
        this.draft = draft;
    }

    /**
     * What every kind of request is made of.
     *
     * @param model of an endpoint that has it in its address
     * @param fields of the body
     */
    record Draft(
            Endpoint endpoint, Optional<String> id, Optional<String> model, JsonFields fields) {
        static Draft of(Endpoint endpoint) {
            return new Draft(endpoint, Optional.empty(), Optional.empty(), JsonFields.NONE);
        }

        Draft with(String name, RawJson value) {
            return with(fields.with(name, value));
        }

        Draft with(JsonFields changed) {
            return new Draft(endpoint, id, model, changed);
        }

        Draft withId(String value) {
            return new Draft(endpoint, Optional.of(value), model, fields);
        }

        Draft withModel(String value) {
            return endpoint.modelInPath()
                    ? new Draft(endpoint, id, Optional.of(value), fields)
                    : with("model", RawJson.quoted(value));
        }

        /** A field of an object in a field. */
        Draft within(String object, String name, RawJson value) {
            return with(object, fields.object(object).with(name, value).json());
        }
    }

    /** {@return a chat completion, {@code /v1/chat/completions}} */
    public static ChatRequest chat() {
        return new ChatRequest(Draft.of(Endpoint.CHAT), List.of());
    }

    /** {@return a response, {@code /v1/responses}} */
    public static ResponsesRequest responses() {
        return new ResponsesRequest(Draft.of(Endpoint.RESPONSES), List.of());
    }

    /** {@return a message of Anthropic's API, {@code /v1/messages}} */
    public static MessagesRequest messages() {
        return new MessagesRequest(Draft.of(Endpoint.MESSAGES), List.of());
    }

    /** {@return content of Gemini's API, {@code generateContent}} */
    public static GenerateContentRequest generateContent() {
        return new GenerateContentRequest(Draft.of(Endpoint.GENERATE_CONTENT), List.of());
    }

    /** {@return embeddings, {@code /v1/embeddings}} */
    public static EmbeddingsRequest embeddings() {
        return new EmbeddingsRequest(Draft.of(Endpoint.EMBEDDINGS));
    }

    /** {@return a completion of a prompt, {@code /v1/completions}} */
    public static CompletionsRequest completions() {
        return new CompletionsRequest(Draft.of(Endpoint.COMPLETIONS));
    }

    /** {@return a moderation, {@code /v1/moderations}} */
    public static ModerationsRequest moderations() {
        return new ModerationsRequest(Draft.of(Endpoint.MODERATIONS));
    }

    /**
     * A request with a body of its own.
     *
     * @param endpoint as in {@code /v1/rerank}; of Gemini's the model may be a part
     * @param body a JSON object
     * @return a request that has it
     * @throws IllegalArgumentException if the endpoint is none that can be called, or the body is
     *     not one JSON object
     */
    public static JsonRequest json(String endpoint, String body) {
        return json(endpoint, RawJson.of(body));
    }

    /**
     * A request with a body of its own, the values of which stay as they are, byte for byte.
     *
     * @param endpoint as in {@code /v1/rerank}
     * @param body a JSON object
     * @return a request that has it
     * @throws IllegalArgumentException as {@link #json(String, String)}
     */
    public static JsonRequest json(String endpoint, RawJson body) {
        Endpoint known =
                Endpoint.find(endpoint)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "`%s` %s"
                                                        .formatted(
                                                                endpoint,
                                                                Endpoint.unknown(endpoint))));
        Draft draft = Draft.of(known).with(JsonFields.of(body));
        return new JsonRequest(Endpoint.modelIn(endpoint).map(draft::withModel).orElse(draft));
    }

    /** {@return the id that was given} */
    public Optional<String> id() {
        return draft.id();
    }

    /**
     * {@return the endpoint, as in {@code /v1/chat/completions}; a model in it is {@code {model}}}
     */
    public String endpoint() {
        return draft.endpoint().path();
    }

    /** {@return the model that it names; empty: the job's} */
    public Optional<String> model() {
        return draft.model().or(() -> text("model"));
    }

    private Optional<String> text(String name) {
        return draft.fields()
                .find(name)
                .filter(it -> it.byteAt(0) == '"')
                .map(it -> JSON.readValue(it.toString(), String.class));
    }

    /** {@return the body as it will be sent, put together at each call} */
    public RawJson body() {
        return fields().json();
    }

    /** The fields of the body, with what else belongs there. */
    JsonFields fields() {
        return draft.fields();
    }

    /**
     * Gives the request an id.
     *
     * @param id must be the only one of its name in the job
     * @return a new request of this kind that has it
     */
    public abstract Request id(String id);

    /**
     * Says the model.
     *
     * @param name as its provider calls it
     * @return a new request of this kind that says so
     */
    public abstract Request model(String name);

    /**
     * Sets a field of the body, in the place of one of that name.
     *
     * @param name of the field
     * @param value {@link RawJson} as it is; otherwise what Jackson makes of it: a text, number,
     *     boolean, {@code null}, list or map
     * @return a new request of this kind that has it
     * @throws IllegalArgumentException if there is no JSON of it
     */
    public abstract Request with(String name, @Nullable Object value);

    /**
     * Binds the answer to a schema in the dialect of the request's endpoint.
     *
     * @param schema of what is to come back
     * @return a new request of this kind that says so
     * @throws IllegalArgumentException if the endpoint gives no answers in JSON, or its dialect has
     *     no form of the schema
     */
    public Request returning(Schema<?> schema) {
        return returning(schema, Dialect.ofEndpoint(endpoint()));
    }

    /**
     * Binds the answer to a schema in a dialect.
     *
     * @param schema of what is to come back
     * @param dialect that of the provider which gets it, where it is translated for one
     * @return a new request of this kind that says so
     * @throws IllegalArgumentException as {@link #returning(Schema)}
     */
    public abstract Request returning(Schema<?> schema, Dialect dialect);

    /**
     * Gives the request as a line of OpenAI's batch input: {@code custom_id}, {@code method},
     * {@code url}, {@code body}.
     *
     * @param customId the id that the line has, whatever was given before
     * @return a JSON object without an end of line
     */
    public RawJson line(String customId) {
        return lineAfter("\"custom_id\":%s,".formatted(RawJson.quoted(customId)));
    }

    /** The line with the id that was given, or with none: then whoever loads it makes one. */
    RawJson line() {
        return id().map(this::line).orElseGet(this::withoutId);
    }

    /** What an id is made of where none was given. */
    private RawJson withoutId() {
        return lineAfter("");
    }

    private RawJson lineAfter(String head) {
        return RawJson.of(
                "{%s\"method\":\"POST\",\"url\":%s,\"body\":%s}"
                        .formatted(head, RawJson.quoted(url()), body()));
    }

    /** Writes {@link #line()}, and ends it. */
    void writeLine(OutputStream out) throws IOException {
        line().writeTo(out);
        out.write('\n');
    }

    private String url() {
        String path = endpoint();
        return draft.model().map(it -> path.replace("{model}", it)).orElse(path);
    }

    /**
     * Writes requests as lines of OpenAI's batch input, which {@code batchwright run} and every
     * tool for batches read. Nothing is kept but the line being written and, for requests without
     * an id, up to 24 MB; ids that were given are not compared. The file is written beside its name
     * and moved into place when it is whole; what stood there is replaced.
     *
     * @param requests are passed over once
     * @param file its folder must be there
     * @return how many there were
     * @throws UncheckedIOException if the file can't be written
     */
    public static long toJsonl(Iterable<? extends Request> requests, Path file) {
        return toJsonl(requests.iterator(), file);
    }

    /**
     * Writes requests as {@link #toJsonl(Iterable, Path)} does, and closes the stream.
     *
     * @param requests are passed over once
     * @param file its folder must be there
     * @return how many there were
     * @throws UncheckedIOException if the file can't be written
     */
    public static long toJsonl(Stream<? extends Request> requests, Path file) {
        try (requests) {
            return toJsonl(requests.iterator(), file);
        }
    }

    private static long toJsonl(Iterator<? extends Request> requests, Path file) {
        Path target = file.toAbsolutePath();
        try {
            Path part = Files.createTempFile(target.getParent(), ".batchwright-", ".part");
            try {
                long written = write(requests, part);
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
                return written;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s can't be written. Does its directory exist, is there room, and may you write there?"
                            .formatted(file),
                    e);
        }
    }

    private static long write(Iterator<? extends Request> requests, Path part) throws IOException {
        var ids = new RowIds();
        long written = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16)) {
            while (requests.hasNext()) {
                Request next = requests.next();
                written++;
                String id =
                        next.id().isPresent() ? next.id().get() : ids.next(next.line(), written);
                next.line(id).writeTo(out);
                out.write('\n');
            }
        }
        return written;
    }

    static RawJson value(@Nullable Object value) {
        if (value instanceof RawJson json) {
            return json;
        }
        if (value instanceof String text) {
            return RawJson.quoted(text);
        }
        try {
            return RawJson.of(JSON.writeValueAsBytes(value));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("there is no JSON of this value", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Request request
                && draft.endpoint() == request.draft.endpoint()
                && id().equals(request.id())
                && draft.model().equals(request.draft.model())
                && body().equals(request.body());
    }

    @Override
    public int hashCode() {
        return 31 * draft.endpoint().hashCode() + body().hashCode();
    }

    /** Its endpoint and id; never its content. */
    @Override
    public String toString() {
        return id().map(it -> "%s %s".formatted(endpoint(), it)).orElse(endpoint());
    }

    /** The methods that all kinds have, each giving its own kind back. */
    abstract static sealed class Fluent<S extends Fluent<S>> extends Request
            permits ConversationRequest,
                    EmbeddingsRequest,
                    CompletionsRequest,
                    ModerationsRequest,
                    JsonRequest {
        Fluent(Draft draft) {
            super(draft);
        }

        abstract S of(Draft changed);

        @Override
        public S id(String id) {
            return of(draft.withId(id));
        }

        @Override
        public S model(String name) {
            return of(draft.withModel(name));
        }

        @Override
        public S with(String name, @Nullable Object value) {
            return of(draft.with(name, value(value)));
        }

        @Override
        public S returning(Schema<?> schema) {
            return returning(schema, Dialect.ofEndpoint(endpoint()));
        }

        @Override
        public S returning(Schema<?> schema, Dialect dialect) {
            var format = new ResponseSchema(schema.name(), schema.json(dialect));
            return of(
                    switch (draft.endpoint()) {
                        case CHAT -> draft.with("response_format", format.chatFormat());
                        case RESPONSES -> draft.within("text", "format", format.responsesFormat());
                        case MESSAGES ->
                                draft.within("output_config", "format", format.messagesFormat());
                        case GENERATE_CONTENT ->
                                draft.within(
                                                "generationConfig",
                                                "responseMimeType",
                                                RawJson.quoted("application/json"))
                                        .within(
                                                "generationConfig",
                                                "responseJsonSchema",
                                                format.schema());
                        default ->
                                throw new IllegalArgumentException(
                                        "%s gives no answers by a schema. Use chat, responses, messages or generateContent."
                                                .formatted(endpoint()));
                    });
        }
    }
}
