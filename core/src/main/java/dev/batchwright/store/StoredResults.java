package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * Joins the items of a job, in input order, with their outcomes. The index is read in pages of at
 * most {@value #PAGE}; a page's answers are read in the order in which they lie in their segments,
 * close ones in one go, a few megabytes at a time: replies arrive roughly in input order, so that a
 * million results cost some thousand reads, and no page is larger than memory.
 */
final class StoredResults implements Results {
    private static final int PAGE = 5_000;
    private static final int SMALL_PAGE = 16;
    private static final int ROWS_A_WANTED = 4;
    private static final long ANSWERS_AT_ONCE = 8 << 20;
    private static final int READ_AT_ONCE = 1 << 20;
    private static final int GAP = 16 << 10;

    private final Database database;
    private final Segments segments;
    private final JobId job;
    private final Selection selection;
    private final boolean takesPending;
    private final BitSet known;
    private final int pageSize;
    private final long items;
    private final Blocks blocks;
    private final Map<Long, Segment> opened = new HashMap<>();
    private final ArrayDeque<Outcome> page = new ArrayDeque<>();
    private final ArrayDeque<RawJson> answers = new ArrayDeque<>();
    private long pageEnd;
    private long seq = 1;

    private record Outcome(
            long seq,
            boolean succeeded,
            int attempts,
            Usage usage,
            Cost cost,
            int status,
            long segment,
            AnswerForm form,
            long offset,
            int length) {
        long end() {
            return offset + length;
        }
    }

    private record Segment(String name, Segments.Reader reader) {}

    /**
     * @param ended whether items without an outcome count as failed
     * @param known the seqs of items that are left out; read as the results are
     */
    StoredResults(
            Database database,
            Segments segments,
            JobId job,
            long items,
            Selection selection,
            boolean ended,
            BitSet known) {
        this.database = database;
        this.segments = segments;
        this.job = job;
        this.items = items;
        this.selection = selection;
        this.takesPending = selection == Selection.ALL || (selection == Selection.FAILED && ended);
        this.known = known;
        // Who wants a few out of many does not read all rows between them.
        this.pageSize =
                (int) Math.min(PAGE, SMALL_PAGE + ROWS_A_WANTED * (items - known.cardinality()));
        this.blocks = new Blocks(database, segments, job);
    }

    @Override
    public boolean hasNext() {
        while (skipKnown()) {
            Outcome outcome = outcomeAt(seq);
            if (selects(outcome)) {
                return true;
            }
            if (outcome != null) {
                page.removeFirst();
                seq++;
            } else if (takesPending) {
                seq++;
            } else {
                // Nothing lies before the next outcome; without one in hand, before the next page.
                seq = page.isEmpty() ? pageEnd + 1 : page.getFirst().seq;
            }
        }
        return false;
    }

    /** Moves on to an item that is not known; says whether there is one. */
    private boolean skipKnown() {
        int next = known.nextClearBit(Math.toIntExact(seq));
        if (next > seq) {
            seq = next;
            while (!page.isEmpty() && page.getFirst().seq < seq) {
                page.removeFirst();
            }
            pageEnd = Math.max(pageEnd, seq - 1);
        }
        return seq <= items;
    }

    @Override
    public StoredResult next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Outcome outcome = outcomeAt(seq);
        var item = blocks.read(seq);
        seq++;
        if (outcome == null) {
            return StoredResult.pending(item);
        }
        if (answers.isEmpty()) {
            readAnswers();
        }
        page.removeFirst();
        return new StoredResult(
                item,
                outcome.succeeded ? StoredResult.Kind.SUCCEEDED : StoredResult.Kind.FAILED,
                outcome.attempts,
                outcome.usage,
                outcome.cost,
                answers.removeFirst());
    }

    private boolean selects(@Nullable Outcome outcome) {
        if (outcome == null) {
            return takesPending;
        }
        boolean selected =
                switch (selection) {
                    case ALL, COMPLETED -> true;
                    case SUCCEEDED -> outcome.succeeded;
                    case FAILED -> !outcome.succeeded;
                };
        return selected && !known.get((int) outcome.seq);
    }

    private @Nullable Outcome outcomeAt(long place) {
        if (place > pageEnd) {
            readPage();
        }
        Outcome first = page.peekFirst();
        return first != null && first.seq == place ? first : null;
    }

    private void readPage() {
        List<Outcome> rows =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select seq, failed, attempts, input_tokens, cached_tokens,
                                               output_tokens, cost, status, segment_id, form,
                                               answer_offset, answer_length
                                          from outcome
                                         where job_number = (select number from job where id = ?)
                                           and seq > ?
                                         order by seq limit ?
                                        """,
                                        StoredResults::outcome,
                                        job.value(),
                                        pageEnd,
                                        pageSize));
        page.addAll(rows);
        pageEnd = rows.size() < pageSize ? items : rows.getLast().seq;
    }

    private static Outcome outcome(ResultSet row) throws SQLException {
        return new Outcome(
                row.getLong(1),
                row.getInt(2) == 0,
                row.getInt(3),
                new Usage(row.getLong(4), row.getLong(5), row.getLong(6)),
                new Cost(row.getLong(7)),
                row.getInt(8),
                row.getLong(9),
                AnswerFormCode.read(row.getInt(10)),
                row.getLong(11),
                row.getInt(12));
    }

    // Of the outcomes at the front of the page, those that are selected, up to some megabytes.
    private void readAnswers() {
        var selected = new ArrayList<Outcome>();
        long bytes = 0;
        for (Outcome outcome : page) {
            if (selects(outcome)) {
                bytes += outcome.length;
                if (bytes > ANSWERS_AT_ONCE && !selected.isEmpty()) {
                    break;
                }
                selected.add(outcome);
            }
        }
        var byPlace = new ArrayList<>(selected);
        byPlace.sort(Comparator.comparingLong(Outcome::segment).thenComparingLong(Outcome::offset));
        var found = new HashMap<Long, RawJson>();
        int from = 0;
        while (from < byPlace.size()) {
            int to = endOfRun(byPlace, from);
            readRun(byPlace.subList(from, to), found);
            from = to;
        }
        for (Outcome outcome : selected) {
            answers.add(Objects.requireNonNull(found.get(outcome.seq)));
        }
    }

    // The outcomes from this one on that lie so close together that one read is cheaper than many.
    private static int endOfRun(List<Outcome> byPlace, int from) {
        Outcome first = byPlace.get(from);
        int to = from + 1;
        while (to < byPlace.size()) {
            Outcome last = byPlace.get(to - 1);
            Outcome next = byPlace.get(to);
            if (next.segment != first.segment
                    || next.offset - last.end() > GAP
                    || next.end() - first.offset > READ_AT_ONCE) {
                break;
            }
            to++;
        }
        return to;
    }

    private void readRun(List<Outcome> run, Map<Long, RawJson> found) {
        Outcome first = run.getFirst();
        byte[] bytes = new byte[Math.toIntExact(run.getLast().end() - first.offset)];
        Segment segment = opened.computeIfAbsent(first.segment, this::open);
        try {
            int count = segment.reader.read(first.offset, bytes, 0, bytes.length);
            if (count < bytes.length) {
                throw new StoreException(
                        "The replies of job %s in %s end too early: the store is damaged. Restore it from a backup."
                                .formatted(job, segment.name));
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The replies of job %s in %s can't be read (%s). Check the disk, then try again."
                            .formatted(job, segment.name, e.getMessage()),
                    e);
        }
        for (Outcome outcome : run) {
            int start = (int) (outcome.offset - first.offset);
            found.put(
                    outcome.seq, outcome.form.fields(outcome.status, bytes, start, outcome.length));
        }
    }

    private Segment open(long id) {
        String name =
                database.read(
                                connection ->
                                        Sql.first(
                                                connection,
                                                "select name from segment where id = ?",
                                                row -> row.getString("name"),
                                                id))
                        .orElseThrow(() -> JobRow.unknown(job));
        return new Segment(name, segments.open(job, name));
    }

    @Override
    public void close() {
        try (blocks) {
            for (Segment segment : opened.values()) {
                segment.reader.close();
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The replies of job %s can't be closed (%s).".formatted(job, e.getMessage()),
                    e);
        }
    }
}
