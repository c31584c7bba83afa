package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.Optional;

/** A message on its way to a backend that knows chat completions alone, and its answer back. */
class MessagesToChatTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static JsonNode chat(String message) {
        var made =
                (MessagesToChat.Translation.Made)
                        MessagesToChat.translate(RawJson.of(message.replace('\'', '"')), false);
        return JSON.readTree(made.chat().toByteArray());
    }

    private static JsonNode json(String text) {
        return JSON.readTree(text.replace('\'', '"'));
    }

    private static CollectedAnswer answer(int status, String chat) {
        return ChatToMessage.translate(
                new CollectedAnswer(
                        status,
                        "req",
                        RawJson.of(chat.replace('\'', '"')),
                        Optional.empty(),
                        Optional.empty()));
    }

    private static JsonNode message(String chat) {
        return JSON.readTree(answer(200, chat).body().toByteArray());
    }

    @Test
    void a_turn_with_a_tool_becomes_messages_of_a_chat() {
        assertThat(
                        chat(
                                """
                                {'model':'m','max_tokens':9,'stop_sequences':['x'],
                                 'system':[{'type':'text','text':'Be'},{'type':'text','text':'kind.'}],
                                 'metadata':{'user_id':'u'},'messages':[
                                 {'role':'user','content':'Rain?'},
                                 {'role':'assistant','content':[{'type':'thinking','thinking':'hm'},
                                  {'type':'text','text':'Looking.'},
                                  {'type':'tool_use','id':'t1','name':'rain','input':{'at':'here'}}]},
                                 {'role':'user','content':[
                                  {'type':'tool_result','tool_use_id':'t1','content':[{'type':'text','text':'no'}]},
                                  {'type':'text','text':'So?'},
                                  {'type':'image','source':{'type':'base64','media_type':'image/gif','data':'QQ=='}}]}],
                                 'tools':[{'name':'rain','description':'d','input_schema':{'type':'object'}}],
                                 'tool_choice':{'type':'any','disable_parallel_tool_use':true}}
                                """))
                .isEqualTo(
                        json(
                                """
                                {'model':'m','max_tokens':9,'stop':['x'],'user':'u',
                                 'tools':[{'type':'function','function':{'name':'rain','description':'d',
                                  'parameters':{'type':'object'}}}],
                                 'tool_choice':'required','parallel_tool_calls':false,'messages':[
                                 {'role':'system','content':'Be\\nkind.'},
                                 {'role':'user','content':'Rain?'},
                                 {'role':'assistant','content':'Looking.','tool_calls':[{'id':'t1',
                                  'type':'function','function':{'name':'rain','arguments':'{\\"at\\":\\"here\\"}'}}]},
                                 {'role':'tool','tool_call_id':'t1','content':'no'},
                                 {'role':'user','content':[{'type':'text','text':'So?'},
                                  {'type':'image_url','image_url':{'url':'data:image/gif;base64,QQ=='}}]}]}
                                """));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    'top_k':5 | `top_k`
                    'thinking':{'type':'enabled'} | `thinking`
                    'tools':[{'type':'web_search_20250305','name':'w'}] | the tool `web_search_20250305`
                    'messages':[{'role':'user','content':[{'type':'document'}]}] | a block `document`
                    'messages':[{'role':'user','content':[{'type':'a prompt'}]}] | of another kind
                    """,
            quoteCharacter = '~')
    void what_has_no_counterpart_is_refused_by_name(String field, String named) {
        var refused =
                MessagesToChat.translate(RawJson.of(("{" + field + "}").replace('\'', '"')), false);
        assertThat(refused).asString().contains("no counterpart", named);
    }

    @Test
    void an_answer_becomes_a_message_with_its_tools_and_its_usage() {
        assertThat(
                        message(
                                "{'id':'chatcmpl-1','model':'m','choices':[{'finish_reason':'stop','message':{"
                                    + "'content':'Well','tool_calls':["
                                    + "{'id':'c1','function':{'name':'rain','arguments':'{\\\"at\\\":1}'}},"
                                    + "{'id':'c2','function':{'name':'sun','arguments':'oops'}}]}}],"
                                    + "'usage':{'prompt_tokens':10,'completion_tokens':4,"
                                    + "'prompt_tokens_details':{'cached_tokens':3}}}"))
                .isEqualTo(
                        json(
                                "{'id':'msg_chatcmpl-1','type':'message','role':'assistant','model':'m',"
                                    + "'content':[{'type':'text','text':'Well'},"
                                    + "{'type':'tool_use','id':'c1','name':'rain','input':{'at':1}},"
                                    + "{'type':'tool_use','id':'c2','name':'sun','input':{'arguments':'oops'}}],"
                                    + "'stop_reason':'tool_use','stop_sequence':null,"
                                    + "'usage':{'input_tokens':7,'output_tokens':4,"
                                    + "'cache_read_input_tokens':3,'cache_creation_input_tokens':0}}"));
    }

    @ParameterizedTest
    @CsvSource({
        "stop, end_turn",
        "length, max_tokens",
        "content_filter, refusal",
        "function_call, tool_use"
    })
    void why_it_stopped(String finish, String reason) {
        assertThat(
                        message(
                                        "{'choices':[{'finish_reason':'%s','message':{'content':'a'}}]}"
                                                .formatted(finish))
                                .path("stop_reason")
                                .asString())
                .isEqualTo(reason);
    }

    @Test
    void errors_are_told_in_the_form_of_the_messages() {
        assertThat(answer(404, "{'error':{'message':'No such model.'}}").body().toString())
                .isEqualTo(
                        "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"No"
                            + " such model.\"}}");
        assertThat(answer(200, "{}").status()).isEqualTo(502);
    }
}
