package dev.batchwright.bench;

import dev.batchwright.config.Environment;
import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.Provider;
import dev.batchwright.provider.Providers;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.WireRequest;
import dev.batchwright.store.AnswerForm;
import dev.batchwright.store.BatchWork;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.ShardDraft;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.store.Worker;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * What the batch lane does beside the network: the upload files of 50,000 requests of 1 KB each are
 * written from the store, as many at once as it sends, and result files of OpenAI's form are read
 * and indexed. Beside the first, in turns, a copy of the same files; the result files stay in the
 * directory for others to read.
 *
 * <p>Arguments: a directory, items, rounds. Prints a line of {@code name value} for each thing
 * measured in each round.
 */
final class BatchLoad {
    private static final int MOST_IN_A_BATCH = 50_000;
    private static final int AT_ONCE = 2; // As the batch lane does.
    private static final String ENDPOINT = "/v1/chat/completions";
    private static final String MODEL = "gpt-4o-mini";
    private static final int BUFFER = 256 << 10;

    private final Path directory;
    private final int items;
    private final BatchApi api;

    private record Batch(Lease lease, BatchTag tag, Path input, Path results) {}

    private BatchLoad(Path directory, int items, BatchApi api) {
        this.directory = directory;
        this.items = items;
        this.api = api;
    }

    public static void main(String[] arguments) throws Exception {
        try (Providers providers =
                Providers.open(
                        Map.of(),
                        Environment.of(Map.of("OPENAI_API_KEY", "bench")),
                        Clock.systemUTC())) {
            var load =
                    new BatchLoad(
                            Path.of(arguments[0]),
                            Integer.parseInt(arguments[1]),
                            openAi(providers).batch().orElseThrow());
            for (int round = Integer.parseInt(arguments[2]); round > 0; round--) {
                load.measure(round);
            }
        }
    }

    private static Provider openAi(Providers providers) {
        return switch (providers.find("openai", Optional.empty())) {
            case Providers.Lookup.Found(Provider provider) -> provider;
            case Providers.Lookup.Refused(String problem) ->
                    throw new IllegalStateException(problem);
        };
    }

    private void measure(int round) throws Exception {
        var location = new StoreLocation.Sqlite(directory.resolve("batches.db"));
        try (JobStore store = JobStores.open(location, Clock.systemUTC())) {
            Job job = load(store, round);
            try (Worker worker = store.openWorker(job.id())) {
                List<Batch> batches = batches(worker);
                build(worker, batches);
                copy(batches);
                for (Batch batch : batches) {
                    answer(worker, batch);
                }
                harvest(worker, batches);
            }
            store.delete(job.id());
        }
    }

    private Job load(JobStore store, int round) {
        var random = new Random(7);
        try (JobDraft draft = store.draft(Specs.of("batches-" + round, Mode.BATCH))) {
            for (long seq = 1; seq <= items; seq++) {
                var request = new Request("openai", ENDPOINT, MODEL, body(seq, random));
                draft.append(new Item(seq, "i" + seq, request, Optional.empty()));
            }
            return draft.commit();
        }
    }

    private static RawJson body(long seq, Random random) {
        var text = new StringBuilder("Classify ").append(seq);
        while (text.length() < 900) {
            text.append(' ').append(Long.toString(random.nextLong(1L << 40), 36));
        }
        return RawJson.of(
                "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                        .formatted(MODEL, text));
    }

    private List<Batch> batches(Worker worker) {
        var open = new ArrayList<Lease>();
        for (var some = worker.claim(Lane.OPEN, 64);
                !some.isEmpty();
                some = worker.claim(Lane.OPEN, 64)) {
            open.addAll(some);
        }
        var drafts = new ArrayList<ShardDraft>();
        for (long first = 1; first <= items; first += MOST_IN_A_BATCH) {
            var members = SeqRanges.of(first, Math.min(items, first + MOST_IN_A_BATCH - 1));
            drafts.add(new ShardDraft(Lane.BATCH, members, 1, Optional.of(shard())));
        }
        worker.batches().replace(open, drafts);
        var random = new Random(7);
        return worker.claim(Lane.BATCH, drafts.size()).stream()
                .map(
                        lease ->
                                new Batch(
                                        lease,
                                        BatchTag.random(random),
                                        file("input", lease),
                                        file("results", lease)))
                .toList();
    }

    private static BatchShard shard() {
        return new BatchShard(
                "openai",
                "bench",
                ENDPOINT,
                MODEL,
                0,
                Cost.ZERO,
                "measured",
                new BatchState.Planned());
    }

    private Path file(String kind, Lease lease) {
        long first = lease.shard().members().ranges().getFirst().first();
        return directory.resolve("%s-%d.jsonl".formatted(kind, first));
    }

    private void build(Worker worker, List<Batch> batches) throws Exception {
        long began = System.nanoTime();
        each(
                batches,
                batch -> {
                    try (Stream<Item> pending = worker.pending(batch.lease());
                            OutputStream out = create(batch.input())) {
                        api.write(
                                pending.map(
                                                item ->
                                                        new WireRequest(
                                                                batch.tag().wireId(item.seq()),
                                                                item.request()))
                                        .iterator(),
                                out);
                    }
                });
        print("build_mb_per_second", megabytes(batches.stream().map(Batch::input)), began);
    }

    private void copy(List<Batch> batches) throws Exception {
        Path target = directory.resolve("copy");
        long began = System.nanoTime();
        for (Batch batch : batches) {
            // Through buffers: a copy that the file system makes by reference moves no bytes.
            try (OutputStream out = create(target)) {
                Files.copy(batch.input(), out);
            }
        }
        print("limit_build_mb_per_second", megabytes(batches.stream().map(Batch::input)), began);
        Files.delete(target);
        for (Batch batch : batches) {
            Files.delete(batch.input());
        }
    }

    private void answer(Worker worker, Batch batch) throws IOException {
        SeqRanges.Range members = batch.lease().shard().members().ranges().getFirst();
        var random = new Random(members.first());
        try (OutputStream out = create(batch.results())) {
            for (long seq = members.first(); seq <= members.last(); seq++) {
                out.write(line(batch.tag().wireId(seq), random).getBytes(StandardCharsets.UTF_8));
            }
        }
        try (BatchWork.Download download = worker.batches().download(batch.lease(), "results")) {
            Files.copy(batch.results(), download.out());
            download.commit();
        }
    }

    private static String line(String id, Random random) {
        var text = new StringBuilder();
        while (text.length() < 1400) {
            text.append(Long.toString(random.nextLong(1L << 40), 36)).append(' ');
        }
        return """
        {"id":"batch_req_%s","custom_id":"%s","response":{"status_code":200,"request_id":"req_%s",\
        "body":{"id":"chatcmpl-%s","object":"chat.completion","created":1796000000,"model":"%s",\
        "choices":[{"index":0,"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
        "usage":{"prompt_tokens":160,"completion_tokens":400,"total_tokens":560,\
        "prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}},\
        "error":null}
        """
                .formatted(id, id, id, id, MODEL, text);
    }

    private void harvest(Worker worker, List<Batch> batches) throws Exception {
        double megabytes = megabytes(batches.stream().map(Batch::results));
        long began = System.nanoTime();
        each(
                batches,
                batch -> {
                    BatchWork.Harvest read =
                            worker.batches()
                                    .harvest(
                                            batch.lease(),
                                            "results",
                                            (line, offset, length) ->
                                                    judge(batch.tag(), line, offset, length));
                    if (read.counted() != batch.lease().shard().members().size()) {
                        throw new IllegalStateException("Not all lines counted: " + read);
                    }
                });
        worker.flush();
        print("harvest_mb_per_second", megabytes, began);
    }

    private BatchWork.Verdict judge(BatchTag tag, byte[] line, int offset, int length) {
        if (api.read(ENDPOINT, line, offset, length)
                        instanceof ResultRow.Succeeded(var wireId, var usage, var answer)
                && answer instanceof ResultRow.Answer.InLine slice) {
            return new BatchWork.Verdict.Counts(
                    tag.seq(wireId).orElseThrow(),
                    true,
                    slice.status(),
                    "",
                    1,
                    usage,
                    Cost.ZERO,
                    AnswerForm.RESPONSE,
                    slice.offset(),
                    slice.length());
        }
        return new BatchWork.Verdict.Strays("not an answer");
    }

    @FunctionalInterface
    private interface Step {
        void of(Batch batch) throws Exception;
    }

    private static void each(List<Batch> batches, Step step) throws Exception {
        try (var pool = Executors.newFixedThreadPool(AT_ONCE)) {
            var done = new ArrayList<Future<?>>();
            for (Batch batch : batches) {
                done.add(
                        pool.submit(
                                () -> {
                                    step.of(batch);
                                    return null;
                                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
    }

    private static OutputStream create(Path file) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
    }

    private static double megabytes(Stream<Path> files) {
        return files.mapToLong(file -> file.toFile().length()).sum() / 1e6;
    }

    private static void print(String name, double megabytes, long began) {
        System.out.println(name + " " + megabytes / ((System.nanoTime() - began) / 1e9));
    }
}
