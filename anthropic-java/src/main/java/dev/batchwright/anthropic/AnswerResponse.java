package dev.batchwright.anthropic;

import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpResponse;

import dev.batchwright.collect.CollectedAnswer;

import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** An answer as the response that the SDK expects. Holds nothing that must be closed. */
final class AnswerResponse implements HttpResponse {
    private final CollectedAnswer answer;
    private final InputStream body;

    AnswerResponse(CollectedAnswer answer) {
        this.answer = answer;
        this.body = new ByteArrayInputStream(answer.content());
    }

    @Override
    public int statusCode() {
        return answer.status();
    }

    @Override
    public Headers headers() {
        Headers.Builder headers = Headers.builder().put("content-type", answer.contentType());
        if (!answer.requestId().isEmpty()) {
            headers.put("request-id", answer.requestId());
        }
        return headers.build();
    }

    @Override
    public InputStream body() {
        return body;
    }

    @Override
    public void close() {}
}
