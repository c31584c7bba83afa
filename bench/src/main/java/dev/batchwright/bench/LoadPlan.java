package dev.batchwright.bench;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which calls are made, and how.
 *
 * @param http 1 or 2; 2 with prior knowledge
 * @param calls in all, each with a prompt of its own
 * @param atOnce as many are open at the same time
 * @param streams calls at once on a connection; 1 over HTTP/1.1
 * @param expect what is a right answer
 * @param label tells the prompts of one run from those of another
 * @param patience after which what has no answer has failed
 */
record LoadPlan(
        URI server,
        int http,
        int calls,
        int atOnce,
        int streams,
        Expect expect,
        String label,
        Duration patience) {
    static final String PATH = "/v1/chat/completions";

    /** What a call is made for. */
    enum Expect {
        /** Its own prompt, told back. */
        ECHO,
        /** That it is stored; who makes it does not wait for its answer. */
        ACCEPTED,
        /** Any good answer. */
        ANY
    }

    /** Reads {@code name=value} words. */
    static LoadPlan of(String... words) {
        Map<String, String> said =
                Arrays.stream(words)
                        .map(word -> word.split("=", 2))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        int http = Integer.parseInt(said.getOrDefault("http", "1"));
        int calls = Integer.parseInt(said.get("calls"));
        return new LoadPlan(
                URI.create(said.get("server")),
                http,
                calls,
                Integer.parseInt(said.getOrDefault("at-once", "" + calls)),
                http == 1 ? 1 : Integer.parseInt(said.getOrDefault("streams", "1000")),
                Expect.valueOf(said.getOrDefault("expect", "ECHO")),
                said.getOrDefault("label", "load"),
                Duration.ofSeconds(Long.parseLong(said.getOrDefault("patience", "600"))));
    }

    int connections() {
        return Math.ceilDiv(atOnce, streams);
    }

    /** As many calls at once on the connection of this number, from 0. */
    int slots(int connection) {
        return Math.min(streams, atOnce - connection * streams);
    }

    private String prompt(int call) {
        return "question " + label + "-" + call;
    }

    String body(int call) {
        return "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted(prompt(call));
    }

    boolean isRight(int call, int status, String answer) {
        return switch (expect) {
            case ECHO -> status == 200 && answer.contains("\"echo: " + prompt(call) + "\"");
            case ACCEPTED -> status == 202;
            case ANY -> status == 200;
        };
    }
}
