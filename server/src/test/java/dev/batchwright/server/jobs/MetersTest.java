package dev.batchwright.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.SpendingCap;
import dev.batchwright.store.JobDraft;
import dev.batchwright.workbench.Workbench;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** What is measured at a look at the store. */
class MetersTest {
    @TempDir Path directory;
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private Workbench workbench;

    @BeforeEach
    void open() {
        workbench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of(),
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
    }

    @AfterEach
    void close() {
        workbench.close();
    }

    @Test
    void budgets_of_keys() {
        var cap = new SpendingCap(Cost.ofUsd(new BigDecimal("25")), SpendingCap.Period.MONTH);
        workbench.store().accounts().cap("team", Optional.of(cap));

        new BudgetMeters(workbench.store().accounts(), registry).see(List.of());

        assertThat(registry.scrape())
                .contains(
                        "batchwright_budget_usd{key=\"team\"} 25.0",
                        "batchwright_budget_spent_usd{key=\"team\"} 0.0",
                        "batchwright_budget_reserved_usd{key=\"team\"} 0.0");
    }

    @Test
    void limits_of_the_models_that_calls_were_made_to() throws Exception {
        workbench.newRun(job(), word -> {}).run();

        new LimiterMeters(workbench, registry).see(List.of());

        String labels = "{model=\"echo\",provider=\"echo\"} ";
        assertThat(registry.scrape())
                .contains(
                        "batchwright_limiter_concurrency" + labels + "7.0",
                        "batchwright_limiter_requests_per_minute" + labels + "60000.0",
                        "batchwright_limiter_tokens_per_minute" + labels + "0.0",
                        "batchwright_limiter_in_flight" + labels + "0.0",
                        "batchwright_limiter_waiting" + labels + "0.0",
                        "batchwright_limiter_closed_seconds" + labels + "0.0");
    }

    private Job job() {
        var spec =
                new JobSpec(
                        "measured",
                        "measured",
                        "nowhere",
                        List.of(),
                        Map.of("echo", new JobSpec.Endpoint(Optional.empty(), Optional.empty())),
                        Mode.LIVE,
                        new JobSpec.LiveSettings(
                                OptionalInt.of(7),
                                OptionalLong.of(60_000),
                                OptionalLong.empty(),
                                1,
                                Duration.ofSeconds(9)),
                        JobSpec.BatchSettings.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of());
        try (JobDraft draft = workbench.store().draft(spec)) {
            var body =
                    RawJson.of(
                            "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
            draft.append(
                    new Item(
                            1,
                            "one",
                            new Request("echo", "/v1/chat/completions", "echo", body),
                            Optional.empty()));
            return draft.commit();
        }
    }
}
