package dev.batchwright.provider.openai;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.http.HttpResult.Response;
import dev.batchwright.http.RetryAfter;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Later;
import dev.batchwright.provider.BatchAnswer.Missing;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.InputProblem;

import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The calls that batch adapters of the family make, and what an answer to them means: the same
 * words of error and the same rules as in the live lane, but with an eye on what may have been done
 * already. Only an answer that says no proves that nothing was; a server error, a timeout, a broken
 * connection and an answer that can't be read prove nothing.
 */
public final class BatchCalls {
    private static final Duration CALL = Duration.ofMinutes(2);
    // Some read and check all of an input before they answer.
    private static final Duration UPLOAD_SILENCE = Duration.ofMinutes(10);
    private static final Duration DOWNLOAD_SILENCE = Duration.ofMinutes(2);

    private static final Pattern QUEUE = Pattern.compile("(?i)\\b(queued?|enqueued)\\b");
    // Line 7, "line": 7, ["line", 7], "line_number":7
    private static final Pattern LINE =
            Pattern.compile("(?i)\\bline(?:_?number)?\"?[ :#,]+(\\d{1,9})\\b");
    private static final Pattern FILE_NOT_VISIBLE =
            Pattern.compile("(?i)(cannot|can't|could not|unable to) find file|no such file");

    private static final String LAST_LINE = "x-last-line";

    private final HttpClient http;
    private final BaseUrl baseUrl;
    private final Headers headers;
    private final OpenAiApi api;
    private final Account account;
    private final Clock clock;

    /** Makes something of a good answer; nothing if it is not what was asked for. */
    @FunctionalInterface
    public interface Reader<T> {
        Optional<T> read(ApiObject answer);
    }

    BatchCalls(
            HttpClient http,
            BaseUrl baseUrl,
            Headers headers,
            OpenAiApi api,
            Account account,
            Clock clock) {
        this.http = http;
        this.baseUrl = baseUrl;
        this.headers = headers;
        this.api = api;
        this.account = account;
        this.clock = clock;
    }

    /** The same calls to another part of the same server. */
    public BatchCalls to(UnaryOperator<BaseUrl> place) {
        return new BatchCalls(http, place.apply(baseUrl), headers, api, account, clock);
    }

    /** An id as a part of a path. */
    public static String segment(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public String provider() {
        return api.name();
    }

    OpenAiApi api() {
        return api;
    }

    BaseUrl baseUrl() {
        return baseUrl;
    }

    /** Reads this provider's rows. */
    public RowReader rows() {
        return new RowReader(api.forbidden());
    }

    /**
     * @param path from {@code /v1} on, with a query or without
     */
    public <T> BatchAnswer<T> get(String path, Reader<T> reader) throws InterruptedException {
        HttpCall call = new HttpCall("GET", baseUrl.resource(path), headers, Body.none());
        return judge(http.send(call, CALL), path, false, reader);
    }

    /** A POST without a body, to one thing. */
    public <T> BatchAnswer<T> post(String path, Reader<T> reader) throws InterruptedException {
        HttpCall call = new HttpCall("POST", baseUrl.resource(path), headers, Body.none());
        return judge(http.send(call, CALL), path, false, reader);
    }

    public <T> BatchAnswer<T> post(String path, RawJson body, Reader<T> reader)
            throws InterruptedException {
        HttpCall call = new HttpCall("POST", baseUrl.resource(path), headers, Body.json(body));
        return judge(http.send(call, CALL), path, true, reader);
    }

    /** Deletes one thing; what is answered says nothing more. */
    public BatchAnswer<Boolean> delete(String path) throws InterruptedException {
        HttpCall call = new HttpCall("DELETE", baseUrl.resource(path), headers, Body.none());
        return judge(http.send(call, CALL), path, false, answer -> Optional.of(true));
    }

    /** A POST of something large, which may take as long as the line needs. */
    public <T> BatchAnswer<T> upload(String path, Body body, Reader<T> reader)
            throws InterruptedException {
        HttpCall call = new HttpCall("POST", baseUrl.resource(path), headers, body);
        return judge(http.upload(call, UPLOAD_SILENCE), path, true, reader);
    }

    /** Streams a file, see {@link dev.batchwright.provider.BatchApi#download}. */
    public BatchAnswer<Long> download(String path, long from, OutputStream out)
            throws InterruptedException {
        return download(
                new HttpCall("GET", baseUrl.resource(path), headers, Body.none()), from, out);
    }

    /**
     * Streams what a file has behind so many lines, from a server that leaves them out when it is
     * asked to, and says with which line the file ends by now: one that does not know the question
     * gives all of the file, which that tells.
     */
    public BatchAnswer<Long> downloadBehind(String path, long before, OutputStream out)
            throws InterruptedException {
        HttpCall call =
                new HttpCall(
                        "GET", baseUrl.resource(path + "?skip=" + before), headers, Body.none());
        var lines = new LineFile(out, 0);
        HttpResult result = http.download(call, 0, lines, DOWNLOAD_SILENCE);
        if (!(result instanceof Response response) || !isGood(response.status())) {
            return judge(result, path, false, answer -> Optional.empty());
        }
        long length = lines.finish();
        String end = String.valueOf(before + lines.lines());
        return response.headers().first(LAST_LINE).filter(end::equals).isPresent()
                ? new Given<>(length)
                : refused(
                        "unexpected_answer",
                        "Where these results of %s begin can't be told.".formatted(api.name()));
    }

    /**
     * Streams a file from an address elsewhere, signed, which gets nothing of our headers. What it
     * refuses says nothing of the account: the address may have run out.
     */
    public BatchAnswer<Long> downloadElsewhere(URI address, long from, OutputStream out)
            throws InterruptedException {
        BatchAnswer<Long> answer =
                download(new HttpCall("GET", address, Headers.NONE, Body.none()), from, out);
        return switch (answer) {
            case Given<Long> given -> given;
            case Blocked<Long>(var problem) -> unknown("address_refused", problem);
            default -> provesNothing(answer);
        };
    }

    private BatchAnswer<Long> download(HttpCall call, long from, OutputStream out)
            throws InterruptedException {
        var lines = new LineFile(out, from);
        HttpResult result = http.download(call, lines.skip(), lines, DOWNLOAD_SILENCE);
        if (result instanceof Response response && isGood(response.status())) {
            return new Given<>(lines.finish());
        }
        return judge(result, call.uri().getPath(), false, answer -> Optional.empty());
    }

    /**
     * Asks where to bring a file: a form is answered with a redirect to a signed address, and the
     * file's name in a header.
     *
     * @param form its fields, encoded
     */
    public BatchAnswer<Elsewhere> elsewhere(String path, String form, String idHeader)
            throws InterruptedException {
        Body body = Body.text(form, "application/x-www-form-urlencoded");
        HttpCall call = new HttpCall("POST", baseUrl.resource(path), headers, body);
        HttpResult result = http.sendHere(call, CALL);
        if (result instanceof Response response && response.status() / 100 == 3) {
            return Elsewhere.of(response.headers(), idHeader)
                    .<BatchAnswer<Elsewhere>>map(Given::new)
                    .orElseGet(
                            () ->
                                    unknown(
                                            "unexpected_answer",
                                            "The answer of %s names no place for the file."
                                                    .formatted(api.name())));
        }
        return judge(result, path, true, answer -> Optional.empty());
    }

    /** A place outside of the API, and what the provider calls what is brought there. */
    public record Elsewhere(URI address, String id) {
        static Optional<Elsewhere> of(Headers headers, String idHeader) {
            try {
                return headers.first("location")
                        .map(URI::create)
                        .filter(URI::isAbsolute)
                        .flatMap(
                                address ->
                                        headers.first(idHeader)
                                                .map(id -> new Elsewhere(address, id)));
            } catch (IllegalArgumentException notAnAddress) {
                return Optional.empty();
            }
        }

        /** Without the address: whoever knows it may write there. */
        @Override
        public String toString() {
            return id;
        }
    }

    /** Brings a file to a signed address, which gets nothing of our headers. */
    public <T> BatchAnswer<T> put(URI address, Body body, T value) throws InterruptedException {
        HttpResult result =
                http.upload(new HttpCall("PUT", address, Headers.NONE, body), UPLOAD_SILENCE);
        return result instanceof Response response && isGood(response.status())
                ? new Given<>(value)
                : judge(result, address.getPath(), true, answer -> Optional.empty());
    }

    /** The raw bytes of a page of results. */
    public BatchAnswer<byte[]> page(String path) throws InterruptedException {
        HttpCall call = new HttpCall("GET", baseUrl.resource(path), headers, Body.none());
        HttpResult result = http.send(call, CALL);
        return result instanceof Response response && isGood(response.status())
                ? new Given<>(response.body())
                : judge(result, path, false, answer -> Optional.empty());
    }

    /** A failure, as one to give another kind of thing. */
    public static <T> BatchAnswer<T> failed(BatchAnswer<?> answer) {
        return switch (answer) {
            case Later<?>(var error, var retryAfter, var queueFull) ->
                    new Later<>(error, retryAfter, queueFull);
            case Unknown<?>(var error, var retryAfter) -> new Unknown<>(error, retryAfter);
            case Missing<?>(var error) -> new Missing<>(error);
            case Refused<?>(var error, var problems) -> new Refused<>(error, problems);
            case Blocked<?>(var problem) -> new Blocked<>(problem);
            case Given<?> given -> throw new IllegalArgumentException("That is no failure");
        };
    }

    /** The failure of a look through a list: no list is no proof that something is not there. */
    public static <T> BatchAnswer<T> provesNothing(BatchAnswer<?> page) {
        return switch (page) {
            case Missing<?>(var error) -> new Unknown<>(error, Optional.empty());
            case Refused<?>(var error, var problems) -> new Unknown<>(error, Optional.empty());
            default -> failed(page);
        };
    }

    /** The answer to a create call: a file that was just uploaded may not be visible yet. */
    public static <T> BatchAnswer<T> maybeTooEarly(BatchAnswer<T> answer) {
        return switch (answer) {
            case Missing<T>(var error) -> new Later<>(error, Optional.empty(), false);
            case Refused<T>(var error, var problems)
                    when FILE_NOT_VISIBLE.matcher(error.message()).find() ->
                    new Later<>(error, Optional.empty(), false);
            default -> answer;
        };
    }

    /** The answer to an upload, which asks for nothing that could be missing. */
    public static <T> BatchAnswer<T> missesNothing(BatchAnswer<T> answer) {
        return answer instanceof Missing<T>(var error) ? new Refused<>(error, List.of()) : answer;
    }

    /** For what must not be sent: this provider would refuse it. */
    public <T> BatchAnswer<T> refused(String code, String message) {
        return new Refused<>(new ItemError(code, message), List.of());
    }

    /**
     * @param brings whether the call brought something: a 404 is then about the address
     */
    private <T> BatchAnswer<T> judge(
            HttpResult result, String path, boolean brings, Reader<T> reader) {
        return switch (result) {
            case Response response when isGood(response.status()) ->
                    ApiObject.parse(response.body())
                            .flatMap(reader::read)
                            .<BatchAnswer<T>>map(Given::new)
                            .orElseGet(
                                    () ->
                                            unknown(
                                                    "unexpected_answer",
                                                    "The answer of %s to %s can't be read."
                                                            .formatted(api.name(), place(path))));
            case Response response -> refusal(response, path, brings);
            case HttpResult.Failure failure -> account.noAnswer().batch(failure);
        };
    }

    private static boolean isGood(int status) {
        return status >= 200 && status < 300;
    }

    private static <T> BatchAnswer<T> unknown(String code, String message) {
        return new Unknown<>(new ItemError(code, message), Optional.empty());
    }

    private static String place(String path) {
        return path.replaceFirst("\\?.*", "");
    }

    private <T> BatchAnswer<T> refusal(Response response, String path, boolean brings) {
        int status = response.status();
        Optional<Answer> answer = Answer.parse(response.body());
        ApiError told = answer.map(Answer::error).orElse(ApiError.NONE);
        String code = told.code(status);
        String message = told.message(status);
        var error = new ItemError(code, message);
        Optional<Duration> retryAfter = RetryAfter.parse(response.headers(), clock.instant());
        if (status >= 500 || status == 408 || status < 400) {
            return new Unknown<>(error, retryAfter);
        }
        if (status == 404) {
            return brings && !answer.map(Answer::isOfAnApi).orElse(false)
                    ? new Blocked<>(account.noSuchPlace(status, place(path)))
                    : new Missing<>(error);
        }
        boolean queueFull = QUEUE.matcher(message).find();
        return switch (Meaning.of(status, told, api.forbidden())) {
            case THROTTLED, OVERLOADED -> new Later<>(error, retryAfter, queueFull);
            case TRANSIENT ->
                    // Conflicts are final: whoever knows better for a call says so there.
                    status == 425
                            ? new Later<>(error, retryAfter, false)
                            : new Refused<>(error, List.of());
            case KEY -> new Blocked<>(account.keyRefused(status, code));
            case QUOTA -> new Blocked<>(account.nothingLeft(status, code, message));
            case ACCOUNT -> new Blocked<>(account.refused(status, code, message));
            case NO_SUCH_PLACE -> new Blocked<>(account.noSuchPlace(status, place(path)));
            case ITEM -> new Refused<>(error, lines(response.body(), error));
        };
    }

    /** The account's own trouble, where an error tells of it though nobody was asked. */
    Optional<String> accountProblem(ApiError error) {
        return switch (Meaning.of(400, error, api.forbidden())) {
            case KEY -> Optional.of(account.keyRefused(200, error.code(200)));
            case QUOTA ->
                    Optional.of(account.nothingLeft(200, error.code(200), error.message(200)));
            case ACCOUNT -> Optional.of(account.refused(200, error.code(200), error.message(200)));
            case THROTTLED, OVERLOADED, TRANSIENT, ITEM, NO_SUCH_PLACE -> Optional.empty();
        };
    }

    // An upload that is checked line by line names those that are wrong, in its words alone.
    private static List<InputProblem> lines(byte[] body, ItemError error) {
        var problems = new ArrayList<InputProblem>();
        Matcher line = LINE.matcher(new String(body, StandardCharsets.UTF_8));
        while (line.find()) {
            problems.add(
                    new InputProblem(
                            Optional.of(Long.parseLong(line.group(1))), Optional.empty(), error));
        }
        return problems.stream().distinct().toList();
    }
}
