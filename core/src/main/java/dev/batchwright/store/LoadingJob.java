package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.SeqRanges;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes a job's items, one line each, behind a row in state Loading. The commit syncs the segment
 * once and then inserts blocks and shards and moves the state, in one transaction: before it, the
 * job is nothing that anybody would work on. A loader holds a lock while it loads; a Loading job
 * whose loader is dead is removed by whoever opens the store next.
 *
 * <p>Items are not rows. A block of up to 1,000 of them is one row, which is all that SQL needs to
 * find a line again: a million items cost a thousand rows, and the load runs at the disk's pace.
 */
final class LoadingJob implements JobDraft {
    private static final int BLOCK_ITEMS = 1_000;
    private static final long BLOCK_BYTES = 4 << 20;

    private final Drafts drafts;
    private final Database database;
    private final JobId id;
    private final Segments.Writer writer;
    private final Presence.Held held;
    private final JsonLine line = new JsonLine(4096);
    private final List<Block> blocks = new ArrayList<>();
    private final List<StoredCalls.Pending> calls = new ArrayList<>();
    private long items;
    private long blockFirst = 1;
    private long blockStart;
    private boolean committed;

    private record Block(long first, long items, long start, long length) {
        long last() {
            return first + items - 1;
        }
    }

    LoadingJob(
            Drafts drafts,
            Database database,
            JobId id,
            Segments.Writer writer,
            Presence.Held held) {
        this.drafts = drafts;
        this.database = database;
        this.id = id;
        this.writer = writer;
        this.held = held;
    }

    @Override
    public JobId id() {
        return id;
    }

    @Override
    public void append(Item item) {
        if (item.seq() != items + 1) {
            throw new IllegalArgumentException(
                    "Item %d follows item %d: their places must run from 1 without a gap"
                            .formatted(item.seq(), items));
        }
        line.clear();
        ItemLine.write(item, line);
        long size = writer.position() - blockStart;
        if (items - blockFirst + 1 >= BLOCK_ITEMS
                || (size > 0 && size + line.length() > BLOCK_BYTES)) {
            endBlock();
        }
        try {
            writer.append(line.bytes(), 0, line.length());
        } catch (IOException e) {
            throw unwritable(e);
        }
        items++;
    }

    @Override
    public void answers(CallKey call, Instant until) {
        calls.add(new StoredCalls.Pending(id, call, 0, items, until));
    }

    private void endBlock() {
        long count = items - blockFirst + 1;
        if (count > 0) {
            long end = writer.position();
            blocks.add(new Block(blockFirst, count, blockStart, end - blockStart));
            blockFirst = items + 1;
            blockStart = end;
        }
    }

    @Override
    public Job commit() {
        sync();
        Job job = database.write(this::activate);
        committed = true;
        return job;
    }

    @Override
    public Optional<Job> commitUnlessKnown() {
        sync();
        Optional<Job> job =
                database.write(
                        connection ->
                                isKnown(connection)
                                        ? Optional.empty()
                                        : Optional.of(activate(connection)));
        committed = job.isPresent();
        return job;
    }

    private void sync() {
        endBlock();
        try {
            writer.sync();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /**
     * Whether its fingerprint is taken; if not, nobody else takes it in this transaction's time.
     */
    private boolean isKnown(Connection connection) throws SQLException {
        String fingerprint =
                Sql.first(
                                connection,
                                "select fingerprint from job where id = ?",
                                row -> row.getString("fingerprint"),
                                id.value())
                        .orElseThrow(() -> JobRow.unknown(id));
        database.exclude(connection, fingerprint);
        return Sql.first(
                        connection,
                        "select 1 from job where fingerprint = ? and state <> 'loading' limit 1",
                        row -> true,
                        fingerprint)
                .isPresent();
    }

    private Job activate(Connection connection) throws SQLException {
        Job active = become(connection);
        insertBlocks(connection);
        insertShards(connection, LaneName.first(active.spec().mode()));
        StoredCalls.insert(connection, calls);
        return active;
    }

    private Job become(Connection connection) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        update job set state = 'active', loader = null, items = ?
                         where id = ? and state = 'loading'
                        returning *
                        """,
                        JobRow::read,
                        items,
                        id.value())
                .orElseThrow(() -> JobRow.unknown(id));
    }

    private void insertBlocks(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into block (job_id, first_seq, items, segment, start_offset, length)
                        values (?, ?, ?, ?, ?, ?)
                        """)) {
            for (Block block : blocks) {
                Sql.bind(
                        insert,
                        id.value(),
                        block.first,
                        block.items,
                        Segments.INPUT,
                        block.start,
                        block.length);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void insertShards(Connection connection, Lane lane) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into shard (job_id, lane, round, members, items)
                        values (?, ?, 1, ?, ?)
                        """)) {
            for (Block block : blocks) {
                String members = SeqRanges.of(block.first, block.last()).toString();
                Sql.bind(insert, id.value(), LaneName.of(lane), members, block.items);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private StoreException unwritable(IOException cause) {
        return new StoreException(
                """
                The items can't be written to the store (%s). Free some space or check the disk, \
                then run the same command again; nothing was sent.\
                """
                        .formatted(cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        try (held) {
            writer.close();
            if (!committed) {
                drafts.discard(id);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }
}
