package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lease;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.BatchWork.Harvest;
import dev.batchwright.store.BatchWork.Judge;
import dev.batchwright.store.BatchWork.Verdict;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a downloaded result file on, from where it was indexed to, a stretch of lines at a time.
 * One transaction a stretch inserts what its lines count as and moves the offset behind them, so
 * that it can end anywhere and go on from there, and nothing is counted twice.
 *
 * <p>Most answers stay where they are: the index points into the file. An answer that had to be
 * made is an outcome like any other and goes into the worker's journal, durably, before the offset
 * moves past its line. A crash in between repeats the line, and its item has an outcome by then: if
 * that one says the same, byte for byte, it is this line's own from before, and nothing is left to
 * do. If it says something else, the line is a stray, as every second outcome of an item is.
 *
 * <p>Memory: a window, the rows of a stretch, and its made answers.
 */
final class ResultHarvest {
    private static final int LINES = 20_000;
    private static final long BYTES = 16 << 20;
    private static final int WINDOW = 1 << 20;

    private final Database database;
    private final Segments segments;
    private final OutcomeIndex index;
    private final OutcomeIndexer indexer;
    private final OutcomeJournal journal;
    private final Lease lease;
    private final ResultSegment segment;
    private final Judge judge;
    private final JobId job;

    // Of the stretch at hand.
    private final List<IndexedOutcome> counted = new ArrayList<>();
    private final List<MadeLine> made = new ArrayList<>();
    private final List<Stray> strays = new ArrayList<>();
    // Of all.
    private long countedInAll;
    private long leftInAll;
    private long straysInAll;

    // The first stretch may be one that a process before this one read, and did not come to the
    // end.
    private boolean resumed = true;

    private record MadeLine(Verdict.Made verdict, long offset, int length) {
        long seq() {
            return verdict.seq();
        }
    }

    /** Where the answer of an outcome lies that the index has already. */
    private record Known(long seq, String segment, AnswerForm form, long offset, int length) {}

    ResultHarvest(
            Database database,
            Segments segments,
            OutcomeIndex index,
            OutcomeIndexer indexer,
            OutcomeJournal journal,
            Lease lease,
            ResultSegment segment,
            Judge judge) {
        this.database = database;
        this.segments = segments;
        this.index = index;
        this.indexer = indexer;
        this.journal = journal;
        this.lease = lease;
        this.segment = segment;
        this.judge = judge;
        this.job = lease.shard().job();
    }

    Harvest run() throws InterruptedException {
        // What a call before this one made may be on its way into the index.
        flush();
        try (var lines =
                new SegmentScanner(
                        segments.open(job, segment.name()),
                        segment.applied(),
                        Long.MAX_VALUE,
                        WINDOW)) {
            long from = segment.applied();
            long to = readStretch(lines, from);
            while (to > from) {
                commit(from, to);
                resumed = false;
                from = to;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                to = readStretch(lines, from);
            }
        } catch (IOException e) {
            throwIfInterrupted(e);
            throw unreadable(e);
        } catch (StoreException e) {
            throwIfInterrupted(e);
            throw e;
        }
        return new Harvest(countedInAll, leftInAll, straysInAll);
    }

    private void flush() {
        indexer.flush();
        journal.check();
    }

    // Judges lines until there are enough for a transaction; returns where they end.
    private long readStretch(SegmentScanner lines, long from) throws IOException {
        counted.clear();
        made.clear();
        strays.clear();
        long end = from;
        for (int count = 0; count < LINES && end - from < BYTES && lines.nextOrLast(); count++) {
            Verdict verdict = judge.judge(lines.window(), lines.lineStart(), lines.rawLength());
            take(verdict, lines.offset(), lines.length());
            end = lines.offset() + lines.length();
        }
        return end;
    }

    private void take(Verdict verdict, long offset, int length) {
        switch (verdict) {
            case Verdict.Counts counts when isMember(counts.seq()) ->
                    counted.add(indexed(counts, offset, length));
            case Verdict.Made line when isMember(line.seq()) ->
                    made.add(new MadeLine(line, offset, length));
            case Verdict.Left left when isMember(left.seq()) -> leftInAll++;
            case Verdict.Counts counts -> stray(offset, length, foreign(counts.seq()));
            case Verdict.Made line -> stray(offset, length, foreign(line.seq()));
            case Verdict.Left left -> stray(offset, length, foreign(left.seq()));
            case Verdict.Strays(String reason) -> stray(offset, length, reason);
            case Verdict.Nothing() -> {}
        }
    }

    private boolean isMember(long seq) {
        return lease.shard().members().contains(seq);
    }

    private String foreign(long seq) {
        return "foreign: item %d is not in shard %d".formatted(seq, lease.shard().id());
    }

    private void stray(long offset, int length, String reason) {
        strays.add(new Stray(segment.name(), offset, length, reason));
    }

    private IndexedOutcome indexed(Verdict.Counts counts, long offset, int length) {
        if (counts.answerOffset() < 0
                || counts.answerLength() < 1
                || counts.answerOffset() + counts.answerLength() > length) {
            throw new IllegalArgumentException(
                    "The answer of item %d lies outside its line".formatted(counts.seq()));
        }
        return new IndexedOutcome(
                counts.seq(),
                lease.shard().id(),
                lease.epoch(),
                counts.succeeded(),
                counts.status(),
                counts.cause(),
                counts.attempts(),
                counts.usage(),
                counts.cost(),
                offset,
                length,
                counts.form(),
                offset + counts.answerOffset(),
                counts.answerLength());
    }

    private void commit(long from, long to) throws IOException {
        if (!made.isEmpty()) {
            countedInAll += recordMade();
        }
        int late = index.applyResults(lease, segment.name(), from, to, counted, strays);
        countedInAll += counted.size() - late;
        straysInAll += strays.size() + late;
    }

    // Writes down what was made of lines whose items have no outcome; returns how many.
    private int recordMade() throws IOException {
        Map<Long, Known> known = known();
        Set<Long> seen = new HashSet<>();
        var entries = new ArrayList<OutcomeJournal.Entry>();
        for (MadeLine line : made) {
            var made = OutcomeLine.of(lease, line.seq(), line.verdict().outcome());
            Known before = known.get(line.seq());
            boolean first = seen.add(line.seq());
            if (before == null && first) {
                entries.add(
                        OutcomeJournal.entry(lease, line.seq(), made, line.verdict().outcome()));
            } else if (before == null || !isThis(before, first, made.answer())) {
                stray(line.offset(), line.length(), Stray.duplicate(line.seq()));
            }
        }
        if (!entries.isEmpty()) {
            journal.append(entries);
            // So that the next stretch, and who asks what is pending, knows them.
            flush();
        }
        return entries.size();
    }

    // Outcomes that the made ones would repeat.
    private Map<Long, Known> known() {
        Set<Long> wanted = new HashSet<>();
        long first = Long.MAX_VALUE;
        long last = 0;
        for (MadeLine line : made) {
            wanted.add(line.seq());
            first = Math.min(first, line.seq());
            last = Math.max(last, line.seq());
        }
        var known = new HashMap<Long, Known>();
        long from = first;
        long to = last;
        database.read(
                connection -> {
                    if (!Leases.holds(connection, lease)) {
                        throw new LeaseLostException(lease);
                    }
                    return Sql.list(
                            connection,
                            """
                            select seq, segment.name, form, answer_offset, answer_length
                              from outcome join segment on segment.id = outcome.segment_id
                             where job_number = (select number from job where id = ?)
                               and seq between ? and ?
                            """,
                            row -> {
                                long seq = row.getLong("seq");
                                if (wanted.contains(seq)) {
                                    known.put(
                                            seq,
                                            new Known(
                                                    seq,
                                                    row.getString("name"),
                                                    AnswerFormCode.read(row.getInt("form")),
                                                    row.getLong("answer_offset"),
                                                    row.getInt("answer_length")));
                                }
                                return seq;
                            },
                            job.value(),
                            from,
                            to);
                });
        return known;
    }

    // A process that died between the journal and the index over the file made the outcome of this
    // very line, if it is the first of its item. What is made of it now may differ: in the time at
    // which it was made, or because another version makes it.
    private boolean isThis(Known known, boolean first, RawJson answer) throws IOException {
        boolean ofAnotherProcess = !known.segment().equals(OutcomeJournal.segment(lease.owner()));
        return (resumed && first && ofAnotherProcess && known.form() == AnswerForm.FIELDS)
                || saysTheSame(known, answer);
    }

    private boolean saysTheSame(Known known, RawJson answer) throws IOException {
        if (known.form() != AnswerForm.FIELDS || known.length() != answer.length()) {
            return false;
        }
        byte[] bytes = new byte[known.length()];
        try (var reader = segments.open(job, known.segment())) {
            return reader.read(known.offset(), bytes, 0, bytes.length) == bytes.length
                    && RawJson.of(bytes).equals(answer);
        }
    }

    // An interrupt closes the file or the connection that is being waited for.
    private static void throwIfInterrupted(Exception cause) throws InterruptedException {
        if (Thread.interrupted()) {
            var stopped = new InterruptedException();
            stopped.initCause(cause);
            throw stopped;
        }
    }

    private StoreException unreadable(IOException cause) {
        return new StoreException(
                "The results of job %s in %s can't be read (%s). Check the disk, then run the same command again."
                        .formatted(job, segment.name(), cause.getMessage()),
                cause);
    }
}
