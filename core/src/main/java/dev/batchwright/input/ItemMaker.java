package dev.batchwright.input;

import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import tools.jackson.core.JsonToken;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The last step of every form: a valid request gets its provider, its id and its place. From the
 * first problem on items are still checked but no longer passed on: they will not be sent.
 */
final class ItemMaker implements AutoCloseable {
    private static final int LONGEST_ID = 1000;

    private final RequestCheck check;
    private final Findings findings;
    private final Consumer<Item> sink;
    private final Routes routes;
    private final DuplicateIds ids;
    private final RowIds rowIds = new RowIds();
    private final JsonBuffer buffer = new JsonBuffer();
    private long items;

    ItemMaker(
            Router router,
            RequestCheck check,
            Findings findings,
            Path scratch,
            Consumer<Item> sink) {
        this.check = check;
        this.findings = findings;
        this.sink = sink;
        this.routes = new Routes(router, findings);
        this.ids = new DuplicateIds(scratch);
    }

    Optional<Router.Resolution.Routed> route(String model, long line) {
        return routes.of(model, line);
    }

    /** Who gets a model's requests; empty where nobody does. */
    Optional<String> provider(String model, long line) {
        return routes.provider(model, line);
    }

    /**
     * A request with its own body, the bytes of which stay as they are, except that a model gets
     * the name that its provider knows, a missing one is added, and an id of ours is cut out.
     *
     * @param idField the place of an id among the body's own fields, or -1
     * @param model of a body that names none
     * @param content that names the request where it has no id
     */
    void body(
            long line,
            Optional<String> id,
            Endpoint endpoint,
            ObjectFields fields,
            ByteSlice body,
            int idField,
            Optional<String> model,
            ByteSlice content)
            throws IOException {
        Optional<String> problem = bodyProblem(endpoint, fields);
        if (problem.isPresent()) {
            findings.problem(line, problem.get());
            return;
        }
        int modelField = fields.find("model");
        boolean named = modelField >= 0 && !fields.isNull(modelField);
        String name = named ? fields.text(modelField) : model.orElse("");
        Optional<Router.Resolution.Routed> route = routes.of(name, line);
        if (route.isEmpty()) {
            return;
        }
        String sent = route.get().model();
        if (endpoint.modelInPath()) {
            var request =
                    new Request(
                            route.get().provider(),
                            endpoint.path(),
                            sent,
                            without(fields, idField, modelField, body));
            emit(line, id, name, endpoint, request, Optional.empty(), content);
            return;
        }
        buffer.clear();
        int copied = body.offset;
        int end = body.end();
        if (modelField < 0 && !sent.isEmpty()) {
            buffer.raw("{\"model\":").quoted(sent).raw(",");
            copied++;
        }
        boolean renamed = modelField >= 0 && !sent.equals(named ? name : "");
        // Two places may change, in the order in which they stand.
        boolean idFirst = idField >= 0 && idField < modelField;
        if (idFirst) {
            copied = cut(fields, idField, body.bytes, copied);
        }
        if (renamed) {
            buffer.raw(body.bytes, copied, fields.start(modelField) - copied).quoted(sent);
            copied = fields.end(modelField);
        }
        if (idField >= 0 && !idFirst) {
            copied = cut(fields, idField, body.bytes, copied);
        }
        RawJson json = buffer.raw(body.bytes, copied, end - copied).json();
        var request = new Request(route.get().provider(), endpoint.path(), sent, json);
        emit(line, id, name, endpoint, request, Optional.empty(), content);
    }

    /** A body without two of its fields, which may be -1; the others stay as they are. */
    private RawJson without(ObjectFields fields, int one, int other, ByteSlice body) {
        if (one < 0 && other < 0) {
            return body.json();
        }
        buffer.clear();
        String separator = "{";
        for (int i = 0; i < fields.size(); i++) {
            if (i != one && i != other) {
                buffer.raw(separator)
                        .raw(body.bytes, fields.nameStart(i), fields.end(i) - fields.nameStart(i));
                separator = ",";
            }
        }
        return buffer.raw("}").json();
    }

    private int cut(ObjectFields fields, int field, byte[] bytes, int copied) {
        buffer.raw(bytes, copied, fields.cutStart(field) - copied);
        return fields.cutEnd(field);
    }

    private static Optional<String> bodyProblem(Endpoint endpoint, ObjectFields fields) {
        Optional<String> repeated = fields.repeated();
        if (repeated.isPresent()) {
            return Optional.of("the request has `%s` twice. Keep one.".formatted(repeated.get()));
        }
        for (List<String> group : endpoint.required()) {
            if (!fields.hasAny(group)) {
                return Optional.of(
                        "a request for %s needs `%s`, which this one lacks."
                                .formatted(endpoint.path(), String.join("` or `", group)));
            }
        }
        if (fields.isTrue("stream")) {
            return Optional.of(
                    "`stream` is true, and a job has nobody to stream to. Remove `stream`.");
        }
        if (fields.isTrue("background")) {
            return Optional.of(
                    "`background` is true: the answer would not be in the reply. Remove"
                            + " `background`.");
        }
        int model = fields.find("model");
        if (model >= 0 && !fields.is(model, JsonToken.VALUE_STRING) && !fields.isNull(model)) {
            return Optional.of("`model` is not a string. Write it in quotes.");
        }
        int messages = fields.find("messages");
        if ((endpoint == Endpoint.CHAT || endpoint == Endpoint.MESSAGES)
                && (!fields.is(messages, JsonToken.START_ARRAY)
                        || fields.firstIn(messages) != '{')) {
            return Optional.of(
                    "`messages` is not a list of messages. Write [{\"role\": \"user\", \"content\":"
                            + " \"...\"}].");
        }
        return Optional.empty();
    }

    /** A request that was made from a row. */
    void row(
            long line,
            Optional<String> id,
            String model,
            Endpoint endpoint,
            Request request,
            RawJson row,
            ByteSlice content)
            throws IOException {
        emit(line, id, model, endpoint, request, Optional.of(row), content);
    }

    private void emit(
            long line,
            Optional<String> id,
            String model,
            Endpoint endpoint,
            Request request,
            Optional<RawJson> row,
            ByteSlice content)
            throws IOException {
        if (id.isPresent()) {
            Optional<String> problem = idProblem(id.get());
            if (problem.isPresent()) {
                findings.problem(line, problem.get());
                return;
            }
        }
        items++;
        String customId =
                id.isPresent()
                        ? id.get()
                        : rowIds.next(content.bytes, content.offset, content.length, items);
        ids.add(customId, line);
        routes.count(model, endpoint);
        check.refusal(request).ifPresent(problem -> findings.problem(line, problem));
        for (String warning : check.warnings(request)) {
            findings.warning(line, warning);
        }
        if (!findings.problems() && !routes.refusedAny()) {
            sink.accept(new Item(items, customId, request, row));
        }
    }

    private static Optional<String> idProblem(String id) {
        if (id.isBlank()) {
            return Optional.of(
                    "the id is empty. Give every request one, or none at all: then they are made"
                            + " from the content.");
        }
        if (id.getBytes(StandardCharsets.UTF_8).length > LONGEST_ID) {
            return Optional.of(
                    "the id is longer than %,d bytes. Choose a shorter one.".formatted(LONGEST_ID));
        }
        boolean writable =
                id.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
        return writable
                ? Optional.empty()
                : Optional.of("the id holds a control character or half a character. Take it out.");
    }

    /** Tells of what only shows when everything was read. */
    void finish() throws IOException {
        routes.reportRefused();
        ids.find(
                (line, earlier) ->
                        findings.problem(
                                line,
                                "its id is the same as that of line %d. Make ids differ, or remove them: then they are made from the content."
                                        .formatted(earlier)));
    }

    long items() {
        return items;
    }

    Map<LoadReport.Target, Long> targets() {
        return routes.targets();
    }

    @Override
    public void close() throws IOException {
        ids.close();
    }
}
