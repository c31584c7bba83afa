package dev.batchwright.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

class MessageToChatTest {
    static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

    static JsonNode translated(String message) {
        JsonPart part =
                JsonPart.parse(Json.of(message).getBytes(StandardCharsets.UTF_8)).orElseThrow();
        return Json.tree(MessageToChat.translate(part, NOW).toString());
    }

    @Test
    void a_message_becomes_a_whole_completion() {
        JsonNode chat =
                translated(
                        """
                        {'id':'msg_01','type':'message','role':'assistant','model':'claude-haiku-4-5-20251001',
                         'content':[{'type':'text','text':'hi'}],'stop_reason':'end_turn','stop_sequence':null,
                         'usage':{'input_tokens':16,'cache_creation_input_tokens':3,'cache_read_input_tokens':4,
                                  'output_tokens':5,'service_tier':'standard'}}\
                        """);

        assertThat(chat)
                .isEqualTo(
                        Json.tree(
                                Json.of(
                                        """
                                        {'id':'msg_01','object':'chat.completion','created':1800000000,
                                         'model':'claude-haiku-4-5-20251001',
                                         'choices':[{'index':0,'message':{'role':'assistant','content':'hi','refusal':null},
                                                     'logprobs':null,'finish_reason':'stop'}],
                                         'usage':{'prompt_tokens':23,'completion_tokens':5,'total_tokens':28,
                                                  'prompt_tokens_details':{'cached_tokens':4}}}\
                                        """)));
    }

    @ParameterizedTest
    @CsvSource({
        "end_turn, stop",
        "stop_sequence, stop",
        "max_tokens, length",
        "model_context_window_exceeded, length",
        "refusal, content_filter",
        "pause_turn, stop",
        "a_reason_of_next_year, stop",
        "tool_use, stop",
    })
    void every_reason_to_stop_has_a_name(String reason, String finish) {
        JsonNode chat =
                translated(
                        "{'content':[{'type':'text','text':'x'}],'stop_reason':'%s'}"
                                .formatted(reason));

        assertThat(chat.at("/choices/0/finish_reason").asString()).isEqualTo(finish);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | {'role':'assistant','content':'','refusal':null}",
                "[{'type':'text','text':'a \\u00e9'},{'type':'text','text':' b'}] |"
                        + " {'role':'assistant','content':'a é b','refusal':null}",
                // Kinds that are not asked for, and kinds that nobody knows.
                "[{'type':'thinking','thinking':'hm','signature':'s'},{'type':'new','text':'x'},7,{'type':'text','text':'a','citations':[{}]}]"
                    + " | {'role':'assistant','content':'a','refusal':null}",
                "[{'type':'tool_use','id':'t1','name':'f','input':{'x':[1, 2]}}] |"
                    + " {'role':'assistant','content':null,'refusal':null,'tool_calls':[{'id':'t1','type':'function','function':{'name':'f','arguments':'{\\\"x\\\":[1,"
                    + " 2]}'}}]}",
                "[{'type':'text','text':'so'},{'type':'tool_use','id':'t1','name':'f','input':{}},{'type':'tool_use','id':'t2','name':'g'}]"
                    + " | {'role':'assistant','content':'so','refusal':null,'tool_calls':[{'id':'t1',"
                    + "'type':'function','function':{'name':'f','arguments':'{}'}},{'id':'t2',"
                    + "'type':'function','function':{'name':'g','arguments':'{}'}}]}",
                // An answer that had to be JSON.
                "[{'type':'tool_use','id':'t1','name':'batchwright_json','input':{'a':'b'}}] |"
                        + " {'role':'assistant','content':'{\\\"a\\\":\\\"b\\\"}','refusal':null}",
            })
    void every_content_finds_its_place(String content, String message) {
        JsonNode chat = translated("{'content':%s,'stop_reason':'tool_use'}".formatted(content));

        assertThat(chat.at("/choices/0/message")).isEqualTo(Json.tree(Json.of(message)));
    }

    @Test
    void calls_of_tools_are_the_reason_then() {
        JsonNode chat =
                translated(
                        "{'content':[{'type':'tool_use','id':'t','name':'f','input':{}}],'stop_reason':'tool_use'}");

        assertThat(chat.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
    }
}
