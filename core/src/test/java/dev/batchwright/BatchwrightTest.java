package dev.batchwright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

@Timeout(60)
class BatchwrightTest {
    @TempDir Path directory;
    private Batchwright batchwright;

    private record Review(int number, String text) {}

    @BeforeEach
    void opens() {
        batchwright = open();
    }

    @AfterEach
    void closes() {
        batchwright.close();
    }

    private Batchwright open() {
        return Batchwright.builder()
                .directory(directory)
                .store(directory.resolve("store.db"))
                .open();
    }

    private static List<Review> reviews(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Review(i, "Nice no. " + i)).toList();
    }

    private static Request request(Review review) {
        return Request.json(
                        "/v1/chat/completions",
                        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                                .formatted(review.text()))
                .id("r" + review.number());
    }

    private static JobSpec<String> praise(int count) {
        return JobSpec.of("praise").items(reviews(count), BatchwrightTest::request);
    }

    private static <T> List<T> all(Iterable<T> elements) {
        return StreamSupport.stream(elements.spliterator(), false).toList();
    }

    @Test
    void a_job_gives_the_result_of_each_item_once() throws Exception {
        Job<String> job = batchwright.submit(praise(2_500));

        List<Result<String>> results = all(job.results());

        assertThat(results)
                .extracting(Result::customId)
                .containsExactlyInAnyOrderElementsOf(
                        reviews(2_500).stream().map(review -> "r" + review.number()).toList());
        assertThat(results)
                .allSatisfy(
                        result ->
                                assertThat(result.orThrow())
                                        .endsWith("Nice no. " + result.customId().substring(1)));
        JobStatus end = job.awaitFinished();
        assertThat(end.progress().succeeded()).isEqualTo(2_500);
        assertThat(end.problem()).isEmpty();
    }

    @Test
    void results_come_in_the_order_of_the_input_when_that_is_asked_for() {
        Job<String> job = batchwright.submit(praise(1_200));

        assertThat(all(job.resultsInOrder()))
                .extracting(Result::customId)
                .containsExactlyElementsOf(
                        reviews(1_200).stream().map(review -> "r" + review.number()).toList());
    }

    @Test
    void an_answer_says_all_that_the_provider_said() {
        Job<String> job = batchwright.submit(praise(1));

        Answer answer = job.stream().findFirst().orElseThrow().reply().orElseThrow();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.finishReason()).contains("stop");
        assertThat(answer.at("/choices/0/message/role")).contains("assistant");
        assertThat(answer.at("/choices/7")).isEmpty();
        assertThat(answer.logprobs()).isEmpty();
        assertThat(answer.usage().outputTokens()).isPositive();
        assertThat(answer.attempts()).isEqualTo(1);
        assertThat(answer.body().toString()).startsWith("{").contains("\"choices\"");
        assertThat(answer.toString()).doesNotContain("Nice");
    }

    @Test
    void the_same_job_again_is_the_same_job() throws Exception {
        Job<String> first = batchwright.submit(praise(10));
        first.awaitFinished();
        batchwright.close();
        batchwright = open();

        Job<String> again = batchwright.submit(praise(10));
        Job<String> anew = batchwright.submit(praise(10).fresh());
        Job<String> other =
                batchwright.submit(
                        JobSpec.of("blame").items(reviews(10), BatchwrightTest::request));

        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.status().state()).isEqualTo(JobStatus.State.FINISHED);
        assertThat(all(again.results())).hasSize(10);
        assertThat(List.of(anew.id(), other.id())).doesNotContain(first.id());
        assertThat(batchwright.jobs(10)).extracting(Job::id).contains(first.id(), other.id());
    }

    @Test
    void a_job_is_found_again_with_its_description_and_tags() {
        batchwright.submit(
                praise(1).description("For the blog").tags("blog", "May").metadata("team", "web"));

        assertThat(batchwright.jobs(1).getFirst().metadata())
                .containsEntry("description", "For the blog")
                .containsEntry("tags", "blog,May")
                .containsEntry("team", "web");
    }

    @Test
    void a_job_goes_on_after_the_library_was_closed() throws Exception {
        slowEcho();
        var firstResult = new CountDownLatch(1);
        Job<String> job =
                batchwright.submit(
                        praise(600).concurrency(10).onResult(result -> firstResult.countDown()));
        firstResult.await();
        batchwright.close();
        assertThatThrownBy(() -> batchwright.submit(praise(1).fresh()))
                .isInstanceOf(RuntimeException.class);

        batchwright = open();
        Job<String> found = batchwright.job(job.id()).orElseThrow();
        assertThat(found.name()).isEqualTo("praise");
        assertThat(found.progress().pending()).isPositive();
        assertThat(found.awaitFinished().progress().succeeded()).isEqualTo(600);
        assertThat(all(found.results())).hasSize(600);
    }

    private void slowEcho() throws IOException {
        batchwright.close();
        Files.writeString(
                directory.resolve("batchwright.yaml"), "providers:\n  echo: {latency: 30ms}\n");
        batchwright = open();
    }

    @Test
    void a_wrong_request_is_named_and_nothing_is_kept() throws Exception {
        Stream<Request> requests =
                Stream.of(
                        Request.json(
                                        "/v1/chat/completions",
                                        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")
                                .id("good"),
                        Request.json("/v1/embeddings", "{\"model\":\"echo\"}").id("bad"));
        assertThatThrownBy(() -> batchwright.submit(JobSpec.of("odd").items(requests)))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageContaining(
                        "the items of odd:2: a request for /v1/embeddings needs `input`");
        assertThat(batchwright.jobs(1)).isEmpty();
    }

    @Test
    void a_request_without_an_id_has_the_same_one_in_a_job_and_in_a_batch_file() throws Exception {
        ChatRequest hi = Request.chat().model("echo").user("hi");
        List<Request> requests = List.of(hi, hi.user("you"), hi, hi.id("mine"));
        Path file = directory.resolve("batch.jsonl");
        Request.toJsonl(requests, file);

        Job<String> job = batchwright.submit(JobSpec.of("unnamed").items(requests));

        List<String> lines = Files.readAllLines(file);
        List<Result<String>> results = all(job.resultsInOrder());
        assertThat(results).hasSize(4);
        for (int i = 0; i < 4; i++) {
            assertThat(lines.get(i))
                    .startsWith("{\"custom_id\":\"%s\",".formatted(results.get(i).customId()));
        }
    }

    @Test
    void what_a_function_can_not_read_keeps_its_reply() throws Exception {
        Job<Integer> job =
                batchwright.submit(
                        praise(4)
                                .returning(
                                        answer ->
                                                Integer.parseInt(
                                                        answer.text().endsWith("2")
                                                                ? "2"
                                                                : answer.text())));
        job.awaitFinished();

        assertThat(job.succeeded().map(Result.Succeeded::value)).containsExactly(2);
        assertThat(job.failed())
                .hasSize(3)
                .allSatisfy(
                        failed -> {
                            assertThat(failed.error().code()).isEqualTo("invalid_answer");
                            assertThat(failed.reply().orElseThrow().text()).contains("Nice no.");
                            assertThatThrownBy(failed::orThrow)
                                    .isInstanceOf(AnswerException.class)
                                    .hasMessageContaining("threw java.lang.NumberFormatException")
                                    .hasMessageNotContaining("Nice");
                        });
    }

    @Test
    void inputs_are_joined_with_their_results_in_any_order() {
        List<Review> inputs = new ArrayList<>(reviews(300));
        Job<String> job = batchwright.submit(praise(300));
        Collections.reverse(inputs);
        inputs.add(new Review(999, "never asked"));

        List<Joined<Review, String>> joined =
                job.join(inputs, review -> "r" + review.number()).toList();

        assertThat(joined).hasSize(301);
        assertThat(joined.subList(0, 300))
                .allSatisfy(
                        pair ->
                                assertThat(pair.result().orElseThrow().orThrow())
                                        .endsWith(pair.input().text()));
        assertThat(joined.getLast().result()).isEmpty();
        assertThat(job.result("r7").orElseThrow().orThrow()).endsWith("Nice no. 7");
        assertThat(job.result("r301")).isEmpty();
    }

    @Test
    void callbacks_tell_of_everything_and_the_completion_comes_last() throws Exception {
        var results = new AtomicInteger();
        var resultsAtCompletion = new CompletableFuture<Integer>();
        var progress = new AtomicInteger();
        Job<String> job;
        try (var pool = Executors.newFixedThreadPool(4)) {
            job =
                    batchwright.submit(
                            praise(700)
                                    .callbacks(pool)
                                    .onProgress(status -> progress.incrementAndGet())
                                    .onResult(
                                            result -> {
                                                results.incrementAndGet();
                                                if (result.customId().equals("r5")) {
                                                    throw new IllegalStateException("mine");
                                                }
                                            })
                                    .onCompletion(
                                            end -> resultsAtCompletion.complete(results.get())));
            assertThat(resultsAtCompletion.get()).isEqualTo(700);
        }
        assertThat(progress.get()).isPositive();
        assertThat(job.callbackFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasMessage("mine"));
    }

    @Test
    void the_end_is_told_to_who_does_not_wait_and_cancelling_that_cancels_nothing_else()
            throws Exception {
        Job<String> job = batchwright.submit(praise(20));
        job.completion().cancel(true);

        assertThat(job.completion().thenApply(JobStatus::state).get())
                .isEqualTo(JobStatus.State.FINISHED);
        assertThat(job.batches()).isEmpty();
    }

    @Test
    void a_completion_is_told_also_when_the_library_is_closed_at_once() throws Exception {
        var completions = new AtomicInteger();
        for (int run = 0; run < 5; run++) {
            batchwright
                    .submit(
                            praise(20)
                                    .fresh()
                                    .onResult(result -> {})
                                    .onCompletion(end -> completions.incrementAndGet()))
                    .await();
            batchwright.close();
            batchwright = open();
        }
        assertThat(completions).hasValue(5);
    }

    @Test
    void a_subscriber_gets_no_more_than_it_asks_for() throws Exception {
        Job<String> job = batchwright.submit(praise(50));
        job.awaitFinished();
        var subscriber = new Slow();

        job.publisher().subscribe(subscriber);

        subscriber.subscription.get().request(20);
        subscriber.waitsFor(20);
        subscriber.subscription.get().request(20);
        subscriber.waitsFor(40);
        assertThat(subscriber.over.isDone()).isFalse();
        subscriber.subscription.get().request(Long.MAX_VALUE);
        subscriber.over.get();
        assertThat(subscriber.got).hasSize(50).doesNotHaveDuplicates();
    }

    private static final class Slow implements Flow.Subscriber<Result<String>> {
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        final CompletableFuture<Boolean> over = new CompletableFuture<>();
        final List<Result<String>> got = new ArrayList<>();

        synchronized void waitsFor(int results) throws InterruptedException {
            while (got.size() < results) {
                wait();
            }
            assertThat(got).hasSize(results);
        }

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription.complete(begun);
        }

        @Override
        public synchronized void onNext(Result<String> result) {
            got.add(result);
            notifyAll();
        }

        @Override
        public void onError(Throwable problem) {
            over.completeExceptionally(problem);
        }

        @Override
        public void onComplete() {
            over.complete(true);
        }
    }

    @Test
    void a_cancelled_job_ends_with_what_it_has() throws Exception {
        slowEcho();
        var firstResult = new CountDownLatch(1);
        Job<String> job =
                batchwright.submit(
                        praise(2_000).concurrency(5).onResult(result -> firstResult.countDown()));
        firstResult.await();

        assertThat(job.cancel()).isEmpty();

        JobStatus end = job.await();
        assertThat(end.state()).isEqualTo(JobStatus.State.CANCELLED);
        assertThatThrownBy(job::awaitFinished)
                .isInstanceOf(JobEndedException.class)
                .hasMessageContaining("is cancelled with");
        List<Result<String>> results = all(job.resultsInOrder());
        assertThat(results).hasSize(2_000);
        assertThat(results.getLast())
                .isInstanceOfSatisfying(
                        Result.Failed.class,
                        failed -> assertThat(failed.error().code()).isEqualTo("not_executed"));
        assertThat(all(job.results())).hasSize((int) end.progress().done());

        job.resume();
        assertThat(job.await(Duration.ofMillis(1)).progress().items()).isEqualTo(2_000);
        assertThat(job.cancel()).isEmpty();
        job.await();
        job.delete();
        assertThat(batchwright.job(job.id())).isEmpty();
    }

    @Test
    void a_file_is_read_as_the_command_line_reads_it() throws Exception {
        Path table = directory.resolve("tickets.csv");
        Files.writeString(table, "id,text\n1,The app crashes\n2,\"I want, my money\"\n");

        Job<String> job =
                batchwright.submit(
                        JobSpec.of("tickets")
                                .file(table)
                                .idColumn("id")
                                .prompt("Classify: {{text}}")
                                .model("echo"));

        assertThat(job.resultsInOrder())
                .extracting(Result::orThrow)
                .satisfies(
                        answers -> {
                            assertThat(answers.get(0)).endsWith("Classify: The app crashes");
                            assertThat(answers.get(1)).endsWith("Classify: I want, my money");
                        });
    }

    @Test
    void wrong_settings_are_refused_before_anything_is_sent() {
        assertThatThrownBy(() -> JobSpec.of(" ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> praise(1).maxCost("much"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("20 USD");
        assertThatThrownBy(() -> praise(1).concurrency(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> praise(1).description("x".repeat(513)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`description`: a key has 1 to 64 characters and a value");
        assertThatThrownBy(() -> batchwright.submit(JobSpec.of("empty")))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageContaining("no items");
        assertThatThrownBy(() -> batchwright.submit(praise(1).provider("ech")))
                .isInstanceOf(InvalidJobException.class)
                .hasMessageContaining("echo");
        assertThatThrownBy(() -> batchwright.job("job 7")).isInstanceOf(InvalidJobException.class);
    }
}
