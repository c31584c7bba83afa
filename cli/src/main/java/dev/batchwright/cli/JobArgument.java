package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.store.JobStore;

import picocli.CommandLine.Parameters;

/** The job that a command is about. */
final class JobArgument {
    @Parameters(
            index = "0",
            paramLabel = "JOB",
            description = "The job's id, as `batchwright jobs` shows it; `last` is the newest.")
    String typed = "";

    Job find(JobStore store) {
        if (typed.equals("last")) {
            return store.jobs(1).stream()
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    CommandFailure.usage(
                                            "There is no job in this store yet. Start one with"
                                                    + " `batchwright run`."));
        }
        JobId id;
        try {
            id = JobId.parse(typed);
        } catch (IllegalArgumentException notAnId) {
            throw CommandFailure.usage(
                    "`%s` is not a job's id. `batchwright jobs` shows the ids; `last` is the newest"
                            + " job.",
                    typed);
        }
        return store.find(id)
                .orElseThrow(
                        () ->
                                CommandFailure.usage(
                                        "There is no job %s in this store. `batchwright jobs` lists"
                                            + " those that there are; --store names another store.",
                                        id));
    }
}
