package dev.batchwright.input;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One JSON object a line, each of its own form: a batch line ({@code custom_id}, {@code method},
 * {@code url}, {@code body}; or Gemini's own with {@code key} and {@code request}), the body of a
 * request, or a row. With {@code --prompt} all are rows.
 */
final class JsonLines {
    private static final int MOST_COLUMNS = 1000;
    private static final int MOST_NAMED = 20;

    private final RequestOptions options;
    private final Findings findings;
    private final ItemMaker maker;
    private final String idName;
    private final ObjectFields fields = new ObjectFields();
    private final ObjectFields bodyFields = new ObjectFields();
    private final ObjectFields requestFields = new ObjectFields();
    private final Set<String> columns = new LinkedHashSet<>();
    private @Nullable RowRequests rows;

    JsonLines(RequestOptions options, Findings findings, ItemMaker maker) {
        this.options = options;
        this.findings = findings;
        this.maker = maker;
        this.idName = options.idColumn().orElse("custom_id");
    }

    void read(LineReader lines) throws IOException {
        boolean first = true;
        while (lines.next()) {
            if (lines.tooLong()) {
                findings.problem(
                        lines.number(),
                        "the line is longer than %d MB. Send large content by reference instead."
                                .formatted(ByteWindow.LONGEST >> 20));
                continue;
            }
            int start = firstByte(lines);
            if (start < 0) {
                continue;
            }
            if (first && otherJson(lines, start)) {
                return;
            }
            first = false;
            line(lines);
        }
    }

    private static int firstByte(LineReader lines) {
        for (int i = lines.start(); i < lines.start() + lines.length(); i++) {
            if (lines.bytes()[i] != ' ' && lines.bytes()[i] != '\t') {
                return i;
            }
        }
        return -1;
    }

    /** JSON, but not one object a line: the rest of the file would be one error after the other. */
    private boolean otherJson(LineReader lines, int start) {
        if (lines.bytes()[start] == '[') {
            findings.problem(
                    lines.number(),
                    "the file is one JSON array. Batchwright reads one object a line: `jq -c '.[]'"
                            + " FILE > FILE.jsonl` makes that of it.");
            return true;
        }
        boolean alone = lines.bytes()[start] == '{' && start == lines.start() + lines.length() - 1;
        if (alone) {
            findings.problem(
                    lines.number(),
                    "the objects are spread over several lines. Batchwright reads one object a"
                            + " line: `jq -c . FILE > FILE.jsonl` makes that of it.");
        }
        return alone;
    }

    private void line(LineReader lines) throws IOException {
        long number = lines.number();
        byte[] bytes = lines.bytes();
        int invalid = Utf8.firstInvalid(bytes, lines.start(), lines.length());
        if (invalid >= 0) {
            findings.problem(
                    number,
                    "byte %,d of the line (%,d of the file) is not UTF-8. Save the file as UTF-8."
                            .formatted(invalid + 1, lines.position() + invalid + 1));
            return;
        }
        Optional<String> problem = parse(bytes, lines.start(), lines.length());
        if (problem.isPresent()) {
            findings.problem(number, problem.get());
            return;
        }
        object(number, new ByteSlice(bytes, lines.start(), lines.length()));
    }

    private Optional<String> parse(byte[] bytes, int start, int length) {
        try (JsonParser parser = ObjectFields.parser(bytes, start, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.of(
                        "the line is JSON, but not an object. Each line holds one, as in"
                                + " {\"prompt\": \"...\"}.");
            }
            fields.scan(parser, bytes, start, bodyFields);
            if (parser.nextToken() != null) {
                return Optional.of(
                        "the line goes on after its object, at column %d. Each line holds one."
                                .formatted(
                                        column(
                                                bytes,
                                                start,
                                                length,
                                                parser.currentTokenLocation().getByteOffset())));
            }
            return fields.repeated()
                    .map(name -> "the object has `%s` twice. Keep one.".formatted(name));
        } catch (UnexpectedEndOfInputException e) {
            return Optional.of(
                    "the line ends within its JSON, at column %d. Was it cut short, or broken into several?"
                            .formatted(column(bytes, start, length, length)));
        } catch (StreamConstraintsException e) {
            return Optional.of(
                    "the JSON is nested too deeply, or a name in it is too long. Simplify it.");
        } catch (JacksonException e) {
            // What the parser says quotes the line.
            return Optional.of(
                    "the line is not JSON: see column %d."
                            .formatted(
                                    column(bytes, start, length, e.getLocation().getByteOffset())));
        }
    }

    private static int column(byte[] bytes, int start, int length, long offset) {
        return Math.max(1, Utf8.characters(bytes, start, (int) Math.min(offset + 1, length)));
    }

    private void object(long number, ByteSlice line) throws IOException {
        if (isBatchLine()) {
            batchLine(number, line);
            return;
        }
        Optional<Endpoint> gemini = geminiLine(line);
        if (gemini.isPresent()) {
            geminiLine(number, gemini.get(), line);
            return;
        }
        if (options.prompt().isPresent()) {
            row(number, line);
            return;
        }
        switch (guess(number)) {
            case EndpointGuess.Body(var endpoint) -> bareBody(number, endpoint, line);
            case EndpointGuess.Row() -> row(number, line);
            case EndpointGuess.Ambiguous(var problem) -> findings.problem(number, problem);
            case EndpointGuess.Unknown() ->
                    findings.problem(
                            number,
                            "it is neither a request nor a row with a `prompt`: it has %s. Say with --prompt how a prompt is made of it, as in --prompt '... {{%s}}'."
                                    .formatted(
                                            columnList(),
                                            fields.size() == 0 ? "column" : fields.name(0)));
        }
    }

    private boolean isBatchLine() {
        int body = fields.find("body");
        boolean object = fields.is(body, JsonToken.START_OBJECT);
        if (options.prompt().isPresent()) {
            // A row about web pages may well have a `url` and a `body` of text.
            return object && fields.has("url");
        }
        return object || (fields.has("url") && (fields.has("method") || body >= 0));
    }

    private EndpointGuess guess(long number) {
        EndpointGuess guess = guess(fields, number);
        if (options.endpoint().isEmpty()) {
            return guess;
        }
        // The user's word: what is a body at all is one for this endpoint.
        Endpoint endpoint = options.endpoint().get();
        boolean prompted = endpoint.required().getFirst().equals(List.of("prompt"));
        boolean body =
                guess instanceof EndpointGuess.Body
                        || fields.hasAny(EndpointGuess.BODY_KEYS)
                        || (prompted && guess instanceof EndpointGuess.Ambiguous);
        return body ? new EndpointGuess.Body(endpoint) : guess;
    }

    private EndpointGuess guess(ObjectFields some, long number) {
        String model = modelOf(some);
        EndpointGuess guess = EndpointGuess.of(some, model);
        boolean chat = guess instanceof EndpointGuess.Body(var it) && it == Endpoint.CHAT;
        return chat
                        && maker.provider(model, number)
                                .filter(MessagesForm.PROVIDER::equals)
                                .isPresent()
                        && MessagesForm.fits(some)
                ? new EndpointGuess.Body(Endpoint.MESSAGES)
                : guess;
    }

    private String modelOf(ObjectFields some) {
        int model = some.find("model");
        return some.is(model, JsonToken.VALUE_STRING)
                ? some.text(model)
                : options.model().orElse("");
    }

    private void batchLine(long number, ByteSlice line) throws IOException {
        if (promptRefused(number)) {
            return;
        }
        refuseRowOptions(number);
        int body = fields.find("body");
        if (!fields.is(body, JsonToken.START_OBJECT)) {
            findings.problem(
                    number,
                    body < 0
                            ? "the batch line has no `body`. Put the request there."
                            : "`body` is not an object. Put the request there, not in quotes.");
            return;
        }
        int method = fields.find("method");
        if (method >= 0 && !fields.text(method).equals("POST")) {
            findings.problem(number, "`method` is not POST. Nothing else can be called.");
            return;
        }
        Optional<Endpoint> endpoint = endpoint(number);
        Optional<Id> id = id(number, idName);
        int url = fields.find("url");
        Optional<String> named = url < 0 ? Optional.empty() : Endpoint.modelIn(fields.text(url));
        if (endpoint.isPresent() && id.isPresent()) {
            var content =
                    new ByteSlice(
                            line.bytes, fields.start(body), fields.end(body) - fields.start(body));
            maker.body(
                    number,
                    id.get().text(),
                    endpoint.get(),
                    bodyFields,
                    content,
                    -1,
                    named.or(options::model),
                    line);
        }
    }

    /** What a line in the form of Gemini's batches is for; empty for any other line. */
    private Optional<Endpoint> geminiLine(ByteSlice line) {
        int request = fields.find("request");
        if (!fields.is(request, JsonToken.START_OBJECT)) {
            return Optional.empty();
        }
        int start = fields.start(request);
        try (JsonParser parser =
                ObjectFields.parser(line.bytes, start, fields.end(request) - start)) {
            parser.nextToken();
            requestFields.scan(parser, line.bytes, start, null);
        }
        return EndpointGuess.ofGemini(requestFields);
    }

    private void geminiLine(long number, Endpoint endpoint, ByteSlice line) throws IOException {
        if (promptRefused(number)) {
            return;
        }
        refuseRowOptions(number);
        boolean ownId = options.idColumn().isEmpty() && !fields.has(idName);
        Optional<Id> id = ownId ? id(number, "key") : id(number, idName);
        int request = fields.find("request");
        if (id.isPresent()) {
            maker.body(
                    number,
                    id.get().text(),
                    endpoint,
                    requestFields,
                    new ByteSlice(
                            line.bytes,
                            fields.start(request),
                            fields.end(request) - fields.start(request)),
                    -1,
                    options.model(),
                    line);
        }
    }

    private boolean promptRefused(long number) {
        if (options.prompt().isPresent()) {
            findings.problemOnce(
                    number,
                    "this is a batch line with its own body, and --prompt is for rows. Leave"
                            + " --prompt out.");
        }
        return options.prompt().isPresent();
    }

    private Optional<Endpoint> endpoint(long number) {
        int url = fields.find("url");
        if (url >= 0) {
            String path = fields.text(url);
            Optional<Endpoint> known = Endpoint.find(path);
            if (known.isEmpty()) {
                findings.problem(number, "`url` %s".formatted(Endpoint.unknown(path)));
            }
            return known;
        }
        if (options.endpoint().isPresent()) {
            return options.endpoint();
        }
        if (guess(bodyFields, number) instanceof EndpointGuess.Body(var it)) {
            return Optional.of(it);
        }
        findings.problem(
                number,
                "the batch line has no `url`, and its body does not show what it is for. Add"
                        + " \"url\": \"/v1/chat/completions\" or another.");
        return Optional.empty();
    }

    /** An id, or none: then one is made from the content. */
    private record Id(Optional<String> text) {}

    /** Empty where it is one that can't be used, which is a problem. */
    private Optional<Id> id(long number, String idName) {
        int field = fields.find(idName);
        if (field < 0 && options.idColumn().isPresent()) {
            findings.problem(number, missing(idName, "--id-column"));
            return Optional.empty();
        }
        if (field < 0 || (fields.isNull(field) && options.idColumn().isEmpty())) {
            return Optional.of(new Id(Optional.empty()));
        }
        boolean usable =
                fields.is(field, JsonToken.VALUE_STRING)
                        || fields.is(field, JsonToken.VALUE_NUMBER_INT);
        if (!usable) {
            findings.problem(number, "`%s` is neither text nor a whole number.".formatted(idName));
            return Optional.empty();
        }
        return Optional.of(new Id(Optional.of(fields.text(field))));
    }

    private void bareBody(long number, Endpoint endpoint, ByteSlice line) throws IOException {
        refuseRowOptions(number);
        Optional<Id> id = id(number, idName);
        if (id.isPresent()) {
            maker.body(
                    number,
                    id.get().text(),
                    endpoint,
                    fields,
                    line,
                    fields.find(idName),
                    options.model(),
                    line);
        }
    }

    private void refuseRowOptions(long number) {
        if (options.system().isPresent()) {
            findings.problemOnce(
                    number,
                    "this is a request with its own body, and --system is for rows. Leave --system"
                            + " out.");
        }
        if (options.schema().isPresent()) {
            findings.problemOnce(
                    number,
                    "this is a request with its own body, and --schema is for rows. Leave --schema"
                            + " out.");
        }
    }

    private void row(long number, ByteSlice line) throws IOException {
        RowRequests requests = rows();
        Optional<String> missing =
                missing(requests.prompt(), "--prompt")
                        .or(() -> requests.system().flatMap(it -> missing(it, "--system")));
        if (missing.isPresent()) {
            findings.problem(number, missing.get());
            return;
        }
        Optional<Id> id = id(number, idName);
        String model = options.model().orElseGet(() -> modelOf(fields));
        Optional<Router.Resolution.Routed> route = maker.route(model, number);
        if (id.isEmpty() || route.isEmpty()) {
            return;
        }
        Optional<RawJson> body = requests.body(fields, route.get().model());
        if (body.isEmpty()) {
            findings.problem(number, Table.EMPTY_PROMPT);
            return;
        }
        addColumns();
        var request =
                new Request(
                        route.get().provider(),
                        requests.endpoint().path(),
                        route.get().model(),
                        body.get());
        maker.row(number, id.get().text(), model, requests.endpoint(), request, line.json(), line);
    }

    private RowRequests rows() {
        if (rows == null) {
            rows =
                    new RowRequests(
                            options, options.prompt().orElseGet(() -> Template.column("prompt")));
        }
        return rows;
    }

    private Optional<String> missing(Template template, String option) {
        for (String column : template.columns()) {
            if (!fields.has(column)) {
                return Optional.of(missing(column, option));
            }
        }
        return Optional.empty();
    }

    private String missing(String column, String option) {
        return "it has no `%s`, which %s names.%s It has %s."
                .formatted(
                        column,
                        option,
                        Suggestion.didYouMean(column, fields.names()),
                        columnList());
    }

    private String columnList() {
        return Table.list(fields.names(), MOST_NAMED);
    }

    private void addColumns() {
        for (int i = 0; i < fields.size() && columns.size() < MOST_COLUMNS; i++) {
            columns.add(fields.name(i));
        }
    }

    /** The names that rows have, in the order in which they appear first, the first thousand. */
    List<String> columns() {
        return List.copyOf(columns);
    }
}
