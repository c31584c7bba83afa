package dev.batchwright.input;

import dev.batchwright.job.Item;
import dev.batchwright.job.Request;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads the input file of a batch as a provider's Batch API does: strictly. Each line holds {@code
 * custom_id}, {@code method}, {@code url} and {@code body}; what is wrong is told in the API's own
 * codes, with the line. Unlike {@link InputLoader}, nothing is guessed and nothing is added.
 *
 * <p>Memory: one line, and some 10 MB for what finds duplicate ids. For one thread, once.
 */
public final class BatchLines {
    private static final int LONGEST_ID = 1000;

    /** Where a request without a model is refused. */
    private static final Set<Endpoint> NEEDS_MODEL =
            EnumSet.of(
                    Endpoint.CHAT,
                    Endpoint.RESPONSES,
                    Endpoint.EMBEDDINGS,
                    Endpoint.COMPLETIONS,
                    Endpoint.MESSAGES);

    private final Endpoint endpoint;
    private final long mostLines;
    private final BatchTargets targets;
    private final RequestCheck check;
    private final Path scratch;
    private final Consumer<Item> sink;
    private final ObjectFields fields = new ObjectFields();
    private final ObjectFields body = new ObjectFields();
    private final SentBody sent = new SentBody();
    private final List<LineError> errors = new ArrayList<>();
    private long errorCount;
    private long requests;
    private long number;

    /** What is wrong with the line at hand. */
    private static final class Refused extends Exception {
        private final String code;
        private final Optional<String> param;

        Refused(String code, Optional<String> param, String message) {
            super(message, null, false, false);
            this.code = code;
            this.param = param;
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * @param mostLines with one more the whole file is refused
     * @param scratch a directory for a temporary file, needed from 131,072 requests on
     * @param sink gets the requests in their order, until there is something wrong
     */
    public BatchLines(
            Endpoint endpoint,
            long mostLines,
            Router router,
            RequestCheck check,
            Path scratch,
            Consumer<Item> sink) {
        this.endpoint = endpoint;
        this.mostLines = mostLines;
        this.targets = new BatchTargets(router);
        this.check = check;
        this.scratch = scratch;
        this.sink = sink;
    }

    /**
     * @throws IOException if the file can't be read
     */
    public BatchReport read(InputStream in) throws IOException {
        var window = new ByteWindow(in);
        var lines = new LineReader(window);
        try (var ids = new DuplicateIds(scratch)) {
            while (requests <= mostLines && lines.next()) {
                number = lines.number();
                if (lines.tooLong() || !isBlank(lines)) {
                    requests++;
                    line(lines, ids);
                }
            }
            ids.find(
                    (line, earlier) ->
                            error(
                                    "duplicate_custom_id",
                                    "The custom_id of this line is the same as that of line %d. Each must be unique in the file."
                                            .formatted(earlier),
                                    Optional.of("custom_id"),
                                    OptionalLong.of(line)));
        }
        if (requests > mostLines) {
            error(
                    "too_many_tasks",
                    "The file holds more than %,d requests, which is the most that a batch may hold."
                            .formatted(mostLines),
                    Optional.empty(),
                    OptionalLong.empty());
        }
        if (requests == 0) {
            error(
                    "empty_file",
                    "The file holds no request.",
                    Optional.empty(),
                    OptionalLong.empty());
        }
        errors.sort(Comparator.comparingLong(error -> error.line().orElse(0)));
        return new BatchReport(
                requests,
                0,
                errors,
                errorCount,
                targets.counts(),
                targets.model(),
                window.position() + window.length());
    }

    private static boolean isBlank(LineReader lines) {
        for (int i = lines.start(); i < lines.start() + lines.length(); i++) {
            if (lines.bytes()[i] != ' ' && lines.bytes()[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    private void line(LineReader lines, DuplicateIds ids) throws IOException {
        try {
            if (lines.tooLong()) {
                throw new Refused(
                        "invalid_json_line",
                        Optional.empty(),
                        "This line is longer than %d MB.".formatted(ByteWindow.LONGEST >> 20));
            }
            parse(lines.bytes(), lines.start(), lines.length());
            String id = customId();
            ids.add(id, number);
            Request request = request(lines.bytes());
            if (errorCount == 0) {
                sink.accept(new Item(requests, id, request, Optional.empty()));
            }
        } catch (Refused refused) {
            error(refused.code, refused.text(), refused.param, OptionalLong.of(number));
        }
    }

    // Of all errors, those that were found first are kept: the file may be wrong in every line.
    private void error(String code, String message, Optional<String> param, OptionalLong line) {
        errorCount++;
        if (errors.size() < BatchReport.SHOWN) {
            errors.add(new LineError(code, message, param, line));
        }
    }

    private void parse(byte[] bytes, int start, int length) throws Refused {
        boolean object = false;
        if (Utf8.firstInvalid(bytes, start, length) < 0) {
            try (JsonParser parser = ObjectFields.parser(bytes, start, length)) {
                object = parser.nextToken() == JsonToken.START_OBJECT;
                if (object) {
                    fields.scan(parser, bytes, start, body);
                    object = parser.nextToken() == null;
                }
            } catch (JacksonException e) {
                // What the parser says quotes the line.
                object = false;
            }
        }
        if (!object) {
            throw new Refused(
                    "invalid_json_line",
                    Optional.empty(),
                    "This line is not parseable as valid JSON.");
        }
        Optional<String> repeated = fields.repeated();
        if (repeated.isPresent()) {
            throw new Refused(
                    "invalid_request",
                    repeated,
                    "This line has '%s' twice.".formatted(repeated.get()));
        }
    }

    private int required(String name) throws Refused {
        int field = fields.find(name);
        if (field < 0 || fields.isNull(field)) {
            throw new Refused(
                    "missing_required_parameter",
                    Optional.of(name),
                    "Missing required parameter: '%s'.".formatted(name));
        }
        return field;
    }

    private String text(String name) throws Refused {
        int field = required(name);
        if (!fields.is(field, JsonToken.VALUE_STRING)) {
            throw new Refused(
                    "invalid_type",
                    Optional.of(name),
                    "Invalid type for '%s': expected a string.".formatted(name));
        }
        return fields.text(field);
    }

    private String customId() throws Refused {
        String id = text("custom_id");
        boolean writable =
                id.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
        if (id.isBlank() || !writable || id.getBytes(StandardCharsets.UTF_8).length > LONGEST_ID) {
            throw new Refused(
                    "invalid_value",
                    Optional.of("custom_id"),
                    "Invalid 'custom_id': it must hold 1 to %,d bytes and no control character."
                            .formatted(LONGEST_ID));
        }
        return id;
    }

    private Request request(byte[] bytes) throws Refused {
        if (!text("method").equals("POST")) {
            throw new Refused(
                    "invalid_method",
                    Optional.of("method"),
                    "Invalid 'method': only POST can be batched.");
        }
        if (!text("url").equals(endpoint.path())) {
            throw new Refused(
                    "invalid_url",
                    Optional.of("url"),
                    "The URL of this line is not the endpoint of the batch, %s."
                            .formatted(endpoint.path()));
        }
        int field = required("body");
        if (!fields.is(field, JsonToken.START_OBJECT)) {
            throw new Refused(
                    "invalid_type",
                    Optional.of("body"),
                    "Invalid type for 'body': expected an object.");
        }
        checkBody();
        return routed(
                new ByteSlice(bytes, fields.start(field), fields.end(field) - fields.start(field)));
    }

    private void checkBody() throws Refused {
        Optional<String> repeated = body.repeated();
        if (repeated.isPresent()) {
            throw new Refused(
                    "invalid_request",
                    repeated.map("body."::concat),
                    "The body has '%s' twice.".formatted(repeated.get()));
        }
        if (body.isTrue("stream")) {
            throw new Refused(
                    "streaming_unsupported",
                    Optional.of("body.stream"),
                    "Streaming is not supported in the Batch API.");
        }
        if (body.isTrue("background")) {
            throw new Refused(
                    "invalid_request",
                    Optional.of("body.background"),
                    "Background responses are not supported in the Batch API.");
        }
        int model = body.find("model");
        if ((model < 0 && NEEDS_MODEL.contains(endpoint))
                || (model >= 0 && !body.is(model, JsonToken.VALUE_STRING))) {
            throw new Refused(
                    "invalid_request", Optional.of("body.model"), "Model parameter is required.");
        }
        for (List<String> group : endpoint.required()) {
            if (!body.hasAny(group)) {
                String name = group.getFirst();
                throw new Refused(
                        "invalid_request",
                        Optional.of("body." + name),
                        "%s%s parameter is required."
                                .formatted(
                                        Character.toUpperCase(name.charAt(0)), name.substring(1)));
            }
        }
    }

    private Request routed(ByteSlice json) throws Refused {
        int field = body.find("model");
        String model = field < 0 ? "" : body.text(field);
        switch (targets.route(model)) {
            case Router.Resolution.Refused(String problem) ->
                    throw new Refused(
                            "model_not_found",
                            Optional.of("body.model"),
                            "The provided model '%s' is not supported by the Batch API. %s"
                                    .formatted(model, problem));
            case Router.Resolution.Routed to -> {
                var request =
                        new Request(
                                to.provider(),
                                endpoint.path(),
                                to.model(),
                                sent.of(body, json, to.model()));
                Optional<String> refusal = check.refusal(request);
                if (refusal.isPresent()) {
                    throw new Refused("invalid_request", Optional.of("body"), refusal.get());
                }
                targets.count(to, endpoint);
                return request;
            }
        }
    }
}
