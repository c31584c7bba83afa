package dev.batchwright.engine;

import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.store.AnswerForm;
import dev.batchwright.store.BatchWork;

import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides what a line of a batch's results counts as. What may go better another time is left for
 * the next round, unless this is the last.
 */
final class RowJudge implements BatchWork.Judge {
    private final BatchApi api;
    private final String endpoint;
    private final BatchTag tag;
    private final int round;
    private final boolean last;
    private final Function<Usage, Cost> price;
    private final Set<Long> left = new HashSet<>();
    private long strangers;
    private boolean knewAny;

    RowJudge(
            BatchApi api,
            String endpoint,
            BatchTag tag,
            int round,
            boolean last,
            Function<Usage, Cost> price) {
        this.api = api;
        this.endpoint = endpoint;
        this.tag = tag;
        this.round = round;
        this.last = last;
        this.price = price;
    }

    /** Lines that carry an id which is none of this batch's. */
    long strangers() {
        return strangers;
    }

    /** Whether any line was of this batch. */
    boolean knewAny() {
        return knewAny;
    }

    /** Whether a line says that this request was not executed, and may be sent again. */
    boolean hasLeft(long seq) {
        return left.contains(seq);
    }

    @Override
    public BatchWork.Verdict judge(byte[] line, int offset, int length) {
        return switch (api.read(endpoint, line, offset, length)) {
            case ResultRow.Blank blank -> new BatchWork.Verdict.Nothing();
            case ResultRow.Unreadable(String reason) -> new BatchWork.Verdict.Strays(reason);
            case ResultRow.Succeeded(var wireId, var usage, var answer) -> {
                OptionalLong seq = seq(wireId);
                yield seq.isEmpty() ? stranger() : succeeded(seq.getAsLong(), usage, answer);
            }
            case ResultRow.Failed failed -> {
                OptionalLong seq = seq(failed.wireId());
                if (seq.isEmpty()) {
                    yield stranger();
                }
                yield failed.retryable() && !last
                        ? left(seq.getAsLong())
                        : failed(seq.getAsLong(), failed);
            }
        };
    }

    private OptionalLong seq(String wireId) {
        OptionalLong seq = tag.seq(wireId);
        strangers += seq.isPresent() ? 0 : 1;
        knewAny |= seq.isPresent();
        return seq;
    }

    private BatchWork.Verdict left(long seq) {
        left.add(seq);
        return new BatchWork.Verdict.Left(seq);
    }

    private static BatchWork.Verdict stranger() {
        return new BatchWork.Verdict.Strays("unknown id: the line belongs to no request of ours");
    }

    private BatchWork.Verdict succeeded(long seq, Usage usage, ResultRow.Answer answer) {
        return switch (answer) {
            case ResultRow.Answer.InLine slice -> counts(seq, true, "", usage, slice);
            case ResultRow.Answer.Made(var reply) ->
                    new BatchWork.Verdict.Made(
                            seq, new Outcome.Succeeded(round, reply, usage, price.apply(usage)));
            case ResultRow.Answer.None none ->
                    new BatchWork.Verdict.Strays("no answer: the line of item %d".formatted(seq));
        };
    }

    private BatchWork.Verdict failed(long seq, ResultRow.Failed row) {
        return switch (row.answer()) {
            case ResultRow.Answer.InLine slice ->
                    counts(seq, false, row.error().code(), row.usage(), slice);
            case ResultRow.Answer.Made(var reply) ->
                    new BatchWork.Verdict.Made(
                            seq,
                            new Outcome.Failed(
                                    round,
                                    row.error(),
                                    Optional.of(reply),
                                    row.usage(),
                                    price.apply(row.usage())));
            case ResultRow.Answer.None none ->
                    new BatchWork.Verdict.Made(
                            seq,
                            new Outcome.Failed(
                                    round,
                                    row.error(),
                                    Optional.empty(),
                                    row.usage(),
                                    price.apply(row.usage())));
        };
    }

    private BatchWork.Verdict counts(
            long seq, boolean succeeded, String cause, Usage usage, ResultRow.Answer.InLine slice) {
        return new BatchWork.Verdict.Counts(
                seq,
                succeeded,
                slice.status(),
                cause,
                round,
                usage,
                price.apply(usage),
                stored(slice.form()),
                slice.offset(),
                slice.length());
    }

    static AnswerForm stored(ResultRow.Form form) {
        return switch (form) {
            case RESPONSE -> AnswerForm.RESPONSE;
            case BODY -> AnswerForm.BODY;
            case ERROR -> AnswerForm.ERROR;
        };
    }
}
