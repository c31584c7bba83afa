package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.SeqRanges;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process to be killed. {@code record} claims everything and prints each item once its outcome is
 * acknowledged; {@code load} begins a job and prints its id; {@code harvest} makes one batch of
 * all, keeps its results, and prints a line when it has read most of them; {@code upload} has sent
 * half of a file; {@code keep} keeps a hosted batch and has written to its output. All then wait
 * for ever.
 */
final class RecordingProcess {
    private RecordingProcess() {}

    public static void main(String[] arguments) throws Exception {
        var store =
                JobStores.open(
                        StoreLocation.parse(arguments[1], Path.of("/")), InstantSource.system());
        if (arguments[0].equals("load")) {
            JobDraft draft = store.draft(Samples.spec("half loaded"));
            draft.append(Samples.item(1));
            print(draft.id().value());
        } else if (arguments[0].equals("upload")) {
            HostedFiles.Upload upload = store.files().upload();
            upload.write(new byte[3 << 20], 0, 3 << 20);
            print("half");
        } else if (arguments[0].equals("keep")) {
            keep(store.hostedBatches());
        } else if (arguments[0].equals("harvest")) {
            harvest(store.openWorker(new JobId(arguments[2])));
        } else {
            record(store.openWorker(new JobId(arguments[2])));
        }
        Thread.currentThread().join();
    }

    private static void keep(HostedBatches batches) throws IOException {
        HostedBatch batch = batches.claim(1).getFirst();
        String output = batches.newFile(batch, "output.jsonl", "batch_output");
        batches.advance(batch.id(), now -> now.writing(output, Optional.empty()));
        HostedFiles.Growth growth = batches.grow(output, false);
        byte[] line = "{\"a\":1}\n".getBytes(StandardCharsets.US_ASCII);
        growth.write(line, 0, line.length);
        growth.flush();
        // More than what a writer holds back, so that some of it is there and does not count.
        growth.write(new byte[2 << 20], 0, 2 << 20);
        print(output);
    }

    private static void record(Worker worker) throws IOException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Lease lease : worker.claim(Lane.LIVE, Integer.MAX_VALUE)) {
                try (var items = worker.pending(lease)) {
                    items.forEach(item -> threads.execute(() -> record(worker, lease, item)));
                }
            }
        }
    }

    private static void record(Worker worker, Lease lease, Item item) {
        try {
            worker.record(lease, item, Samples.ok(item.seq()));
            print(Long.toString(item.seq()));
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void harvest(Worker worker) throws Exception {
        BatchWork batches = worker.batches();
        List<Lease> open = worker.claim(Lane.OPEN, Integer.MAX_VALUE);
        SeqRanges all = SeqRanges.union(open.stream().map(o -> o.shard().members()).toList());
        batches.replace(open, List.of(Samples.planned(1, all)));
        Lease lease = worker.claim(Lane.BATCH, 1).getFirst();
        try (var download = batches.download(lease, "output")) {
            for (long seq = all.size(); seq > 0; seq--) {
                String line = "body %d {\"answer\":%d}\n".formatted(seq, seq);
                download.out().write(line.getBytes(StandardCharsets.US_ASCII));
            }
            download.commit();
        }
        var read = new AtomicLong();
        batches.harvest(
                lease,
                "output",
                (line, offset, length) -> {
                    if (read.incrementAndGet() == all.size() - 10) {
                        waitForTheEnd();
                    }
                    return Samples.judge(line, offset, length);
                });
    }

    private static void waitForTheEnd() {
        try {
            print("most");
            Thread.currentThread().join();
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // One write a line: a pipe takes it whole or not at all.
    private static void print(String line) throws IOException {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    static Process start(String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Xmx128m");
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(RecordingProcess.class.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
