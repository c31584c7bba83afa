package dev.batchwright.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.Batchwright;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.batch.BatchRequest;
import dev.langchain4j.model.batch.BatchResponse;
import dev.langchain4j.model.chat.BatchChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.Response;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The code of the guide is the code below, which is compiled. */
class GuideTest {
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");

    static String chat() {
        BatchingChatModel model = BatchingChatModel.builder().modelName("gpt-4o-mini").build();
        String answer = model.chat("Why is the sky blue?");
        return answer;
    }

    static Response<List<Embedding>> embeddings(List<TextSegment> segments) {
        BatchingEmbeddingModel embeddings =
                BatchingEmbeddingModel.builder()
                        .modelName("text-embedding-3-small")
                        .dimensions(256)
                        .build();
        Response<List<Embedding>> vectors = embeddings.embedAll(segments);
        return vectors;
    }

    static BatchResponse<ChatResponse> jobs(Batchwright batchwright, List<ChatRequest> requests) {
        BatchChatModel triage =
                new JobChatModel(
                        batchwright, "triage", job -> job.model("gpt-4o-mini").maxCost("20 USD"));
        String id = triage.submit(new BatchRequest<>(requests)).batchId();
        BatchResponse<ChatResponse> response = triage.retrieve(id);
        return response;
    }

    @Test
    void its_code_is_this_code() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        String page = Files.readString(root.resolve("docs/langchain4j.md"));
        String here =
                Files.readString(
                        root.resolve(
                                "langchain4j/src/test/java/dev/batchwright/langchain4j/GuideTest.java"));
        List<String> blocks =
                BLOCK.matcher(page).results().map((MatchResult found) -> found.group(1)).toList();
        assertThat(blocks).hasSize(3);
        for (String block : blocks) {
            assertThat(joined(here)).contains(joined(block));
        }
    }

    private static String joined(String code) {
        return code.replaceAll("\\s+", "");
    }
}
