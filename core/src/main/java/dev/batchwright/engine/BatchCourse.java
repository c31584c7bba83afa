package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.Search;
import dev.batchwright.store.BatchWork;
import dev.batchwright.store.LeaseLostException;
import dev.batchwright.store.ShardDraft;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Takes one shard of the batch lane from state to state, by one thread, until nothing is left to do
 * for it in this run. The states and what a restart does in each are told at {@link BatchState};
 * each step commits before the next begins. Two rules keep a batch from being paid twice:
 *
 * <ul>
 *   <li>The state Creating, with the tag, is committed before the call that creates; the call is
 *       made again only after an answer by which the provider certainly did nothing.
 *   <li>Where the answer to that call is lost, or the process was, the batch is looked for by its
 *       tag, until it is found or the provider has had the time to show it. Where neither can be
 *       had, the shard goes into quarantine.
 * </ul>
 */
final class BatchCourse {
    /** Refusals of a create call that may pass, before the input is uploaded anew. */
    private static final int MOST_REFUSALS = 30;

    /** Batches that were looked for in vain and created again, before a person must look. */
    private static final int MOST_CREATIONS = 3;

    /** How long a batch is looked for in a list that can't be read, and asked for by a lost id. */
    private static final Duration SEARCH_TIME = Duration.ofHours(1);

    /** How long the end of a batch is waited for that was called back, if nobody answers. */
    private static final Duration RECALL_TIME = Duration.ofMinutes(10);

    private static final Duration RECALL_LOOK = Duration.ofSeconds(5);

    private static final Duration LONGEST_QUEUE_WAIT = Duration.ofMinutes(10);

    private static final String COMPLETED = "completed";
    private static final Duration QUEUE_LOOK = Duration.ofSeconds(2);

    private final BatchLane lane;
    private final BatchLane.Surroundings around;
    private final BatchWork work;
    private final PollPace pace;
    private final Lease lease;
    private final EarlyResults early;

    // Of the thread that runs the course.
    private Optional<TaskScope.Mark> mark = Optional.empty();
    private Optional<Spool> spool = Optional.empty();
    private boolean spooling;
    // The items that the last input had, in the order of its lines.
    private SeqRanges spooled;
    private Optional<Instant> unreachableSince = Optional.empty();
    private Optional<Instant> lookingSince = Optional.empty();
    private Optional<Instant> unansweredSince = Optional.empty();
    private int queueRefusals;
    // What the input was found to cost at most, so that waiting for money writes it only once.
    private Optional<Cost> needed = Optional.empty();
    private Optional<Budget.Reservation> reservation = Optional.empty();
    private boolean mayCreate;
    private int creations;
    private int refusals;
    private String note = "";

    BatchCourse(BatchLane lane, BatchLane.Surroundings around, Lease lease) {
        this.lane = lane;
        this.around = around;
        this.work = around.worker().batches();
        this.lease = lease;
        this.early = new EarlyResults(work, lease);
        this.spooled = lease.shard().members();
        this.pace = new PollPace(around.job().spec().batch().pollInterval(), around.random());
    }

    /**
     * Goes on until nothing is left to do in this run. The thread counts as busy but for the time
     * in which it waits or transfers: an interrupt must not fall into a commit.
     */
    void run(TaskScope.Mark scope) throws InterruptedException {
        this.mark = Optional.of(scope);
        scope.busy();
        try {
            BatchShard shard = work.read(lease);
            if (!(shard.state() instanceof BatchState.Planned)) {
                reservation = Optional.of(around.budget().adopt(shard.reserved()));
            }
            Optional<BatchShard> next = Optional.of(shard);
            while (next.isPresent()) {
                next = step(next.get());
            }
            around.worker().release(lease);
        } catch (LeaseLostException e) {
            // Another run has the shard now, and goes on from its last commit.
            around.leases().lost(lease);
        } finally {
            dropSpool();
            reservation.ifPresent(Budget.Reservation::leave);
        }
    }

    private Optional<BatchShard> step(BatchShard shard) throws InterruptedException {
        return switch (shard.state()) {
            case BatchState.Planned planned -> depart(shard);
            case BatchState.Uploading(BatchTag tag) -> upload(shard, tag);
            case BatchState.Creating creating ->
                    mayCreate ? create(shard, creating) : look(shard, creating);
            case BatchState.Running running -> follow(shard, running);
            case BatchState.Ended ended -> harvest(shard, ended);
            case BatchState.Quarantined quarantined -> Optional.empty();
        };
    }

    private BatchRoute route(BatchShard shard) {
        return around.routes()
                .batch(shard.provider())
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "Shard %d has a batch at %s, which has no batch API"
                                                .formatted(lease.shard().id(), shard.provider())));
    }

    private BatchApi api(BatchShard shard) {
        return route(shard).api();
    }

    private LanePlanner.Target target(BatchShard shard) {
        return new LanePlanner.Target(shard.provider(), shard.endpoint(), shard.model());
    }

    private BatchShard commit(BatchShard next) {
        work.advance(lease, next);
        switch (next.state()) {
            case BatchState.Planned planned -> lane.departures().all();
            case BatchState.Ended ended -> lane.departures().all();
            case BatchState.Quarantined quarantined -> lane.departures().all();
            case BatchState.Uploading uploading -> {}
            case BatchState.Creating creating -> {}
            case BatchState.Running running -> {}
        }
        return next;
    }

    // ---- Planned: waits for its turn, its budget, and writes its input down.

    private Optional<BatchShard> depart(BatchShard shard) throws InterruptedException {
        while (true) {
            if (lane.isRecalled() || around.job().spec().mode() == Mode.LIVE) {
                return handBack(left(), lease.shard().round());
            }
            if (!(lane.offer(target(shard)) instanceof BatchOffer.Offered offer)) {
                return handBack(left(), lease.shard().round());
            }
            switch (lane.turns().tryEnter(shard, offer)) {
                case ENTERED -> {
                    try {
                        return prepare(shard, offer);
                    } finally {
                        lane.turns().arrived(shard);
                    }
                }
                case WAIT -> {
                    say("waits for its turn in the provider's queue");
                    pause(lane.departures(), QUEUE_LOOK);
                }
                case TOO_LARGE -> {
                    return halve(shard);
                }
            }
        }
    }

    private Optional<BatchShard> prepare(BatchShard shard, BatchOffer.Offered offer)
            throws InterruptedException {
        Cost cost = needed.isPresent() ? needed.get() : freshSpool(shard).cost();
        needed = Optional.of(cost);
        switch (around.budget().tryReserve(cost)) {
            case Budget.Try.Granted(Budget.Reservation granted) ->
                    reservation = Optional.of(granted);
            case Budget.Try.Wait wait -> {
                dropSpool();
                say("waits until what is under way is paid, because of the budget");
                pause(lane.departures(), QUEUE_LOOK);
                return Optional.of(shard);
            }
            case Budget.Try.Never never -> {
                return beyondBudget(shard, cost);
            }
        }
        Spool input = spool.isPresent() ? spool.get() : freshSpool(shard);
        if (input.cost().compareTo(cost) > 0) {
            // Written anew, it is estimated by what was learned meanwhile.
            needed = Optional.of(input.cost());
            settle(Cost.ZERO);
            return Optional.of(shard);
        }
        BatchTag tag = input.tag();
        event(
                "batch written",
                "%s: %,d requests, %,d bytes, at most %s"
                        .formatted(tag, spooled.size(), input.length(), cost));
        var next =
                new BatchShard(
                        shard.provider(),
                        shard.account(),
                        shard.endpoint(),
                        shard.model(),
                        shard.tokens(),
                        cost,
                        shard.reason(),
                        offer.uploads()
                                ? new BatchState.Uploading(tag)
                                : new BatchState.Creating(tag, "", around.clock().instant()));
        mayCreate = !offer.uploads();
        Optional<BatchShard> prepared = Optional.of(commit(next));
        // With the turn still held: from Creating on, the store counts it for everybody.
        return offer.uploads() ? upload(next, tag) : prepared;
    }

    private Spool freshSpool(BatchShard shard) throws InterruptedException {
        return spool(shard, BatchTag.random(around.random()));
    }

    /** The input under this tag; written, if it is not there yet. */
    private Spool spool(BatchShard shard, BatchTag tag) throws InterruptedException {
        if (spool.isPresent() && spool.get().tag().equals(tag)) {
            return spool.get();
        }
        dropSpool();
        TaskScope.Mark scope = mark.orElseThrow();
        scope.waiting();
        lane.spools().acquire();
        spooling = true;
        scope.busy();
        BatchRoute.Prices prices = route(shard).prices().apply(shard.model());
        spooled = left();
        try (Stream<Item> items = around.worker().pending(lease)) {
            Spool written =
                    Spool.write(
                            around.scratch(),
                            api(shard),
                            tag,
                            items,
                            item -> prices.batchCost(mostUsage(item)));
            spool = Optional.of(written);
            return written;
        }
    }

    private void dropSpool() {
        spool.ifPresent(Spool::close);
        spool = Optional.empty();
        if (spooling) {
            spooling = false;
            lane.spools().release();
        }
    }

    private Optional<BatchShard> beyondBudget(BatchShard shard, Cost cost) {
        dropSpool();
        if (left().size() > 1) {
            return halve(shard);
        }
        around.control()
                .end(
                        new RunEnd.Stopped(
                                "The budget of %s is reached: the next request may cost %s. Run the same command with a higher --max-cost to go on."
                                        .formatted(
                                                around.job().spec().maxCost().orElseThrow(),
                                                cost)));
        return Optional.empty();
    }

    /** Cuts a shard that is too large for what is left of a queue or a budget. */
    private Optional<BatchShard> halve(BatchShard shard) {
        dropSpool();
        SeqRanges members = left();
        int round = lease.shard().round();
        if (members.size() == 1) {
            // No batch is small enough for it: it can only go alone.
            return replace(List.of(new ShardDraft(Lane.LIVE, members, round, Optional.empty())));
        }
        BatchShard half = planned(shard, Math.ceilDiv(shard.tokens(), 2));
        return replace(
                members.cut(Math.ceilDiv(members.size(), 2)).stream()
                        .map(part -> new ShardDraft(Lane.BATCH, part, round, Optional.of(half)))
                        .toList());
    }

    // ---- Uploading

    private Optional<BatchShard> upload(BatchShard shard, BatchTag tag)
            throws InterruptedException {
        Spool input = spool(shard, tag);
        while (true) {
            if (lane.isRecalled()) {
                return unsent(shard).flatMap(planned -> handBack(left(), lease.shard().round()));
            }
            switch (uploadOnce(shard, tag, input)) {
                case BatchAnswer.Given<String>(String file) -> {
                    mayCreate = true;
                    unreachableSince = Optional.empty();
                    return Optional.of(
                            commit(
                                    shard.in(
                                            new BatchState.Creating(
                                                    tag, file, around.clock().instant()))));
                }
                case BatchAnswer.Later<String> later -> {
                    say("the upload must wait: " + later.error().message());
                    if (isGone(later.error())) {
                        around.control().end(new RunEnd.Blocked(later.error().message()));
                        return unsent(shard).flatMap(planned -> Optional.empty());
                    }
                    pause(pace.afterFailure(later.retryAfter()));
                }
                case BatchAnswer.Unknown<String> unknown -> {
                    say("the upload is tried again: " + unknown.error().message());
                    pause(pace.afterFailure(unknown.retryAfter()));
                }
                case BatchAnswer.Missing<String>(ItemError error) -> {
                    return refused(shard, tag, error, List.of());
                }
                case BatchAnswer.Refused<String>(ItemError error, List<InputProblem> problems) -> {
                    return refused(shard, tag, error, problems);
                }
                case BatchAnswer.Blocked<String>(String problem) -> {
                    around.control().end(new RunEnd.Blocked(problem));
                    return unsent(shard).flatMap(planned -> Optional.empty());
                }
            }
        }
    }

    private BatchAnswer<String> uploadOnce(BatchShard shard, BatchTag tag, Spool input)
            throws InterruptedException {
        awaitTransfer();
        try {
            return away(() -> api(shard).upload(order(shard, tag), input.body(JSON_LINES)));
        } finally {
            lane.transfers().release();
        }
    }

    /**
     * Whether the provider can't be reached for so long that a person should know. Nothing is lost
     * by stopping before the upload; a batch that runs is asked for however long its provider is
     * away.
     */
    private boolean isGone(ItemError error) {
        if (!error.code().equals(BatchAnswer.UNREACHABLE)) {
            unreachableSince = Optional.empty();
            return false;
        }
        Instant now = around.clock().instant();
        Instant since = unreachableSince.orElse(now);
        unreachableSince = Optional.of(since);
        return Duration.between(since, now).compareTo(Reachability.PATIENCE) >= 0;
    }

    private static final String JSON_LINES = "application/jsonl";

    private BatchOrder order(BatchShard shard, BatchTag tag) {
        var spec = around.job().spec();
        return new BatchOrder(
                tag,
                shard.endpoint(),
                shard.model(),
                spooled.size(),
                spec.batch().window().orElseGet(() -> offered(shard).window()),
                spec.metadata());
    }

    private BatchOffer.Offered offered(BatchShard shard) {
        return switch (api(shard).offer(shard.endpoint(), shard.model())) {
            case BatchOffer.Offered offered -> offered;
            case BatchOffer.NotOffered(String reason) ->
                    throw new IllegalStateException("A batch where there is none: " + reason);
        };
    }

    // ---- Creating

    private Optional<BatchShard> create(BatchShard shard, BatchState.Creating creating)
            throws InterruptedException {
        if (lane.isRecalled()) {
            return unsent(shard).flatMap(planned -> handBack(left(), lease.shard().round()));
        }
        BatchInput input =
                creating.inputFile().isEmpty()
                        ? new BatchInput.Inline(
                                spool(shard, creating.tag()).body("application/json"))
                        : new BatchInput.Uploaded(creating.inputFile());
        around.leases().await(lease);
        // Whatever happens from here on, it may exist.
        mayCreate = false;
        return created(shard, creating, input);
    }

    private Optional<BatchShard> created(
            BatchShard shard, BatchState.Creating creating, BatchInput input)
            throws InterruptedException {
        switch (api(shard).create(order(shard, creating.tag()), input)) {
            case BatchAnswer.Given<RemoteBatch>(RemoteBatch batch) -> {
                return Optional.of(found(shard, creating.tag(), batch.id()));
            }
            case BatchAnswer.Later<RemoteBatch> later -> {
                mayCreate = true;
                return createLater(shard, later);
            }
            case BatchAnswer.Missing<RemoteBatch>(ItemError error) -> {
                mayCreate = true;
                return createLater(shard, new BatchAnswer.Later<>(error, Optional.empty(), false));
            }
            case BatchAnswer.Unknown<RemoteBatch> unknown -> {
                say("may or may not have been created: " + unknown.error().message());
                lookingSince = Optional.of(around.clock().instant());
                return Optional.of(shard);
            }
            case BatchAnswer.Refused<RemoteBatch>(ItemError error, List<InputProblem> problems) -> {
                return refused(shard, creating.tag(), error, problems);
            }
            case BatchAnswer.Blocked<RemoteBatch>(String problem) -> {
                around.control().end(new RunEnd.Blocked(problem));
                return unsent(shard).flatMap(planned -> Optional.empty());
            }
        }
    }

    private Optional<BatchShard> createLater(BatchShard shard, BatchAnswer.Later<RemoteBatch> later)
            throws InterruptedException {
        refusals++;
        say("must wait to be created: " + later.error().message());
        if (later.queueFull() || refusals % MOST_REFUSALS == 0) {
            // Its input may have been lost, or others may fit into the queue.
            Optional<BatchShard> planned = unsent(shard);
            pause(pace.afterFailure(later.retryAfter()));
            return planned;
        }
        pause(pace.afterFailure(later.retryAfter()));
        return lane.isRecalled()
                ? unsent(shard).flatMap(planned -> handBack(left(), lease.shard().round()))
                : Optional.of(shard);
    }

    private BatchShard found(BatchShard shard, BatchTag tag, String batchId) {
        dropSpool();
        pace.reset();
        BatchShard running =
                commit(shard.in(new BatchState.Running(tag, batchId, around.clock().instant())));
        event(
                "batch created",
                "%s at %s, %,d requests"
                        .formatted(batchId, shard.provider(), lease.shard().members().size()));
        return running;
    }

    /** Certainly nothing was created: as if it had never set out. */
    private Optional<BatchShard> unsent(BatchShard shard) {
        dropSpool();
        settle(Cost.ZERO);
        mayCreate = false;
        return Optional.of(commit(planned(shard, shard.tokens())));
    }

    private static BatchShard planned(BatchShard shard, long tokens) {
        return new BatchShard(
                shard.provider(),
                shard.account(),
                shard.endpoint(),
                shard.model(),
                tokens,
                Cost.ZERO,
                shard.reason(),
                new BatchState.Planned());
    }

    private Optional<BatchShard> look(BatchShard shard, BatchState.Creating creating)
            throws InterruptedException {
        // Nothing can turn up that was sent after this: the call has ended, or its process has.
        Instant sinceLost = lookingSince.orElseGet(around.clock()::instant);
        lookingSince = Optional.of(sinceLost);
        Instant looked = around.clock().instant();
        BatchAnswer<Search> answer =
                away(
                        () ->
                                api(shard)
                                        .find(
                                                order(shard, creating.tag()),
                                                new BatchInput.Uploaded(creating.inputFile()),
                                                creating.since()));
        switch (answer) {
            case BatchAnswer.Given<Search>(Search.Found(RemoteBatch batch)) -> {
                return Optional.of(found(shard, creating.tag(), batch.id()));
            }
            case BatchAnswer.Given<Search>(Search.NotShown notShown) -> {
                Duration lag = route(shard).lag().orElseGet(() -> offered(shard).lag());
                if (looked.isBefore(sinceLost.plus(lag))) {
                    say("is looked for at the provider");
                    pause(shorter(lag.dividedBy(4), pace.next()));
                    return Optional.of(shard);
                }
                return lane.isRecalled()
                        ? unsent(shard).flatMap(planned -> handBack(left(), lease.shard().round()))
                        : createAgain(shard, creating);
            }
            case BatchAnswer.Given<Search>(Search.Perhaps(List<String> ids)) -> {
                say("may be one of %s; their results will tell".formatted(ids));
                Duration window = offered(shard).window();
                if (looked.isAfter(sinceLost.plus(window).plus(SEARCH_TIME))) {
                    return quarantine(
                            shard,
                            creating.tag(),
                            "it may be one of %s, whose results don't tell".formatted(ids));
                }
                pause(pace.next());
                return Optional.of(shard);
            }
            case BatchAnswer.Later<Search> later -> {
                return lookLater(shard, creating, later.error(), later.retryAfter());
            }
            case BatchAnswer.Unknown<Search> unknown -> {
                return lookLater(shard, creating, unknown.error(), unknown.retryAfter());
            }
            case BatchAnswer.Missing<Search>(ItemError error) -> {
                return quarantine(shard, creating.tag(), error.message());
            }
            case BatchAnswer.Refused<Search>(ItemError error, var problems) -> {
                return quarantine(shard, creating.tag(), error.message());
            }
            case BatchAnswer.Blocked<Search>(String problem) -> {
                around.control().end(new RunEnd.Blocked(problem));
                return Optional.empty();
            }
        }
    }

    private Optional<BatchShard> lookLater(
            BatchShard shard,
            BatchState.Creating creating,
            ItemError error,
            Optional<Duration> retryAfter)
            throws InterruptedException {
        say("can't be looked for: " + error.message());
        Instant since = unansweredSince.orElseGet(around.clock()::instant);
        unansweredSince = Optional.of(since);
        Duration silence = Duration.between(since, around.clock().instant());
        if (error.code().equals(BatchAnswer.UNREACHABLE)) {
            // Nobody is there to be asked; that says nothing of the batch.
            return leaveIfRecalled(shard, silence, retryAfter);
        }
        if (silence.compareTo(SEARCH_TIME) >= 0) {
            return quarantine(shard, creating.tag(), error.message());
        }
        return leaveIfRecalled(shard, silence, retryAfter);
    }

    /**
     * Waits for an answer; once it is called back, not for ever: the next run goes on from here.
     */
    private Optional<BatchShard> leaveIfRecalled(
            BatchShard shard, Duration silence, Optional<Duration> retryAfter)
            throws InterruptedException {
        if (lane.endsForGood() && silence.compareTo(RECALL_TIME) >= 0) {
            return Optional.empty();
        }
        pause(pace.afterFailure(retryAfter));
        return Optional.of(shard);
    }

    /** The provider had the time to show it, and does not: it was never created. */
    private Optional<BatchShard> createAgain(BatchShard shard, BatchState.Creating creating) {
        creations++;
        if (creations >= MOST_CREATIONS) {
            return quarantine(
                    shard,
                    creating.tag(),
                    "the answers to %d calls were lost".formatted(creations));
        }
        // Under the same state: its time tells how far back a later search must go.
        mayCreate = true;
        lookingSince = Optional.empty();
        return Optional.of(shard);
    }

    private Optional<BatchShard> quarantine(BatchShard shard, BatchTag tag, String why) {
        String problem =
                "whether %s has a batch `%s` can't be found out (%s). Look for it there; if it exists, `batchwright attach ID --job %s` takes it in, if not, `batchwright retry %s --quarantined` sends its items again."
                        .formatted(
                                shard.provider(),
                                BatchApi.displayName(tag),
                                why,
                                around.job().id(),
                                around.job().id());
        commit(shard.in(new BatchState.Quarantined(tag, problem)));
        event("quarantined", problem);
        return Optional.empty();
    }

    // ---- Running

    private Optional<BatchShard> follow(BatchShard shard, BatchState.Running running)
            throws InterruptedException {
        boolean cancelled = false;
        Optional<Instant> silentSince = Optional.empty();
        while (true) {
            Instant now = around.clock().instant();
            switch (away(() -> api(shard).poll(running.batchId()))) {
                case BatchAnswer.Given<RemoteBatch>(RemoteBatch batch) -> {
                    switch (batch.phase()) {
                        case RemoteBatch.Phase.Ended(var end, var files) -> {
                            return ended(shard, running, end, files);
                        }
                        case RemoteBatch.Phase.Running(String status, var partial) -> {
                            say(progress(status, batch.counts()));
                            silentSince = Optional.empty();
                            pace.succeeded();
                            if (readEarly(shard, running.tag(), batch.counts(), partial)
                                    && left().isEmpty()) {
                                event(
                                        "batch ended",
                                        "%s %s; all requests have their outcome"
                                                .formatted(running.batchId(), status));
                                settle(early.cost());
                                return Optional.empty();
                            }
                        }
                    }
                }
                case BatchAnswer.Later<RemoteBatch> later -> {
                    say("its provider does not answer: " + later.error().message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                }
                case BatchAnswer.Unknown<RemoteBatch> unknown -> {
                    say("its provider does not answer: " + unknown.error().message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                }
                // Not visible yet, or for a while: a batch is not forgotten for one answer.
                case BatchAnswer.Missing<RemoteBatch>(ItemError error) -> {
                    say("is not shown by its provider: " + error.message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                    if (silence(silentSince).compareTo(SEARCH_TIME) >= 0) {
                        return quarantine(
                                shard,
                                running.tag(),
                                "its id %s is not known there any more"
                                        .formatted(running.batchId()));
                    }
                }
                case BatchAnswer.Refused<RemoteBatch>(ItemError error, var problems) -> {
                    say("can't be looked at: " + error.message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                }
                case BatchAnswer.Blocked<RemoteBatch>(String problem) -> {
                    around.control().end(new RunEnd.Blocked(problem));
                    return Optional.empty();
                }
            }
            if (lane.endsForGood() && silence(silentSince).compareTo(RECALL_TIME) >= 0) {
                // It goes on there without us; the next run asks again.
                return Optional.empty();
            }
            if (lane.isRecalled() && !cancelled) {
                cancelled =
                        away(() -> api(shard).cancel(running.batchId()))
                                instanceof BatchAnswer.Given<RemoteBatch>;
                pace.reset();
            }
            pause(silentSince.isPresent() ? pace.afterFailure(Optional.empty()) : untilNextLook());
        }
    }

    private boolean readEarly(
            BatchShard shard, BatchTag tag, RemoteBatch.Counts counts, List<ResultFile> files)
            throws InterruptedException {
        return early.read(
                tag,
                counts,
                files,
                () -> judge(shard, tag, false),
                (file, into) -> downloadOnce(shard, file.reference(), into));
    }

    private RowJudge judge(BatchShard shard, BatchTag tag, boolean last) {
        BatchRoute route = route(shard);
        return new RowJudge(
                route.api(),
                shard.endpoint(),
                tag,
                lease.shard().round(),
                last,
                route.prices().apply(shard.model())::batchCost);
    }

    private Duration silence(Optional<Instant> since) {
        return since.map(at -> Duration.between(at, around.clock().instant()))
                .orElse(Duration.ZERO);
    }

    private Duration untilNextLook() {
        Duration usual = pace.next();
        if (lane.isRecalled()) {
            return usual;
        }
        return lane.crossing()
                .map(at -> Duration.between(around.clock().instant(), at))
                .filter(left -> !left.isNegative())
                .map(left -> shorter(left, usual))
                .orElse(usual);
    }

    static String progress(String status, RemoteBatch.Counts counts) {
        return counts.total() == 0
                ? status
                : "%s, %,d of %,d done"
                        .formatted(status, counts.completed() + counts.failed(), counts.total());
    }

    private Optional<BatchShard> ended(
            BatchShard shard,
            BatchState.Running running,
            RemoteBatch.End end,
            List<ResultFile> files)
            throws InterruptedException {
        return switch (end) {
            case RemoteBatch.End.Completed completed -> ended(shard, running, COMPLETED, files);
            case RemoteBatch.End.Expired expired -> ended(shard, running, "expired", files);
            case RemoteBatch.End.Cancelled cancelled -> ended(shard, running, "cancelled", files);
            case RemoteBatch.End.Failed(ItemError error) ->
                    ended(shard, running, "failed: " + error.message(), files);
            case RemoteBatch.End.Invalid(List<InputProblem> problems) -> {
                ItemError error =
                        problems.isEmpty()
                                ? new ItemError("invalid_batch", "no reason was given")
                                : problems.getFirst().error();
                yield files.isEmpty()
                        ? refused(shard, running.tag(), error, problems)
                        : ended(shard, running, "failed: " + error.message(), files);
            }
            case RemoteBatch.End.QueueFull(ItemError error, Optional<Long> limit) ->
                    files.isEmpty()
                            ? queueFull(shard, error, limit)
                            : ended(shard, running, "failed: " + error.message(), files);
            case RemoteBatch.End.NotOffered(ItemError error) ->
                    files.isEmpty()
                            ? notOffered(shard, error.message())
                            : ended(shard, running, "failed: " + error.message(), files);
            case RemoteBatch.End.Blocked(String problem) -> {
                Optional<BatchShard> next =
                        files.isEmpty()
                                ? unsent(shard).flatMap(planned -> Optional.empty())
                                : ended(shard, running, "failed: " + problem, files);
                around.control().end(new RunEnd.Blocked(problem));
                yield next;
            }
        };
    }

    /** What is not as it should be about an end, in words. */
    static Optional<String> problem(RemoteBatch.End end) {
        return switch (end) {
            case RemoteBatch.End.Completed completed -> Optional.empty();
            case RemoteBatch.End.Expired expired -> Optional.of("it expired");
            case RemoteBatch.End.Cancelled cancelled -> Optional.of("it was cancelled");
            case RemoteBatch.End.Invalid(List<InputProblem> problems) ->
                    Optional.of(
                            problems.isEmpty()
                                    ? "its input is invalid"
                                    : problems.getFirst().error().message());
            case RemoteBatch.End.QueueFull(ItemError error, var limit) ->
                    Optional.of(error.message());
            case RemoteBatch.End.NotOffered(ItemError error) -> Optional.of(error.message());
            case RemoteBatch.End.Blocked(String problem) -> Optional.of(problem);
            case RemoteBatch.End.Failed(ItemError error) -> Optional.of(error.message());
        };
    }

    private Optional<BatchShard> ended(
            BatchShard shard, BatchState.Running running, String end, List<ResultFile> files) {
        BatchShard over =
                commit(
                        shard.in(
                                new BatchState.Ended(
                                        running.tag(),
                                        running.batchId(),
                                        end,
                                        files.stream().map(ResultFile::reference).toList())));
        event("batch over", "%s %s".formatted(running.batchId(), end));
        return Optional.of(over);
    }

    private Optional<BatchShard> queueFull(BatchShard shard, ItemError error, Optional<Long> limit)
            throws InterruptedException {
        limit.ifPresent(tokens -> lane.learnQueueLimit(target(shard), shard.account(), tokens));
        say("waits, because the provider's queue is full: " + error.message());
        Optional<BatchShard> planned = unsent(shard);
        queueRefusals++;
        if (queueRefusals > 1 && lane.turns().isEmpty(shard) && left().size() > 1) {
            // Nothing of ours is before it: it is larger than what the provider leaves us.
            return planned.flatMap(this::halve);
        }
        pause(queueWait());
        return planned;
    }

    private Duration queueWait() {
        Duration first = pace.next();
        long factor = 1L << Math.min(queueRefusals - 1, 10);
        return shorter(first.multipliedBy(factor), LONGEST_QUEUE_WAIT);
    }

    private Optional<BatchShard> notOffered(BatchShard shard, String reason) {
        lane.notOffered(target(shard), reason);
        if (around.job().spec().mode() == Mode.BATCH) {
            around.control()
                    .end(
                            new RunEnd.Blocked(
                                    "%s takes no batches of %s: %s. Nothing was executed; run the same command with --mode auto or --mode live."
                                            .formatted(shard.provider(), shard.model(), reason)));
        }
        return unsent(shard).flatMap(planned -> handBack(left(), lease.shard().round()));
    }

    /**
     * The input was refused and nothing ran: the lines that are to blame have failed, the others
     * set out again.
     */
    private Optional<BatchShard> refused(
            BatchShard shard, BatchTag tag, ItemError error, List<InputProblem> problems)
            throws InterruptedException {
        Map<Long, ItemError> blamed = blamed(tag, problems);
        SeqRanges members = left();
        boolean tooMuch = lane.refusesTooMuch(target(shard));
        if (blamed.isEmpty() && members.size() == 1) {
            if (lane.isTaken(target(shard))) {
                blamed.put(members.ranges().getFirst().first(), error);
            } else {
                tooMuch = true;
            }
        }
        fail(item -> Optional.ofNullable(blamed.get(item.seq())));
        SeqRanges rest = left();
        if (rest.isEmpty()) {
            settle(Cost.ZERO);
            return Optional.empty();
        }
        if (tooMuch) {
            around.control()
                    .end(
                            new RunEnd.Blocked(
                                    "%s refuses one batch after the other, the last one of %,d requests: %s. Nothing of it was executed; mend the input, or run the same command with --mode live."
                                            .formatted(
                                                    shard.provider(),
                                                    members.size(),
                                                    error.message())));
            return unsent(shard).flatMap(planned -> Optional.empty());
        }
        // No round is over for those that are not to blame. Without a line to blame, half of them
        // will tell.
        Optional<BatchShard> again = unsent(shard);
        if (blamed.isEmpty()) {
            return again.flatMap(this::halve);
        }
        long tokens = Math.ceilDiv(shard.tokens() * rest.size(), members.size());
        return replace(
                List.of(
                        new ShardDraft(
                                Lane.BATCH,
                                rest,
                                lease.shard().round(),
                                Optional.of(planned(shard, tokens)))));
    }

    // Line n of the input is the n-th of the items that it was written from.
    private Map<Long, ItemError> blamed(BatchTag tag, List<InputProblem> problems) {
        var blamed = new HashMap<Long, ItemError>();
        for (InputProblem problem : problems) {
            OptionalLong seq =
                    problem.wireId()
                            .map(tag::seq)
                            .filter(OptionalLong::isPresent)
                            .or(() -> problem.line().map(spooled::nth))
                            .orElse(OptionalLong.empty());
            seq.ifPresent(known -> blamed.put(known, problem.error()));
        }
        return blamed;
    }

    // ---- Ended

    private Optional<BatchShard> harvest(BatchShard shard, BatchState.Ended ended)
            throws InterruptedException {
        boolean last = isLastRound() && !lane.isRecalled();
        RowJudge judge = judge(shard, ended.tag(), last);
        Map<String, String> files = new LinkedHashMap<>();
        boolean inParts = false;
        for (int i = 0; i < ended.resultFiles().size(); i++) {
            var file = new ResultFile(ended.resultFiles().get(i));
            ResultFile rest = early.rest(ended.tag(), file, () -> judge(shard, ended.tag(), false));
            inParts |= rest.isPart();
            files.put(
                    rest.isPart() ? EarlyResults.name(ended.tag(), rest) : name(ended, i),
                    rest.reference());
        }
        if (inParts && left().isEmpty()) {
            settle(early.cost());
            return Optional.empty();
        }
        Optional<String> problem = read(shard, ended, files, judge);
        SeqRanges left = left();
        Cost cost = judge.cost();
        if (inParts && (problem.isPresent() || EarlyResults.misses(left, judge))) {
            // Lines may have come in between those that were read before.
            judge = judge(shard, ended.tag(), last);
            var again = new EarlyResults.SecondReading(judge, left);
            problem = read(shard, ended, whole(ended), again);
            left = left();
            cost = cost.plus(again.cost());
        }
        if (problem.isPresent()) {
            return lane.endsForGood() || around.control().isEnding()
                    ? Optional.empty()
                    : quarantine(shard, ended.tag(), problem.get());
        }
        if (judge.strangers() > 0 && !judge.knewAny() && left.equals(lease.shard().members())) {
            return quarantine(
                    shard,
                    ended.tag(),
                    "the results of %s are of other requests".formatted(ended.batchId()));
        }
        event(
                "batch ended",
                "%s %s; %,d of %,d requests have their outcome"
                        .formatted(
                                ended.batchId(),
                                ended.end(),
                                lease.shard().members().size() - left.size(),
                                lease.shard().members().size()));
        settle(cost.plus(early.cost()).plus(vanished(shard, ended, judge)));
        if (judge.knewAny()) {
            lane.taken(target(shard));
        }
        if (left.isEmpty()) {
            return Optional.empty();
        }
        if (last) {
            ItemError missing =
                    new ItemError(
                            "missing_from_results",
                            "The batch ended (%s) without a result for this request, in %d rounds."
                                    .formatted(ended.end(), lease.shard().round()));
            fail(item -> Optional.of(missing));
            return Optional.empty();
        }
        return handBack(left, lease.shard().round() + 1);
    }

    /** All of its files, by their names in the store. */
    private static Map<String, String> whole(BatchState.Ended ended) {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < ended.resultFiles().size(); i++) {
            files.put(name(ended, i), ended.resultFiles().get(i));
        }
        return files;
    }

    /** Downloads these and reads them; gives the problem if that can't be done. */
    private Optional<String> read(
            BatchShard shard,
            BatchState.Ended ended,
            Map<String, String> files,
            BatchWork.Judge judge)
            throws InterruptedException {
        for (var file : files.entrySet()) {
            Optional<String> problem = download(shard, file.getValue(), file.getKey());
            if (problem.isPresent()) {
                return problem;
            }
        }
        event("batch downloaded", "%s, %,d files".formatted(ended.batchId(), files.size()));
        awaitTransfer();
        try {
            for (String name : files.keySet()) {
                BatchWork.Harvest unusedCounts = work.harvest(lease, name, judge);
            }
        } finally {
            lane.transfers().release();
        }
        around.worker().flush();
        return Optional.empty();
    }

    /**
     * What requests may have cost that a completed batch says nothing of, or nothing that can be
     * read: they were probably executed, and paid.
     */
    private Cost vanished(BatchShard shard, BatchState.Ended ended, RowJudge judge) {
        if (!ended.end().equals(COMPLETED) || around.job().spec().maxCost().isEmpty()) {
            return Cost.ZERO;
        }
        BatchRoute.Prices prices = route(shard).prices().apply(shard.model());
        try (Stream<Item> pending = around.worker().pending(lease)) {
            return pending.filter(item -> !judge.hasLeft(item.seq()))
                    .map(item -> prices.batchCost(mostUsage(item)))
                    .reduce(Cost.ZERO, Cost::plus);
        }
    }

    private Usage mostUsage(Item item) {
        return around.estimator().estimate(item.request()).cautiousUsage();
    }

    private static String name(BatchState.Ended ended, int file) {
        return ended.tag() + "-" + file;
    }

    /** Downloads a result file, if it is not here yet; gives the problem if that can't be done. */
    private Optional<String> download(BatchShard shard, String reference, String name)
            throws InterruptedException {
        if (work.isDownloaded(lease, name)) {
            return Optional.empty();
        }
        boolean resumable = offered(shard).resumable() && !new ResultFile(reference).isPart();
        Instant began = around.clock().instant();
        BatchWork.Download download = work.download(lease, name);
        try {
            while (true) {
                Duration wait;
                switch (downloadOnce(shard, reference, download)) {
                    case BatchAnswer.Given<Long> given -> {
                        download.commit();
                        return Optional.empty();
                    }
                    case BatchAnswer.Later<Long> later ->
                            wait = pace.afterFailure(later.retryAfter());
                    case BatchAnswer.Unknown<Long> unknown -> {
                        say("its results are read on: " + unknown.error().message());
                        wait = pace.afterFailure(unknown.retryAfter());
                    }
                    case BatchAnswer.Missing<Long>(ItemError error) -> {
                        say("its results are not shown: " + error.message());
                        if (isOver(began, SEARCH_TIME)) {
                            return Optional.of("its results are gone: " + error.message());
                        }
                        wait = pace.afterFailure(Optional.empty());
                    }
                    case BatchAnswer.Refused<Long>(ItemError error, var problems) -> {
                        say("its results can't be read: " + error.message());
                        // A part can be had with the whole.
                        if (new ResultFile(reference).isPart() || isOver(began, SEARCH_TIME)) {
                            return Optional.of("its results can't be read: " + error.message());
                        }
                        wait = pace.afterFailure(Optional.empty());
                    }
                    case BatchAnswer.Blocked<Long>(String problem) -> {
                        around.control().end(new RunEnd.Blocked(problem));
                        return Optional.of(problem);
                    }
                }
                if (lane.endsForGood() && isOver(began, RECALL_TIME)) {
                    return Optional.of("its results could not be fetched in time");
                }
                pause(wait);
                if (!resumable && download.length() > 0) {
                    download.close();
                    download = work.download(lease, name);
                }
            }
        } finally {
            download.close();
        }
    }

    private boolean isOver(Instant began, Duration time) {
        return Duration.between(began, around.clock().instant()).compareTo(time) >= 0;
    }

    private BatchAnswer<Long> downloadOnce(
            BatchShard shard, String reference, BatchWork.Download download)
            throws InterruptedException {
        awaitTransfer();
        try {
            return away(
                    () ->
                            api(shard)
                                    .download(
                                            new ResultFile(reference),
                                            download.length(),
                                            download.out()));
        } finally {
            lane.transfers().release();
        }
    }

    // ---- What all of them need

    private boolean isLastRound() {
        return lease.shard().round() >= around.job().spec().live().maxAttempts();
    }

    private SeqRanges left() {
        return work.left(lease);
    }

    /** Why an item fails for good, if it does. */
    private interface Fate {
        Optional<ItemError> of(Item item);
    }

    private void fail(Fate fate) throws InterruptedException {
        try (Stream<Item> pending = around.worker().pending(lease)) {
            var items = pending.iterator();
            while (items.hasNext()) {
                Item item = items.next();
                Optional<ItemError> error = fate.of(item);
                if (error.isPresent()) {
                    around.worker()
                            .record(
                                    lease,
                                    item,
                                    new Outcome.Failed(
                                            lease.shard().round(),
                                            error.get(),
                                            Optional.empty(),
                                            Usage.NONE,
                                            Cost.ZERO));
                }
            }
        }
        around.worker().flush();
    }

    /** Leaves these items to the planner, who decides anew how they travel. */
    private Optional<BatchShard> handBack(SeqRanges items, int round) {
        dropSpool();
        return items.isEmpty()
                ? Optional.empty()
                : replace(List.of(new ShardDraft(Lane.OPEN, items, round, Optional.empty())));
    }

    private Optional<BatchShard> replace(List<ShardDraft> next) {
        work.replace(List.of(lease), new ArrayList<>(next));
        lane.changes().all();
        return Optional.empty();
    }

    private void settle(Cost real) {
        reservation.ifPresent(
                reserved -> {
                    reserved.spent(real);
                    reserved.close();
                });
        reservation = Optional.empty();
        // Who waits for money need not wait for the clock.
        lane.departures().all();
    }

    private void event(String kind, String detail) {
        around.store().addEvent(around.job().id(), kind, detail);
    }

    private void say(String word) {
        if (!word.equals(note)) {
            note = word;
            work.note(lease, word);
        }
    }

    /** Waits; not for long at once, so that a recall is heard of whatever the provider told us. */
    private void pause(Duration span) throws InterruptedException {
        Instant until = around.clock().instant().plus(span);
        boolean recalled = lane.isRecalled();
        Duration left = recalled ? shorter(span, RECALL_LOOK) : span;
        while (left.isPositive() && lane.isRecalled() == recalled) {
            pause(lane.recalls(), shorter(left, RECALL_LOOK));
            left = recalled ? Duration.ZERO : Duration.between(around.clock().instant(), until);
        }
    }

    private void pause(Wakeups wakeups, Duration span) throws InterruptedException {
        TaskScope.Mark scope = mark.orElseThrow();
        scope.waiting();
        wakeups.await(span);
        scope.busy();
        if (around.control().isEnding() && !lane.endsForGood()) {
            throw new InterruptedException("the run is ending");
        }
    }

    private void awaitTransfer() throws InterruptedException {
        TaskScope.Mark scope = mark.orElseThrow();
        scope.waiting();
        lane.transfers().acquire();
        try {
            scope.busy();
        } catch (InterruptedException e) {
            lane.transfers().release();
            throw e;
        }
    }

    /** A call that costs nothing, and may take long. */
    private interface Call<T> {
        T make() throws InterruptedException;
    }

    private <T> T away(Call<T> call) throws InterruptedException {
        TaskScope.Mark scope = mark.orElseThrow();
        scope.waiting();
        T answer = call.make();
        scope.busy();
        return answer;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
