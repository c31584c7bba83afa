package dev.batchwright.provider.xai;

import dev.batchwright.http.Body;
import dev.batchwright.http.MultipartBody;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;
import dev.batchwright.provider.openai.ApiObject;
import dev.batchwright.provider.openai.BatchCalls;
import dev.batchwright.provider.openai.InputLines;
import dev.batchwright.provider.openai.JsonScan;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * xAI's batches: a container with counters, whose results come in pages. There is no status; it
 * follows from the counters, and from who has cancelled. Counters can go back after a cancel, so
 * rows that can be read outrank it.
 *
 * <p>A batch of ours is known by its name, in a list that has the names of xAI's own protocol:
 * {@code batches} and {@code pagination_token}. A list of another form proves nothing. A page of
 * results becomes lines, each a row as it came.
 */
public final class XaiBatch implements BatchApi {
    private static final String CHAT = "/v1/chat/completions";
    private static final String FILES = "/v1/files";
    private static final String BATCHES = "/v1/batches";
    private static final Duration WINDOW = Duration.ofDays(30);
    private static final Duration LAG = Duration.ofMinutes(10);
    // A page is held in memory: small, since rows may be large.
    private static final int RESULTS = 100;
    private static final Pattern LINE = Pattern.compile("(?i)\\bline (\\d{1,9})\\b");

    private final BatchCalls calls;
    private final InputLines lines = InputLines.withUrl(UnaryOperator.identity());
    private final XaiRow rows = new XaiRow();

    public XaiBatch(BatchCalls calls) {
        this.calls = calls;
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        if (!endpoint.equals(CHAT)) {
            return new BatchOffer.NotOffered(
                    "xai answers everything in a batch as a chat completion, so only %s is put there, not %s"
                            .formatted(CHAT, endpoint));
        }
        return new BatchOffer.Offered(
                50_000, 200_000_000, true, false, false, OptionalLong.empty(), 100, WINDOW, LAG);
    }

    @Override
    public long size(Request request) {
        return lines.size(request);
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        lines.write(requests, out);
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) throws InterruptedException {
        var form =
                new MultipartBody(
                        List.of(new MultipartBody.Field("purpose", "batch")),
                        "file",
                        BatchApi.displayName(order.tag()) + ".jsonl",
                        input);
        return BatchCalls.missesNothing(
                calls.upload(FILES, form, file -> file.text("id").or(() -> file.text("file_id"))));
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input)
            throws InterruptedException {
        if (!(input instanceof BatchInput.Uploaded(var file))) {
            return calls.refused("upload_needed", "A batch of xai is made of an uploaded file.");
        }
        if (!order.window().equals(WINDOW)) {
            return calls.refused(
                    "completion_window_unsupported",
                    "xai takes no completion window: a batch of it has 30 days. Nothing was sent.");
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("name", BatchApi.displayName(order.tag()));
        body.put("input_file_id", file);
        return BatchCalls.maybeTooEarly(
                calls.post(BATCHES, RawJson.of(body.toString()), XaiBatch::batch));
    }

    private static Optional<RemoteBatch> batch(ApiObject batch) {
        ApiObject state = batch.at("state");
        return batch.text("batch_id")
                .map(
                        id ->
                                new RemoteBatch(
                                        id,
                                        Optional.of(CHAT),
                                        phase(id, batch, state),
                                        new Counts(
                                                state.count("num_requests"),
                                                state.count("num_success"),
                                                state.count("num_error")),
                                        batch.time("expire_time")));
    }

    private static Phase phase(String id, ApiObject batch, ApiObject state) {
        var results = List.of(new ResultFile("results:" + id));
        Optional<String> refused = batch.text("cancel_by_xai_message");
        if (refused.isPresent()) {
            return new Phase.Ended(failure(refused.get()), results);
        }
        boolean cancelled = batch.has("cancel_time");
        boolean told = state.number("num_requests").isPresent();
        if (told && state.count("num_pending") == 0) {
            if (cancelled) {
                return new Phase.Ended(new End.Cancelled(), results);
            }
            if (state.count("num_requests") > 0) {
                return new Phase.Ended(new End.Completed(), results);
            }
        }
        String status = state.count("num_requests") == 0 ? "validating" : "in_progress";
        return new Phase.Running(cancelled ? "cancelling" : status, List.of());
    }

    // "JSONL file validation failed: line 2: ..."
    private static End failure(String message) {
        var error = new ItemError("cancelled_by_xai", message);
        Matcher line = LINE.matcher(message);
        if (line.find()) {
            return new End.Invalid(
                    List.of(
                            new InputProblem(
                                    Optional.of(Long.parseLong(line.group(1))),
                                    Optional.empty(),
                                    error)));
        }
        return message.contains("not supported for batch")
                ? new End.NotOffered(error)
                : new End.Failed(error);
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        String name = BatchApi.displayName(order.tag());
        Optional<ApiObject> oldest = Optional.empty();
        var pages = new Pages(BATCHES + "?limit=100");
        while (pages.goesOn()) {
            BatchAnswer<ApiObject> answer = calls.get(pages.path(), Optional::of);
            if (!(answer instanceof Given<ApiObject>(var page))) {
                return BatchCalls.provesNothing(answer);
            }
            if (!isList(page)) {
                return new Unknown<>(
                        new ItemError("unexpected_answer", "The list of xai has another form."),
                        Optional.empty());
            }
            for (ApiObject batch : page.at("batches").elements()) {
                if (batch.text("name").filter(name::equals).isPresent()
                        && oldest.map(known -> isOlder(batch, known)).orElse(true)) {
                    oldest = Optional.of(batch);
                }
            }
            pages.take(page.text("pagination_token"));
        }
        return pages.isStuck()
                ? unending()
                : new Given<>(
                        oldest.flatMap(XaiBatch::batch)
                                .<Search>map(Search.Found::new)
                                .orElseGet(Search.NotShown::new));
    }

    // One without any batch may leave the name out.
    private static boolean isList(ApiObject page) {
        return page.has("batches") || page.node().valueStream().noneMatch(JsonNode::isArray);
    }

    private static boolean isOlder(ApiObject one, ApiObject other) {
        Instant created = one.time("create_time").orElse(Instant.MAX);
        Instant known = other.time("create_time").orElse(Instant.MAX);
        return created.isBefore(known)
                || (created.equals(known)
                        && one.text("batch_id")
                                        .orElse("")
                                        .compareTo(other.text("batch_id").orElse(""))
                                < 0);
    }

    private static <T> BatchAnswer<T> unending() {
        return new Unknown<>(
                new ItemError("list_incomplete", "A list of xai comes back to where it was."),
                Optional.empty());
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        return calls.get(BATCHES + "/" + BatchCalls.segment(batchId), XaiBatch::batch);
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        BatchAnswer<RemoteBatch> answer =
                calls.post(
                        BATCHES + "/" + BatchCalls.segment(batchId) + ":cancel", XaiBatch::batch);
        return answer instanceof Refused<RemoteBatch> ? poll(batchId) : answer;
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException {
        String id = file.reference().substring(file.reference().indexOf(':') + 1);
        var pages =
                new Pages(
                        "%s/%s/results?limit=%d"
                                .formatted(BATCHES, BatchCalls.segment(id), RESULTS));
        long length = 0;
        while (pages.goesOn()) {
            BatchAnswer<byte[]> answer = calls.page(pages.path());
            if (!(answer instanceof Given<byte[]>(var page))) {
                return BatchCalls.failed(answer);
            }
            try {
                var copy = new PageCopy(page, out);
                pages.take(copy.copy());
                length += copy.length();
            } catch (JsonScan.NotJson broken) {
                return new Unknown<>(
                        new ItemError("invalid_json", "A page of results can't be read."),
                        Optional.empty());
            }
        }
        return pages.isStuck() ? unending() : new Given<>(length);
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return rows.read(line, offset, length);
    }

    /** The way through pages by their tokens; a token that comes again leads in circles. */
    private static final class Pages {
        private final String first;
        private final Set<String> seen = new HashSet<>();
        private Optional<String> token = Optional.empty();
        private boolean over;
        private boolean stuck;

        Pages(String first) {
            this.first = first;
        }

        boolean goesOn() {
            return !over;
        }

        boolean isStuck() {
            return stuck;
        }

        String path() {
            return first
                    + token.map(next -> "&pagination_token=" + BatchCalls.segment(next)).orElse("");
        }

        void take(Optional<String> next) {
            stuck = next.isPresent() && !seen.add(next.get());
            over = next.isEmpty() || stuck;
            token = next;
        }
    }

    /** Writes the rows of one page as lines. */
    private static final class PageCopy {
        private final byte[] page;
        private final OutputStream out;
        private long length;

        PageCopy(byte[] page, OutputStream out) {
            this.page = page;
            this.out = out;
        }

        long length() {
            return length;
        }

        /** Gives the token of the next page. */
        Optional<String> copy() {
            String token = "";
            var scan = new JsonScan(page, 0, page.length);
            if (!scan.beginObject()) {
                throw new JsonScan.NotJson();
            }
            while (scan.nextField()) {
                if (scan.nameIs("results") && scan.beginArray()) {
                    rows(scan);
                } else if (scan.nameIs("pagination_token")) {
                    token = scan.text();
                } else {
                    scan.skip();
                }
            }
            return token.isEmpty() ? Optional.empty() : Optional.of(token);
        }

        private void rows(JsonScan scan) {
            while (scan.nextElement()) {
                int from = scan.start();
                scan.skip();
                RawJson row = RawJson.of(page, from, scan.at() - from);
                try {
                    row.writeTo(out);
                    out.write('\n');
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                length += row.length() + 1L;
            }
        }
    }
}
