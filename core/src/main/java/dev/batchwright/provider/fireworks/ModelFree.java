package dev.batchwright.provider.fireworks;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.openai.TopField;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * A request without its {@code model}, as it stands in a dataset: the model is the job's. The other
 * fields stay as the bytes that they came in.
 */
final class ModelFree {
    private static final String MODEL = "model";

    private ModelFree() {}

    static Request of(Request request) {
        byte[] body = request.body().toByteArray();
        List<TopField> fields = TopField.of(body);
        if (fields.stream().noneMatch(field -> field.name().equals(MODEL))) {
            return request;
        }
        return new Request(
                request.provider(), request.endpoint(), request.model(), without(fields, body));
    }

    private static RawJson without(List<TopField> fields, byte[] body) {
        var out = new ByteArrayOutputStream(body.length);
        out.write('{');
        for (TopField field : fields) {
            if (field.name().equals(MODEL)) {
                continue;
            }
            if (out.size() > 1) {
                out.write(',');
            }
            out.write(body, field.start(), field.to() - field.start());
        }
        out.write('}');
        return RawJson.of(out.toByteArray());
    }
}
