package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.server.jobs.JobMeters;
import dev.batchwright.server.jobs.Succession;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Workbench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Jobs that a process left behind are taken up by its successor, and what they come to is counted.
 */
class SuccessionTest {
    private static final Duration LATER = Duration.ofMinutes(1);

    @TempDir Path directory;

    private Workbench workbench() {
        return Workbench.open(
                new Workbench.Settings(
                        Map.of(),
                        directory,
                        directory,
                        Optional.of(directory.resolve("jobs.db").toString()),
                        Clock.systemUTC(),
                        UnaryOperator.identity()));
    }

    /** A job that was stored by somebody who then died. */
    private static Job left(JobStore store, String owner) {
        var spec =
                new JobSpec(
                        "left",
                        "left-" + owner,
                        "calls",
                        List.of(),
                        Map.of("echo", new JobSpec.Endpoint(Optional.empty(), Optional.empty())),
                        Mode.LIVE,
                        new JobSpec.LiveSettings(
                                OptionalInt.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                1,
                                Duration.ofSeconds(10)),
                        new JobSpec.BatchSettings(Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        owner);
        try (JobDraft draft = store.draft(spec)) {
            byte[] body =
                    "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                            .getBytes(StandardCharsets.UTF_8);
            draft.append(
                    new Item(
                            1,
                            "one",
                            new Request("echo", "/v1/chat/completions", "echo", RawJson.of(body)),
                            Optional.empty()));
            return draft.commit();
        }
    }

    @Test
    void a_job_without_a_worker_at_two_looks_is_taken_to_its_end_and_counted() throws Exception {
        try (Workbench workbench = workbench();
                var crew = new Crew(workbench)) {
            JobStore store = workbench.store();
            var meters = new SimpleMeterRegistry();
            var figures = new JobMeters(workbench, meters);
            figures.see(store.jobs(10));
            Job ours = left(store, "team");
            Job theirs = left(store, "");
            Clock later = Clock.offset(Clock.systemUTC(), LATER);
            var succession = new Succession(store, crew, later);
            succession.see(store.jobs(10));
            assertThat(crew.pursuit(ours.id())).isEmpty();
            figures.see(store.jobs(10));
            assertThat(meters.get("batchwright.jobs.active").gauge().value()).isEqualTo(2);
            assertThat(meters.get("batchwright.items.pending").gauge().value()).isEqualTo(2);

            succession.see(store.jobs(10));
            Job ended = crew.start(ours, word -> {}).get(30, TimeUnit.SECONDS);
            assertThat(ended.state()).isInstanceOf(JobState.Finished.class);
            assertThat(store.find(theirs.id()).orElseThrow().state())
                    .isInstanceOf(JobState.Active.class);
            figures.see(store.jobs(10));
            assertThat(meters.get("batchwright.items.succeeded").counter().count()).isEqualTo(1);
            assertThat(meters.get("batchwright.tokens.output").counter().count()).isPositive();
            figures.see(store.jobs(10));
            assertThat(meters.get("batchwright.items.succeeded").counter().count()).isEqualTo(1);
        }
    }

    @Test
    void a_job_that_was_just_made_is_left_to_its_maker() {
        try (Workbench workbench = workbench();
                var crew = new Crew(workbench)) {
            Job job = left(workbench.store(), "team");
            var succession = new Succession(workbench.store(), crew, Clock.systemUTC());
            succession.see(workbench.store().jobs(10));
            succession.see(workbench.store().jobs(10));
            assertThat(crew.pursuit(job.id())).isEmpty();
        }
    }
}
