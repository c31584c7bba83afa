package dev.batchwright;

import dev.batchwright.job.RawJson;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Placeholder until the builders are merged. */
public record Request(Optional<String> id, String endpoint, RawJson body) {
    public static Request json(String endpoint, String body) {
        return new Request(Optional.empty(), endpoint, RawJson.of(body));
    }

    public Request id(String id) {
        return new Request(Optional.of(id), endpoint, body);
    }

    void writeLine(OutputStream out) throws IOException {
        String head =
                "{"
                        + id.map(it -> "\"custom_id\":\"" + it + "\",").orElse("")
                        + "\"method\":\"POST\",\"url\":\""
                        + endpoint
                        + "\",\"body\":";
        out.write(head.getBytes(StandardCharsets.UTF_8));
        body.writeTo(out);
        out.write('}');
        out.write('\n');
    }
}
