package dev.batchwright.collect;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.RawJson;
import dev.batchwright.stream.AnswerStream;

import java.util.Optional;

/**
 * What a call came to, as an HTTP response would say it.
 *
 * @param status 200 of a good answer; of a refusal, the provider's
 * @param requestId the provider's name for the request; may be empty
 * @param body the provider's answer or its error object
 * @param stream the form in which a good answer is told, where its caller wanted a stream
 * @param origin the item whose outcome it is; empty of a refusal of the collector's own
 */
public record CollectedAnswer(
        int status,
        String requestId,
        RawJson body,
        Optional<AnswerStream> stream,
        Optional<Origin> origin) {
    private static final int FIRST_ERROR = 400;

    /**
     * Where an answer is from.
     *
     * @param lane how the item travelled
     * @param known whether an equal call, made before, is answered by it too
     */
    public record Origin(JobId job, long seq, Lane lane, boolean known) {}

    /** Whether this is an answer and no error. */
    public boolean isGood() {
        return status < FIRST_ERROR;
    }

    /** Whether {@link #content} is events. */
    public boolean isStreamed() {
        return isGood() && stream.isPresent();
    }

    /** The media type of {@link #content}. */
    public String contentType() {
        return isStreamed() ? "text/event-stream; charset=utf-8" : "application/json";
    }

    /** The bytes of the response; events are made anew each time. */
    public byte[] content() {
        return isStreamed() ? stream.orElseThrow().events(body) : body.toByteArray();
    }
}
