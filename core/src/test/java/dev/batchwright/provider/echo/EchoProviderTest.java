package dev.batchwright.provider.echo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.config.ProviderConfig.Echo;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Success;
import dev.batchwright.provider.AttemptOutcome.Throttled;
import dev.batchwright.provider.AttemptOutcome.Transient;
import dev.batchwright.provider.LiveApi;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

class EchoProviderTest {
    static final JsonMapper JSON = new JsonMapper();

    static AttemptOutcome send(LiveApi echo, String endpoint, String body) throws Exception {
        return echo.send(
                new Request("echo", endpoint, "echo", RawJson.of(body)), Duration.ofSeconds(9));
    }

    static AttemptOutcome send(String endpoint, String body) throws Exception {
        return send(new EchoProvider(Echo.PLAIN).live(), endpoint, body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "/v1/chat/completions | {'messages':[{'role':'user','content':'a \\u00e9 \\n"
                        + "'}]} | /choices/0/message/content | a é _",
                "/v1/chat/completions |"
                    + " {'messages':[{'role':'system','content':'s'},{'role':'user','content':'u'},{'role':'assistant','content':'x'}]}"
                    + " | /choices/0/message/content | u",
                "/v1/chat/completions |"
                    + " {'messages':[{'role':'user','content':[{'type':'text','text':'p'},{'type':'image_url','image_url':{'url':'d'}},{'type':'text','text':'q'}]}]}"
                    + " | /choices/0/message/content | pq",
                "/v1/responses | {'input':'hello'} | /output/0/content/0/text | hello",
                "/v1/responses |"
                    + " {'input':[{'role':'user','content':[{'type':'input_text','text':'deep'}]}]}"
                    + " | /output/0/content/0/text | deep",
                "/v1/completions | {'prompt':['a','b']} | /choices/1/text | b",
                "/v1/moderations | {'input':['a','b']} | /results/1/flagged | false",
                "/v1/rerank | {'query':'q','documents':['a','b']} | /results/1/document/text | b",
                "/v1/score | {'text_1':'q','text_2':['a','b']} | /data/1/index | 1",
                "/v1/images/generations | {'prompt':'a cat','n':2} | /data/1/revised_prompt | a"
                        + " cat",
                "/v1/embeddings | {'input':['a','b'],'model':'m'} | /data/1/index | 1",
                "/v1/embeddings | {'input':[[1,2],[3]]} | /data/1/object | embedding",
                "/v1/chat/completions | {'model':'echo-x','messages':[]} | /model | echo-x",
                "/v1/chat/completions | {'n':3,'messages':[{'role':'user','content':'u'}]} |"
                        + " /choices/2/message/content | u",
                "/v1/messages | {'messages':[{'role':'user','content':'hello'}]} |"
                        + " /content/0/text | hello",
                "/v1/messages | {'messages':[{'role':'user','content':'hello'}]} |"
                        + " /stop_reason | end_turn",
            })
    void the_answer_is_the_prompt_in_the_shape_of_the_endpoint(
            String endpoint, String body, String pointer, String expected) throws Exception {
        assertThat(at(pointer, endpoint, body)).isEqualTo(expected);
    }

    static String at(String pointer, String endpoint, String body) throws Exception {
        var outcome = send(endpoint, body.replace('\'', '"'));

        assertThat(outcome).isInstanceOf(Success.class);
        JsonNode answer = JSON.readTree(((Success) outcome).reply().body().toString());
        return answer.at(pointer).asString().replace('\n', '_');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "/v1/chat/completions |"
                    + " {'tools':[{'type':'function','function':{'name':'f','parameters':{'name':1}}}],'tool_choice':'required','messages':[{'role':'user','content':'u'}]}"
                    + " | /choices/0/message/tool_calls/0/function/name | f",
                "/v1/chat/completions |"
                    + " {'tool_choice':{'type':'function','function':{'name':'g'}},'messages':[{'role':'user','content':'u'}]}"
                    + " | /choices/0/message/tool_calls/0/function/arguments | {\"prompt\":\"u\"}",
                "/v1/chat/completions |"
                    + " {'tools':[{'type':'function','function':{'name':'f'}}],'messages':[{'role':'user','content':'u'}]}"
                    + " | /choices/0/message/content | u",
                "/v1/responses | {'tool_choice':{'type':'function','name':'g'},'input':'{}'} |"
                        + " /output/0/arguments | {}",
                "/v1/messages |"
                    + " {'tools':[{'name':'f'},{'name':'g'}],'tool_choice':{'type':'any'},'messages':[{'role':'user','content':'u'}]}"
                    + " | /content/0/name | f",
                "/v1/messages |"
                    + " {'tool_choice':{'type':'tool','name':'g'},'messages':[{'role':'user','content':'u'}]}"
                    + " | /content/0/input/prompt | u",
            })
    void a_tool_that_must_be_called_gets_the_prompt(
            String endpoint, String body, String pointer, String expected) throws Exception {
        assertThat(at(pointer, endpoint, body)).isEqualTo(expected);
    }

    @Test
    void usage_is_counted_and_told_in_the_answer_too() throws Exception {
        var outcome =
                (Success)
                        send(
                                "/v1/chat/completions",
                                "{\"messages\":[{\"role\":\"user\",\"content\":\"twelve"
                                        + " chars\"}]}");
        assertThat(outcome.usage()).isEqualTo(new Usage(3, 0, 3));
        assertThat(outcome.reply().body().toString()).contains("\"total_tokens\":6");
    }

    @Test
    void embeddings_differ_by_text_and_have_the_size_that_is_asked_for() throws Exception {
        String body = "{\"input\":[\"a\",\"b\",\"a\"],\"dimensions\":5%s}";
        var floats = (Success) send("/v1/embeddings", body.formatted(""));
        JsonNode data = JSON.readTree(floats.reply().body().toString()).get("data");
        assertThat(data.get(0).get("embedding")).hasSize(5);
        assertThat(data.get(0).get("embedding")).isEqualTo(data.get(2).get("embedding"));
        assertThat(data.get(0).get("embedding")).isNotEqualTo(data.get(1).get("embedding"));

        var base64 =
                (Success) send("/v1/embeddings", body.formatted(",\"encoding_format\":\"base64\""));
        String vector =
                JSON.readTree(base64.reply().body().toString()).at("/data/0/embedding").asString();
        assertThat(Base64.getDecoder().decode(vector)).hasSize(5 * Float.BYTES);
    }

    @Test
    void what_it_can_not_answer_is_rejected() throws Exception {
        assertThat(send("/v1/audio/speech", "{}")).isInstanceOf(Rejected.class);
        assertThat(send("/v1/chat/completions", "[]")).isInstanceOf(Rejected.class);
        assertThat(send("/v1/chat/completions", "{\"a\":")).isInstanceOf(Rejected.class);
    }

    @Test
    void faults_follow_the_seed_and_end_with_another_attempt() throws Exception {
        var first = outcomes(new EchoProvider(new Echo(Duration.ZERO, 0.2, 0.1, 7)).live());
        var again = outcomes(new EchoProvider(new Echo(Duration.ZERO, 0.2, 0.1, 7)).live());
        var other = outcomes(new EchoProvider(new Echo(Duration.ZERO, 0.2, 0.1, 8)).live());

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
        assertThat(first.stream().filter(Transient.class::equals).count()).isBetween(150L, 350L);
        assertThat(first.stream().filter(Throttled.class::equals).count()).isBetween(60L, 220L);
        assertThat(first.stream().filter(Success.class::equals).count()).isEqualTo(1000);
    }

    /** The kinds of all outcomes of 1,000 requests, each tried until it succeeds. */
    private static List<Class<?>> outcomes(LiveApi echo) throws Exception {
        var kinds = new ArrayList<Class<?>>();
        for (int i = 0; i < 1000; i++) {
            AttemptOutcome outcome;
            do {
                outcome = send(echo, "/v1/responses", "{\"input\":\"" + i + "\"}");
                kinds.add(outcome.getClass());
            } while (!(outcome instanceof Success));
        }
        return kinds;
    }

    @Test
    void a_latency_beyond_the_timeout_is_a_timeout() throws Exception {
        var slow = new EchoProvider(new Echo(Duration.ofHours(1), 0, 0, 0)).live();
        var request = new Request("echo", "/v1/responses", "echo", RawJson.of("{}"));
        assertThat(slow.send(request, Duration.ofMillis(1)))
                .isInstanceOfSatisfying(
                        Transient.class,
                        late -> assertThat(late.error().code()).isEqualTo("timeout"));
    }
}
