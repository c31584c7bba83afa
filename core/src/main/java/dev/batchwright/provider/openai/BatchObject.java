package dev.batchwright.provider.openai;

import dev.batchwright.job.ItemError;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * OpenAI's batch object. What the API declares as always there may be null or absent on the wire,
 * and copies of the API differ in spelling.
 *
 * @param accountProblem what is wrong with the account, if that is what an error tells
 * @param partial whether its output can be read while it runs. What has failed by then is not
 *     final: the server may try it again
 */
record BatchObject(
        ApiObject batch, Function<ApiError, Optional<String>> accountProblem, boolean partial) {
    private static final Pattern QUEUE_LIMIT = Pattern.compile("(?i)limit:\\s*([\\d,._ ]*\\d)");
    private static final Pattern NOT_IN_BATCHES =
            Pattern.compile("(?i)not supported (by|in|for) (the )?batch|not (a )?batch");
    private static final Set<String> OF_THE_INPUT =
            Set.of(
                    "invalid_json_line",
                    "missing_required_parameter",
                    "duplicate_custom_id",
                    "mismatched_model",
                    "model_mismatch",
                    "invalid_url",
                    "url_mismatch",
                    "invalid_request",
                    "streaming_unsupported",
                    "too_many_tasks",
                    "empty_batch",
                    "empty_file");

    Optional<RemoteBatch> read() {
        return batch.text("id")
                .filter(id -> batch.text("status").isPresent())
                .map(
                        id ->
                                new RemoteBatch(
                                        id,
                                        batch.text("endpoint").map(BatchObject::endpoint),
                                        phase(batch.text("status").orElse("")),
                                        counts(),
                                        batch.time("expires_at")));
    }

    // Azure's older surface leaves /v1 out.
    private static String endpoint(String told) {
        return told.startsWith("/v1/") ? told : "/v1" + (told.startsWith("/") ? "" : "/") + told;
    }

    private Counts counts() {
        ApiObject counts = batch.at("request_counts");
        return new Counts(counts.count("total"), counts.count("completed"), counts.count("failed"));
    }

    private Phase phase(String status) {
        // One l or two, capitals or none.
        return switch (status.toLowerCase(Locale.ROOT).replace("cancell", "cancel")) {
            case "completed" -> ended(new End.Completed());
            case "expired" -> ended(new End.Expired());
            case "canceled" -> ended(new End.Cancelled());
            case "failed" -> ended(failure());
            default -> new Phase.Running(status, partial ? files("output") : List.of());
        };
    }

    // Whatever the state says: a cancelled or failed batch may have results too.
    private Phase ended(End end) {
        return new Phase.Ended(end, files("output", "error"));
    }

    private List<ResultFile> files(String... kinds) {
        return Stream.of(kinds)
                .flatMap(
                        kind ->
                                batch.text(kind + "_file_id").stream()
                                        .map(id -> new ResultFile(kind + ":" + id)))
                .toList();
    }

    /** One problem that the batch failed for. */
    private record Told(ApiError error, String param, Optional<Long> line) {
        static Told of(ApiObject problem) {
            return new Told(
                    ApiError.of(
                            problem.text("code").orElse(""),
                            "",
                            problem.text("message").orElse("")),
                    problem.text("param").orElse(""),
                    problem.number("line").filter(line -> line > 0));
        }

        ItemError asError() {
            return new ItemError(
                    error.code().isEmpty() ? "batch_failed" : error.code(),
                    error.message().isEmpty() ? "The provider gave no reason." : error.message());
        }

        boolean isFullQueue() {
            return error.code().equals("token_limit_exceeded")
                    || error.message().startsWith("Enqueued token limit");
        }

        // A batch has one model, so this is about all of its requests.
        boolean isModel() {
            return error.code().equals("model_not_found")
                    || NOT_IN_BATCHES.matcher(error.message()).find();
        }

        // A file that can't be seen is the provider's trouble: it took that file.
        boolean isInput() {
            return !param.equals("file_id")
                    && (line.isPresent() || OF_THE_INPUT.contains(error.code()));
        }
    }

    private End failure() {
        List<Told> problems =
                batch.at("errors").at("data").elements().stream().map(Told::of).toList();
        for (Told problem : problems) {
            if (problem.isFullQueue()) {
                return new End.QueueFull(problem.asError(), queueLimit(problem.error().message()));
            }
            if (problem.isModel()) {
                return new End.NotOffered(problem.asError());
            }
            Optional<String> account = accountProblem.apply(problem.error());
            if (account.isPresent()) {
                return new End.Blocked(account.get());
            }
        }
        var ofInput = new ArrayList<InputProblem>();
        for (Told problem : problems) {
            if (problem.isInput()) {
                ofInput.add(new InputProblem(problem.line(), Optional.empty(), problem.asError()));
            }
        }
        if (!ofInput.isEmpty()) {
            return new End.Invalid(ofInput);
        }
        return new End.Failed(
                problems.stream()
                        .findFirst()
                        .map(Told::asError)
                        .orElse(
                                new ItemError(
                                        "batch_failed",
                                        "The batch failed, and the provider gave no reason.")));
    }

    private static Optional<Long> queueLimit(String message) {
        Matcher limit = QUEUE_LIMIT.matcher(message);
        return limit.find()
                ? Optional.of(limit.group(1).replaceAll("\\D", ""))
                        .filter(digits -> digits.length() <= 18)
                        .map(Long::parseLong)
                : Optional.empty();
    }
}
