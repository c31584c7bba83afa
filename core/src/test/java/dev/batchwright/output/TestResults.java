package dev.batchwright.output;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.store.StoredResult;

import java.util.Optional;

/** Results as a store would give them. */
final class TestResults {
    static final JobId JOB = new JobId("job_23456789bcdf");

    private TestResults() {}

    static StoredResult succeeded(long seq, String id, Optional<RawJson> row, String body) {
        return result(seq, id, row, StoredResult.Kind.SUCCEEDED, answered(200, body));
    }

    static StoredResult failed(long seq, String id, Optional<RawJson> row, String error) {
        return result(
                seq, id, row, StoredResult.Kind.FAILED, "\"response\":null,\"error\":" + error);
    }

    static String answered(int status, String body) {
        return "\"response\":{\"status_code\":%d,\"request_id\":\"req_1\",\"body\":%s},\"error\":null"
                .formatted(status, body);
    }

    static String chat(String jsonText) {
        return "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":%s},\"finish_reason\":\"stop\"}]}"
                .formatted(jsonText);
    }

    private static StoredResult result(
            long seq, String id, Optional<RawJson> row, StoredResult.Kind kind, String answer) {
        var request =
                new Request("echo", "/v1/chat/completions", "m", RawJson.of("{\"model\":\"m\"}"));
        return new StoredResult(
                new Item(seq, id, request, row),
                kind,
                1,
                Usage.NONE,
                Cost.ZERO,
                RawJson.of(answer));
    }
}
