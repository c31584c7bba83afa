package dev.batchwright.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.batch.BatchError;
import dev.langchain4j.model.batch.BatchItemResult;
import dev.langchain4j.model.batch.BatchPagination;
import dev.langchain4j.model.batch.BatchRequest;
import dev.langchain4j.model.batch.BatchResponse;
import dev.langchain4j.model.batch.BatchState;
import dev.langchain4j.model.chat.BatchChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.Response;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

@Timeout(120)
class JobModelsTest {
    @TempDir Path directory;
    private Scene scene;

    @BeforeEach
    void open() {
        scene = new Scene(directory, o -> o);
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private static BatchRequest<ChatRequest> asking(String... questions) {
        return asking(o -> o, questions);
    }

    private static BatchRequest<ChatRequest> asking(
            UnaryOperator<ChatRequest.Builder> last, String... questions) {
        var requests =
                Stream.of(questions)
                        .map(text -> ChatRequest.builder().messages(UserMessage.from(text)));
        List<ChatRequest.Builder> builders = requests.toList();
        var unused = last.apply(builders.getLast());
        return new BatchRequest<>(builders.stream().map(ChatRequest.Builder::build).toList());
    }

    @Test
    void a_batch_is_a_job_with_a_result_for_each_request_in_order() throws Exception {
        BatchChatModel model = scene.chatJobs("triage");
        BatchResponse<ChatResponse> begun = model.submit(asking("one", "two", "two"));
        assertThat(begun.batchId()).startsWith("job_");

        scene.await(begun.batchId());

        BatchResponse<ChatResponse> end = model.retrieve(begun.batchId());
        assertThat(end.state()).isEqualTo(BatchState.SUCCEEDED);
        assertThat(end.responses())
                .extracting(response -> response.aiMessage().text())
                .containsExactly("echo: one", "echo: two", "echo: two");
        assertThat(scene.batchSizes()).containsExactly(3L);
    }

    @Test
    void the_same_requests_are_the_same_job_also_after_a_restart() throws Exception {
        String id = scene.chatJobs("triage").submit(asking("one")).batchId();
        scene.restart(o -> o);
        BatchResponse<ChatResponse> again = scene.chatJobs("triage").submit(asking("one"));
        assertThat(again.batchId()).isEqualTo(id);
        scene.await(id);
        assertThat(scene.chatJobs("triage").retrieve(id).state()).isEqualTo(BatchState.SUCCEEDED);
        assertThat(scene.batchSizes()).containsExactly(1L);
    }

    @Test
    void a_request_that_is_refused_hurts_no_other() throws Exception {
        BatchChatModel model = scene.chatJobs("triage");
        String id = model.submit(asking(o -> o.temperature(9.0), "good", "bad")).batchId();
        scene.await(id);

        BatchResponse<ChatResponse> end = model.retrieve(id);

        assertThat(end.state()).isEqualTo(BatchState.SUCCEEDED);
        assertThat(end.results())
                .extracting(BatchItemResult::isSuccess)
                .containsExactly(true, false);
        BatchError error = end.errors().getFirst();
        assertThat(error.code()).isEqualTo(400);
        assertThat(error.message()).contains("temperature");
    }

    @Test
    void a_batch_that_was_cancelled_has_a_failure_for_what_was_left() {
        scene.close();
        scene = new Scene(directory, o -> o.batchTime("1h"));
        BatchChatModel model = scene.chatJobs("long");
        BatchResponse<ChatResponse> begun = model.submit(asking("one", "two"));
        assertThat(begun.state()).isEqualTo(BatchState.RUNNING);
        assertThat(begun.results()).isEmpty();

        model.cancel(begun.batchId());

        BatchResponse<ChatResponse> end = model.retrieve(begun.batchId());
        assertThat(end.state()).isEqualTo(BatchState.CANCELLED);
        assertThat(end.errors()).hasSize(2);
    }

    @Test
    void a_bad_key_is_the_failure_of_each_request_that_was_left() throws Exception {
        scene.close();
        scene = new Scene(directory, o -> o.key("sk-another"));
        BatchChatModel model = scene.chatJobs("triage");
        String id = model.submit(asking("one", "two")).batchId();
        scene.await(id);

        BatchResponse<ChatResponse> end = model.retrieve(id);

        assertThat(end.state()).isEqualTo(BatchState.FAILED);
        assertThat(end.errors())
                .hasSize(2)
                .allSatisfy(error -> assertThat(error.message()).contains("OPENAI_API_KEY"));
    }

    @Test
    void the_jobs_of_the_name_are_listed_in_pages() throws Exception {
        BatchChatModel model = scene.chatJobs("triage");
        String first = model.submit(asking("one")).batchId();
        scene.await(scene.chatJobs("other").submit(asking("two")).batchId());
        String second = model.submit(asking("three")).batchId();

        var page = model.list(new BatchPagination(1, null));
        var rest = model.list(new BatchPagination(1, page.nextPageToken()));

        assertThat(page.batches()).extracting(BatchResponse::batchId).containsExactly(second);
        assertThat(rest.batches()).extracting(BatchResponse::batchId).containsExactly(first);
        assertThat(rest.nextPageToken()).isNull();
        assertThat(model.list(null).batches()).hasSize(2);
        scene.await(first);
        scene.await(second);
    }

    @Test
    void a_job_that_is_not_there_is_said_to_be_so() {
        assertThatThrownBy(() -> scene.chatJobs("triage").retrieve("job_abcdefghjkmn"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("no job");
    }

    @Test
    void embeddings_are_a_job_of_a_request_for_each_text() throws Exception {
        var model = scene.embeddingJobs("library").with("dimensions", 8);
        String id =
                model.submit(
                                new BatchRequest<>(
                                        List.of(TextSegment.from("one"), TextSegment.from("two"))))
                        .batchId();
        scene.await(id);

        BatchResponse<Response<Embedding>> end = model.retrieve(id);

        assertThat(end.responses())
                .extracting(response -> response.content().dimension())
                .containsExactly(8, 8);
        assertThat(requireNonNull(end.responses().getFirst().tokenUsage()).inputTokenCount())
                .isPositive();
        assertThat(end.responses().get(1).content())
                .isEqualTo(scene.embeddings().dimensions(8).build().embed("two").content());
    }
}
