package dev.batchwright.openai;

import com.openai.core.http.Headers;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;

import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.collect.PendingAnswer;

import java.io.InputStream;
import java.util.concurrent.CompletableFuture;

/** An answer, there or to come, as the response that the SDK expects. For one thread. */
final class AnswerResponse implements HttpResponse {
    private final PendingAnswer answer;

    AnswerResponse(CompletableFuture<CollectedAnswer> future) {
        this.answer = new PendingAnswer(future, OpenAIIoException::new);
    }

    static OpenAIIoException noAnswer(Throwable cause) {
        return new OpenAIIoException(PendingAnswer.reason(cause), cause);
    }

    @Override
    public int statusCode() {
        return answer.get().status();
    }

    @Override
    public Headers headers() {
        CollectedAnswer given = answer.get();
        Headers.Builder headers = Headers.builder().put("content-type", given.contentType());
        if (!given.requestId().isEmpty()) {
            headers.put("x-request-id", given.requestId());
        }
        return headers.build();
    }

    @Override
    public InputStream body() {
        return answer.body();
    }

    @Override
    public void close() {
        answer.close();
    }
}
