package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;

import tools.jackson.core.io.JsonStringEncoder;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A job as the command line shows it: one word for its state, one object for programs. */
final class JobView {
    private JobView() {}

    static String word(JobState state) {
        return switch (state) {
            case JobState.Loading loading -> "loading";
            case JobState.Active active -> "active";
            case JobState.Blocked blocked -> "blocked";
            case JobState.Stopped stopped -> "stopped";
            case JobState.Cancelled cancelled -> "cancelled";
            case JobState.Finished finished -> "finished";
        };
    }

    /** Why the job does not go on, where it does not; otherwise empty. */
    static String problem(JobState state) {
        return switch (state) {
            case JobState.Blocked(String problem) -> problem;
            case JobState.Stopped(String reason) -> reason;
            case JobState.Loading loading -> "";
            case JobState.Active active -> "";
            case JobState.Cancelled cancelled -> "";
            case JobState.Finished finished -> "";
        };
    }

    static Map<String, Object> fields(Job job, Progress progress) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("job", job.id().value());
        fields.put("name", job.spec().name());
        fields.put("state", word(job.state()));
        if (!problem(job.state()).isEmpty()) {
            fields.put("problem", problem(job.state()));
        }
        fields.put("created_at", job.createdAt().toString());
        fields.putAll(fields(progress));
        return fields;
    }

    static Map<String, Object> fields(Progress progress) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("items", progress.items());
        fields.put("succeeded", progress.succeeded());
        fields.put("failed", progress.failed());
        fields.put("pending", progress.pending());
        fields.put("input_tokens", progress.usage().inputTokens());
        fields.put("cached_tokens", progress.usage().cachedTokens());
        fields.put("output_tokens", progress.usage().outputTokens());
        fields.put("cost_usd", progress.cost().usd().stripTrailingZeros());
        return fields;
    }

    /** One line of JSON; values are strings, numbers, booleans, or maps and lists of them. */
    static String json(Map<String, ?> fields) {
        var out = new StringBuilder("{");
        String comma = "";
        for (var field : fields.entrySet()) {
            out.append(comma).append(quoted(field.getKey())).append(':');
            out.append(value(field.getValue()));
            comma = ",";
        }
        return out.append('}').toString();
    }

    private static String value(Object value) {
        return switch (value) {
            case java.math.BigDecimal number -> number.toPlainString();
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            case Map<?, ?> map -> {
                var fields = new LinkedHashMap<String, Object>();
                map.forEach((key, inner) -> fields.put(String.valueOf(key), inner));
                yield json(fields);
            }
            case List<?> list ->
                    list.stream().map(JobView::value).collect(Collectors.joining(",", "[", "]"));
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        return "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
    }
}
