package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Progress;
import dev.batchwright.job.Usage;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The views over the database; single items are found by {@link StoredItems}. */
final class StoredViews implements Views {
    /** So many stretches a chart shows at most. */
    private static final int STRETCHES = 300;

    private static final List<Duration> WIDTHS =
            List.of(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    Duration.ofHours(6),
                    Duration.ofDays(1));

    private final Database database;
    private final StoredItems items;

    StoredViews(Database database, Segments segments) {
        this.database = database;
        this.items = new StoredItems(database, segments);
    }

    @Override
    public List<JobLine> jobs(Filter filter, Optional<JobPlace> before, int limit) {
        var condition = new ArrayList<String>();
        var values = new ArrayList<Object>();
        if (filter.whose() instanceof Whose.Owners(String owner)) {
            condition.add("owner = ?");
            values.add(owner);
        }
        condition.add(filter.state().isPresent() ? "state = ?" : "state <> 'loading'");
        filter.state().ifPresent(values::add);
        values.add(before.map(place -> place.createdAt().toEpochMilli()).orElse(Long.MAX_VALUE));
        values.add(before.map(place -> place.id().value()).orElse(""));
        values.add(limit);
        String sql = pageWhere(String.join(" and ", condition));
        return database.read(
                connection -> Sql.list(connection, sql, StoredViews::jobLine, values.toArray()));
    }

    private static String pageWhere(String condition) {
        return """
        with page as (
            select * from job where %s and (created_at, id) < (?, ?)
             order by created_at desc, id desc limit ?
        )
        select page.*, sums.*
          from page
          left join (select job_id, sum(succeeded) as succeeded, sum(failed) as failed,
                            sum(input_tokens) as input_tokens,
                            sum(cached_tokens) as cached_tokens,
                            sum(output_tokens) as output_tokens, sum(cost) as cost,
                            sum(case when lane = 'open' then items else 0 end) as open_items,
                            sum(case when lane = 'live' then items else 0 end) as live_items,
                            sum(case when lane = 'batch' then items else 0 end) as batch_items
                       from shard where job_id in (select id from page)
                      group by job_id) sums on sums.job_id = page.id
         order by created_at desc, id desc
        """
                .formatted(condition);
    }

    private static JobLine jobLine(ResultSet row) throws SQLException {
        var lanes = new EnumMap<Lane, Long>(Lane.class);
        lanes.put(Lane.OPEN, row.getLong("open_items"));
        lanes.put(Lane.LIVE, row.getLong("live_items"));
        lanes.put(Lane.BATCH, row.getLong("batch_items"));
        lanes.values().removeIf(count -> count == 0);
        var progress =
                new Progress(
                        row.getLong("items"),
                        row.getLong("succeeded"),
                        row.getLong("failed"),
                        usage(row),
                        new Cost(row.getLong("cost")));
        return new JobLine(JobRow.read(row), progress, lanes);
    }

    private static Usage usage(ResultSet row) throws SQLException {
        return new Usage(
                row.getLong("input_tokens"),
                row.getLong("cached_tokens"),
                row.getLong("output_tokens"));
    }

    @Override
    public Map<String, Long> jobsByState(Whose whose) {
        String sql =
                switch (whose) {
                    case Whose.Everybodys all ->
                            """
                            select state, count(*) as jobs from job
                             where state <> 'loading' group by state
                            """;
                    case Whose.Owners owners ->
                            """
                            select state, count(*) as jobs from job
                             where owner = ? and state <> 'loading' group by state
                            """;
                };
        return database
                .read(
                        connection ->
                                Sql.list(
                                        connection,
                                        sql,
                                        row ->
                                                Map.entry(
                                                        row.getString("state"),
                                                        row.getLong("jobs")),
                                        values(whose)))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public long pendingItems(Whose whose) {
        String sql =
                switch (whose) {
                    case Whose.Everybodys all ->
                            """
                            select sum(shard.items - succeeded - failed) as pending
                              from job join shard on shard.job_id = job.id and shard.done = 0
                             where job.state = 'active'
                            """;
                    case Whose.Owners owners ->
                            """
                            select sum(shard.items - succeeded - failed) as pending
                              from job join shard on shard.job_id = job.id and shard.done = 0
                             where job.owner = ? and job.state = 'active'
                            """;
                };
        return database.read(
                connection ->
                        Sql.list(connection, sql, row -> row.getLong("pending"), values(whose))
                                .getFirst());
    }

    /** What the statements above bind for an owner, before all else. */
    private static Object[] values(Whose whose, Object... others) {
        return switch (whose) {
            case Whose.Everybodys all -> others;
            case Whose.Owners(String owner) ->
                    Stream.concat(Stream.of(owner), Arrays.stream(others)).toArray();
        };
    }

    @Override
    public Map<JobId, Long> completedSince(Instant then) {
        return database
                .read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select job_id, sum(succeeded + failed) as completed
                                          from history where at >= ? group by job_id
                                        """,
                                        row ->
                                                Map.entry(
                                                        new JobId(row.getString("job_id")),
                                                        row.getLong("completed")),
                                        then.toEpochMilli()))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public List<Stretch> history(Whose whose, Instant since, Duration width) {
        String sql =
                switch (whose) {
                    case Whose.Everybodys all ->
                            """
                            select at / ? as place, lane, provider, model,
                                   sum(succeeded) as succeeded, sum(failed) as failed,
                                   sum(input_tokens) as input_tokens,
                                   sum(cached_tokens) as cached_tokens,
                                   sum(output_tokens) as output_tokens, sum(cost) as cost
                              from history where at >= ?
                             group by place, lane, provider, model
                             order by place, lane, provider, model
                            """;
                    case Whose.Owners owners ->
                            """
                            with mine as (select id from job where owner = ?)
                            select at / ? as place, lane, provider, model,
                                   sum(succeeded) as succeeded, sum(failed) as failed,
                                   sum(input_tokens) as input_tokens,
                                   sum(cached_tokens) as cached_tokens,
                                   sum(output_tokens) as output_tokens, sum(cost) as cost
                              from history where at >= ? and job_id in (select id from mine)
                             group by place, lane, provider, model
                             order by place, lane, provider, model
                            """;
                };
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                sql,
                                row -> stretch(row, width),
                                values(whose, width.toMillis(), since.toEpochMilli())));
    }

    @Override
    public History history(JobId id) {
        return database.read(
                connection -> {
                    Duration width =
                            Sql.list(
                                            connection,
                                            """
                                            select min(at) as first, max(at) as last
                                              from history where job_id = ?
                                            """,
                                            row -> width(row.getLong("first"), row.getLong("last")),
                                            id.value())
                                    .getFirst();
                    List<Stretch> stretches =
                            Sql.list(
                                    connection,
                                    """
                                    select at / ? as place, lane, provider, model,
                                           sum(succeeded) as succeeded, sum(failed) as failed,
                                           sum(input_tokens) as input_tokens,
                                           sum(cached_tokens) as cached_tokens,
                                           sum(output_tokens) as output_tokens, sum(cost) as cost
                                      from history where job_id = ?
                                     group by place, lane, provider, model
                                     order by place, lane, provider, model
                                    """,
                                    row -> stretch(row, width),
                                    width.toMillis(),
                                    id.value());
                    return new History(width, stretches);
                });
    }

    private static Duration width(long first, long last) {
        return WIDTHS.stream()
                .filter(width -> (last - first) / width.toMillis() < STRETCHES)
                .findFirst()
                .orElse(WIDTHS.getLast());
    }

    private static Stretch stretch(ResultSet row, Duration width) throws SQLException {
        return new Stretch(
                Instant.ofEpochMilli(row.getLong("place") * width.toMillis()),
                LaneName.parse(row.getString("lane")),
                row.getString("provider"),
                row.getString("model"),
                row.getLong("succeeded"),
                row.getLong("failed"),
                usage(row),
                new Cost(row.getLong("cost")));
    }

    @Override
    public List<JobBatch> openBatches(Whose whose, int limit) {
        return database.read(connection -> StoredBatches.open(connection, whose, limit));
    }

    @Override
    public List<JobEvent> lastEvents(JobId id, int limit) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select at, kind, detail from event
                                 where job_id = ? order by id desc limit ?
                                """,
                                row ->
                                        new JobEvent(
                                                Instant.ofEpochMilli(row.getLong("at")),
                                                row.getString("kind"),
                                                row.getString("detail")),
                                id.value(),
                                limit));
    }

    @Override
    public List<FailureGroup> failures(JobId id, int limit) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select status, cause, sum(items) as items
                                  from failure where job_id = ?
                                 group by status, cause
                                 order by sum(items) desc, status, cause limit ?
                                """,
                                row ->
                                        new FailureGroup(
                                                row.getInt("status"),
                                                row.getString("cause"),
                                                row.getLong("items")),
                                id.value(),
                                limit));
    }

    @Override
    public List<ItemLook> items(JobId id, ItemFilter filter, long after, int limit) {
        return items.list(id, filter, after, limit);
    }

    @Override
    public Optional<StoredResult> result(JobId id, long seq) {
        return items.result(id, seq);
    }
}
