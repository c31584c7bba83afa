package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Hosted batches, a row each. A change reads the row under its lock, asks a pure function what
 * follows, and writes all of it. While a batch runs, its counts are those of its job's shards.
 */
final class StoredHostedBatches implements HostedBatches {
    private static final Duration KEYS_KEPT = Duration.ofHours(24);

    /** How long after a try its repetition may come; clients give up after ten minutes. */
    private static final Duration TRIES_KEPT = Duration.ofMinutes(15);

    private static final RawJson NO_INPUT =
            RawJson.of(
                    "[{\"code\":\"invalid_request\",\"message\":\"Cannot find the input file, or"
                            + " it was not uploaded with the purpose"
                            + " `batch`.\",\"param\":\"file_id\",\"line\":null}]");

    private final Database database;
    private final StoredFiles files;
    private final Presence presence;
    private final Keeper keeper;
    private final InstantSource clock;
    private final RandomGenerator random;

    StoredHostedBatches(
            Database database,
            StoredFiles files,
            Presence presence,
            Keeper keeper,
            InstantSource clock,
            RandomGenerator random) {
        this.database = database;
        this.files = files;
        this.presence = presence;
        this.keeper = keeper;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Creation create(Request request) {
        return database.write(
                connection -> {
                    database.exclude(
                            connection,
                            "hosted batch " + request.owner() + ' ' + request.likeness());
                    request.key().ifPresent(key -> excludeKey(connection, request.owner(), key));
                    Optional<Creation> known = known(connection, request);
                    return known.isPresent() ? known.get() : insert(connection, request);
                });
    }

    private void excludeKey(Connection connection, String owner, String key) {
        try {
            database.exclude(connection, "hosted batch key " + owner + ' ' + key);
        } catch (SQLException e) {
            throw database.problem(e);
        }
    }

    private record Like(HostedBatch batch, String likeness) {}

    private Optional<Creation> known(Connection connection, Request request) throws SQLException {
        long now = clock.millis();
        if (request.key().isPresent()) {
            return Sql.first(
                            connection,
                            """
                            select * from hosted_batch
                             where owner = ? and request_key = ? and created_at > ?
                             order by created_at desc limit 1
                            """,
                            row -> new Like(read(row), row.getString("likeness")),
                            request.owner(),
                            request.key().get(),
                            now - KEYS_KEPT.toMillis())
                    .map(
                            like ->
                                    like.likeness.equals(request.likeness())
                                            ? new Creation.Known(like.batch)
                                            : new Creation.KeyTaken());
        }
        if (!request.retry()) {
            return Optional.empty();
        }
        return Sql.first(
                        connection,
                        """
                        select * from hosted_batch
                         where owner = ? and likeness = ? and created_at > ?
                         order by created_at desc, id desc limit 1
                        """,
                        StoredHostedBatches::read,
                        request.owner(),
                        request.likeness(),
                        now - TRIES_KEPT.toMillis())
                .map(Creation.Known::new);
    }

    private Creation insert(Connection connection, Request request) throws SQLException {
        Instant now = Instant.ofEpochMilli(clock.millis());
        HostedBatch.Order order = request.order();
        var batch =
                new HostedBatch(
                        HostedIds.batch(order.form(), random),
                        request.owner(),
                        order,
                        HostedBatch.Status.VALIDATING,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        HostedBatch.Counts.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        new HostedBatch.Times(
                                now,
                                request.expires(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        HostedBatch first = hasInput(connection, request) ? batch : batch.failed(NO_INPUT, now);
        Sql.update(
                connection,
                """
                insert into hosted_batch (id, owner, form, input_file, endpoint, completion_window,
                                          metadata, output_lifetime, layout, mode, likeness,
                                          request_key, status, ended, created_at, expires_at,
                                          ended_at, errors)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                first.id(),
                first.owner(),
                word(order.form()),
                order.inputFile(),
                order.endpoint(),
                order.window(),
                order.metadata().map(RawJson::toString).orElse(null),
                order.outputLifetime().map(Duration::toSeconds).orElse(null),
                word(order.layout()),
                order.mode().map(StoredHostedBatches::word).orElse(null),
                request.likeness(),
                request.key().orElse(null),
                first.status().word(),
                first.status().isOver() ? 1L : 0L,
                now.toEpochMilli(),
                request.expires().toEpochMilli(),
                millis(first.times().ended()),
                first.errors().map(RawJson::toString).orElse(null));
        return new Creation.Created(first);
    }

    // The file's row is locked: it can't be deleted before the batch that reads it is there.
    private boolean hasInput(Connection connection, Request request) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        update hosted_file set bytes = bytes
                         where id = ? and owner = ? and state = 'whole'
                           and purpose in ('batch', 'message_batch')
                           and (expires_at is null or expires_at > ?)
                        returning id
                        """,
                        row -> true,
                        request.order().inputFile(),
                        request.owner(),
                        clock.millis())
                .isPresent();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Long millis(Optional<Instant> time) {
        return time.map(Instant::toEpochMilli).orElse(null);
    }

    private static HostedBatch read(ResultSet row) throws SQLException {
        return read(row, 0, 0);
    }

    private static HostedBatch readLive(ResultSet row) throws SQLException {
        return read(row, row.getLong("job_succeeded"), row.getLong("job_failed"));
    }

    private static HostedBatch read(ResultSet row, long succeeded, long failed)
            throws SQLException {
        var status = HostedBatch.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT));
        long lifetime = row.getLong("output_lifetime");
        Optional<Duration> outputLifetime =
                row.wasNull() ? Optional.empty() : Optional.of(Duration.ofSeconds(lifetime));
        return new HostedBatch(
                row.getString("id"),
                row.getString("owner"),
                new HostedBatch.Order(
                        HostedBatch.Form.valueOf(row.getString("form").toUpperCase(Locale.ROOT)),
                        row.getString("input_file"),
                        row.getString("endpoint"),
                        row.getString("completion_window"),
                        text(row, "metadata").map(RawJson::of),
                        outputLifetime,
                        HostedBatch.Layout.valueOf(
                                row.getString("layout").toUpperCase(Locale.ROOT)),
                        text(row, "mode").map(word -> Mode.valueOf(word.toUpperCase(Locale.ROOT)))),
                status,
                text(row, "job_id").map(JobId::new),
                text(row, "output_file"),
                text(row, "error_file"),
                text(row, "model"),
                new HostedBatch.Counts(
                        row.getLong("total"),
                        row.getLong("completed") + succeeded,
                        row.getLong("failed") + failed,
                        row.getLong("expired"),
                        row.getLong("cancelled")),
                usage(row),
                text(row, "errors").map(RawJson::of),
                new HostedBatch.Times(
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        Instant.ofEpochMilli(row.getLong("expires_at")),
                        StoredFiles.instant(row, "in_progress_at"),
                        StoredFiles.instant(row, "finalizing_at"),
                        StoredFiles.instant(row, "cancelling_at"),
                        StoredFiles.instant(row, "ended_at")));
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    private static Optional<HostedBatch.TokenSums> usage(ResultSet row) throws SQLException {
        long input = row.getLong("input_tokens");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(
                        new HostedBatch.TokenSums(
                                input,
                                row.getLong("cached_tokens"),
                                row.getLong("output_tokens"),
                                row.getLong("reasoning_tokens")));
    }

    @Override
    public Optional<HostedBatch> find(String id) {
        return database.read(
                connection ->
                        Sql.first(
                                connection,
                                """
                                select hosted_batch.*,
                                       case when ended = 0 then
                                           (select sum(succeeded) from shard
                                             where shard.job_id = hosted_batch.job_id)
                                       end as job_succeeded,
                                       case when ended = 0 then
                                           (select sum(shard.failed) from shard
                                             where shard.job_id = hosted_batch.job_id)
                                       end as job_failed
                                  from hosted_batch where id = ?
                                """,
                                StoredHostedBatches::readLive,
                                id));
    }

    private record Place(long createdAt, String id) {}

    private static final Place NEWEST = new Place(Long.MAX_VALUE, "");

    @Override
    public Optional<List<HostedBatch>> list(Query query) {
        return database.read(
                connection -> {
                    Optional<String> cursor = query.before().or(query::after);
                    Optional<Place> from =
                            cursor.isEmpty()
                                    ? Optional.of(NEWEST)
                                    : place(connection, query, cursor.get());
                    return from.isEmpty()
                            ? Optional.empty()
                            : Optional.of(
                                    query.before().isPresent()
                                            ? newer(connection, query, from.get())
                                            : older(connection, query, from.get()));
                });
    }

    private static Optional<Place> place(Connection connection, Query query, String id)
            throws SQLException {
        return Sql.first(
                connection,
                """
                select created_at, id from hosted_batch where id = ? and owner = ? and form = ?
                """,
                row -> new Place(row.getLong("created_at"), row.getString("id")),
                id,
                query.owner(),
                word(query.form()));
    }

    private static List<HostedBatch> older(Connection connection, Query query, Place from)
            throws SQLException {
        return Sql.list(
                connection,
                """
                select hosted_batch.*,
                       case when ended = 0 then
                           (select sum(succeeded) from shard
                             where shard.job_id = hosted_batch.job_id)
                       end as job_succeeded,
                       case when ended = 0 then
                           (select sum(shard.failed) from shard
                             where shard.job_id = hosted_batch.job_id)
                       end as job_failed
                  from hosted_batch
                 where owner = ? and form = ?
                   and (created_at < ? or (created_at = ? and id < ?))
                 order by created_at desc, id desc limit ?
                """,
                StoredHostedBatches::readLive,
                query.owner(),
                word(query.form()),
                from.createdAt,
                from.createdAt,
                from.id,
                query.limit());
    }

    /** Those next before a place, newest first as all lists. */
    private static List<HostedBatch> newer(Connection connection, Query query, Place from)
            throws SQLException {
        var page =
                new ArrayList<>(
                        Sql.list(
                                connection,
                                """
                                select hosted_batch.*,
                                       case when ended = 0 then
                                           (select sum(succeeded) from shard
                                             where shard.job_id = hosted_batch.job_id)
                                       end as job_succeeded,
                                       case when ended = 0 then
                                           (select sum(shard.failed) from shard
                                             where shard.job_id = hosted_batch.job_id)
                                       end as job_failed
                                  from hosted_batch
                                 where owner = ? and form = ?
                                   and (created_at > ? or (created_at = ? and id > ?))
                                 order by created_at, id limit ?
                                """,
                                StoredHostedBatches::readLive,
                                query.owner(),
                                word(query.form()),
                                from.createdAt,
                                from.createdAt,
                                from.id,
                                query.limit()));
        Collections.reverse(page);
        return page;
    }

    @Override
    public Optional<HostedBatch> change(String id, UnaryOperator<HostedBatch> change) {
        boolean known =
                database.write(
                        connection -> {
                            Optional<HostedBatch> now =
                                    Sql.first(
                                            connection,
                                            "update hosted_batch set total = total where id = ?"
                                                    + " returning *",
                                            StoredHostedBatches::read,
                                            id);
                            if (now.isPresent()) {
                                HostedBatch next = change.apply(now.get());
                                if (!next.equals(now.get())) {
                                    write(connection, next);
                                }
                            }
                            return now.isPresent();
                        });
        return known ? find(id) : Optional.empty();
    }

    @Override
    public HostedBatch advance(String id, UnaryOperator<HostedBatch> change) {
        String self = keeper.name();
        var gone = new ArrayList<String>();
        HostedBatch batch =
                database.write(
                        connection -> {
                            gone.clear();
                            HostedBatch now =
                                    Sql.first(
                                                    connection,
                                                    """
                                                    update hosted_batch set total = total
                                                     where id = ? and keeper = ?
                                                    returning *
                                                    """,
                                                    StoredHostedBatches::read,
                                                    id,
                                                    self)
                                            .orElseThrow(() -> new KeeperLostException(id));
                            HostedBatch next = change.apply(now);
                            write(connection, next);
                            if (next.status().isOver()) {
                                gone.addAll(settleFiles(connection, now, next));
                            }
                            return next;
                        });
        files.forget(gone);
        return batch;
    }

    private static void write(Connection connection, HostedBatch batch) throws SQLException {
        long ended = batch.status().isOver() ? 1 : 0;
        Optional<HostedBatch.TokenSums> usage = batch.usage();
        Sql.update(
                connection,
                """
                update hosted_batch
                   set status = ?, ended = ?, keeper = case when ? = 1 then null else keeper end,
                       job_id = ?, output_file = ?, error_file = ?, model = ?, total = ?,
                       completed = ?, failed = ?, expired = ?, cancelled = ?, input_tokens = ?,
                       cached_tokens = ?, output_tokens = ?, reasoning_tokens = ?, errors = ?,
                       in_progress_at = ?, finalizing_at = ?, cancelling_at = ?, ended_at = ?
                 where id = ?
                """,
                batch.status().word(),
                ended,
                ended,
                batch.job().map(JobId::value).orElse(null),
                batch.outputFile().orElse(null),
                batch.errorFile().orElse(null),
                batch.model().orElse(null),
                batch.counts().total(),
                batch.counts().completed(),
                batch.counts().failed(),
                batch.counts().expired(),
                batch.counts().cancelled(),
                usage.map(HostedBatch.TokenSums::input).orElse(null),
                usage.map(HostedBatch.TokenSums::cached).orElse(null),
                usage.map(HostedBatch.TokenSums::output).orElse(null),
                usage.map(HostedBatch.TokenSums::reasoning).orElse(null),
                batch.errors().map(RawJson::toString).orElse(null),
                millis(batch.times().inProgress()),
                millis(batch.times().finalizing()),
                millis(batch.times().cancelling()),
                millis(batch.times().ended()),
                batch.id());
    }

    /** Returns those that went. */
    private List<String> settleFiles(Connection connection, HostedBatch before, HostedBatch over)
            throws SQLException {
        var gone = new ArrayList<String>();
        for (Optional<String> written : List.of(before.outputFile(), before.errorFile())) {
            if (written.isEmpty()) {
                continue;
            }
            if (written.equals(over.outputFile()) || written.equals(over.errorFile())) {
                Instant now = clock.instant();
                Sql.update(
                        connection,
                        """
                        update hosted_file
                           set state = 'whole', keeper = null, created_at = ?, expires_at = ?
                         where id = ?
                        """,
                        now.toEpochMilli(),
                        over.order()
                                .outputLifetime()
                                .map(lifetime -> now.plus(lifetime).toEpochMilli())
                                .orElse(null),
                        written.get());
            } else {
                Sql.update(connection, "delete from hosted_file where id = ?", written.get());
                gone.add(written.get());
            }
        }
        return gone;
    }

    private record Open(String id, @Nullable String keeper) {}

    @Override
    public List<HostedBatch> claim(int atMost) {
        String self = keeper.name();
        List<Open> open =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select id, keeper from hosted_batch
                                         where ended = 0 and (keeper is null or keeper <> ?)
                                         order by created_at, id
                                        """,
                                        row -> new Open(row.getString(1), row.getString(2)),
                                        self));
        var claimed = new ArrayList<HostedBatch>();
        var alive = new HashMap<String, Boolean>();
        for (Open batch : open) {
            if (claimed.size() == atMost) {
                break;
            }
            String owner = batch.keeper;
            if (owner == null || !alive.computeIfAbsent(owner, presence::isAlive)) {
                claim(batch, self).ifPresent(claimed::add);
            }
        }
        alive.forEach(
                (name, lives) -> {
                    if (!lives) {
                        presence.forget(name);
                    }
                });
        return claimed;
    }

    private Optional<HostedBatch> claim(Open batch, String self) {
        return database.write(
                connection -> {
                    Optional<HostedBatch> claimed =
                            Sql.first(
                                    connection,
                                    """
                                    update hosted_batch set keeper = ?
                                     where id = ? and ended = 0
                                       and (keeper is null or keeper = ?)
                                    returning *
                                    """,
                                    StoredHostedBatches::read,
                                    self,
                                    batch.id,
                                    batch.keeper == null ? "" : batch.keeper);
                    if (claimed.isPresent()) {
                        Sql.update(
                                connection,
                                """
                                update hosted_file set keeper = ?
                                 where state = 'growing' and id in (?, ?)
                                """,
                                self,
                                claimed.get().outputFile().orElse(""),
                                claimed.get().errorFile().orElse(""));
                    }
                    return claimed;
                });
    }

    @Override
    public void release(String id) {
        String self = keeper.name();
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                "update hosted_batch set keeper = null where id = ? and keeper = ?",
                                id,
                                self));
    }

    @Override
    public Optional<HostedFile> input(HostedBatch batch) {
        return files.findKept(batch.order().inputFile());
    }

    @Override
    public String newFile(HostedBatch batch, String filename, String purpose) {
        return files.begin(batch.owner(), filename, purpose);
    }

    @Override
    public HostedFiles.Growth grow(String file, boolean anew) {
        return files.grow(file, anew);
    }

    @Override
    public List<HostedBatch> retired(Instant before, int atMost) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select * from hosted_batch
                                 where ended = 1 and ended_at < ? and job_id is not null
                                   and not exists (select 1 from hosted_file
                                                    where id in (output_file, error_file))
                                 order by ended_at limit ?
                                """,
                                StoredHostedBatches::read,
                                before.toEpochMilli(),
                                atMost));
    }

    @Override
    public boolean delete(String id) {
        var gone = new ArrayList<String>();
        boolean deleted =
                database.write(
                        connection -> {
                            gone.clear();
                            Optional<HostedBatch> batch =
                                    Sql.first(
                                            connection,
                                            """
                                            delete from hosted_batch where id = ? and ended = 1
                                            returning *
                                            """,
                                            StoredHostedBatches::read,
                                            id);
                            if (batch.isPresent()) {
                                gone.addAll(deleteFiles(connection, batch.get()));
                            }
                            return batch.isPresent();
                        });
        files.forget(gone);
        return deleted;
    }

    private static List<String> deleteFiles(Connection connection, HostedBatch batch)
            throws SQLException {
        return Sql.list(
                connection,
                """
                delete from hosted_file
                 where id in (?, ?) or (id = ? and purpose = 'message_batch')
                returning id
                """,
                row -> row.getString("id"),
                batch.outputFile().orElse(""),
                batch.errorFile().orElse(""),
                batch.order().inputFile());
    }
}
