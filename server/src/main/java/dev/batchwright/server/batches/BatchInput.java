package dev.batchwright.server.batches;

import dev.batchwright.input.BatchLines;
import dev.batchwright.input.BatchReport;
import dev.batchwright.input.Endpoint;
import dev.batchwright.input.LineError;
import dev.batchwright.input.MessageRequests;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedFile;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Reads what a batch asks for, streamed, however large it is. */
final class BatchInput {
    private final Workbench workbench;
    private final Way way;
    private final BatchSettings settings;

    BatchInput(Workbench workbench, Way way, BatchSettings settings) {
        this.workbench = workbench;
        this.way = way;
        this.settings = settings;
    }

    /**
     * Passes a batch's requests on, as far as nothing is wrong with its input.
     *
     * @param refusals gets those of Anthropic's form that can't be sent, by their ids
     */
    BatchReport read(
            HostedBatch batch, Consumer<Item> sink, BiConsumer<String, ItemError> refusals) {
        Optional<HostedFile> file = workbench.store().hostedBatches().input(batch);
        if (file.isEmpty()) {
            return missing();
        }
        try (InputStream in = workbench.store().files().read(file.get(), 0, file.get().bytes())) {
            return switch (batch.order().form()) {
                case OPENAI -> lines(batch, sink).read(in);
                case MESSAGES ->
                        new MessageRequests().read(in, way.router(), way.check(), sink, refusals);
            };
        } catch (IOException e) {
            throw new StoreException(
                    "The input of batch %s can't be read (%s). Check the disk."
                            .formatted(batch.id(), e.getMessage()),
                    e);
        }
    }

    private BatchLines lines(HostedBatch batch, Consumer<Item> sink) {
        return new BatchLines(
                Endpoint.find(batch.order().endpoint()).orElseThrow(),
                settings.mostRequests(),
                way.router(),
                way.check(),
                workbench.scratch(),
                sink);
    }

    private static BatchReport missing() {
        var error =
                new LineError(
                        "invalid_request",
                        "Cannot find the input file, or it was deleted before it was read.",
                        Optional.of("file_id"),
                        OptionalLong.empty());
        return new BatchReport(0, 0, List.of(error), 1, Map.of(), Optional.empty(), 0);
    }

    /** What is wrong, as the API lists it. */
    static RawJson errors(List<LineError> errors) {
        ArrayNode list = ApiJson.object().putArray("data");
        for (LineError error : errors) {
            ObjectNode json = list.addObject();
            json.put("code", error.code());
            json.put("message", error.message());
            ApiJson.put(json, "param", error.param());
            if (error.line().isPresent()) {
                json.put("line", error.line().getAsLong());
            } else {
                json.putNull("line");
            }
        }
        return RawJson.of(list.toString());
    }

    /** The same of a batch as a whole. */
    static RawJson error(String code, String message) {
        return errors(
                List.of(new LineError(code, message, Optional.empty(), OptionalLong.empty())));
    }
}
