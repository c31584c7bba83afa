package dev.batchwright.provider.fireworks;

import dev.batchwright.job.ItemError;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.openai.ApiObject;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A batch inference job as Fireworks tells it. Its results are in a dataset. That is there for
 * certain once the job is completed or has expired; of a job that failed or was deleted it may be
 * missing.
 */
record FireworksJob(ApiObject job) {
    /** The dataset is there, sooner or later. */
    static final String RESULTS = "results:";

    /** The dataset, if there is one. */
    static final String REMAINS = "remains:";

    private static final Pattern NOT_IN_BATCHES =
            Pattern.compile("(?i)not support(ed)?\\b.*\\bbatch|batch.*\\bnot support");

    Optional<RemoteBatch> read() {
        return job.text("name")
                .filter(name -> job.text("state").isPresent())
                .flatMap(Resource::parse)
                .map(
                        name ->
                                new RemoteBatch(
                                        name.toString(),
                                        Optional.of(FireworksBatch.CHAT),
                                        phase(name, job.text("state").orElse("")),
                                        counts(),
                                        job.time("expireTime")));
    }

    // The requests in all are what the dataset was said to have, which nobody checked.
    private Counts counts() {
        return new Counts(
                Math.max(progress("totalInputRequests"), progress("totalProcessedRequests")),
                progress("successfullyProcessedRequests"),
                progress("failedRequests"));
    }

    private long progress(String name) {
        return job.at("jobProgress").count(name);
    }

    private Phase phase(Resource name, String state) {
        return switch (state.replaceFirst("^JOB_STATE_", "")) {
            case "COMPLETED" -> ended(new End.Completed(), RESULTS, name);
            case "EXPIRED", "EARLY_STOPPED" -> ended(new End.Expired(), RESULTS, name);
            case "CANCELLED", "DELETING", "DELETING_CLEANING_UP", "DELETED", "ARCHIVED" ->
                    ended(new End.Cancelled(), REMAINS, name);
            case "FAILED" -> failed(name);
            default -> new Phase.Running(state, List.of());
        };
    }

    private Phase ended(End end, String kind, Resource name) {
        return new Phase.Ended(end, List.of(new ResultFile(kind + results(name))));
    }

    private String results(Resource name) {
        return job.text("outputDatasetId").orElseGet(() -> output(name).toString());
    }

    /** Where the results of a job of ours are. */
    static Resource output(Resource job) {
        return job.beside(Resource.DATASETS, job.id() + "-out");
    }

    private Phase failed(Resource name) {
        var error =
                new ItemError(
                        "batch_failed",
                        job.at("status")
                                .text("message")
                                .orElse("The job failed, and fireworks gave no reason."));
        boolean ran = progress("totalProcessedRequests") > 0;
        if (ran) {
            return ended(new End.Failed(error), REMAINS, name);
        }
        return new Phase.Ended(unexecuted(error), List.of());
    }

    // One bad row fails the whole job. Its number is in the message, but counts from somewhere
    // else than the first line of the file, so no line is blamed for it.
    private End unexecuted(ItemError error) {
        if (NOT_IN_BATCHES.matcher(error.message()).find()) {
            return new End.NotOffered(error);
        }
        return job.at("status").text("code").filter("INVALID_ARGUMENT"::equals).isPresent()
                ? new End.Invalid(
                        List.of(new InputProblem(Optional.empty(), Optional.empty(), error)))
                : new End.Failed(error);
    }
}
