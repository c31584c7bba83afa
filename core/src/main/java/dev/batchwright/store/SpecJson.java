package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A job's spec as JSON. Written token by token, without data binding: a command that only asks for
 * a job's status would wait for that longer than for the store.
 */
final class SpecJson {
    private SpecJson() {}

    static String write(JobSpec spec) {
        var text = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("name", spec.name());
            json.writeStringProperty("fingerprint", spec.fingerprint());
            json.writeStringProperty("input", spec.input());
            json.writeArrayPropertyStart("columns");
            spec.columns().forEach(json::writeString);
            json.writeEndArray();
            json.writeObjectPropertyStart("endpoints");
            spec.endpoints()
                    .forEach(
                            (provider, endpoint) -> {
                                json.writeObjectPropertyStart(provider);
                                endpoint.baseUrl()
                                        .ifPresent(
                                                url -> json.writeStringProperty("base_url", url));
                                endpoint.apiKeyEnv()
                                        .ifPresent(
                                                name ->
                                                        json.writeStringProperty(
                                                                "api_key_env", name));
                                json.writeEndObject();
                            });
            json.writeEndObject();
            json.writeStringProperty("mode", spec.mode().name().toLowerCase(Locale.ROOT));
            json.writeObjectPropertyStart("live");
            JobSpec.LiveSettings live = spec.live();
            live.concurrency().ifPresent(n -> json.writeNumberProperty("concurrency", n));
            live.requestsPerMinute()
                    .ifPresent(n -> json.writeNumberProperty("requests_per_minute", n));
            live.tokensPerMinute().ifPresent(n -> json.writeNumberProperty("tokens_per_minute", n));
            json.writeNumberProperty("max_attempts", live.maxAttempts());
            json.writeStringProperty("timeout", live.timeout().toString());
            json.writeEndObject();
            json.writeObjectPropertyStart("batch");
            spec.batch()
                    .window()
                    .ifPresent(span -> json.writeStringProperty("window", span.toString()));
            spec.batch()
                    .pollInterval()
                    .ifPresent(span -> json.writeStringProperty("poll_interval", span.toString()));
            json.writeEndObject();
            spec.deadline().ifPresent(at -> json.writeStringProperty("deadline", at.toString()));
            spec.maxCost()
                    .ifPresent(
                            cost -> json.writeNumberProperty("max_cost_pico_usd", cost.picoUsd()));
            json.writeObjectPropertyStart("metadata");
            spec.metadata().forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    static JobSpec read(String text) {
        Fields spec;
        try (JsonParser parser = Json.parser(text.getBytes(StandardCharsets.UTF_8))) {
            parser.nextToken();
            spec = Fields.read(parser);
        }
        var endpoints = new LinkedHashMap<String, JobSpec.Endpoint>();
        Fields providers = spec.object("endpoints");
        for (String provider : providers.values.keySet()) {
            Fields endpoint = providers.object(provider);
            endpoints.put(
                    provider,
                    new JobSpec.Endpoint(endpoint.text("base_url"), endpoint.text("api_key_env")));
        }
        var metadata = new LinkedHashMap<String, String>();
        spec.object("metadata").values.forEach((key, value) -> metadata.put(key, (String) value));
        Fields live = spec.object("live");
        Fields batch = spec.object("batch");
        return new JobSpec(
                spec.required("name"),
                spec.required("fingerprint"),
                spec.required("input"),
                spec.texts("columns"),
                endpoints,
                // A job from before there were lanes to choose from.
                spec.text("mode")
                        .map(mode -> Mode.valueOf(mode.toUpperCase(Locale.ROOT)))
                        .orElse(Mode.LIVE),
                new JobSpec.LiveSettings(
                        live.number("concurrency")
                                .map(n -> OptionalInt.of(n.intValue()))
                                .orElse(OptionalInt.empty()),
                        live.optionalLong("requests_per_minute"),
                        live.optionalLong("tokens_per_minute"),
                        live.number("max_attempts").map(Long::intValue).orElse(1),
                        Duration.parse(live.required("timeout"))),
                new JobSpec.BatchSettings(
                        batch.text("window").map(Duration::parse),
                        batch.text("poll_interval").map(Duration::parse)),
                spec.text("deadline").map(Instant::parse),
                spec.number("max_cost_pico_usd").map(Cost::new),
                metadata);
    }

    /** The fields of an object: texts, numbers, lists of texts, and objects. */
    private record Fields(Map<String, Object> values) {
        static Fields read(JsonParser parser) {
            var values = new LinkedHashMap<String, Object>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (token == JsonToken.START_OBJECT) {
                    values.put(name, read(parser));
                } else if (token == JsonToken.START_ARRAY) {
                    var texts = new ArrayList<String>();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        texts.add(parser.getString());
                    }
                    values.put(name, texts);
                } else if (token == JsonToken.VALUE_STRING) {
                    values.put(name, parser.getString());
                } else {
                    values.put(name, parser.getLongValue());
                }
            }
            return new Fields(values);
        }

        Optional<String> text(String name) {
            return Optional.ofNullable((String) values.get(name));
        }

        String required(String name) {
            return text(name)
                    .orElseThrow(
                            () ->
                                    new StoreException(
                                            "A job's row lacks `%s`: the store is damaged. Restore it from a backup."
                                                    .formatted(name)));
        }

        Optional<Long> number(String name) {
            return Optional.ofNullable((Long) values.get(name));
        }

        OptionalLong optionalLong(String name) {
            return number(name).map(OptionalLong::of).orElse(OptionalLong.empty());
        }

        Fields object(String name) {
            @Nullable Object value = values.get(name);
            return value instanceof Fields fields ? fields : new Fields(Map.of());
        }

        List<String> texts(String name) {
            return values.get(name) instanceof List<?> list
                    ? list.stream().map(String.class::cast).toList()
                    : List.of();
        }
    }
}
