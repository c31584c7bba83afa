package dev.batchwright.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;

class ChatToMessagesTest {
    static final String HI = "'messages':[{'role':'user','content':'hi'}]";

    static Splice made(String body) {
        Translation translation = ChatToMessages.translate(RawJson.of(Json.of(body)));
        assertThat(translation).isInstanceOf(Translation.Made.class);
        return (Splice) ((Translation.Made) translation).body();
    }

    static JsonNode translated(String body) {
        return Json.tree(made(body).json().toString());
    }

    static String refused(String body) {
        Translation translation = ChatToMessages.translate(RawJson.of(Json.of(body)));
        assertThat(translation).as(body).isInstanceOf(Translation.Refused.class);
        return ((Translation.Refused) translation).reason();
    }

    @Nested
    class Messages {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    // Texts of the user.
                    "[{'role':'user','content':'hi'}] | [{'role':'user','content':'hi'}] |",
                    "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}]"
                        + " | [{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}]"
                        + " |",
                    "[{'role':'user','content':[{'type':'text','text':'a','cache_control':{'type':'ephemeral'}}]}]"
                        + " | [{'role':'user','content':[{'type':'text','text':'a','cache_control':{'type':'ephemeral'}}]}]"
                        + " |",
                    "[{'role':'user','content':'a','name':null}] | [{'role':'user','content':'a'}]"
                            + " |",
                    // Instructions, wherever they stand.
                    "[{'role':'system','content':'s'},{'role':'user','content':'a'}] |"
                            + " [{'role':'user','content':'a'}] | [{'type':'text','text':'s'}]",
                    "[{'role':'system','content':[{'type':'text','text':'s'}]},{'role':'user','content':'a'},{'role':'developer','content':'d'}]"
                        + " | [{'role':'user','content':'a'}] |"
                        + " [{'type':'text','text':'s'},{'type':'text','text':'d'}]",
                    "[{'role':'system','content':''},{'role':'user','content':'a'}] |"
                            + " [{'role':'user','content':'a'}] |",
                    // Pictures and files.
                    "[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://h/p.png','detail':'low'}}]}]"
                        + " | [{'role':'user','content':[{'type':'image','source':{'type':'url','url':'https://h/p.png'}}]}]"
                        + " |",
                    "[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,QUJD'}}]}]"
                        + " | [{'role':'user','content':[{'type':'image','source':{'type':'base64','media_type':'image/png','data':'QUJD'}}]}]"
                        + " |",
                    "[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image\\/jpeg;base64,QU\\/D'}}]}]"
                        + " | [{'role':'user','content':[{'type':'image','source':{'type':'base64','media_type':'image/jpeg','data':'QU/D'}}]}]"
                        + " |",
                    "[{'role':'user','content':[{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,QUJD'}}]}]"
                        + " | [{'role':'user','content':[{'type':'document','source':"
                        + "{'type':'base64','media_type':'application/pdf','data':'QUJD'},'title':'a.pdf'}]}]"
                        + " |",
                    // What the assistant said.
                    "[{'role':'user','content':'a'},{'role':'assistant','content':'b'}] |"
                        + " [{'role':'user','content':'a'},{'role':'assistant','content':'b'}] |",
                    "[{'role':'assistant','content':[{'type':'text','text':'b'},{'type':'refusal','refusal':'no'}]}]"
                        + " | [{'role':'assistant','content':[{'type':'text','text':'b'},{'type':'text','text':'no'}]}]"
                        + " |",
                    "[{'role':'assistant','content':null,'refusal':'no'}] |"
                            + " [{'role':'assistant','content':'no'}] |",
                    // Tools that it called, and what they said.
                    "[{'role':'assistant','content':'','tool_calls':[{'id':'t1','type':'function','function':{'name':'f','arguments':'{\\\"x\\\":1}'}}]}]"
                        + " | [{'role':'assistant','content':[{'type':'tool_use','id':'t1','name':'f','input':{'x':1}}]}]"
                        + " |",
                    "[{'role':'assistant','content':'so','tool_calls':[{'id':'t1','type':'function','function':{'name':'f','arguments':''}}]}]"
                        + " | [{'role':'assistant','content':[{'type':'text','text':'so'},{'type':'tool_use','id':'t1','name':'f','input':{}}]}]"
                        + " |",
                    "[{'role':'tool','tool_call_id':'t1','content':'1'},{'role':'tool','tool_call_id':'t2','content':[{'type':'text','text':'2'}]},{'role':'user','content':'and'},{'role':'tool','tool_call_id':'t3','content':'3'}]"
                        + " | [{'role':'user','content':["
                        + "{'type':'tool_result','tool_use_id':'t1','content':'1'},"
                        + "{'type':'tool_result','tool_use_id':'t2','content':[{'type':'text','text':'2'}]}]},"
                        + "{'role':'user','content':'and'},"
                        + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'t3','content':'3'}]}]"
                        + " |",
                })
        void are_turned_into_messages_and_a_system(String chat, String messages, String system) {
            JsonNode body = translated("{'model':'m','messages':%s}".formatted(chat));

            assertThat(body.get("messages")).isEqualTo(Json.tree(Json.of(messages)));
            if (system == null) {
                assertThat(body.has("system")).isFalse();
            } else {
                assertThat(body.get("system")).isEqualTo(Json.tree(Json.of(system)));
            }
        }

        @Test
        void keep_their_text_byte_for_byte() {
            String text = "h\\u00e9 é \\\" \\ud83d\\ude00 {[,";
            assertThat(
                            made("{'messages':[{'role':'user','content':\"%s\"}]}".formatted(text))
                                    .json()
                                    .toString())
                    .contains("\"content\":\"" + text + "\"");
        }

        @Test
        void with_a_picture_of_some_megabytes_pass_it_on() {
            String picture = "QUJD".repeat(1 << 20);
            Splice body =
                    made(
                            "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,%s'}}]}]}"
                                    .formatted(picture));

            assertThat(body.length()).isBetween(4L << 20, (4L << 20) + 300);
            assertThat(body.json().toString()).contains("\"data\":\"" + picture + "\"");
        }
    }

    @Nested
    class Parameters {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    " | 'max_tokens':4096",
                    "'max_tokens':7 | 'max_tokens':7",
                    "'max_completion_tokens':9,'max_tokens':7 | 'max_tokens':9",
                    "'max_tokens':null | 'max_tokens':4096",
                    "'temperature':0.70,'top_p':0.9 |"
                            + " 'max_tokens':4096,'temperature':0.70,'top_p':0.9",
                    "'top_k':5 | 'max_tokens':4096,'top_k':5",
                    "'stop':'x' | 'max_tokens':4096,'stop_sequences':['x']",
                    "'stop':['x','y'] | 'max_tokens':4096,'stop_sequences':['x','y']",
                    "'user':'u1' | 'max_tokens':4096,'metadata':{'user_id':'u1'}",
                    "'safety_identifier':'u2' | 'max_tokens':4096,'metadata':{'user_id':'u2'}",
                    "'service_tier':'auto' | 'max_tokens':4096,'service_tier':'auto'",
                    "'service_tier':'default' | 'max_tokens':4096,'service_tier':'standard_only'",
                    "'reasoning_effort':'low' | 'max_tokens':4096,'output_config':{'effort':'low'}",
                    "'reasoning_effort':'none' |"
                            + " 'max_tokens':4096,'thinking':{'type':'disabled'}",
                    "'thinking':{'type':'adaptive'},'reasoning_effort':'high' |"
                            + " 'max_tokens':4096,'thinking':{'type':'adaptive'},"
                            + "'output_config':{'effort':'high'}",
                    // What is as if it were not there.
                    "'n':1,'stream':false,'store':false,'logprobs':false,'top_logprobs':0,"
                            + "'presence_penalty':0.0,'frequency_penalty':0,'logit_bias':{},"
                            + "'modalities':['text'],'verbosity':'medium','seed':null,"
                            + "'response_format':{'type':'text'} | 'max_tokens':4096",
                    // Answers that must be JSON.
                    "'response_format':{'type':'json_schema','json_schema':{'name':'n','strict':true,'schema':{'type':'object','x':1}}}"
                        + " | 'max_tokens':4096,'output_config':{'format':{'type':'json_schema',"
                        + "'schema':{'type':'object','x':1}}}",
                    "'reasoning_effort':'max','response_format':{'type':'json_schema','json_schema':{'schema':{}}}"
                        + " | 'max_tokens':4096,'output_config':{'effort':'max','format':"
                        + "{'type':'json_schema','schema':{}}}",
                    "'response_format':{'type':'json_object'} |"
                        + " 'max_tokens':4096,'tools':[{'name':'batchwright_json','description':'Takes"
                        + " the answer: one JSON object.','input_schema':{'type':'object'}}],"
                        + "'tool_choice':{'type':'tool','name':'batchwright_json'}",
                    // Tools.
                    "'tools':[{'type':'function','function':{'name':'f','description':'d','strict':true,'parameters':{'type':'object'}}},{'type':'function','function':{'name':'g'}}]"
                        + " | 'max_tokens':4096,'tools':[{'name':'f','description':'d','strict':true,"
                        + "'input_schema':{'type':'object'}},{'name':'g',"
                        + "'input_schema':{'type':'object','properties':{}}}]",
                })
        void are_turned_into_their_counterparts(String given, String expected) {
            String comma = given == null ? "" : ",";
            JsonNode body =
                    translated(
                            "{'model':'claude-haiku-4-5',%s%s%s}"
                                    .formatted(HI, comma, given == null ? "" : given));

            assertThat(body)
                    .isEqualTo(
                            Json.tree(
                                    Json.of(
                                            "{%s,'model':'claude-haiku-4-5',%s}"
                                                    .formatted(HI, expected))));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "'tool_choice':'auto' | {'type':'auto'}",
                    "'tool_choice':'none' | {'type':'none'}",
                    "'tool_choice':'required' | {'type':'any'}",
                    "'tool_choice':{'type':'function','function':{'name':'f'}} |"
                            + " {'type':'tool','name':'f'}",
                    "'parallel_tool_calls':false |"
                            + " {'type':'auto','disable_parallel_tool_use':true}",
                    "'parallel_tool_calls':false,'tool_choice':'required' |"
                            + " {'type':'any','disable_parallel_tool_use':true}",
                    "'parallel_tool_calls':false,'tool_choice':'none' | {'type':'none'}",
                })
        void of_the_choice_of_tools_too(String given, String choice) {
            JsonNode body =
                    translated(
                            "{%s,%s,'tools':[{'type':'function','function':{'name':'f'}}]}"
                                    .formatted(HI, given));

            assertThat(body.get("tool_choice")).isEqualTo(Json.tree(Json.of(choice)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'n':2 | `n` other than 1",
                "'seed':1 | `seed`",
                "'logprobs':true | `logprobs` other than false",
                "'top_logprobs':3 | `top_logprobs` other than 0",
                "'logit_bias':{'5':1} | `logit_bias` other than {}",
                "'presence_penalty':0.1 | `presence_penalty` other than 0",
                "'frequency_penalty':-1 | `frequency_penalty` other than 0",
                "'audio':{'voice':'x'} | `audio`",
                "'modalities':['text','audio'] | `modalities` other than [\"text\"]",
                "'temperature':1.2 | `temperature` above 1",
                "'stream':true | `stream` other than false",
                "'store':true | `store` other than false",
                "'functions':[] | `functions`",
                "'prediction':{} | `prediction`",
                "'something_of_next_year':1 | `something_of_next_year`",
                "'reasoning_effort':'minimal' | `reasoning_effort`",
                "'service_tier':'flex' | `service_tier` other than auto and default",
                "'response_format':{'type':'grammar'} | `response_format`",
                "'response_format':{'type':'json_schema'} | holds no schema",
                "'tools':[{'type':'custom','custom':{'name':'f'}}] | a tool of type `custom`",
                "'tools':[{'type':'function','function':{'name':'f','extra':1}}] |"
                        + " `tools[].function.extra`",
                "'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'maybe' |"
                        + " `tool_choice`",
                "'tools':[{'type':'function','function':{'name':'f'}}],'response_format':{'type':'json_object'}"
                    + " | together with `tools`",
            })
    void a_parameter_without_a_counterpart_is_refused_by_name(String given, String name) {
        String reason = refused("{%s,%s}".formatted(HI, given));

        assertThat(reason).contains(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'role':'user','content':'secret','name':'bob'} | `messages[].name`",
                "{'role':'user'} | no `content`",
                "{'role':'user','content':{'a':1}} | no `content`",
                "{'role':'user','content':[{'type':'input_audio','input_audio':{}}]} |"
                        + " `input_audio`",
                "{'role':'user','content':[{'type':'file','file':{'file_id':'f1'}}]} |"
                        + " `file.file_id`",
                "{'role':'user','content':[{'type':'image_url'}]} | has no URL",
                "{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:text/plain,secret'}}]}"
                    + " | a data URL",
                "{'role':'system','content':[{'type':'image_url'}]} | `image_url`",
                "{'role':'function','name':'f','content':'secret'} | role `function`",
                "{'role':'Some secret words','content':'secret'} | role `?`",
                "{'content':'secret'} | role `?`",
                "{'role':'assistant','content':null} | no `content`",
                "{'role':'assistant','content':'x','audio':{'id':'a'}} | `messages[].audio`",
                "{'role':'assistant','tool_calls':[{'id':'t','type':'function','function':{'name':'f','arguments':'secret'}}]}"
                    + " | `arguments`",
                "{'role':'assistant','tool_calls':[{'type':'custom','custom':{}}]} |"
                        + " `tool_calls[].custom`",
                "{'role':'tool','content':'secret'} | `tool_call_id`",
            })
    void a_message_that_has_no_counterpart_is_refused_without_its_words(
            String message, String name) {
        String reason =
                refused("{'messages':[%s,{'role':'user','content':'secret'}]}".formatted(message));

        assertThat(reason).contains(name).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{'messages':",
                "{'messages':[{'role':'user','content':'x'}]} {}",
                "{'messages':'hi'}",
                "{}",
                "{'messages':[{'role':'system','content':'x'}]}",
            })
    void what_is_no_chat_is_refused(String body) {
        assertThat(refused(body)).isNotBlank();
    }

    @Test
    void all_that_is_in_the_way_is_named_at_once() {
        assertThat(refused("{%s,'n':2,'seed':1}".formatted(HI))).contains("`n`").contains("`seed`");
    }
}
