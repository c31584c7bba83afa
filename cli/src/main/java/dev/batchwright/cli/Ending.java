package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;

import java.util.Map;

/** Tells how a job ended, and what to do next where it did not end well. */
final class Ending {
    private final Display display;

    Ending(Display display) {
        this.display = display;
    }

    ExitCode tell(Job job, Progress progress, Phases phases) {
        Map<String, Object> fields = JobView.fields(job, progress);
        fields.putAll(phases.fields());
        display.event("ended", fields);
        switch (job.state()) {
            case JobState.Finished finished -> display.say("%s", finished(job, progress));
            case JobState.Blocked(String problem) ->
                    display.say(
                            "Job %s is blocked with %,d of %,d items left: %s",
                            job.id(), progress.pending(), progress.items(), problem);
            case JobState.Stopped(String reason) ->
                    display.say(
                            "Job %s stopped with %,d of %,d items left. %s",
                            job.id(), progress.pending(), progress.items(), reason);
            case JobState.Cancelled cancelled ->
                    display.say(
                            "Job %s was cancelled with %,d of %,d items left.",
                            job.id(), progress.pending(), progress.items());
            case JobState.Active active -> {} // Interrupted: whoever heard the signal tells it.
            case JobState.Loading loading -> {}
        }
        return Conductor.exitCode(job, progress);
    }

    private static String finished(Job job, Progress progress) {
        String failures =
                progress.failed() == 0
                        ? ""
                        : "; %,d failed (batchwright results %s --only failed; try them again: batchwright retry %s)"
                                .formatted(progress.failed(), job.id(), job.id());
        return "Job %s finished: %,d of %,d succeeded, %,d tokens, %s%s."
                .formatted(
                        job.id(),
                        progress.succeeded(),
                        progress.items(),
                        progress.usage().totalTokens(),
                        progress.cost(),
                        failures);
    }
}
