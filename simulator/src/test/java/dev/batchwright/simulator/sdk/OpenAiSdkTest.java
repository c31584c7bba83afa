package dev.batchwright.simulator.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

@Timeout(60)
class OpenAiSdkTest {
    private final Simulator simulator =
            Simulator.start(SimulatorOptions.builder().key("sk-test").eventLoops(1).build());
    private final OpenAIClient client =
            OpenAIOkHttpClient.builder()
                    .baseUrl(simulator.baseUrl())
                    .apiKey("sk-test")
                    .maxRetries(0)
                    .build();

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    @Test
    void runs_a_batch_to_its_results() throws IOException {
        byte[] lines =
                """
                {"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5","messages":[{"role":"user","content":"hello"}]}}
                {"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5","messages":[{"role":"user","content":"x"}],"n":0}}
                """
                        .getBytes(StandardCharsets.UTF_8);
        FileObject file =
                client.files()
                        .create(
                                FileCreateParams.builder()
                                        .purpose(FilePurpose.BATCH)
                                        .file(
                                                MultipartField.<InputStream>builder()
                                                        .value(new ByteArrayInputStream(lines))
                                                        .filename("input.jsonl")
                                                        .build())
                                        .build());
        Batch created =
                client.batches()
                        .create(
                                BatchCreateParams.builder()
                                        .inputFileId(file.id())
                                        .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                                        .completionWindow(BatchCreateParams.CompletionWindow._24H)
                                        .build());
        assertThat(created.status()).isEqualTo(Batch.Status.VALIDATING);
        simulator.time().advance(Duration.ofHours(1));
        Batch ended = client.batches().retrieve(created.id());
        assertThat(ended.validate().status()).isEqualTo(Batch.Status.COMPLETED);
        assertThat(content(ended.outputFileId().orElseThrow()))
                .contains("echo: hello", "\"custom_id\":\"a\"");
        assertThat(content(ended.errorFileId().orElseThrow())).contains("\"custom_id\":\"b\"");
        assertThat(client.batches().list().data()).hasSize(1);
    }

    private String content(String file) throws IOException {
        try (HttpResponse response = client.files().content(file)) {
            return new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
