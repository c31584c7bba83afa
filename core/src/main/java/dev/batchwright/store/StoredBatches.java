package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Usage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What is asked about batches from outside of a lease, and what a person decides about them. */
final class StoredBatches {
    // What nobody asks for any more, because its job was left alone, is over there by then.
    private static final Duration LONGEST_IN_QUEUE = Duration.ofHours(49);

    // Providers raise limits as an account grows; to find out costs a batch that is refused.
    private static final Duration LIMIT_LIFE = Duration.ofDays(1);

    private StoredBatches() {}

    static List<StoredBatch> of(Connection connection, JobId job) throws SQLException {
        return Sql.list(
                connection,
                """
                select batch.*, round, items, succeeded + failed as finished, failed,
                       input_tokens, cached_tokens, output_tokens, cost,
                       case when settled = 1 or done = 1 then 1 else 0 end as over
                  from batch join shard on shard.id = batch.shard_id
                 where batch.job_id = ? order by batch.shard_id
                """,
                StoredBatches::batch,
                job.value());
    }

    private static StoredBatch batch(ResultSet row) throws SQLException {
        return new StoredBatch(
                row.getLong("shard_id"),
                row.getInt("round"),
                row.getLong("items"),
                row.getLong("finished"),
                row.getLong("failed"),
                BatchRow.read(row),
                new Usage(
                        row.getLong("input_tokens"),
                        row.getLong("cached_tokens"),
                        row.getLong("output_tokens")),
                new Cost(row.getLong("cost")),
                row.getString("note"),
                row.getInt("over") == 1);
    }

    /** Batches to which something is still to happen. */
    static List<Views.JobBatch> open(Connection connection, Views.Whose whose, int limit)
            throws SQLException {
        Sql.Row<BatchOf> reader =
                row -> new BatchOf(new JobId(row.getString("job_id")), batch(row));
        List<BatchOf> batches =
                switch (whose) {
                    case Views.Whose.Everybodys all ->
                            Sql.list(
                                    connection,
                                    """
                                    select batch.*, round, items, succeeded + failed as finished,
                                           failed, input_tokens, cached_tokens, output_tokens, cost,
                                           0 as over
                                      from shard join batch on batch.shard_id = shard.id
                                     where shard.lane = 'batch' and shard.done = 0 and settled = 0
                                     order by shard.id limit ?
                                    """,
                                    reader,
                                    limit);
                    case Views.Whose.Owners(String owner) ->
                            Sql.list(
                                    connection,
                                    """
                                    select batch.*, round, shard.items,
                                           succeeded + failed as finished, failed, input_tokens,
                                           cached_tokens, output_tokens, cost, 0 as over
                                      from shard join batch on batch.shard_id = shard.id
                                      join job on job.id = shard.job_id
                                     where shard.lane = 'batch' and shard.done = 0 and settled = 0
                                       and job.owner = ?
                                     order by shard.id limit ?
                                    """,
                                    reader,
                                    owner,
                                    limit);
                };
        var jobs = new HashMap<JobId, Job>();
        var open = new ArrayList<Views.JobBatch>();
        for (BatchOf each : batches) {
            Job job = jobs.get(each.job);
            if (job == null) {
                job = JobRow.find(connection, each.job).orElseThrow(() -> JobRow.unknown(each.job));
                jobs.put(each.job, job);
            }
            open.add(new Views.JobBatch(job, each.batch));
        }
        return open;
    }

    private record BatchOf(JobId job, StoredBatch batch) {}

    static JobStore.Telling tell(
            Connection connection, long shard, String batchId, BatchStage stage)
            throws SQLException {
        int told =
                Sql.update(
                        connection,
                        """
                        update batch set told = ? where shard_id = ? and batch_id = ? and told < ?
                        """,
                        stage.number,
                        shard,
                        batchId,
                        stage.number);
        return new JobStore.Telling(
                told > 0,
                Sql.first(
                                connection,
                                "select coalesce(sent_file, '') as file from batch where shard_id ="
                                        + " ?",
                                row -> row.getString("file"),
                                shard)
                        .filter(file -> !file.isEmpty()));
    }

    static Cost reserved(Connection connection, JobId job) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        select sum(reserved) as reserved
                          from batch join shard on shard.id = batch.shard_id
                         where batch.job_id = ? and settled = 0 and done = 0
                        """,
                        row -> new Cost(row.getLong("reserved")),
                        job.value())
                .orElse(Cost.ZERO);
    }

    /** What active jobs have in a queue or wait for, whether somebody works on them or not. */
    static List<BatchQueue.Share> shares(
            Connection connection, String account, String model, long now) throws SQLException {
        return Sql.list(
                connection,
                """
                select batch.job_id,
                       sum(case when batch.state in ('creating', 'running')
                                then tokens else 0 end) as enqueued,
                       sum(case when batch.state in ('creating', 'running')
                                then 1 else 0 end) as batches,
                       sum(case when batch.state in ('planned', 'uploading')
                                then 1 else 0 end) as waiting
                  from batch
                  join shard on shard.id = batch.shard_id
                  join job on job.id = batch.job_id
                 where account = ? and model = ? and settled = 0 and done = 0
                   and job.state = 'active'
                   and batch.state in ('planned', 'uploading', 'creating', 'running')
                   and coalesce(batch.created_at, batch.since, ?) > ?
                 group by batch.job_id
                 order by batch.job_id
                """,
                row ->
                        new BatchQueue.Share(
                                new JobId(row.getString("job_id")),
                                row.getLong("enqueued"),
                                row.getInt("batches"),
                                row.getInt("waiting")),
                account,
                model,
                now,
                now - LONGEST_IN_QUEUE.toMillis());
    }

    static OptionalLong learnedLimit(Connection connection, String account, String model, long now)
            throws SQLException {
        Optional<Long> tokens =
                Sql.first(
                        connection,
                        """
                        select tokens from queue_limit
                         where account = ? and model = ? and learned_at > ?
                        """,
                        row -> row.getLong("tokens"),
                        account,
                        model,
                        now - LIMIT_LIFE.toMillis());
        return tokens.map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    static void learnLimit(
            Connection connection, String account, String model, long tokens, long now)
            throws SQLException {
        Sql.update(
                connection,
                """
                insert into queue_limit (account, model, tokens, learned_at) values (?, ?, ?, ?)
                on conflict (account, model)
                do update set tokens = excluded.tokens, learned_at = excluded.learned_at
                """,
                account,
                model,
                tokens,
                now);
    }

    static void attach(Connection connection, JobId job, long shard, String batchId, long now)
            throws SQLException {
        int attached =
                Sql.update(
                        connection,
                        """
                        update batch
                           set state = 'running', batch_id = ?, created_at = coalesce(since, ?),
                               input_file = null, since = null, problem = null, note = ''
                         where shard_id = ? and job_id = ? and settled = 0
                           and state in ('creating', 'quarantined')
                        """,
                        batchId,
                        now,
                        shard,
                        job.value());
        if (attached == 0) {
            throw new StoreException(
                    "Shard %d of job %s does not wait for a batch to be attached. See `batchwright status %s` for those that do."
                            .formatted(shard, job, job));
        }
    }

    static int releaseQuarantine(Connection connection, JobId job) throws SQLException {
        return Sql.update(
                connection,
                """
                update batch
                   set state = 'planned', tag = null, problem = null, note = '', reserved = 0
                 where job_id = ? and state = 'quarantined' and settled = 0
                """,
                job.value());
    }

    /**
     * @throws StoreException if a batch of this job runs at a provider
     */
    static void refuseIfRunning(Connection connection, JobId job) throws SQLException {
        long running =
                Sql.list(
                                connection,
                                """
                                select 1 from batch join shard on shard.id = batch.shard_id
                                 where batch.job_id = ? and settled = 0 and done = 0
                                   and state in ('creating', 'running')
                                """,
                                row -> true,
                                job.value())
                        .size();
        if (running > 0) {
            throw new StoreException(
                    "Job %s has %d batches at a provider, which are to be paid for. Cancel it first with `batchwright cancel %s`, then delete it."
                            .formatted(job, running, job));
        }
    }
}
