package dev.batchwright.provider.openai;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.provider.BaseUrl;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a server says about its models. */
final class ModelList {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST = 10_000;

    private ModelList() {}

    /** Their names in its order; empty if it does not say. */
    static List<String> fetch(HttpClient http, BaseUrl baseUrl, Headers headers)
            throws InterruptedException {
        var call = new HttpCall("GET", baseUrl.resource("/models"), headers, Body.none());
        return http.send(call, TIMEOUT)
                                instanceof HttpResult.Response(int status, var h, byte[] body)
                        && status == 200
                ? read(body)
                : List.of();
    }

    static List<String> read(byte[] body) {
        var names = new ArrayList<String>();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
            int depth = 0;
            for (JsonToken token = json.nextToken();
                    token != null && names.size() < MOST;
                    token = json.nextToken()) {
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (token == JsonToken.VALUE_STRING
                        && depth == 3
                        && "id".equals(json.currentName())) {
                    names.add(json.getString());
                }
            }
        } catch (JacksonException notJson) {
            return List.of();
        }
        return names;
    }
}
