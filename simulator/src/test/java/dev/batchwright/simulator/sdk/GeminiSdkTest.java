package dev.batchwright.simulator.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.genai.Client;
import com.google.genai.errors.ClientException;
import com.google.genai.types.BatchJob;
import com.google.genai.types.BatchJobDestination;
import com.google.genai.types.BatchJobSource;
import com.google.genai.types.Content;
import com.google.genai.types.CreateBatchJobConfig;
import com.google.genai.types.DeleteBatchJobConfig;
import com.google.genai.types.DownloadFileConfig;
import com.google.genai.types.EmbedContentConfig;
import com.google.genai.types.File;
import com.google.genai.types.GenerateContentConfig;
import com.google.genai.types.GenerateContentResponse;
import com.google.genai.types.GetBatchJobConfig;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.InlinedRequest;
import com.google.genai.types.InlinedResponse;
import com.google.genai.types.ListBatchJobsConfig;
import com.google.genai.types.Part;
import com.google.genai.types.UploadFileConfig;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

@Timeout(60)
class GeminiSdkTest {
    private static final String MODEL = "gemini-2.5-flash";

    private final Simulator simulator =
            Simulator.start(
                    SimulatorOptions.builder()
                            .provider("gemini")
                            .key("test")
                            .eventLoops(1)
                            .build());
    private final Client client = client("test");

    private Client client(String key) {
        return Client.builder()
                .apiKey(key)
                .vertexAI(false)
                .httpOptions(HttpOptions.builder().baseUrl(simulator.origin()).build())
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    @Test
    void gets_content() {
        GenerateContentResponse answer =
                client.models.generateContent(
                        MODEL,
                        "hello",
                        GenerateContentConfig.builder()
                                .maxOutputTokens(64)
                                .systemInstruction(Content.fromParts(Part.fromText("Be brief.")))
                                .build());
        assertThat(answer.text()).isEqualTo("echo: hello");
        assertThat(answer.usageMetadata().orElseThrow().promptTokenCount()).contains(4);
    }

    @Test
    void embeds_texts() {
        var answer =
                client.models.embedContent(
                        "gemini-embedding-001",
                        List.of("a", "b"),
                        EmbedContentConfig.builder().outputDimensionality(8).build());
        assertThat(answer.embeddings().orElseThrow()).hasSize(2);
        assertThat(answer.embeddings().orElseThrow().getFirst().values().orElseThrow()).hasSize(8);
    }

    @Test
    void knows_a_wrong_key() {
        try (Client stranger = client("wrong")) {
            assertThatThrownBy(
                            () ->
                                    stranger.models.generateContent(
                                            MODEL,
                                            "hello",
                                            GenerateContentConfig.builder().build()))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("API key not valid");
        }
    }

    @Test
    void runs_a_batch_of_inline_requests() {
        BatchJob created =
                client.batches.create(
                        MODEL,
                        BatchJobSource.builder()
                                .inlinedRequests(
                                        InlinedRequest.builder()
                                                .contents(Content.fromParts(Part.fromText("hello")))
                                                .metadata(Map.of("key", "a"))
                                                .build())
                                .build(),
                        CreateBatchJobConfig.builder().displayName("run-1").build());
        assertThat(created.state().orElseThrow()).hasToString("JOB_STATE_PENDING");
        simulator.time().advance(Duration.ofHours(1));
        BatchJob ended = poll(created);
        assertThat(ended.state().orElseThrow()).hasToString("JOB_STATE_SUCCEEDED");
        InlinedResponse response =
                ended.dest()
                        .flatMap(BatchJobDestination::inlinedResponses)
                        .orElseThrow()
                        .getFirst();
        assertThat(response.response().orElseThrow().text()).isEqualTo("echo: hello");
        assertThat(response.metadata()).contains(Map.of("key", "a"));
    }

    @Test
    void runs_a_batch_from_a_file(@TempDir Path directory) throws IOException {
        File file =
                client.files.upload(
                        """
                        {"key":"a","request":{"contents":[{"parts":[{"text":"hello"}]}]}}
                        """
                                .getBytes(StandardCharsets.UTF_8),
                        UploadFileConfig.builder()
                                .displayName("input")
                                .mimeType("application/jsonl")
                                .build());
        BatchJob created =
                client.batches.create(
                        MODEL,
                        BatchJobSource.builder().fileName(file.name().orElseThrow()).build(),
                        CreateBatchJobConfig.builder().displayName("run-2").build());
        simulator.time().advance(Duration.ofHours(1));
        BatchJob ended = poll(created);
        assertThat(ended.displayName()).contains("run-2");
        String results = ended.dest().flatMap(BatchJobDestination::fileName).orElseThrow();
        Path target = directory.resolve("results.jsonl");
        client.files.download(results, target.toString(), DownloadFileConfig.builder().build());
        assertThat(Files.readString(target)).contains("echo: hello", "\"key\":\"a\"");
        assertThat(client.batches.list(ListBatchJobsConfig.builder().build())).hasSize(1);
        client.batches.delete(created.name().orElseThrow(), DeleteBatchJobConfig.builder().build());
        assertThatThrownBy(() -> poll(created)).isInstanceOf(ClientException.class);
    }

    private BatchJob poll(BatchJob job) {
        return client.batches.get(job.name().orElseThrow(), GetBatchJobConfig.builder().build());
    }
}
