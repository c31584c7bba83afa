package dev.batchwright.store;

import static dev.batchwright.store.Samples.failed;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Job;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/** What every store keeps for the users of a server: their files, and their batches. */
@SuppressWarnings("ClassCanBeStatic")
abstract class HostedContract extends OpenedStores {
    private static final Duration MONTH = Duration.ofDays(30);

    private static HostedFiles.Terms terms(String owner, String purpose) {
        return new HostedFiles.Terms(owner, "näme.jsonl", purpose, Optional.of(MONTH));
    }

    private static HostedFile put(JobStore store, String owner, String text) {
        return put(store, terms(owner, "batch"), text.getBytes(StandardCharsets.UTF_8));
    }

    private static HostedFile put(JobStore store, HostedFiles.Terms terms, byte[] bytes) {
        try (HostedFiles.Upload upload = store.files().upload()) {
            upload.write(bytes, 0, bytes.length);
            return upload.commit(terms);
        }
    }

    private static byte[] get(JobStore store, HostedFile file, long from, long to)
            throws IOException {
        var all = new ByteArrayOutputStream();
        try (InputStream in = store.files().read(file, from, to)) {
            in.transferTo(all);
        }
        return all.toByteArray();
    }

    private static String text(JobStore store, String id) throws IOException {
        HostedFile file = store.files().find(id).orElseThrow();
        return new String(get(store, file, 0, file.bytes()), StandardCharsets.UTF_8);
    }

    private static List<String> ids(List<HostedFile> files) {
        return files.stream().map(HostedFile::id).toList();
    }

    private static HostedFiles.Query all(String owner) {
        return new HostedFiles.Query(owner, Optional.empty(), true, Optional.empty(), 100);
    }

    private static HostedBatch.Order order(String input) {
        return new HostedBatch.Order(
                HostedBatch.Form.OPENAI,
                input,
                "/v1/chat/completions",
                "24h",
                Optional.of(RawJson.of("{\"run\":\"ü\"}")),
                Optional.of(Duration.ofHours(2)),
                HostedBatch.Layout.APART,
                Optional.of(Mode.LIVE));
    }

    private HostedBatches.Request request(String input) {
        return new HostedBatches.Request(
                "ann",
                order(input),
                clock.instant().plus(Duration.ofHours(24)),
                "like " + input,
                Optional.empty(),
                false);
    }

    private HostedBatch create(JobStore store) {
        String input = put(store, "ann", "{}\n").id();
        clock.advance(Duration.ofMillis(1));
        return created(store.hostedBatches().create(request(input)));
    }

    private static HostedBatch created(HostedBatches.Creation creation) {
        return ((HostedBatches.Creation.Created) creation).batch();
    }

    @Nested
    class FilesOfUsers {
        @Test
        void are_read_as_they_were_written_by_every_process() throws Exception {
            byte[] bytes = new byte[(5 << 20) + 12_345];
            new Random(7).nextBytes(bytes);
            HostedFile file = put(open(), terms("ann", "batch"), bytes);
            JobStore other = open();
            assertThat(other.files().find(file.id())).contains(file);
            assertThat(file.bytes()).isEqualTo(bytes.length);
            assertThat(file.filename()).isEqualTo("näme.jsonl");
            assertThat(file.expiresAt()).contains(clock.instant().plus(MONTH));
            assertThat(get(other, file, 0, bytes.length)).isEqualTo(bytes);
            for (long from : new long[] {0, 1, (1 << 20) - 1, 1 << 20, (3 << 20) + 7}) {
                assertThat(get(other, file, from, from + 1_100_000))
                        .isEqualTo(Arrays.copyOfRange(bytes, (int) from, (int) from + 1_100_000));
            }
            assertThat(get(other, file, bytes.length, bytes.length)).isEmpty();
        }

        @Test
        void know_where_their_lines_begin() {
            var text = new StringBuilder();
            var starts = new ArrayList<Long>();
            var chance = new Random(3);
            while (text.length() < 3 << 20) {
                starts.add((long) text.length());
                text.append("x".repeat(chance.nextInt(5000))).append('\n');
            }
            starts.add((long) text.length());
            text.append("no end");
            JobStore store = open();
            HostedFile file = put(store, "ann", text.toString());
            assertThat(file.lines()).isEqualTo(starts.size());
            for (int line = 0; line < starts.size(); line++) {
                assertThat(store.files().offsetOf(file, line)).isEqualTo(starts.get(line));
            }
            assertThat(store.files().offsetOf(file, starts.size())).isEqualTo(file.bytes());
            assertThat(store.files().offsetOf(file, Long.MAX_VALUE)).isEqualTo(file.bytes());
        }

        @Test
        void that_did_not_arrive_leave_nothing() {
            JobStore store = open();
            HostedFiles.Upload upload = store.files().upload();
            upload.write(new byte[2 << 20], 0, 2 << 20);
            upload.close();
            assertThat(store.files().list(all("ann")).orElseThrow()).isEmpty();
            assertThat(store.files().sweep()).isZero();
        }

        @Test
        @Timeout(60)
        void of_a_killed_process_leave_nothing() throws Exception {
            JobStore store = open();
            Process process = RecordingProcess.start("upload", location());
            assertThat(process.inputReader().readLine()).isEqualTo("half");
            assertThat(store.files().sweep()).isZero();
            process.destroyForcibly().waitFor();
            int swept = 0;
            while (swept == 0) {
                // PostgreSQL may need a moment to see that a session is over.
                swept = store.files().sweep();
            }
            assertThat(swept).isEqualTo(1);
            assertThat(store.files().sweep()).isZero();
        }

        @Test
        void are_listed_in_pages_of_their_owner_alone() {
            JobStore store = open();
            var ids = new ArrayList<String>();
            for (int i = 0; i < 7; i++) {
                ids.add(put(store, "ann", "{}").id());
                clock.advance(Duration.ofMillis(5));
            }
            put(store, "bob", "{}");
            put(store, terms("ann", "message_batch"), new byte[1]);
            String vision = put(store, terms("ann", "vision"), new byte[1]).id();
            var seen = new ArrayList<String>();
            Optional<String> after = Optional.empty();
            List<HostedFile> page;
            do {
                page =
                        store.files()
                                .list(
                                        new HostedFiles.Query(
                                                "ann", Optional.of("batch"), false, after, 3))
                                .orElseThrow();
                seen.addAll(ids(page));
                after = page.isEmpty() ? after : Optional.of(page.getLast().id());
            } while (!page.isEmpty());
            assertThat(seen).isEqualTo(ids);
            assertThat(ids(store.files().list(all("ann")).orElseThrow()))
                    .hasSize(8)
                    .startsWith(vision)
                    .endsWith(ids.getFirst());
            assertThat(
                            store.files()
                                    .list(
                                            new HostedFiles.Query(
                                                    "bob",
                                                    Optional.empty(),
                                                    true,
                                                    Optional.of(ids.getFirst()),
                                                    3)))
                    .isEmpty();
        }

        @Test
        void go_when_they_are_deleted_or_expire() {
            JobStore store = open();
            HostedFile deleted = put(store, "ann", "{}");
            HostedFile expiring = put(store, "ann", "{}");
            assertThat(store.files().delete(deleted.id())).isEqualTo(HostedFiles.Deletion.DONE);
            assertThat(store.files().delete(deleted.id()))
                    .isEqualTo(HostedFiles.Deletion.NOT_THERE);
            assertThat(store.files().find(deleted.id())).isEmpty();
            clock.advance(MONTH);
            assertThat(store.files().find(expiring.id())).isEmpty();
            assertThat(store.files().list(all("ann")).orElseThrow()).isEmpty();
            assertThat(store.files().sweep()).isEqualTo(1);
            assertThatThrownBy(() -> get(store, expiring, 0, 1)).isNotNull();
        }

        @Test
        void that_a_batch_is_reading_keep_their_bytes_until_that_is_done() throws Exception {
            JobStore store = open();
            HostedBatch batch = create(store);
            String input = batch.order().inputFile();
            assertThat(store.files().delete(input)).isEqualTo(HostedFiles.Deletion.DONE);
            assertThat(store.files().find(input)).isEmpty();
            assertThat(store.files().sweep()).isZero();
            HostedFile kept = store.hostedBatches().input(batch).orElseThrow();
            assertThat(get(store, kept, 0, kept.bytes())).hasSize(3);
            Job job = load(store, "f", 1);
            HostedBatch claimed = store.hostedBatches().claim(1).getFirst();
            store.hostedBatches()
                    .advance(
                            claimed.id(),
                            now ->
                                    now.loaded(
                                            Optional.of(job.id()),
                                            HostedBatch.Counts.of(1, 0),
                                            Optional.empty(),
                                            clock.instant()));
            assertThat(store.files().sweep()).isEqualTo(1);
            assertThat(store.hostedBatches().input(batch)).isEmpty();
        }
    }

    @Nested
    class BatchesOfUsers {
        @Test
        void are_as_they_were_ordered_in_every_process() {
            JobStore store = open();
            HostedBatch batch = create(store);
            assertThat(batch.status()).isEqualTo(HostedBatch.Status.VALIDATING);
            assertThat(batch.order()).isEqualTo(order(batch.order().inputFile()));
            assertThat(open().hostedBatches().find(batch.id())).contains(batch);
            assertThat(store.hostedBatches().find("batch_other")).isEmpty();
        }

        @Test
        void without_an_input_have_failed() {
            JobStore store = open();
            String bobs = put(store, "bob", "{}").id();
            String picture = put(store, terms("ann", "vision"), new byte[1]).id();
            for (String input : List.of("file-none", bobs, picture)) {
                HostedBatch batch = created(store.hostedBatches().create(request(input)));
                assertThat(batch.status()).isEqualTo(HostedBatch.Status.FAILED);
                assertThat(batch.errors().orElseThrow().toString()).contains("invalid_request");
                assertThat(store.hostedBatches().find(batch.id())).contains(batch);
            }
            assertThat(store.hostedBatches().claim(9)).isEmpty();
        }

        @Test
        void are_one_when_a_client_says_that_it_repeats_itself() {
            JobStore store = open();
            String input = put(store, "ann", "{}").id();
            HostedBatches.Request first = request(input);
            HostedBatch batch = created(store.hostedBatches().create(first));
            var again =
                    new HostedBatches.Request(
                            "ann",
                            first.order(),
                            first.expires(),
                            first.likeness(),
                            Optional.empty(),
                            true);
            assertThat(open().hostedBatches().create(again))
                    .isEqualTo(new HostedBatches.Creation.Known(batch));
            assertThat(created(store.hostedBatches().create(first)).id()).isNotEqualTo(batch.id());
            clock.advance(Duration.ofHours(1));
            assertThat(created(store.hostedBatches().create(again)).id()).isNotEqualTo(batch.id());
        }

        @Test
        void are_one_for_one_key_however_many_ask_at_once() throws Exception {
            JobStore store = open();
            JobStore other = open();
            String input = put(store, "ann", "{}").id();
            var keyed =
                    new HostedBatches.Request(
                            "ann",
                            order(input),
                            clock.instant().plus(Duration.ofHours(1)),
                            "like",
                            Optional.of("key 1"),
                            false);
            var ids = new ArrayList<String>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var tasks = new ArrayList<Callable<HostedBatches.Creation>>();
                for (int i = 0; i < 12; i++) {
                    JobStore one = i % 2 == 0 ? store : other;
                    tasks.add(() -> one.hostedBatches().create(keyed));
                }
                for (var task : threads.invokeAll(tasks)) {
                    ids.add(
                            switch (task.get()) {
                                case HostedBatches.Creation.Created(var batch) -> batch.id();
                                case HostedBatches.Creation.Known(var batch) -> batch.id();
                                case HostedBatches.Creation.KeyTaken taken -> "taken";
                            });
                }
            }
            assertThat(ids).hasSize(12).containsOnly(ids.getFirst());
            assertThat(
                            store.hostedBatches()
                                    .create(
                                            new HostedBatches.Request(
                                                    "ann",
                                                    order(input),
                                                    clock.instant(),
                                                    "other",
                                                    Optional.of("key 1"),
                                                    false)))
                    .isEqualTo(new HostedBatches.Creation.KeyTaken());
        }

        @Test
        void are_listed_newest_first_both_ways() {
            JobStore store = open();
            var ids = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                ids.addFirst(create(store).id());
            }
            HostedBatches batches = store.hostedBatches();
            assertThat(page(batches, Optional.empty(), Optional.empty()))
                    .isEqualTo(ids.subList(0, 2));
            assertThat(page(batches, Optional.of(ids.get(1)), Optional.empty()))
                    .isEqualTo(ids.subList(2, 4));
            assertThat(page(batches, Optional.of(ids.get(4)), Optional.empty())).isEmpty();
            assertThat(page(batches, Optional.empty(), Optional.of(ids.get(4))))
                    .isEqualTo(ids.subList(2, 4));
            assertThat(
                            batches.list(
                                    new HostedBatches.Query(
                                            "bob",
                                            HostedBatch.Form.OPENAI,
                                            Optional.of(ids.getFirst()),
                                            Optional.empty(),
                                            2)))
                    .isEmpty();
        }

        private List<String> page(
                HostedBatches batches, Optional<String> after, Optional<String> before) {
            return batches
                    .list(new HostedBatches.Query("ann", HostedBatch.Form.OPENAI, after, before, 2))
                    .orElseThrow()
                    .stream()
                    .map(HostedBatch::id)
                    .toList();
        }

        @Test
        void are_kept_by_one_process_until_it_gives_them_up_or_is_closed() {
            JobStore one = open();
            JobStore two = connect();
            HostedBatch batch = create(one);
            assertThat(two.hostedBatches().claim(9)).containsExactly(batch);
            assertThat(two.hostedBatches().claim(9)).isEmpty();
            assertThat(one.hostedBatches().claim(9)).isEmpty();
            assertThatThrownBy(() -> one.hostedBatches().advance(batch.id(), now -> now))
                    .isInstanceOf(KeeperLostException.class)
                    .hasMessageContaining(batch.id());
            two.hostedBatches().release(batch.id());
            assertThat(one.hostedBatches().claim(9)).hasSize(1);
            one.hostedBatches().release(batch.id());
            assertThat(two.hostedBatches().claim(9)).hasSize(1);
            two.close();
            assertThat(one.hostedBatches().claim(9)).hasSize(1);
        }

        @Test
        void count_what_their_job_has_done_until_they_are_over() throws Exception {
            JobStore store = open();
            HostedBatches batches = store.hostedBatches();
            HostedBatch batch = create(store);
            batches.claim(1);
            Job job = load(store, "f", 5);
            batches.advance(
                    batch.id(),
                    now ->
                            now.loaded(
                                    Optional.of(job.id()),
                                    HostedBatch.Counts.of(6, 1),
                                    Optional.of("m"),
                                    clock.instant()));
            try (Worker worker = store.openWorker(job.id())) {
                var lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, Samples.item(1), ok(1));
                worker.record(lease, Samples.item(2), failed("timeout"));
                worker.flush();
            }
            HostedBatch running = open().hostedBatches().find(batch.id()).orElseThrow();
            assertThat(running.status()).isEqualTo(HostedBatch.Status.IN_PROGRESS);
            assertThat(running.counts()).isEqualTo(new HostedBatch.Counts(6, 1, 2, 0, 0));
            assertThat(running.model()).contains("m");
            batches.change(batch.id(), now -> now.cancelling(clock.instant()));
            HostedBatch over =
                    batches.advance(
                            batch.id(),
                            now ->
                                    now.ended(
                                            new HostedBatch.Ending(
                                                    HostedBatch.Status.CANCELLED,
                                                    new HostedBatch.Counts(6, 1, 2, 0, 3),
                                                    Optional.of(
                                                            new HostedBatch.TokenSums(10, 2, 5, 1)),
                                                    Optional.of("m-1"),
                                                    Optional.empty(),
                                                    Optional.empty()),
                                            clock.instant()));
            assertThat(batches.find(batch.id())).contains(over);
            assertThat(over.times().cancelling()).contains(clock.instant());
            assertThat(batches.change(batch.id(), now -> now.cancelling(clock.instant())))
                    .contains(over);
        }

        @Test
        void write_files_that_their_readers_see_grow_by_lines() throws Exception {
            JobStore store = open();
            HostedBatches batches = store.hostedBatches();
            HostedBatch batch = create(store);
            batches.claim(1);
            String output = batches.newFile(batch, "out.jsonl", "batch_output");
            String error = batches.newFile(batch, "err.jsonl", "batch_output");
            batches.advance(batch.id(), now -> now.writing(output, Optional.of(error)));
            JobStore other = open();
            try (HostedFiles.Growth growth = batches.grow(output, false)) {
                write(growth, "one\n");
                assertThat(other.files().find(output).orElseThrow().bytes()).isZero();
                growth.flush();
                assertThat(text(other, output)).isEqualTo("one\n");
                write(growth, "two\n");
                growth.flush();
            }
            HostedFile growing = other.files().find(output).orElseThrow();
            assertThat(growing.growing()).isTrue();
            assertThat(growing.lines()).isEqualTo(2);
            assertThat(other.files().list(all("ann")).orElseThrow()).hasSize(1);
            assertThat(other.files().delete(output)).isEqualTo(HostedFiles.Deletion.IN_USE);
            batches.advance(
                    batch.id(),
                    now ->
                            now.ended(
                                    new HostedBatch.Ending(
                                            HostedBatch.Status.COMPLETED,
                                            new HostedBatch.Counts(2, 2, 0, 0, 0),
                                            Optional.empty(),
                                            Optional.empty(),
                                            Optional.of(output),
                                            Optional.empty()),
                                    clock.instant()));
            HostedFile whole = other.files().find(output).orElseThrow();
            assertThat(whole.growing()).isFalse();
            assertThat(whole.expiresAt()).contains(clock.instant().plus(Duration.ofHours(2)));
            assertThat(text(other, output)).isEqualTo("one\ntwo\n");
            assertThat(other.files().find(error)).isEmpty();
            assertThat(other.files().list(all("ann")).orElseThrow()).hasSize(2);
            assertThat(batches.retired(clock.instant().plusSeconds(1), 9)).isEmpty();
            assertThat(batches.delete(batch.id())).isTrue();
            assertThat(batches.find(batch.id())).isEmpty();
            assertThat(other.files().list(all("ann")).orElseThrow()).hasSize(1);
        }

        private void write(HostedFiles.Growth growth, String line) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            growth.write(bytes, 0, bytes.length);
        }

        @Test
        @Timeout(60)
        void of_a_killed_process_go_on_elsewhere_behind_what_was_seen() throws Exception {
            JobStore store = open();
            HostedBatch batch = create(store);
            Process process = RecordingProcess.start("keep", location());
            String output = process.inputReader().readLine();
            HostedBatches batches = store.hostedBatches();
            assertThat(batches.claim(1)).isEmpty();
            assertThat(text(store, output)).isEqualTo("{\"a\":1}\n");
            process.destroyForcibly().waitFor();
            List<HostedBatch> claimed = batches.claim(1);
            while (claimed.isEmpty()) {
                // PostgreSQL may need a moment to see that a session is over.
                claimed = batches.claim(1);
            }
            assertThat(claimed.getFirst().id()).isEqualTo(batch.id());
            assertThat(claimed.getFirst().outputFile()).contains(output);
            assertThat(store.files().sweep()).isZero();
            try (HostedFiles.Growth growth = batches.grow(output, false)) {
                assertThat(growth.bytes()).isEqualTo(8);
                write(growth, "{\"a\":2}\n");
                growth.flush();
            }
            assertThat(text(store, output)).isEqualTo("{\"a\":1}\n{\"a\":2}\n");
            assertThat(store.files().find(output).orElseThrow().lines()).isEqualTo(2);
            try (HostedFiles.Growth growth = batches.grow(output, true)) {
                write(growth, "anew\n");
                growth.flush();
            }
            assertThat(text(store, output)).isEqualTo("anew\n");
        }

        @Test
        void are_retired_when_their_files_are_gone_but_their_job_is_not() {
            JobStore store = open();
            HostedBatches batches = store.hostedBatches();
            HostedBatch batch = create(store);
            batches.claim(1);
            Job job = load(store, "f", 1);
            String output = batches.newFile(batch, "out.jsonl", "batch_output");
            batches.advance(
                    batch.id(),
                    now ->
                            now.loaded(
                                            Optional.of(job.id()),
                                            HostedBatch.Counts.of(1, 0),
                                            Optional.empty(),
                                            clock.instant())
                                    .writing(output, Optional.empty()));
            batches.advance(
                    batch.id(),
                    now ->
                            now.ended(
                                    new HostedBatch.Ending(
                                            HostedBatch.Status.COMPLETED,
                                            new HostedBatch.Counts(1, 1, 0, 0, 0),
                                            Optional.empty(),
                                            Optional.empty(),
                                            Optional.of(output),
                                            Optional.empty()),
                                    clock.instant()));
            clock.advance(Duration.ofHours(1));
            assertThat(batches.retired(clock.instant(), 9)).isEmpty();
            clock.advance(Duration.ofHours(1));
            store.files().sweep();
            assertThat(batches.retired(clock.instant(), 9))
                    .extracting(HostedBatch::id)
                    .containsExactly(batch.id());
            batches.change(batch.id(), HostedBatch::withoutJob);
            assertThat(batches.retired(clock.instant(), 9)).isEmpty();
        }

        @Test
        void that_are_not_over_are_not_deleted() {
            JobStore store = open();
            HostedBatch batch = create(store);
            assertThat(store.hostedBatches().delete(batch.id())).isFalse();
            assertThat(store.hostedBatches().find(batch.id())).contains(batch);
        }
    }
}
