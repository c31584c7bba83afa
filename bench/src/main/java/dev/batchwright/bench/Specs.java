package dev.batchwright.bench;

import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Jobs that are measured: nobody set anything. */
final class Specs {
    private Specs() {}

    static JobSpec of(String fingerprint, Mode mode) {
        return new JobSpec(
                "load",
                fingerprint,
                "nothing",
                List.of(),
                Map.of(),
                mode,
                new JobSpec.LiveSettings(
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        4,
                        Duration.ofSeconds(90)),
                JobSpec.BatchSettings.NONE,
                Optional.empty(),
                Optional.empty(),
                Map.of());
    }
}
