package dev.batchwright.provider.anthropic;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.ResultRow.Answer;
import dev.batchwright.provider.ResultRow.Form;

import java.time.Instant;
import java.util.Optional;

/**
 * Reads a line of a batch's results. What did not succeed costs nothing and comes without a usage.
 * The error of a row is the whole envelope of a live call's, so it is kept as such a body, with the
 * status that it would have had.
 */
final class ResultLine {
    private static final int LONGEST_MESSAGE = 1000;

    private final byte[] line;
    private final int offset;
    private final int length;
    private final boolean translated;
    private final Instant now;

    private ResultLine(byte[] line, int offset, int length, boolean translated, Instant now) {
        this.line = line;
        this.offset = offset;
        this.length = length;
        this.translated = translated;
        this.now = now;
    }

    /**
     * @param translated whether the requests were written as chat completions
     */
    static ResultRow read(byte[] line, int offset, int length, boolean translated, Instant now) {
        return new ResultLine(line, offset, length, translated, now).row();
    }

    private ResultRow row() {
        if (isBlank()) {
            return new ResultRow.Blank();
        }
        Optional<JsonPart> row = JsonPart.parse(line, offset, length);
        if (row.isEmpty()) {
            return new ResultRow.Unreadable("it is not JSON");
        }
        String wireId = row.get().text("custom_id");
        if (wireId.isEmpty()) {
            return new ResultRow.Unreadable("it has no custom_id");
        }
        return row.get()
                .field("result")
                .map(result -> result(wireId, result))
                .orElseGet(() -> unexpected(wireId, "The row has no result."));
    }

    private boolean isBlank() {
        for (int i = offset; i < offset + length; i++) {
            if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r' && line[i] != '\n') {
                return false;
            }
        }
        return true;
    }

    private ResultRow result(String wireId, JsonPart result) {
        return switch (result.text("type")) {
            case "succeeded" ->
                    result.field("message")
                            .map(message -> succeeded(wireId, message))
                            .orElseGet(() -> unexpected(wireId, "The row has no message."));
            case "errored" -> errored(wireId, result);
            case "canceled" ->
                    notExecuted(wireId, "canceled", "The batch was cancelled before this request.");
            case "expired" ->
                    notExecuted(wireId, "expired", "The batch expired before this request.");
            default -> unexpected(wireId, "The row is of a type that is not known.");
        };
    }

    private ResultRow succeeded(String wireId, JsonPart message) {
        Usage usage = MessageUsage.of(message);
        if (!Classifier.isMessage(message)) {
            return new ResultRow.Failed(
                    wireId,
                    new ItemError("unexpected_answer", "The answer is not a message."),
                    true,
                    usage,
                    inLine(200, message));
        }
        Answer answer =
                translated
                        ? new Answer.Made(new Reply(200, "", MessageToChat.translate(message, now)))
                        : inLine(200, message);
        return new ResultRow.Succeeded(wireId, usage, answer);
    }

    private ResultRow errored(String wireId, JsonPart result) {
        Optional<JsonPart> envelope = result.field("error").filter(JsonPart::isObject);
        if (envelope.isEmpty()) {
            return unexpected(wireId, "The row has no error.");
        }
        JsonPart error =
                envelope.get().field("error").filter(JsonPart::isObject).orElse(envelope.get());
        String type = error.text("type");
        String message = error.text("message");
        return new ResultRow.Failed(
                wireId,
                new ItemError(type.isEmpty() ? "errored" : type, message(message)),
                isRetryable(Meaning.of(type, message)),
                Usage.NONE,
                inLine(Meaning.status(type), envelope.get()));
    }

    private static String message(String said) {
        if (said.isEmpty()) {
            return "The request failed without a reason.";
        }
        return said.length() > LONGEST_MESSAGE ? said.substring(0, LONGEST_MESSAGE) + " ..." : said;
    }

    private static boolean isRetryable(Meaning meaning) {
        return switch (meaning) {
            case THROTTLED, OVERLOADED, TRANSIENT -> true;
            // No item's fault: whoever tries again is told by the account what is wrong with it.
            case KEY, QUOTA -> true;
            case ITEM, ACCOUNT, NO_SUCH_PLACE -> false;
        };
    }

    private static ResultRow notExecuted(String wireId, String code, String message) {
        return new ResultRow.Failed(
                wireId, new ItemError(code, message), true, Usage.NONE, new Answer.None());
    }

    private static ResultRow unexpected(String wireId, String message) {
        return new ResultRow.Failed(
                wireId,
                new ItemError("unexpected_answer", message),
                true,
                Usage.NONE,
                new Answer.None());
    }

    private Answer inLine(int status, JsonPart body) {
        return new Answer.InLine(Form.BODY, status, body.start() - offset, body.length());
    }
}
