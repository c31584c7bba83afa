package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Progress;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Shard;
import dev.batchwright.job.Usage;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * The store over its three seams: what is asked for lies in a {@link Database}, the bytes lie in
 * {@link Segments} and {@link Contents}, and {@link Presence} tells who is alive.
 *
 * <p>Order of things, so that a crash between two of them is harmless: a segment is durable before
 * a row names it; rows go before the segments that they name. What is left over, a Loading job
 * without its loader or a segment without its job, goes with the next draft or opening.
 */
final class DatabaseJobStore implements JobStore {
    private static final int SECRET_BYTES = 32;

    private final Database database;
    private final Segments segments;
    private final Presence presence;
    private final InstantSource clock;
    private final LeaseClock leaseClock;
    private final Drafts drafts;
    private final List<BiConsumer<JobId, long[]>> listeners = new CopyOnWriteArrayList<>();
    private final Contents contents;
    private final Keeper keeper;
    private final StoredFiles files;
    private final StoredAccounts accounts;
    private final StoredHostedBatches hostedBatches;
    private final SecureRandom random = new SecureRandom();

    DatabaseJobStore(
            Database database,
            Segments segments,
            Contents contents,
            Presence presence,
            InstantSource clock) {
        this.database = database;
        this.segments = segments;
        this.presence = presence;
        this.clock = clock;
        this.leaseClock = new LeaseClock(database, clock);
        this.drafts = new Drafts(database, segments, presence);
        this.contents = contents;
        this.keeper = new Keeper(presence, () -> nameOfOurs("keeper"));
        this.files = new StoredFiles(database, contents, presence, keeper, clock, random);
        this.hostedBatches =
                new StoredHostedBatches(database, files, presence, keeper, clock, random);
        this.accounts = new StoredAccounts(database, presence, clock, this::takeover);
        drafts.discardOrphans();
    }

    @Override
    public JobDraft draft(JobSpec spec) {
        return drafts.begin(JobId.random(random), spec, nameOfOurs("loader"), clock.millis());
    }

    private String nameOfOurs(String role) {
        return JobId.random(random).value().replace("job", role);
    }

    @Override
    public Optional<Job> find(JobId id) {
        return database.read(connection -> JobRow.find(connection, id));
    }

    @Override
    public Optional<Job> findByFingerprint(String fingerprint) {
        return database.read(
                connection ->
                        Sql.first(
                                connection,
                                """
                                select * from job where fingerprint = ? and state <> 'loading'
                                 order by created_at desc, id desc limit 1
                                """,
                                JobRow::read,
                                fingerprint));
    }

    @Override
    public List<Job> jobs(int limit) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select * from job where state <> 'loading'
                                 order by created_at desc, id desc limit ?
                                """,
                                JobRow::read,
                                limit));
    }

    @Override
    public byte[] secret(String name) {
        byte[] made = new byte[SECRET_BYTES];
        random.nextBytes(made);
        return database.write(
                connection -> {
                    Sql.update(
                            connection,
                            "insert into secret (name, hex) values (?, ?) on conflict do nothing",
                            name,
                            HexFormat.of().formatHex(made));
                    return Sql.first(
                                    connection,
                                    "select hex from secret where name = ?",
                                    row -> HexFormat.of().parseHex(row.getString("hex")),
                                    name)
                            .orElseThrow();
                });
    }

    @Override
    public Views views() {
        return new StoredViews(database, segments);
    }

    @Override
    public List<Job> jobs(String owner, int limit) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select * from job where owner = ? and state <> 'loading'
                                 order by created_at desc, id desc limit ?
                                """,
                                JobRow::read,
                                owner,
                                limit));
    }

    @Override
    public Gatherer gatherer() {
        return new StoredGatherer(
                nameOfOurs("gatherer"),
                database,
                segments,
                presence,
                clock,
                () -> JobId.random(random));
    }

    @Override
    public boolean isGrowing(JobId id) {
        return database.read(
                        connection ->
                                Sql.first(
                                        connection,
                                        "select gatherer from job where id = ? and gatherer is not"
                                                + " null",
                                        row -> row.getString("gatherer"),
                                        id.value()))
                .filter(presence::isAlive)
                .isPresent();
    }

    @Override
    public Listening onOutcomes(BiConsumer<JobId, long[]> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void tellOfOutcomes(JobId id, List<IndexedOutcome> outcomes) {
        if (!listeners.isEmpty()) {
            long[] seqs = outcomes.stream().mapToLong(IndexedOutcome::seq).toArray();
            listeners.forEach(listener -> listener.accept(id, seqs));
        }
    }

    @Override
    public Calls calls() {
        return new StoredCalls(database);
    }

    @Override
    public Accounts accounts() {
        return accounts;
    }

    @Override
    public HostedFiles files() {
        return files;
    }

    @Override
    public HostedBatches hostedBatches() {
        return hostedBatches;
    }

    @Override
    public Progress progress(JobId id) {
        return database.read(
                connection ->
                        Sql.first(
                                        connection,
                                        """
                                        select job.items, sum(succeeded) as succeeded,
                                               sum(failed) as failed,
                                               sum(input_tokens) as input_tokens,
                                               sum(cached_tokens) as cached_tokens,
                                               sum(output_tokens) as output_tokens,
                                               sum(cost) as cost
                                          from job left join shard on shard.job_id = job.id
                                         where job.id = ?
                                         group by job.id, job.items
                                        """,
                                        DatabaseJobStore::progress,
                                        id.value())
                                .orElseThrow(() -> JobRow.unknown(id)));
    }

    private static Progress progress(ResultSet row) throws SQLException {
        return new Progress(
                row.getLong("items"),
                row.getLong("succeeded"),
                row.getLong("failed"),
                new Usage(
                        row.getLong("input_tokens"),
                        row.getLong("cached_tokens"),
                        row.getLong("output_tokens")),
                new Cost(row.getLong("cost")));
    }

    @Override
    public Map<Lane, Progress> progressByLane(JobId id) {
        return database
                .read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select lane, sum(items) as items,
                                               sum(succeeded) as succeeded,
                                               sum(failed) as failed,
                                               sum(input_tokens) as input_tokens,
                                               sum(cached_tokens) as cached_tokens,
                                               sum(output_tokens) as output_tokens,
                                               sum(cost) as cost
                                          from shard where job_id = ?
                                         group by lane
                                        """,
                                        row ->
                                                Map.entry(
                                                        LaneName.parse(row.getString("lane")),
                                                        progress(row)),
                                        id.value()))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public List<JobEvent> events(JobId id, int known) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select at, kind, detail from event
                                 where job_id = ? order by id limit ? offset ?
                                """,
                                row ->
                                        new JobEvent(
                                                Instant.ofEpochMilli(row.getLong("at")),
                                                row.getString("kind"),
                                                row.getString("detail")),
                                id.value(),
                                Integer.MAX_VALUE,
                                known));
    }

    @Override
    public void addEvent(JobId id, String kind, String detail) {
        database.write(
                connection -> {
                    JobRow.lock(connection, id);
                    return Sql.update(
                            connection,
                            "insert into event (job_id, at, kind, detail) values (?, ?, ?, ?)",
                            id.value(),
                            clock.millis(),
                            kind,
                            detail);
                });
    }

    @Override
    public boolean transition(JobId id, JobState from, JobState to) {
        return database.write(
                connection -> {
                    if (!JobRow.lock(connection, id).equals(from)) {
                        return false;
                    }
                    setState(connection, id, to);
                    return true;
                });
    }

    private static void setState(Connection connection, JobId id, JobState state)
            throws SQLException {
        Sql.update(
                connection,
                "update job set state = ?, reason = ? where id = ?",
                JobRow.name(state),
                JobRow.reason(state),
                id.value());
    }

    @Override
    public void updateSpec(JobId id, JobSpec spec) {
        database.write(
                connection -> {
                    JobRow.lock(connection, id);
                    return Sql.update(
                            connection,
                            "update job set spec = ?, fingerprint = ? where id = ?",
                            SpecJson.write(spec),
                            spec.fingerprint(),
                            id.value());
                });
    }

    @Override
    public List<WorkerInfo> workers(JobId id) {
        List<WorkerInfo> all = database.read(connection -> allWorkers(connection, id));
        for (WorkerInfo worker : all) {
            if (!presence.isAlive(worker.id())) {
                takeover(id).bury(worker.id());
            }
        }
        List<String> silent = takeover(id).silent(leaseClock.millis());
        return database.read(connection -> allWorkers(connection, id)).stream()
                .filter(worker -> !silent.contains(worker.id()))
                .filter(worker -> presence.isAlive(worker.id()))
                .toList();
    }

    private static List<WorkerInfo> allWorkers(Connection connection, JobId id)
            throws SQLException {
        return Sql.list(
                connection,
                "select id, host, pid, since from worker where job_id = ? order by since, id",
                row ->
                        new WorkerInfo(
                                row.getString("id"),
                                row.getString("host"),
                                row.getLong("pid"),
                                Instant.ofEpochMilli(row.getLong("since"))),
                id.value());
    }

    private OutcomeIndex index(JobId id) {
        return new OutcomeIndex(database, segments, id, clock, this::tellOfOutcomes);
    }

    private Takeover takeover(JobId id) {
        return new Takeover(database, presence, index(id), id, clock);
    }

    @Override
    public Worker openWorker(JobId id) {
        String worker = nameOfOurs("worker");
        String segment = OutcomeJournal.segment(worker);
        boolean gathered = isGathered(id);
        Presence.Held held = presence.hold(worker);
        try {
            Segments.Writer writer = segments.create(id, segment);
            database.write(
                    connection -> {
                        JobRow.lock(connection, id);
                        Sql.update(
                                connection,
                                "insert into segment (job_id, name, kind, worker) values (?, ?,"
                                        + " 'outcomes', ?)",
                                id.value(),
                                segment,
                                worker);
                        Sql.update(
                                connection,
                                "insert into worker (id, job_id, host, pid, since) values (?, ?, ?,"
                                        + " ?, ?)",
                                worker,
                                id.value(),
                                host(),
                                ProcessHandle.current().pid(),
                                clock.millis());
                        return true;
                    });
            return new LeasingWorker(
                    worker,
                    id,
                    database,
                    segments,
                    clock,
                    leaseClock,
                    held,
                    takeover(id),
                    index(id),
                    gathered
                            ? OutcomeIndexer.prompt(worker, index(id), segment)
                            : OutcomeIndexer.patient(worker, index(id), segment),
                    writer);
        } catch (RuntimeException e) {
            held.close();
            throw e;
        }
    }

    private boolean isGathered(JobId id) {
        return database.read(
                        connection ->
                                Sql.first(
                                        connection,
                                        "select gathered from job where id = ?",
                                        row -> row.getLong("gathered") == 1,
                                        id.value()))
                .orElseThrow(() -> JobRow.unknown(id));
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    @Override
    public long retryFailed(JobId id) {
        workers(id);
        return database.write(
                connection -> {
                    refuseIfInUse(connection, id);
                    Lane lane = LaneName.first(job(connection, id).spec().mode());
                    long count = new RetryRound(id, lane).prepare(connection);
                    if (count > 0) {
                        setState(connection, id, new JobState.Active());
                    }
                    return count;
                });
    }

    private static Job job(Connection connection, JobId id) throws SQLException {
        return JobRow.find(connection, id).orElseThrow(() -> JobRow.unknown(id));
    }

    // Under the job's row lock: no worker can join meanwhile.
    private void refuseIfInUse(Connection connection, JobId id) throws SQLException {
        JobRow.lock(connection, id);
        for (WorkerInfo worker : allWorkers(connection, id)) {
            if (presence.isAlive(worker.id())) {
                throw new JobInUseException(id, worker);
            }
        }
    }

    @Override
    public Results results(JobId id, Selection selection, BitSet known) {
        Job job = find(id).orElseThrow(() -> JobRow.unknown(id));
        boolean ended = !(job.state() instanceof JobState.Active);
        return new StoredResults(database, segments, id, job.items(), selection, ended, known);
    }

    @Override
    public Results completed(JobId id, Collection<Long> seqs) {
        int last = Math.toIntExact(Collections.max(seqs));
        var others = new BitSet(last + 1);
        others.set(1, last + 1);
        seqs.forEach(seq -> others.clear(seq.intValue()));
        return new StoredResults(database, segments, id, last, Selection.COMPLETED, false, others);
    }

    @Override
    public List<Shard> shards(JobId id) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select id, lane, members, round from shard
                                 where job_id = ? order by id
                                """,
                                row ->
                                        new Shard(
                                                row.getLong("id"),
                                                id,
                                                LaneName.parse(row.getString("lane")),
                                                SeqRanges.parse(row.getString("members")),
                                                row.getInt("round")),
                                id.value()));
    }

    @Override
    public List<StoredBatch> batches(JobId id) {
        return database.read(connection -> StoredBatches.of(connection, id));
    }

    @Override
    public Telling tell(long shard, String batchId, BatchStage stage) {
        return database.write(connection -> StoredBatches.tell(connection, shard, batchId, stage));
    }

    @Override
    public Cost reserved(JobId id) {
        return database.read(connection -> StoredBatches.reserved(connection, id));
    }

    @Override
    public BatchQueue queue(String account, String model) {
        BatchQueue all =
                database.read(
                        connection ->
                                new BatchQueue(
                                        StoredBatches.shares(
                                                connection, account, model, clock.millis()),
                                        StoredBatches.learnedLimit(
                                                connection, account, model, clock.millis())));
        return new BatchQueue(all.shares().stream().map(this::waiting).toList(), all.learned());
    }

    // A job that nobody works on waits for nothing: it must not hold a place in the queue.
    private BatchQueue.Share waiting(BatchQueue.Share share) {
        boolean alive =
                share.waiting() > 0
                        && database.read(connection -> allWorkers(connection, share.job())).stream()
                                .anyMatch(worker -> presence.isAlive(worker.id()));
        return alive
                ? share
                : new BatchQueue.Share(share.job(), share.enqueuedTokens(), share.batches(), 0);
    }

    @Override
    public void learnQueueLimit(String account, String model, long tokens) {
        database.write(
                connection -> {
                    StoredBatches.learnLimit(connection, account, model, tokens, clock.millis());
                    return true;
                });
    }

    @Override
    public void attachBatch(JobId id, long shard, String batchId) {
        workers(id);
        database.write(
                connection -> {
                    refuseIfInUse(connection, id);
                    StoredBatches.attach(connection, id, shard, batchId, clock.millis());
                    setState(connection, id, new JobState.Active());
                    return true;
                });
    }

    @Override
    public int releaseQuarantine(JobId id) {
        workers(id);
        return database.write(
                connection -> {
                    refuseIfInUse(connection, id);
                    int released = StoredBatches.releaseQuarantine(connection, id);
                    if (released > 0) {
                        setState(connection, id, new JobState.Active());
                    }
                    return released;
                });
    }

    @Override
    public List<Stray> strays(JobId id, int limit) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select segment, start_offset, length, reason from stray
                                 where job_id = ? order by id limit ?
                                """,
                                row ->
                                        new Stray(
                                                row.getString("segment"),
                                                row.getLong("start_offset"),
                                                row.getInt("length"),
                                                row.getString("reason")),
                                id.value(),
                                limit));
    }

    @Override
    public void delete(JobId id) {
        database.write(
                connection -> {
                    refuseIfInUse(connection, id);
                    StoredBatches.refuseIfRunning(connection, id);
                    new Spending(database, id).leave(connection, clock.instant());
                    JobRow.delete(connection, id);
                    return true;
                });
        segments.delete(id);
    }

    @Override
    public void close() {
        try (database;
                segments;
                contents;
                presence) {
            keeper.close();
        }
    }
}
