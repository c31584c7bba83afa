package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Request;
import dev.batchwright.job.SeqRanges;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The gatherer of a {@link DatabaseJobStore}. */
final class StoredGatherer implements Gatherer {
    private static final int BLOCK_ITEMS = 1_000;
    private static final long BLOCK_BYTES = 4 << 20;

    private final Database database;
    private final Segments segments;
    private final Presence presence;
    private final InstantSource clock;
    private final Supplier<JobId> ids;
    private final String name;
    private final Presence.Held held;
    private final JsonLine line = new JsonLine(4096);
    private final Set<Growing> open = new LinkedHashSet<>();

    /** A stretch of lines of the input segment. */
    private record Block(long first, long items, long start, long length) {
        long last() {
            return first + items - 1;
        }

        long end() {
            return start + length;
        }

        boolean isFollowedBy(Block other) {
            return end() == other.start
                    && items + other.items <= BLOCK_ITEMS
                    && length + other.length <= BLOCK_BYTES;
        }

        Block with(Block other) {
            return new Block(first, items + other.items, start, length + other.length);
        }
    }

    private record Left(JobId job, String gatherer) {}

    StoredGatherer(
            String name,
            Database database,
            Segments segments,
            Presence presence,
            InstantSource clock,
            Supplier<JobId> ids) {
        this.name = name;
        this.database = database;
        this.segments = segments;
        this.presence = presence;
        this.clock = clock;
        this.ids = ids;
        this.held = presence.hold(name);
    }

    @Override
    public GrowingJob begin(JobSpec spec) {
        held.check();
        JobId id = ids.get();
        database.write(connection -> insert(connection, id, spec));
        try {
            var growing = new Growing(id, segments.grow(id, Segments.INPUT));
            open.add(growing);
            return growing;
        } catch (RuntimeException e) {
            discard(id);
            throw e;
        }
    }

    private boolean insert(Connection connection, JobId id, JobSpec spec) throws SQLException {
        Sql.update(
                connection,
                """
                insert into job (id, fingerprint, spec, owner, state, loader, items, created_at,
                                 gathered, gatherer)
                values (?, ?, ?, ?, 'loading', ?, 0, ?, 1, ?)
                """,
                id.value(),
                spec.fingerprint(),
                SpecJson.write(spec),
                spec.owner(),
                name,
                clock.millis(),
                name);
        Sql.update(
                connection,
                "insert into segment (job_id, name, kind) values (?, ?, 'input')",
                id.value(),
                Segments.INPUT);
        return true;
    }

    private void discard(JobId id) {
        database.write(
                connection -> {
                    JobRow.delete(connection, id);
                    return true;
                });
        segments.delete(id);
    }

    @Override
    public void accept() {
        List<Growing> grown = open.stream().filter(job -> !job.added.isEmpty()).toList();
        if (grown.isEmpty()) {
            return;
        }
        try {
            held.check();
            grown.forEach(Growing::sync);
            database.write(
                    connection -> {
                        var calls = new ArrayList<StoredCalls.Pending>();
                        grown.forEach(job -> calls.addAll(job.added));
                        StoredCalls.insert(connection, calls);
                        for (Growing job : grown) {
                            job.nameBlocks(connection);
                        }
                        return true;
                    });
            grown.forEach(Growing::accepted);
        } catch (StoreException e) {
            // Whether the transaction ended well is not certain where the database was lost.
            grown.forEach(Growing::breakOff);
            throw e;
        } finally {
            // Nothing is left to drop where all went well.
            grown.forEach(Growing::drop);
        }
    }

    @Override
    public List<Job> adopt() {
        List<Left> left =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        "select id, gatherer from job where gatherer is not null",
                                        row ->
                                                new Left(
                                                        new JobId(row.getString("id")),
                                                        row.getString("gatherer"))));
        var adopted = new ArrayList<Job>();
        for (Left job : left) {
            if (!job.gatherer.equals(name) && !presence.isAlive(job.gatherer)) {
                adopt(job).ifPresent(adopted::add);
                presence.forget(job.gatherer);
            }
        }
        return adopted;
    }

    private Optional<Job> adopt(Left left) {
        return database.write(connection -> complete(connection, left.job, left.gatherer))
                .filter(this::isWorthKeeping);
    }

    private boolean isWorthKeeping(Job job) {
        if (job.items() > 0) {
            return true;
        }
        discard(job.id());
        return false;
    }

    /** Nothing is added any more; empty if somebody else has said so before. */
    private static Optional<Job> complete(Connection connection, JobId id, String gatherer)
            throws SQLException {
        activate(connection, id, gatherer);
        return Sql.first(
                connection,
                "update job set gatherer = null where id = ? and gatherer = ? returning *",
                JobRow::read,
                id.value(),
                gatherer);
    }

    private static void activate(Connection connection, JobId id, String gatherer)
            throws SQLException {
        Optional<Job> active =
                Sql.first(
                        connection,
                        """
                        update job set state = 'active', loader = null
                         where id = ? and gatherer = ? and state = 'loading'
                        returning *
                        """,
                        JobRow::read,
                        id.value(),
                        gatherer);
        if (active.isEmpty()) {
            return;
        }
        List<Block> blocks =
                Sql.list(
                        connection,
                        """
                        select first_seq, items, start_offset, length from block
                         where job_id = ? order by first_seq
                        """,
                        row ->
                                new Block(
                                        row.getLong("first_seq"),
                                        row.getLong("items"),
                                        row.getLong("start_offset"),
                                        row.getLong("length")),
                        id.value());
        Lane lane = LaneName.first(active.get().spec().mode());
        for (Block block : blocks) {
            insertShard(connection, id, lane, block);
        }
    }

    private static void insertShard(Connection connection, JobId id, Lane lane, Block block)
            throws SQLException {
        Sql.update(
                connection,
                "insert into shard (job_id, lane, round, members, items) values (?, ?, 1, ?, ?)",
                id.value(),
                LaneName.of(lane),
                SeqRanges.of(block.first, block.last()).toString(),
                block.items);
    }

    @Override
    public void close() {
        try (held) {
            List.copyOf(open).forEach(Growing::finish);
        }
    }

    /** One of the jobs that are open here. */
    private final class Growing implements GrowingJob {
        private final JobId id;
        private final Segments.Writer writer;
        private @Nullable Lane runningIn;
        private boolean broken;
        // What was accepted.
        private long items;
        private @Nullable Block last;
        // What was added since.
        private final List<StoredCalls.Pending> added = new ArrayList<>();
        private final List<Block> blocks = new ArrayList<>();
        private @Nullable Block grown;

        Growing(JobId id, Segments.Writer writer) {
            this.id = id;
            this.writer = writer;
        }

        @Override
        public JobId id() {
            return id;
        }

        @Override
        public long items() {
            return items + added.size();
        }

        @Override
        public long bytes() {
            return writer.position();
        }

        @Override
        public boolean isBroken() {
            return broken;
        }

        @Override
        public long add(CallKey call, long asked, String customId, Request request, Instant until) {
            long seq = items() + 1;
            long start = writer.position();
            line.clear();
            ItemLine.write(new Item(seq, customId, request, Optional.empty()), line);
            try {
                writer.append(line.bytes(), 0, line.length());
            } catch (IOException e) {
                throw unwritable(e);
            }
            added.add(new StoredCalls.Pending(id, call, asked, seq, until));
            place(new Block(seq, 1, start, line.length()));
            return seq;
        }

        private void place(Block item) {
            if (blocks.isEmpty() || !blocks.getLast().isFollowedBy(item)) {
                blocks.add(item);
            } else {
                blocks.set(blocks.size() - 1, blocks.getLast().with(item));
            }
        }

        void sync() {
            try {
                writer.sync();
            } catch (IOException e) {
                throw unwritable(e);
            }
        }

        private StoreException unwritable(IOException cause) {
            broken = true;
            return new StoreException(
                    """
                    Calls can't be written to the store (%s). Free some space or check the disk; \
                    nothing was sent, and what was accepted before is safe.\
                    """
                            .formatted(cause.getMessage()),
                    cause);
        }

        void nameBlocks(Connection connection) throws SQLException {
            grown = last;
            for (Block block : blocks) {
                Block before = grown;
                if (runningIn == null && before != null && before.isFollowedBy(block)) {
                    grown = before.with(block);
                    extend(connection, grown);
                } else {
                    grown = block;
                    insert(connection, block);
                }
            }
            int known =
                    Sql.update(
                            connection,
                            """
                            update job set items = ?
                             where id = ? and gatherer = ? and state in ('loading', 'active')
                            """,
                            items(),
                            id.value(),
                            name);
            if (known == 0) {
                throw JobRow.unknown(id);
            }
        }

        private void extend(Connection connection, Block block) throws SQLException {
            Sql.update(
                    connection,
                    "update block set items = ?, length = ? where job_id = ? and first_seq = ?",
                    block.items,
                    block.length,
                    id.value(),
                    block.first);
        }

        private void insert(Connection connection, Block block) throws SQLException {
            Sql.update(
                    connection,
                    """
                    insert into block (job_id, first_seq, items, segment, start_offset, length)
                    values (?, ?, ?, ?, ?, ?)
                    """,
                    id.value(),
                    block.first,
                    block.items,
                    Segments.INPUT,
                    block.start,
                    block.length);
            Lane lane = runningIn;
            if (lane != null) {
                insertShard(connection, id, lane, block);
            }
        }

        void accepted() {
            items += added.size();
            last = grown;
            added.clear();
        }

        // What was written of it stays in the segment, and no block will name it.
        void drop() {
            added.clear();
            blocks.clear();
            grown = null;
        }

        @Override
        public Job start() {
            Job job =
                    database.write(
                            connection -> {
                                activate(connection, id, name);
                                return Sql.first(
                                                connection,
                                                "select * from job where id = ?",
                                                JobRow::read,
                                                id.value())
                                        .orElseThrow(() -> JobRow.unknown(id));
                            });
            runningIn = LaneName.first(job.spec().mode());
            return job;
        }

        @Override
        public Optional<Job> finish() {
            drop();
            Job job =
                    database.write(connection -> complete(connection, id, name))
                            .orElseThrow(() -> JobRow.unknown(id));
            close();
            return Optional.of(job).filter(StoredGatherer.this::isWorthKeeping);
        }

        void breakOff() {
            broken = true;
        }

        private void close() {
            open.remove(this);
            try {
                writer.close();
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }
}
