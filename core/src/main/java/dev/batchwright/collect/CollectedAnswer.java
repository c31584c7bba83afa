package dev.batchwright.collect;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.RawJson;
import dev.batchwright.stream.AnswerStream;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

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
     * @param job whose item it is
     * @param seq the place of the item in the job, from 1
     * @param lane how the item travelled
     * @param known whether an equal call, made before, is answered by it too
     */
    public record Origin(JobId job, long seq, Lane lane, boolean known) {}

    /**
     * Waits for an answer, on a virtual thread with less stack than the future's own {@code get}:
     * that stack is most of what a thread holds that waits, and a hundred thousand may wait at
     * once.
     *
     * @param answer as {@link Collector#submit} gave it
     * @return the answer
     * @throws InterruptedException if the thread is interrupted
     * @throws ExecutionException if there will be none; its cause says why
     * @throws java.util.concurrent.CancellationException if the waiting was cancelled
     */
    public static CollectedAnswer await(CompletableFuture<CollectedAnswer> answer)
            throws InterruptedException, ExecutionException {
        Thread caller = Thread.currentThread();
        // Elsewhere get() is needed: it lets a pool of threads make up for the one that waits.
        if (caller.isVirtual() && !answer.isDone()) {
            var unused = answer.whenComplete((given, problem) -> LockSupport.unpark(caller));
            while (!answer.isDone()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.park(answer);
            }
        }
        return answer.get();
    }

    /** {@return whether this is an answer and no error} */
    public boolean isGood() {
        return status < FIRST_ERROR;
    }

    /** {@return whether {@link #content} is events} */
    public boolean isStreamed() {
        return isGood() && stream.isPresent();
    }

    /** {@return the media type of {@link #content}} */
    public String contentType() {
        return isStreamed() ? "text/event-stream; charset=utf-8" : "application/json";
    }

    /** {@return the bytes of the response; events are made anew each time} */
    public byte[] content() {
        return isStreamed() ? stream.orElseThrow().events(body) : body.toByteArray();
    }
}
