package dev.batchwright.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.util.List;

class ChatFormTest {
    private static final JsonMapper JSON = new JsonMapper();
    private final ChatForm form = new ChatForm(Fields.NONE);

    /** Quotes are single ones, to be read. */
    private void assertWritten(ChatRequest request, String expected) {
        assertThat(JSON.readTree(form.write(request).body().toString()))
                .isEqualTo(JSON.readTree(expected.replace('\'', '"')));
    }

    private void assertMessage(ChatMessage message, String expected) {
        assertWritten(
                ChatRequest.builder().messages(message).build(),
                "{'messages':[%s]}".formatted(expected));
    }

    private void assertRefused(ChatRequest request, String name) {
        assertThatThrownBy(() -> form.write(request))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("Nothing was sent");
    }

    private static ChatRequest of(ChatRequestParameters parameters) {
        return ChatRequest.builder()
                .messages(UserMessage.from("hi"))
                .parameters(parameters)
                .build();
    }

    @Test
    void messages_keep_their_roles_and_names() {
        assertMessage(SystemMessage.from("brief"), "{'role':'system','content':'brief'}");
        assertMessage(UserMessage.from("ann", "hi"), "{'role':'user','name':'ann','content':'hi'}");
        assertMessage(AiMessage.from("yes"), "{'role':'assistant','content':'yes'}");
    }

    @Test
    void pictures_are_urls_or_data() {
        assertMessage(
                UserMessage.from(
                        TextContent.from("what?"),
                        ImageContent.from("https://a.example/b.png", ImageContent.DetailLevel.HIGH),
                        ImageContent.from("QUJD", "image/png", ImageContent.DetailLevel.AUTO)),
                """
                {'role':'user','content':[
                  {'type':'text','text':'what?'},
                  {'type':'image_url','image_url':{'url':'https://a.example/b.png','detail':'high'}},
                  {'type':'image_url','image_url':{'url':'data:image/png;base64,QUJD','detail':'auto'}}]}
                """);
    }

    @Test
    void tool_calls_and_their_results_belong_together() {
        var call = ToolExecutionRequest.builder().id("c1").name("weather").arguments("{}").build();
        assertMessage(
                AiMessage.from(call),
                """
                {'role':'assistant','content':null,'tool_calls':[
                  {'id':'c1','type':'function','function':{'name':'weather','arguments':'{}'}}]}
                """);
        assertMessage(
                ToolExecutionResultMessage.from(call, "sunny"),
                "{'role':'tool','tool_call_id':'c1','content':'sunny'}");
    }

    @Test
    void parameters_have_the_names_of_the_api() {
        assertWritten(
                of(
                        ChatRequestParameters.builder()
                                .modelName("gpt-4o-mini")
                                .temperature(0.5)
                                .topP(0.9)
                                .frequencyPenalty(0.1)
                                .presencePenalty(0.2)
                                .maxOutputTokens(7)
                                .stopSequences("END")
                                .toolChoice(ToolChoice.REQUIRED)
                                .build()),
                """
                {'model':'gpt-4o-mini','temperature':0.5,'top_p':0.9,'frequency_penalty':0.1,
                 'presence_penalty':0.2,'max_completion_tokens':7,'stop':['END'],
                 'tool_choice':'required','messages':[{'role':'user','content':'hi'}]}
                """);
    }

    @Test
    void a_tool_has_its_schema_and_a_strict_one_requires_all() {
        ToolSpecification tool =
                ToolSpecification.builder()
                        .name("weather")
                        .description("of a place")
                        .parameters(
                                JsonObjectSchema.builder()
                                        .addStringProperty("place", "a town")
                                        .addIntegerProperty("days")
                                        .required("place")
                                        .build())
                        .build();
        assertWritten(
                of(ChatRequestParameters.builder().toolSpecifications(tool).build()),
                """
                {'tools':[{'type':'function','function':{'name':'weather','description':'of a place',
                  'parameters':{'type':'object','properties':{
                    'place':{'type':'string','description':'a town'},'days':{'type':'integer'}},
                    'required':['place']}}}],
                 'messages':[{'role':'user','content':'hi'}]}
                """);
        assertWritten(
                of(
                        ChatRequestParameters.builder()
                                .toolSpecifications(tool.toBuilder().strict(true).build())
                                .build()),
                """
                {'tools':[{'type':'function','function':{'name':'weather','description':'of a place',
                  'strict':true,
                  'parameters':{'type':'object','properties':{
                    'place':{'type':'string','description':'a town'},
                    'days':{'anyOf':[{'type':'integer'},{'type':'null'}]}},
                    'required':['place','days'],'additionalProperties':false}}}],
                 'messages':[{'role':'user','content':'hi'}]}
                """);
    }

    private static ChatRequest answeredBy(JsonObjectSchema root) {
        return of(
                ChatRequestParameters.builder()
                        .responseFormat(
                                ResponseFormat.builder()
                                        .type(ResponseFormatType.JSON)
                                        .jsonSchema(
                                                JsonSchema.builder()
                                                        .name("tree")
                                                        .rootElement(root)
                                                        .build())
                                        .build())
                        .build());
    }

    @Test
    void a_schema_that_leaves_nothing_open_is_strict() {
        JsonObjectSchema.Builder tree =
                JsonObjectSchema.builder()
                        .addEnumProperty("kind", List.of("oak", "elm"))
                        .addProperty(
                                "children",
                                JsonArraySchema.builder()
                                        .items(
                                                JsonReferenceSchema.builder()
                                                        .reference("tree")
                                                        .build())
                                        .build());
        String written =
                """
                {'response_format':{'type':'json_schema','json_schema':{'name':'tree','strict':%s,
                  'schema':{'type':'object','properties':{
                    'kind':{'type':'string','enum':['oak','elm']},
                    'children':{'type':'array','items':{'$ref':'#/$defs/tree'}}},
                    'required':%s}}},
                 'messages':[{'role':'user','content':'hi'}]}
                """;
        assertWritten(answeredBy(tree.build()), written.formatted("false", "[]"));
        assertWritten(
                answeredBy(tree.required("kind", "children").build()),
                written.formatted("true", "['kind','children'],'additionalProperties':false"));
    }

    @Test
    void any_json_may_be_asked_for() {
        assertWritten(
                of(ChatRequestParameters.builder().responseFormat(ResponseFormat.JSON).build()),
                """
                {'response_format':{'type':'json_object'},
                 'messages':[{'role':'user','content':'hi'}]}
                """);
    }

    @Test
    void further_fields_are_in_every_body() {
        var more = new ChatForm(Fields.NONE.with("seed", 7).with("user", null));
        assertThat(more.write(of(ChatRequestParameters.builder().build())).body().toString())
                .endsWith("\"seed\":7,\"user\":null}");
    }

    /** As other modules of LangChain4j have them. */
    private static final class TheirParameters extends DefaultChatRequestParameters {
        TheirParameters() {
            super(DefaultChatRequestParameters.builder());
        }
    }

    @Test
    void what_has_no_counterpart_is_refused_by_name() {
        assertRefused(of(ChatRequestParameters.builder().topK(3).build()), "topK");
        assertRefused(of(new TheirParameters()), "TheirParameters");
        assertRefused(
                ChatRequest.builder()
                        .messages(
                                UserMessage.from(
                                        AudioContent.from(
                                                Audio.builder().base64Data("QUJD").build())))
                        .build(),
                "AUDIO");
        assertRefused(
                ChatRequest.builder()
                        .messages(
                                UserMessage.from(
                                        ImageContent.from(
                                                "https://a.example/b.png",
                                                ImageContent.DetailLevel.ULTRA_HIGH)))
                        .build(),
                "ULTRA_HIGH");
    }
}
