package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.BatchLine;
import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.Problem;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.model.Tokens;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * OpenAI's validation of an input file, which ends a batch as failed.
 *
 * @param endpoint the only url that lines may have; if empty, every one that the provider has
 * @param every whether each bad line is reported, not just the first
 * @param mostRows of a file
 */
record BatchCheck(
        Profile profile, Dialect dialect, Optional<String> endpoint, boolean every, long mostRows)
        implements Function<RowCursor, Inspection> {
    @Override
    public Inspection apply(RowCursor rows) {
        List<Problem> problems = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        String model = "";
        long tokens = 0;
        while (rows.next() && (every || problems.isEmpty())) {
            if (rows.row() > mostRows) {
                problems.add(
                        Problem.of(
                                "too_many_tasks",
                                "The number of requests in the batch file is above the limit of "
                                        + mostRows
                                        + "."));
                break;
            }
            Optional<BatchLine> line = BatchLine.read(rows.buffer(), rows.start(), rows.length());
            if (line.isPresent() && model.isEmpty()) {
                model = line.get().model();
            }
            problem(line, model, ids, rows.line()).ifPresent(problems::add);
            tokens += line.map(read -> Tokens.ofBytes(read.body().length)).orElse(0L);
        }
        if (rows.row() == 0) {
            problems.add(Problem.of("empty_file", "The batch input file has no requests."));
        }
        return new Inspection(rows.row(), tokens, profile.answered(model), problems);
    }

    private Optional<Problem> problem(
            Optional<BatchLine> read, String model, Set<String> ids, long number) {
        if (read.isEmpty()) {
            return at(number, "invalid_json_line", "", "This line is not parseable as valid JSON.");
        }
        BatchLine line = read.get();
        String missing = missing(line);
        if (!missing.isEmpty()) {
            return at(
                    number,
                    "missing_required_parameter",
                    missing,
                    "Missing required parameter: '%s'.".formatted(missing));
        }
        if (!line.method().equals("POST")) {
            return at(number, "invalid_method", "method", "Only the method POST is supported.");
        }
        if (!endpoint.map(dialect.canonical(line.url())::equals)
                .orElse(dialect.endpoints().contains(dialect.canonical(line.url())))) {
            return at(
                    number,
                    "invalid_url",
                    "url",
                    "The URL provided for this request does not match the batch endpoint.");
        }
        if (!ids.add(line.customId())) {
            return at(
                    number,
                    "duplicate_custom_id",
                    "custom_id",
                    "The custom_id is a duplicate of another request.");
        }
        if (line.model().isEmpty()) {
            return at(number, "invalid_request", "body.model", "Model parameter is required.");
        }
        if (!profile.knows(line.model())) {
            return at(
                    number,
                    "model_not_found",
                    "body.model",
                    "The provided model '%s' is not supported by the Batch API."
                            .formatted(line.model()));
        }
        if (!line.model().equals(model) && !dialect.has(Dialect.Trait.MIXED_MODELS)) {
            return at(
                    number,
                    "mismatched_model",
                    "body.model",
                    "The request body model must be the same for all requests in a batch.");
        }
        if (line.streamed()) {
            return at(
                    number,
                    "streaming_unsupported",
                    "body.stream",
                    "Chat Completions: stream is not supported in the Batch API.");
        }
        if (!line.prompted() && dialect.canonical(line.url()).equals("/v1/chat/completions")) {
            return at(
                    number, "invalid_request", "body.messages", "Messages parameter is required.");
        }
        return Optional.empty();
    }

    /** The first thing that every line needs and this one does not have, or "". */
    private static String missing(BatchLine line) {
        if (line.customId().isEmpty()) {
            return "custom_id";
        }
        if (line.method().isEmpty()) {
            return "method";
        }
        if (line.url().isEmpty()) {
            return "url";
        }
        return line.body().length == 0 ? "body" : "";
    }

    private Optional<Problem> at(long line, String code, String param, String message) {
        return Optional.of(
                new Problem(
                        dialect.codes().getOrDefault(code, code),
                        message,
                        param.isEmpty() ? Optional.empty() : Optional.of(param),
                        OptionalLong.of(line)));
    }
}
