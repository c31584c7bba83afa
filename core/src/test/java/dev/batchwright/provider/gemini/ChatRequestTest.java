package dev.batchwright.provider.gemini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.json.JsonMapper;

import java.util.stream.Stream;

/** Single quotes stand for double ones in all of the JSON here. */
class ChatRequestTest {
    static final String USER = "'messages':[{'role':'user','content':'hi'}]";
    static final String CONTENTS = "'contents':[{'role':'user','parts':[{'text':'hi'}]}]";

    static RawJson json(String singleQuoted) {
        return RawJson.of(singleQuoted.replace('\'', '"'));
    }

    static String translated(String body) throws Untranslatable {
        return translated(body, "gemini-2.5-flash");
    }

    static String translated(String body, String model) throws Untranslatable {
        return ChatRequest.translate(json(body), model).toString();
    }

    static void assertSame(String actual, String expected) {
        var mapper = new JsonMapper();
        assertThat(mapper.readTree(actual)).isEqualTo(mapper.readTree(json(expected).toString()));
    }

    @Nested
    class Parameters {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "'temperature':0.70 | 'temperature':0.70",
                    "'top_p':0.9 | 'topP':0.9",
                    "'top_k':40 | 'topK':40",
                    "'n':3 | 'candidateCount':3",
                    "'seed':7 | 'seed':7",
                    "'presence_penalty':0.5 | 'presencePenalty':0.5",
                    "'frequency_penalty':-1 | 'frequencyPenalty':-1",
                    "'max_tokens':64 | 'maxOutputTokens':64",
                    "'max_completion_tokens':64 | 'maxOutputTokens':64",
                    "'max_completion_tokens':64,'max_tokens':5 | 'maxOutputTokens':64",
                    "'max_tokens':5,'max_completion_tokens':64 | 'maxOutputTokens':64",
                    "'stop':'END' | 'stopSequences':['END']",
                    "'stop':['a','b'] | 'stopSequences':['a','b']",
                    "'logprobs':true,'top_logprobs':5 | 'responseLogprobs':true,'logprobs':5",
                    "'response_format':{'type':'json_object'} |"
                            + " 'responseMimeType':'application/json'",
                    "'response_format':{'type':'json_schema','json_schema':{'name':'s','strict':true,'schema':{'type':'object','properties':{'b':{'type':'string'},'a':{'type':'number','minimum':1.50}}}}}"
                        + " | 'responseMimeType':'application/json','responseJsonSchema':{'type':'object','properties':{'b':{'type':'string'},'a':{'type':'number','minimum':1.50}}}",
                })
        void have_their_place_in_the_generation_config(String given, String config)
                throws Untranslatable {
            assertThat(translated("{%s,%s}".formatted(USER, given)))
                    .isEqualTo(
                            json("{%s,'generationConfig':{%s}}".formatted(CONTENTS, config))
                                    .toString());
        }

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '~',
                value = {
                    "gemini-2.5-flash, none, 'thinkingBudget':0",
                    "gemini-2.5-flash, minimal, 'thinkingBudget':1024",
                    "gemini-2.5-flash, low, 'thinkingBudget':1024",
                    "gemini-2.5-pro, medium, 'thinkingBudget':8192",
                    "models/gemini-2.5-flash-lite, high, 'thinkingBudget':24576",
                    "gemini-3.7-flash, minimal, 'thinkingLevel':'minimal'",
                    "gemini-3.1-pro-preview, high, 'thinkingLevel':'high'",
                })
        void tell_a_model_how_much_to_think_in_its_own_way(
                String model, String effort, String thinking) throws Untranslatable {
            assertSame(
                    translated("{%s,'reasoning_effort':'%s'}".formatted(USER, effort), model),
                    "{%s,'generationConfig':{'thinkingConfig':{%s}}}"
                            .formatted(CONTENTS, thinking));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "'model':'gemini-2.5-flash'",
                    "'user':'u-1'",
                    "'safety_identifier':'u-1'",
                    "'metadata':{'a':'b'}",
                    "'stream':false",
                    "'store':false",
                    "'parallel_tool_calls':true",
                    "'service_tier':'auto'",
                    "'modalities':['text']",
                    "'logit_bias':{}",
                    "'logit_bias':null",
                    "'logprobs':false",
                    "'verbosity':'medium'",
                    "'response_format':{'type':'text'}",
                    "'tools':[]",
                    "'anything':null",
                })
        void that_ask_for_nothing_leave_nothing(String given) throws Untranslatable {
            assertThat(translated("{%s,%s}".formatted(USER, given)))
                    .isEqualTo(json("{%s}".formatted(CONTENTS)).toString());
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "'logit_bias':{'50256':-100} | `logit_bias`",
                    "'parallel_tool_calls':false | `parallel_tool_calls`",
                    "'audio':{'voice':'alloy'} | `audio`",
                    "'modalities':['text','audio'] | `modalities`",
                    "'stream':true | `stream`",
                    "'store':true | `store`",
                    "'service_tier':'flex' | `service_tier`",
                    "'verbosity':'low' | `verbosity`",
                    "'prediction':{} | `prediction`",
                    "'functions':[] | `functions`",
                    "'web_search_options':{} | `web_search_options`",
                    "'of_next_year':1 | `of_next_year`",
                    "'response_format':{'type':'grammar'} | `response_format`",
                    "'reasoning_effort':'xhigh' | `reasoning_effort`",
                    "'temperature':'hot' | `temperature` is not a number",
                    "'tool_choice':{'type':'allowed_tools'} | `tool_choice`",
                    "'tools':[{'type':'custom','custom':{'name':'x'}}] | a tool that is no"
                            + " function",
                    "'tools':[{'type':'function','function':{'name':'f','more':1}}] |"
                            + " `tools[].function.more`",
                    "'tools':[{'type':'function','function':{'description':'f'}}] | no name",
                })
        void without_a_counterpart_are_refused_by_name(String given, String named) {
            assertThatThrownBy(() -> translated("{%s,%s}".formatted(USER, given)))
                    .isInstanceOf(Untranslatable.class)
                    .hasMessageContaining(named.strip());
        }

        @Test
        void of_a_later_model_that_always_thinks_are_refused_too() {
            assertThatThrownBy(
                            () ->
                                    translated(
                                            "{%s,'reasoning_effort':'none'}".formatted(USER),
                                            "gemini-3.7-flash"))
                    .isInstanceOf(Untranslatable.class)
                    .hasMessageContaining("`reasoning_effort`");
        }
    }

    @Nested
    class Messages {
        static Stream<Arguments> conversations() {
            return Stream.of(
                    arguments(
                            "{'role':'system','content':'be"
                                + " brief'},{'role':'user','content':'hi'},{'role':'developer','content':[{'type':'text','text':'and"
                                + " kind'}]}",
                            "'contents':[{'role':'user','parts':[{'text':'hi'}]}],'systemInstruction':{'parts':[{'text':'be"
                                + " brief'},{'text':'and kind'}]}"),
                    arguments(
                            "{'role':'user','content':'a'},{'role':'assistant','content':'b','refusal':null,'annotations':[],'reasoning_content':'hm'},{'role':'user','content':'c'}",
                            "'contents':[{'role':'user','parts':[{'text':'a'}]},{'role':'model','parts':[{'text':'b'}]},{'role':'user','parts':[{'text':'c'}]}]"),
                    arguments(
                            "{'role':'user','content':[{'type':'text','text':'what is"
                                + " it?'},{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBORw0KGgo='}},"
                                + "{'type':'image_url','image_url':{'url':'https://example.org/a/cat.JPG?size=2','detail':'auto'}}]}",
                            "'contents':[{'role':'user','parts':[{'text':'what is"
                                + " it?'},{'inlineData':{'mimeType':'image/png','data':'iVBORw0KGgo='}},{'fileData':{'mimeType':'image/jpeg','fileUri':'https://example.org/a/cat.JPG?size=2'}}]}]"),
                    arguments(
                            "{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://generativelanguage.googleapis.com/v1beta/files/abc123'}}]}",
                            "'contents':[{'role':'user','parts':[{'fileData':{'fileUri':'https://generativelanguage.googleapis.com/v1beta/files/abc123'}}]}]"),
                    arguments(
                            "{'role':'user','content':[{'type':'input_audio','input_audio':{'data':'AAAA','format':'mp3'}},{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,JVBERi0='}}]}",
                            "'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'audio/mp3','data':'AAAA'}},{'inlineData':{'mimeType':'application/pdf','data':'JVBERi0='}}]}]"),
                    // Two calls, answered by two messages that become one content.
                    arguments(
                            "{'role':'user','content':'weather?'},{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function','function':{'name':'weather','arguments':'{\\'city\\':\\'Oslo\\',\\'deg\\':1.50}'}},{'id':'c2','type':'function','function':{'name':'time','arguments':''},'extra_content':{'google':{'thought_signature':'sig'}}}]},{'role':'tool','tool_call_id':'c1','content':'{\\'t\\':4}'},{'role':'tool','tool_call_id':'c2','content':'noon'},{'role':'user','content':'so?'}",
                            "'contents':[{'role':'user','parts':[{'text':'weather?'}]},{'role':'model','parts':[{'functionCall':{'name':'weather','args':{'city':'Oslo','deg':1.50}}},{'functionCall':{'name':'time','args':{}},'thoughtSignature':'sig'}]},{'role':'user','parts':[{'functionResponse':{'name':'weather','response':{'t':4}}},{'functionResponse':{'name':'time','response':{'output':'noon'}}}]},{'role':'user','parts':[{'text':'so?'}]}]"),
                    arguments(
                            "{'role':'user','content':'a'},{'role':'assistant','content':null,'refusal':'no'},{'role':'user','content':'b'}",
                            "'contents':[{'role':'user','parts':[{'text':'a'}]},{'role':'model','parts':[{'text':'no'}]},{'role':'user','parts':[{'text':'b'}]}]"));
        }

        @ParameterizedTest
        @MethodSource("conversations")
        void become_contents(String messages, String request) throws Untranslatable {
            assertSame(
                    translated("{'messages':[%s]}".formatted(messages)), "{%s}".formatted(request));
        }

        @ParameterizedTest
        @MethodSource("conversations")
        void take_no_more_room_than_was_foreseen(String messages, String request)
                throws Untranslatable {
            RawJson body = json("{'messages':[%s]}".formatted(messages));
            assertThat(ChatRequest.translate(body, "m").length())
                    .isLessThan((int) GeminiBatch.translatedSize(body));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "{'role':'system','content':'only'} | `messages` has none of a user",
                    "{'role':'user','content':'a','name':'bob'} | `messages[].name`",
                    "{'role':'assistant','content':null} | says nothing",
                    "{'role':'assistant','content':'a','audio':{'id':'x'}} | `messages[].audio`",
                    "{'role':'function','name':'f','content':'a'} | another role",
                    "{'role':'tool','tool_call_id':'c9','content':'a'} | no call before it",
                    "{'role':'user','content':[{'type':'video','video':'x'}]} | of another type",
                    "{'role':'user','content':[{'type':'file','file':{'file_id':'file-1'}}]} |"
                            + " `file_data`",
                    "{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://example.org/cat'}}]}"
                        + " | `image_url`",
                    "{'role':'user','content':[{'type':'image_url','image_url':{'url':'http://example.org/cat.png'}}]}"
                        + " | `image_url`",
                    "{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,AA','detail':'low'}}]}"
                        + " | `image_url.detail`",
                    "{'role':'assistant','tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'[1]'}}]}"
                        + " | not a JSON object",
                })
        void without_a_counterpart_are_refused(String message, String named) {
            assertThatThrownBy(() -> translated("{'messages':[%s]}".formatted(message)))
                    .isInstanceOf(Untranslatable.class)
                    .hasMessageContaining(named.strip());
        }

        @ParameterizedTest
        @ValueSource(strings = {"[1]", "{", "'x'"})
        void that_are_no_request_at_all_are_refused(String body) {
            assertThatThrownBy(() -> translated(body))
                    .isInstanceOf(Untranslatable.class)
                    .hasMessageContaining("not a JSON object");
        }
    }

    @Nested
    class Tools {
        @Test
        void are_declared_with_their_schemas() throws Untranslatable {
            assertSame(
                    translated(
                            "{%s,'tools':[{'type':'function','function':{'name':'f','description':'d','strict':true,'parameters':{'type':'object','additionalProperties':false}}},{'type':'function','function':{'name':'g'}}]}"
                                    .formatted(USER)),
                    "{%s,'tools':[{'functionDeclarations':[{'name':'f','description':'d','parametersJsonSchema':{'type':'object','additionalProperties':false}},{'name':'g'}]}]}"
                            .formatted(CONTENTS));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "'auto' | 'mode':'AUTO'",
                    "'none' | 'mode':'NONE'",
                    "'required' | 'mode':'ANY'",
                    "{'type':'function','function':{'name':'f'}} |"
                            + " 'mode':'ANY','allowedFunctionNames':['f']",
                })
        void are_chosen(String choice, String config) throws Untranslatable {
            assertSame(
                    translated("{%s,'tool_choice':%s}".formatted(USER, choice)),
                    "{%s,'toolConfig':{'functionCallingConfig':{%s}}}".formatted(CONTENTS, config));
        }
    }

    @Nested
    class Embeddings {
        @Test
        void of_one_input_are_one_call() throws Untranslatable {
            for (String input : new String[] {"'a'", "['a']"}) {
                var request =
                        EmbeddingsRequest.of(
                                json(
                                        "{'model':'m','input':%s,'dimensions':3,'encoding_format':'float','user':'u'}"
                                                .formatted(input)));
                RawJson body =
                        json("{'content':{'parts':[{'text':'a'}]},'outputDimensionality':3}");
                assertThat(request.live("m")).isEqualTo(new GeminiRequest("embedContent", body));
                assertThat(request.batch()).isEqualTo(body);
            }
        }

        @Test
        void of_several_inputs_are_one_call_and_go_into_no_batch() throws Untranslatable {
            var request = EmbeddingsRequest.of(json("{'input':['a','b']}"));

            assertThat(request.live("m").method()).isEqualTo("batchEmbedContents");
            assertSame(
                    request.live("m").body().toString(),
                    "{'requests':[{'content':{'parts':[{'text':'a'}]},'model':'models/m'},{'content':{'parts':[{'text':'b'}]},'model':'models/m'}]}");
            assertThatThrownBy(request::batch)
                    .isInstanceOf(Untranslatable.class)
                    .hasMessageContaining("`input`");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "'input':[1,2] | `input` holds tokens",
                    "'input':[] | `input` is empty",
                    "'input':'a','encoding_format':'base64' | `encoding_format`",
                    "'input':'a','other':1 | `other`",
                })
        void of_what_gemini_does_not_take_are_refused(String fields, String named) {
            assertThatThrownBy(() -> EmbeddingsRequest.of(json("{%s}".formatted(fields))))
                    .isInstanceOf(Untranslatable.class)
                    .hasMessageContaining(named.strip());
        }
    }
}
