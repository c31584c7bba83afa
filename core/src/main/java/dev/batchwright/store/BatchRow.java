package dev.batchwright.store;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How a batch lies in its row: which columns a state fills, the table's checks repeat. */
record BatchRow(
        String state,
        @Nullable String tag,
        @Nullable String inputFile,
        @Nullable Long since,
        @Nullable String batchId,
        @Nullable Long createdAt,
        @Nullable String endWord,
        @Nullable String resultFiles,
        @Nullable String problem) {

    static BatchRow of(BatchState state) {
        return switch (state) {
            case BatchState.Planned() ->
                    new BatchRow("planned", null, null, null, null, null, null, null, null);
            case BatchState.Uploading(BatchTag tag) ->
                    new BatchRow(
                            "uploading", tag.value(), null, null, null, null, null, null, null);
            case BatchState.Creating(BatchTag tag, String inputFile, Instant since) ->
                    new BatchRow(
                            "creating",
                            tag.value(),
                            inputFile,
                            since.toEpochMilli(),
                            null,
                            null,
                            null,
                            null,
                            null);
            case BatchState.Running(BatchTag tag, String batchId, Instant createdAt) ->
                    new BatchRow(
                            "running",
                            tag.value(),
                            null,
                            null,
                            batchId,
                            createdAt.toEpochMilli(),
                            null,
                            null,
                            null);
            case BatchState.Ended(
                            BatchTag tag,
                            String batchId,
                            String end,
                            List<String> resultFiles) ->
                    new BatchRow(
                            "ended",
                            tag.value(),
                            null,
                            null,
                            batchId,
                            null,
                            end,
                            list(resultFiles),
                            null);
            case BatchState.Quarantined(BatchTag tag, String problem) ->
                    new BatchRow(
                            "quarantined",
                            tag.value(),
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            problem);
        };
    }

    static void insert(Connection connection, JobId job, long shard, BatchShard batch)
            throws SQLException {
        BatchRow row = of(batch.state());
        Sql.update(
                connection,
                """
                insert into batch (shard_id, job_id, provider, account, endpoint, model, tokens,
                                   reserved, reason, state, tag, input_file, since, batch_id,
                                   created_at, end_word, result_files, problem)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                shard,
                job.value(),
                batch.provider(),
                batch.account(),
                batch.endpoint(),
                batch.model(),
                batch.tokens(),
                batch.reserved().picoUsd(),
                batch.reason(),
                row.state,
                row.tag,
                row.inputFile,
                row.since,
                row.batchId,
                row.createdAt,
                row.endWord,
                row.resultFiles,
                row.problem);
    }

    /**
     * A word on how it goes is about the state in which it was said. What is reserved is set when
     * it sets out; afterwards indexed outcomes take from it, and nothing adds to it.
     */
    static void update(Connection connection, long shard, BatchShard batch) throws SQLException {
        BatchRow row = of(batch.state());
        Sql.update(
                connection,
                """
                update batch
                   set note = case when state = ? then note else '' end,
                       provider = ?, account = ?, endpoint = ?, model = ?, tokens = ?,
                       reserved = case when state = 'planned' or reserved > ?
                                       then ? else reserved end,
                       reason = ?, state = ?, tag = ?, input_file = ?, since = ?,
                       batch_id = ?, created_at = ?, end_word = ?, result_files = ?, problem = ?
                 where shard_id = ?
                """,
                row.state,
                batch.provider(),
                batch.account(),
                batch.endpoint(),
                batch.model(),
                batch.tokens(),
                batch.reserved().picoUsd(),
                batch.reserved().picoUsd(),
                batch.reason(),
                row.state,
                row.tag,
                row.inputFile,
                row.since,
                row.batchId,
                row.createdAt,
                row.endWord,
                row.resultFiles,
                row.problem,
                shard);
    }

    static BatchShard read(ResultSet row) throws SQLException {
        return new BatchShard(
                row.getString("provider"),
                row.getString("account"),
                row.getString("endpoint"),
                row.getString("model"),
                row.getLong("tokens"),
                new Cost(row.getLong("reserved")),
                row.getString("reason"),
                state(row));
    }

    private static BatchState state(ResultSet row) throws SQLException {
        String state = row.getString("state");
        if (state.equals("planned")) {
            return new BatchState.Planned();
        }
        var tag = new BatchTag(row.getString("tag"));
        return switch (state) {
            case "uploading" -> new BatchState.Uploading(tag);
            case "creating" ->
                    new BatchState.Creating(
                            tag,
                            row.getString("input_file"),
                            Instant.ofEpochMilli(row.getLong("since")));
            case "running" ->
                    new BatchState.Running(
                            tag,
                            row.getString("batch_id"),
                            Instant.ofEpochMilli(row.getLong("created_at")));
            case "ended" ->
                    new BatchState.Ended(
                            tag,
                            row.getString("batch_id"),
                            row.getString("end_word"),
                            list(row.getString("result_files")));
            case "quarantined" -> new BatchState.Quarantined(tag, row.getString("problem"));
            default -> throw new StoreException("Unknown state of a batch: " + state);
        };
    }

    private static String list(List<String> words) {
        var text = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartArray();
            words.forEach(json::writeString);
            json.writeEndArray();
        }
        return text.toString();
    }

    private static List<String> list(String text) {
        var words = new ArrayList<String>();
        try (JsonParser parser = Json.parser(text.getBytes(StandardCharsets.UTF_8))) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                words.add(parser.getString());
            }
        }
        return words;
    }
}
