package dev.batchwright.provider.openai;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.ResultRow.Answer.InLine;
import dev.batchwright.provider.ResultRow.Answer.Made;
import dev.batchwright.provider.ResultRow.Blank;
import dev.batchwright.provider.ResultRow.Failed;
import dev.batchwright.provider.ResultRow.Form;
import dev.batchwright.provider.ResultRow.Succeeded;
import dev.batchwright.provider.ResultRow.Unreadable;
import dev.batchwright.provider.openai.OpenAiApi.Forbidden;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads the rows of result files in OpenAI's shape and its relatives: {@code custom_id}, {@code
 * response} with {@code status_code} and {@code body}, {@code error}. Fireworks' response is the
 * body itself.
 *
 * <p>A row succeeded if its status is 2xx and its body is what the endpoint gives; that its {@code
 * error} is null proves nothing. One walk over the bytes tells that, and only a row that failed is
 * looked at again, by the same rules as an answer of the live lane.
 *
 * <p>Thread-safe.
 */
public final class RowReader {
    private static final int OK = 200;

    private final Forbidden forbidden;

    RowReader(Forbidden forbidden) {
        this.forbidden = forbidden;
    }

    /** See {@link dev.batchwright.provider.BatchApi#read}. */
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        int from = offset;
        int to = offset + length;
        if (length >= 3 && line[from] == (byte) 0xef && line[from + 1] == (byte) 0xbb) {
            from += 3; // A BOM.
        }
        while (from < to && JsonScan.isBlank(line[from])) {
            from++;
        }
        if (from == to) {
            return new Blank();
        }
        if (line[from] != '{') {
            return new Unreadable("the line is not a JSON object");
        }
        var row = new Row(AnswerKind.of(endpoint), line, offset);
        try {
            row.scan(new JsonScan(line, from, to - from));
            return row.judge();
        } catch (JsonScan.NotJson broken) {
            return new Unreadable("the line is not valid JSON");
        }
    }

    /** One row while it is read. */
    private final class Row {
        private final AnswerKind kind;
        private final byte[] line;
        private final int lineStart;

        private String wireId = "";
        private final Slice response = new Slice();
        private final Slice error = new Slice();
        private final Slice body = new Slice();
        private boolean errorIsObject;
        private boolean bodyIsObject;
        private boolean bodyIsArray;
        private boolean bodyIsString;
        private boolean bodyIsError;
        private boolean hasField;
        private String bodyStatus = "";
        private Usage usage = Usage.NONE;
        private int status;
        private boolean statusIsNumber;
        private boolean hasRequestId;
        private final Slice requestId = new Slice();

        Row(AnswerKind kind, byte[] line, int lineStart) {
            this.kind = kind;
            this.line = line;
            this.lineStart = lineStart;
        }

        void scan(JsonScan scan) {
            scan.beginObject();
            while (scan.nextField()) {
                if (scan.nameIs("custom_id")) {
                    wireId = scan.text();
                } else if (scan.nameIs("response")) {
                    scanResponse(scan);
                } else if (scan.nameIs("error")) {
                    errorIsObject = scan.isObject();
                    error.take(scan);
                } else {
                    scan.skip();
                }
            }
            scan.end();
        }

        private void scanResponse(JsonScan scan) {
            if (!scan.isObject()) {
                response.take(scan);
                return;
            }
            int from = scan.start();
            boolean isAnswer = false;
            scan.beginObject();
            while (scan.nextField()) {
                if (scan.nameIs("status_code")) {
                    statusIsNumber = !scan.isString();
                    status = (int) Math.min(scan.number(), 999);
                } else if (scan.nameIs("request_id")) {
                    hasRequestId = true;
                    requestId.take(scan);
                } else if (scan.nameIs("body")) {
                    scanBody(scan);
                } else {
                    isAnswer |= scan.nameIs(kind.field());
                    scan.skip();
                }
            }
            response.is(from, scan.at());
            if (isAnswer && status == 0 && body.isEmpty()) {
                status = OK;
                scanBody(new JsonScan(line, from, response.length()));
            }
        }

        private void scanBody(JsonScan scan) {
            bodyIsObject = scan.isObject();
            bodyIsArray = scan.isArray();
            bodyIsString = scan.isString();
            if (!bodyIsObject) {
                body.take(scan);
                return;
            }
            int from = scan.start();
            scan.beginObject();
            while (scan.nextField()) {
                if (scan.isNull()) {
                    scan.skip();
                } else if (scan.nameIs(kind.field())) {
                    hasField = true;
                    scan.skip();
                } else if (scan.nameIs("usage")) {
                    usage = UsageReader.read(scan);
                } else if (scan.nameIs("status")) {
                    bodyStatus = scan.text();
                } else if (scan.nameIs("object")) {
                    bodyIsError |= scan.textIs("error");
                } else if (scan.nameIs("error")) {
                    bodyIsError |= !scan.isFalse();
                    scan.skip();
                } else {
                    scan.skip();
                }
            }
            body.is(from, scan.at());
        }

        ResultRow judge() {
            if (wireId.isEmpty()) {
                return new Unreadable("the line has no custom_id");
            }
            boolean good =
                    isGood(status)
                            && (bodyIsObject || bodyIsArray)
                            && !bodyIsError
                            && kind.judge(bodyStatus, hasField, bodyIsArray)
                                    == AnswerKind.Judgement.COMPLETE;
            return good ? new Succeeded(wireId, usage, answer()) : failure();
        }

        private ResultRow failure() {
            if (response.isEmpty() || body.isEmpty()) {
                return withoutBody();
            }
            byte[] content = bodyIsString ? text(body) : body.copy(line);
            Optional<Answer> parsed = Answer.parse(content);
            ResultRow.Answer answer =
                    bodyIsString && parsed.isPresent()
                            ? new Made(new Reply(status, requestId(), Answer.json(content, true)))
                            : answer();
            if (isGood(status) && parsed.isPresent() && !parsed.get().isError()) {
                return unexpected(parsed.get(), answer);
            }
            if (isGood(status) && parsed.isEmpty()) {
                return failed("invalid_json", "The answer is not valid JSON.", true, answer);
            }
            ApiError told = parsed.map(Answer::error).orElse(ApiError.NONE);
            ApiError why = told.isEmpty() ? rowError() : told;
            int number = why.number();
            int code = isGood(status) ? (number >= 400 && number < 600 ? number : 200) : status;
            return failed(
                    why.code(code),
                    why.message(code),
                    Meaning.of(code, why, forbidden).isPassing(),
                    answer);
        }

        private ResultRow unexpected(Answer content, ResultRow.Answer answer) {
            return switch (kind.judge(content)) {
                // It was hidden in a string.
                case COMPLETE -> new Succeeded(wireId, content.usage(), answer);
                case UNFINISHED ->
                        failed(
                                "unfinished_answer",
                                "The provider answered before the work was done (status `%s`). Remove `background` from the request."
                                        .formatted(content.status()),
                                false,
                                answer);
                case OTHER ->
                        failed(
                                "unexpected_answer",
                                "The answer is not what this endpoint gives.",
                                true,
                                answer);
            };
        }

        private ResultRow withoutBody() {
            ApiError why = rowError();
            if (why.isEmpty() && status == 0) {
                return failed(
                        "no_result",
                        "The batch gave neither an answer nor a reason.",
                        true,
                        new ResultRow.Answer.None());
            }
            // An error without an HTTP status is judged as one inside a 200: a refusal if it says
            // so.
            int number = why.number();
            int code = status >= 400 ? status : number >= 400 && number < 600 ? number : 200;
            ResultRow.Answer answer =
                    errorIsObject
                            ? new InLine(Form.ERROR, status, error.from - lineStart, error.length())
                            : new ResultRow.Answer.None();
            return failed(
                    code == 200 && why.code().isEmpty() ? "batch_error" : why.code(code),
                    code == 200 && why.message().isEmpty()
                            ? "The batch did not run this request and gave no reason."
                            : why.message(code),
                    Meaning.of(code, why, forbidden).isPassing(),
                    answer);
        }

        private Failed failed(
                String code, String message, boolean retryable, ResultRow.Answer answer) {
            return new Failed(wireId, new ItemError(code, message), retryable, usage, answer);
        }

        // OpenAI's own response object as it is; one that lacks a part is told by its body.
        private ResultRow.Answer answer() {
            return hasRequestId && statusIsNumber
                    ? new InLine(
                            Form.RESPONSE, status, response.from - lineStart, response.length())
                    : new InLine(Form.BODY, status, body.from - lineStart, body.length());
        }

        private ApiError rowError() {
            if (error.isEmpty()) {
                return ApiError.NONE;
            }
            String wrapped = "{\"error\":" + error.string(line) + "}";
            return Answer.parse(wrapped.getBytes(StandardCharsets.UTF_8))
                    .map(Answer::error)
                    .orElse(ApiError.NONE);
        }

        private String requestId() {
            return requestId.isEmpty()
                    ? ""
                    : new JsonScan(line, requestId.from, requestId.length()).text();
        }

        private byte[] text(Slice string) {
            return new JsonScan(line, string.from, string.length())
                    .text()
                    .getBytes(StandardCharsets.UTF_8);
        }

        private static boolean isGood(int status) {
            return status >= 200 && status < 300;
        }
    }

    /** Where a value other than null stands; empty if there is none. */
    private static final class Slice {
        private int from;
        private int to;

        void take(JsonScan scan) {
            boolean isNull = scan.isNull();
            int start = scan.start();
            scan.skip();
            if (!isNull) {
                is(start, scan.at());
            }
        }

        void is(int start, int end) {
            from = start;
            to = end;
        }

        boolean isEmpty() {
            return from == to;
        }

        int length() {
            return to - from;
        }

        byte[] copy(byte[] line) {
            return Arrays.copyOfRange(line, from, to);
        }

        String string(byte[] line) {
            return new String(line, from, length(), StandardCharsets.UTF_8);
        }
    }
}
