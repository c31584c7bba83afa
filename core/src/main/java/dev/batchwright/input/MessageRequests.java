package dev.batchwright.input;

import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Request;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads the body of a request for one of Anthropic's message batches, {@code
 * {"requests":[{"custom_id":..,"params":{..}}]}}, as that API does: the ids are checked before the
 * batch is there, and what {@code params} hold is judged request by request later on, when one that
 * can't be sent spoils none of the others.
 *
 * <p>Memory: one request, and some 10 MB for what finds duplicate ids. For one thread, once.
 */
public final class MessageRequests {
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
    private static final int LONGEST_ID = 64;

    private final ObjectFields fields = new ObjectFields();
    private final ObjectFields params = new ObjectFields();
    private final SentBody sent = new SentBody();

    /** Why a body is refused as a whole; what to say to its sender. */
    private static final class Invalid extends Exception {
        Invalid(String message) {
            super(message, null, false, false);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    /** Takes one request after the other. */
    private interface Visitor {
        void visit(ArrayElements elements) throws IOException, Invalid;
    }

    /**
     * What is wrong with the body as a whole; empty if nothing is.
     *
     * @param most with one more request it is refused
     * @param scratch a directory for a temporary file, needed from 131,072 requests on
     */
    public Optional<String> problem(InputStream in, long most, Path scratch) throws IOException {
        try (var ids = new DuplicateIds(scratch)) {
            long count = each(in, elements -> check(elements, most, ids));
            if (count == 0) {
                return Optional.of(
                        "requests: List should have at least 1 item after validation, not 0");
            }
            var duplicates = new Findings("requests");
            ids.find(
                    (index, earlier) ->
                            duplicates.problem(
                                    index,
                                    "requests: custom_id's must be unique within a batch. Duplicate custom_id found at requests.%d and requests.%d"
                                            .formatted(earlier, index)));
            return duplicates.firstProblems().stream().map(Problem::text).findFirst();
        } catch (Invalid invalid) {
            return Optional.of(invalid.text());
        }
    }

    private void check(ArrayElements elements, long most, DuplicateIds ids)
            throws IOException, Invalid {
        long index = elements.index();
        if (index >= most) {
            throw new Invalid(
                    "requests: List should have at most %d items after validation".formatted(most));
        }
        scan(elements);
        int id = fields.find("custom_id");
        String place = "requests.%d.custom_id: ".formatted(index);
        if (id < 0) {
            throw new Invalid(place + "Field required");
        }
        if (!fields.is(id, JsonToken.VALUE_STRING)) {
            throw new Invalid(place + "Input should be a valid string");
        }
        String text = fields.text(id);
        if (text.length() > LONGEST_ID) {
            throw new Invalid(
                    place + "String should have at most %d characters".formatted(LONGEST_ID));
        }
        if (!ID.matcher(text).matches()) {
            throw new Invalid(place + "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'");
        }
        int body = fields.find("params");
        if (body < 0) {
            throw new Invalid("requests.%d.params: Field required".formatted(index));
        }
        if (!fields.is(body, JsonToken.START_OBJECT)) {
            throw new Invalid(
                    "requests.%d.params: Input should be a valid dictionary".formatted(index));
        }
        ids.add(text, index);
    }

    private static long each(InputStream in, Visitor visitor) throws IOException, Invalid {
        var elements = new ArrayElements(new ByteWindow(in), "requests");
        try {
            long count = 0;
            while (elements.next()) {
                visitor.visit(elements);
                count++;
            }
            if (!elements.found()) {
                throw new Invalid("requests: Field required");
            }
            return count;
        } catch (ArrayElements.MalformedException e) {
            throw new Invalid("The request body is not valid JSON: %s".formatted(e.text()));
        }
    }

    private void scan(ArrayElements elements) throws Invalid {
        byte[] bytes = elements.bytes();
        boolean object;
        if (Utf8.firstInvalid(bytes, elements.start(), elements.length()) >= 0) {
            throw new Invalid("The request body is not valid JSON: it is not UTF-8");
        }
        try (JsonParser parser = ObjectFields.parser(bytes, elements.start(), elements.length())) {
            object = parser.nextToken() == JsonToken.START_OBJECT;
            if (object) {
                fields.scan(parser, bytes, elements.start(), null);
                if (parser.nextToken() != null) {
                    throw malformed(elements);
                }
            } else {
                parser.skipChildren();
            }
        } catch (JacksonException e) {
            // What the parser says quotes the request.
            throw malformed(elements);
        }
        if (!object) {
            throw new Invalid(
                    "requests.%d: Input should be a valid dictionary".formatted(elements.index()));
        }
        Optional<String> repeated = fields.repeated();
        if (repeated.isPresent()) {
            throw new Invalid(
                    "The request body is not valid JSON: requests.%d has `%s` twice"
                            .formatted(elements.index(), repeated.get()));
        }
    }

    private static Invalid malformed(ArrayElements elements) {
        return new Invalid(
                "The request body is not valid JSON: see requests.%d".formatted(elements.index()));
    }

    /**
     * Passes the requests on, in their order.
     *
     * @param sink gets those that can be sent
     * @param refusals gets the ids of the others, and why
     * @throws InputException if the body is not one that {@link #problem} finds nothing wrong with
     */
    public BatchReport read(
            InputStream in,
            Router router,
            RequestCheck check,
            Consumer<Item> sink,
            BiConsumer<String, ItemError> refusals)
            throws IOException {
        var targets = new BatchTargets(router);
        var refused = new long[1];
        try {
            long count =
                    each(
                            in,
                            elements -> {
                                Optional<ItemError> error =
                                        judge(elements, targets, check, sink, refused[0]);
                                if (error.isPresent()) {
                                    refused[0]++;
                                    refusals.accept(customId(), error.get());
                                }
                            });
            return new BatchReport(
                    count, refused[0], List.of(), 0, targets.counts(), targets.model(), 0);
        } catch (Invalid invalid) {
            throw new InputException(invalid.text());
        }
    }

    private String customId() {
        return fields.text(fields.find("custom_id"));
    }

    private Optional<ItemError> judge(
            ArrayElements elements,
            BatchTargets targets,
            RequestCheck check,
            Consumer<Item> sink,
            long refusedBefore)
            throws Invalid {
        scan(elements);
        int field = fields.find("params");
        var json =
                new ByteSlice(
                        elements.bytes(),
                        fields.start(field),
                        fields.end(field) - fields.start(field));
        try (JsonParser parser = ObjectFields.parser(json.bytes, json.offset, json.length)) {
            parser.nextToken();
            params.scan(parser, json.bytes, json.offset, null);
        }
        Optional<ItemError> problem = paramsProblem();
        if (problem.isPresent()) {
            return problem;
        }
        String model = params.text(params.find("model"));
        if (!(targets.route(model) instanceof Router.Resolution.Routed to)) {
            return Optional.of(new ItemError("not_found_error", "model: " + model));
        }
        var request =
                new Request(
                        to.provider(),
                        Endpoint.MESSAGES.path(),
                        to.model(),
                        sent.of(params, json, to.model()));
        Optional<String> refusal = check.refusal(request);
        if (refusal.isPresent()) {
            return Optional.of(new ItemError("invalid_request_error", refusal.get()));
        }
        targets.count(to, Endpoint.MESSAGES);
        sink.accept(
                new Item(
                        elements.index() + 1 - refusedBefore,
                        customId(),
                        request,
                        Optional.empty()));
        return Optional.empty();
    }

    private Optional<ItemError> paramsProblem() {
        Optional<String> repeated = params.repeated();
        if (repeated.isPresent()) {
            return invalid("%s: occurs twice".formatted(repeated.get()));
        }
        for (String name : List.of("model", "max_tokens", "messages")) {
            if (!params.has(name)) {
                return invalid(name + ": Field required");
            }
        }
        if (!params.is(params.find("model"), JsonToken.VALUE_STRING)) {
            return invalid("model: Input should be a valid string");
        }
        if (!params.is(params.find("messages"), JsonToken.START_ARRAY)) {
            return invalid("messages: Input should be a valid list");
        }
        if (params.isTrue("stream")) {
            return invalid("\"stream=True\" is not supported in the Message Batches API");
        }
        return Optional.empty();
    }

    private static Optional<ItemError> invalid(String message) {
        return Optional.of(new ItemError("invalid_request_error", message));
    }
}
