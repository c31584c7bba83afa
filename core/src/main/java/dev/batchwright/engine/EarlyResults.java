package dev.batchwright.engine;

import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Lease;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.store.BatchWork;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.function.Supplier;

/**
 * Reads the results of a batch while it runs, where its provider shows them: a part at a time,
 * behind the lines that were read before. Each part is a result file of its own in the store, named
 * by the lines that lie before it. So each result is read once, and a restart finds the parts,
 * reads the last one to its end, and goes on behind it; a part that was cut off is none. When the
 * batch has ended, what is behind the parts is all that is left to read.
 *
 * <p>A part is worth a call when a twentieth of the batch is new, or when a restart does not know
 * how much is. Whatever goes wrong with one, it can be read later: nothing is asked for twice in a
 * row. By the thread of one course.
 */
final class EarlyResults {
    private static final int PARTS = 20;

    private final BatchWork work;
    private final Lease lease;
    private final Map<String, Long> linesRead = new HashMap<>();
    private long seen;

    /** Downloads what a reference stands for, once. */
    interface Download {
        BatchAnswer<Long> of(ResultFile file, BatchWork.Download into) throws InterruptedException;
    }

    EarlyResults(BatchWork work, Lease lease) {
        this.work = work;
        this.lease = lease;
    }

    /** How a result file, or a part of one, is called in the store. */
    static String name(BatchTag tag, ResultFile file) {
        return tag + "-" + file.reference();
    }

    /** What was not read of a file; all of it, if none was. */
    ResultFile rest(BatchTag tag, ResultFile file, Supplier<RowJudge> judge)
            throws InterruptedException {
        long lines = lines(tag, file, judge);
        return lines == 0 ? file : file.behind(lines);
    }

    /**
     * Reads what is new of these files, if it is worth a call; says if anything was read.
     *
     * @param judge makes one that judges rows of a batch that goes on
     */
    boolean read(
            BatchTag tag,
            RemoteBatch.Counts counts,
            List<ResultFile> files,
            Supplier<RowJudge> judge,
            Download download)
            throws InterruptedException {
        long done = counts.completed() + counts.failed();
        // What ends by itself within moments is read then.
        boolean isOver = done >= counts.total();
        if (isOver || done - seen < Math.max(1, counts.total() / PARTS)) {
            return false;
        }
        seen = done;
        boolean any = false;
        for (ResultFile file : files) {
            any |= read(tag, file, judge, download);
        }
        return any;
    }

    private boolean read(BatchTag tag, ResultFile file, Supplier<RowJudge> judge, Download download)
            throws InterruptedException {
        long before = lines(tag, file, judge);
        if (work.left(lease).isEmpty()) {
            // The last outcome ended the lease.
            return true;
        }
        ResultFile part = file.behind(before);
        String name = name(tag, part);
        try (BatchWork.Download into = work.download(lease, name)) {
            boolean given = download.of(part, into) instanceof BatchAnswer.Given<Long>;
            if (!given || into.length() == 0) {
                return false;
            }
            into.commit();
        }
        harvest(name, judge);
        linesRead.put(file.reference(), before + work.lines(lease, name));
        return true;
    }

    private void harvest(String name, Supplier<RowJudge> judges) throws InterruptedException {
        BatchWork.Harvest unusedCounts = work.harvest(lease, name, judges.get());
    }

    // Parts that an earlier run left are found by their names, and read to their end.
    private long lines(BatchTag tag, ResultFile file, Supplier<RowJudge> judge)
            throws InterruptedException {
        Long known = linesRead.get(file.reference());
        if (known != null) {
            return known;
        }
        long lines = 0;
        String name = name(tag, file.behind(0));
        while (work.isDownloaded(lease, name)) {
            harvest(name, judge);
            long more = work.lines(lease, name);
            if (more == 0) {
                break;
            }
            lines += more;
            name = name(tag, file.behind(lines));
        }
        linesRead.put(file.reference(), lines);
        return lines;
    }

    /**
     * Judges whole files of which parts were read before: only what they say of items that are
     * still without an outcome counts; everything else was judged when it was read first.
     */
    static final class SecondReading implements BatchWork.Judge {
        private final RowJudge judge;
        private final SeqRanges left;

        SecondReading(RowJudge judge, SeqRanges left) {
            this.judge = judge;
            this.left = left;
        }

        @Override
        public BatchWork.Verdict judge(byte[] line, int offset, int length) {
            BatchWork.Verdict verdict = judge.judge(line, offset, length);
            return switch (verdict) {
                case BatchWork.Verdict.Counts counts when left.contains(counts.seq()) -> counts;
                case BatchWork.Verdict.Made made when left.contains(made.seq()) -> made;
                case BatchWork.Verdict.Left item -> item;
                case BatchWork.Verdict.Counts again -> new BatchWork.Verdict.Nothing();
                case BatchWork.Verdict.Made again -> new BatchWork.Verdict.Nothing();
                case BatchWork.Verdict.Strays again -> new BatchWork.Verdict.Nothing();
                case BatchWork.Verdict.Nothing nothing -> nothing;
            };
        }
    }

    /** Whether there is an item without an outcome of which no line said why. */
    static boolean misses(SeqRanges left, RowJudge judge) {
        PrimitiveIterator.OfLong items = left.places();
        while (items.hasNext()) {
            if (!judge.hasLeft(items.nextLong())) {
                return true;
            }
        }
        return false;
    }
}
