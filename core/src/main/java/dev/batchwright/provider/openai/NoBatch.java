package dev.batchwright.provider.openai;

import dev.batchwright.http.Body;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;

import java.io.OutputStream;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/**
 * The batch API of a provider that has none: it offers nothing and refuses everything, and says
 * why. Nothing is ever sent.
 *
 * @param reason a clause
 */
record NoBatch(String reason) implements BatchApi {
    private <T> BatchAnswer<T> no() {
        return new BatchAnswer.Refused<>(
                new ItemError("no_batch_api", "Nothing was sent: %s.".formatted(reason)),
                List.of());
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        return new BatchOffer.NotOffered(reason);
    }

    @Override
    public long size(Request request) {
        return request.body().length();
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) {
        // There is no form to write them in, and no call that would take them.
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) {
        return no();
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input) {
        return no();
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since) {
        return no();
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) {
        return no();
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) {
        return no();
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out) {
        return no();
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return new ResultRow.Unreadable(reason);
    }
}
