package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.bill.BatchEntry;
import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.quirk.Quirk;
import dev.batchwright.simulator.quirk.Quirks;
import dev.batchwright.simulator.wire.RequestHash;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** The batches and files of the account. Thread-safe; calls may work, read and write for long. */
public final class BatchEngine implements AutoCloseable {
    private static final Duration HOUR = Duration.ofHours(1);

    private final BatchSettings settings;
    private final Quirks quirks;
    private final Bill bill;
    private final VirtualClock clock;
    private final long seed;
    private final Scratch scratch = new Scratch();
    private final SignedUrls signedUrls = new SignedUrls();
    private final Shelf shelf;
    private final ConcurrentMap<String, Batch> batches = new ConcurrentHashMap<>();
    private final AtomicLong nextBatch = new AtomicLong();
    private final AtomicLong nextId = new AtomicLong();

    public BatchEngine(
            BatchSettings settings, Quirks quirks, Bill bill, VirtualClock clock, long seed) {
        this.settings = settings;
        this.quirks = quirks;
        this.bill = bill;
        this.clock = clock;
        this.seed = seed;
        this.shelf = new Shelf(clock);
        bill.listBatches(this::entries);
    }

    public BatchSettings settings() {
        return settings;
    }

    /** The time that batches live in. */
    public VirtualClock clock() {
        return clock;
    }

    /** Where everything that is kept on disk goes. */
    public Scratch scratch() {
        return scratch;
    }

    /** Addresses of files on the second port. */
    public SignedUrls signedUrls() {
        return signedUrls;
    }

    public Bill bill() {
        return bill;
    }

    public Shelf files() {
        return shelf;
    }

    /** 32 hexadecimal digits that were not given before; the same in the same order of calls. */
    public String newId() {
        return RequestHash.of("id " + seed + " " + nextId.incrementAndGet()).hex(32);
    }

    /** How long no batch may be created any more, if too many were in the last hour. */
    public Optional<Duration> creationsExhausted() {
        Instant now = clock.instant();
        Instant hourAgo = now.minus(HOUR);
        List<Instant> recent =
                batches.values().stream()
                        .map(Batch::created)
                        .filter(hourAgo::isBefore)
                        .sorted()
                        .toList();
        int limit = settings.creationsPerHour();
        return limit > 0 && recent.size() >= limit
                ? Optional.of(Duration.between(now, recent.get(recent.size() - limit).plus(HOUR)))
                : Optional.empty();
    }

    /**
     * Takes an uploaded file.
     *
     * @param life how long it stays; for ever if empty
     */
    public StoredFile upload(Shelf.Entry entry, Optional<Duration> life) {
        Instant now = clock.instant();
        Duration lag =
                quirks.strike(Quirk.UploadLag.class)
                        .map(Quirk.UploadLag::span)
                        .orElse(Duration.ZERO);
        return shelf.put(entry, now, life, now.plus(lag));
    }

    public BatchView create(Order order) {
        Instant now = clock.instant();
        var chance = new SplittableRandom(seed ^ RequestHash.of(order.id()).id());
        Fate fate = Fate.of(quirks);
        var timeline =
                Timeline.of(
                        now,
                        settings.validation(),
                        settings.work().draw(chance),
                        order.window(),
                        fate);
        var batch =
                new Batch(
                        order,
                        fate,
                        timeline,
                        nextBatch.incrementAndGet(),
                        new Execution(order, bill, quirks, now, scratch),
                        shelf,
                        this::inspect);
        batches.put(order.id(), batch);
        return batch.view(now);
    }

    public Optional<BatchView> find(String id) {
        return batch(id).map(batch -> batch.view(clock.instant()));
    }

    public List<BatchView> newestFirst() {
        Instant now = clock.instant();
        return inOrder().reversed().stream()
                .filter(batch -> batch.visible(now))
                .map(batch -> batch.view(now))
                .toList();
    }

    /** Cancels a batch; empty if it has ended or is being cancelled, so that nothing changes. */
    public Optional<BatchView> cancel(String id) {
        return batch(id).flatMap(batch -> batch.cancel(clock.instant()));
    }

    /**
     * What is there of a batch's results so far.
     *
     * @param from lines to leave out
     */
    public Optional<BatchView.Partial> partial(String id, long from) {
        return batch(id).map(batch -> batch.partial(clock.instant(), from));
    }

    /** Forgets a batch; its result files stay. */
    public boolean delete(String id) {
        return batches.remove(id) != null;
    }

    private Optional<Batch> batch(String id) {
        return Optional.ofNullable(batches.get(id)).filter(batch -> batch.visible(clock.instant()));
    }

    private List<Batch> inOrder() {
        return batches.values().stream().sorted(Comparator.comparingLong(Batch::number)).toList();
    }

    private Inspection inspect(Batch batch) {
        Order order = batch.order();
        if (batch.fate().fail().isPresent()) {
            Quirk.Fail fail = batch.fate().fail().get();
            return Inspection.failed(
                    new Problem(
                            fail.code(),
                            "The batch failed as a whole, as the simulator was told.",
                            Optional.empty(),
                            fail.line()));
        }
        Inspection seen;
        try (var cursor = RowCursor.over(order.rows())) {
            seen = order.check().apply(cursor);
        }
        if (settings.enqueuedTokens() == 0 || !seen.problems().isEmpty()) {
            return seen;
        }
        // Only batches that came before are looked at, so that no two wait for each other.
        Instant validated = batch.validated();
        long enqueued =
                seen.tokens()
                        + inOrder().stream()
                                .filter(other -> other.number() < batch.number())
                                .filter(other -> other.model(validated).equals(seen.model()))
                                .mapToLong(other -> other.enqueuedTokens(validated))
                                .sum();
        return enqueued <= settings.enqueuedTokens()
                ? seen
                : Inspection.failed(TokenLimit.problem(seen.model(), settings.enqueuedTokens()));
    }

    /** Does the work that is due, so that every result file is there. */
    public void settle() {
        Instant now = clock.instant();
        batches.values().forEach(batch -> batch.settle(now));
    }

    private List<BatchEntry> entries() {
        Instant now = clock.instant();
        return inOrder().stream().map(batch -> entry(batch.view(now))).toList();
    }

    private static BatchEntry entry(BatchView view) {
        return new BatchEntry(
                view.id(),
                view.order().name(),
                view.order().metadata(),
                view.order().inputs(),
                view.phase().label(),
                view.times().created(),
                view.counts().total(),
                view.counts().succeeded(),
                view.promptTokens(),
                view.completionTokens());
    }

    @Override
    public void close() {
        scratch.close();
    }
}
