package dev.batchwright.openai;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseOutputItem;
import com.openai.models.responses.ResponseStreamEvent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The official SDK as its users call it, against the server that the environment names ({@code
 * OPENAI_BASE_URL}): for {@code campaign/clients/run.py}. Prints a line of JSON for each feature.
 */
final class ServedClient {
    private static final String MODEL = "gpt-4o-mini";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final OpenAIClient client =
            OpenAIOkHttpClient.builder().fromEnv().maxRetries(0).timeout(PATIENCE).build();
    private final boolean hasFarSide = !"echo".equals(System.getenv("CLIENTS_SETTING"));
    private boolean failed;

    private ServedClient() {}

    public static void main(String[] arguments) {
        var trials = new ServedClient();
        trials.all();
        System.out.flush();
        System.exit(trials.failed ? 1 : 0);
    }

    private interface Trial {
        void run() throws IOException, InterruptedException;
    }

    private void all() {
        attempt("chat", this::chat);
        attempt("tools", this::tools);
        attempt("streamed chat", this::streamedChat);
        attempt("many at once", this::manyAtOnce);
        attempt("responses", this::responses);
        attempt("streamed responses", this::streamedResponses);
        attempt("embeddings", this::embeddings);
        attempt("models", () -> check(client.models().list().data() != null, "no models"));
        attempt("error objects", this::errorObjects);
        attempt("files", this::files);
        attempt("batches", this::batches);
        attempt("list of batches", this::listOfBatches);
        attempt("cancelled batches", this::cancelledBatches);
        if (hasFarSide) {
            attempt("retries", this::retries);
            attempt("batches with failures", this::batchesWithFailures);
        }
    }

    /** One trial's line; whatever goes wrong, the other features are worth knowing too. */
    private void attempt(String feature, Trial trial) {
        String problem = "";
        try {
            trial.run();
        } catch (IOException | InterruptedException | RuntimeException e) {
            failed = true;
            problem = String.valueOf(e).replaceAll("[\\s\"\\\\]+", " ");
        }
        System.out.printf(
                "{\"client\":\"openai-java\",\"version\":\"%s\",\"feature\":\"%s\",\"outcome\":\"%s\",\"detail\":\"%s\"}%n",
                version(), feature, problem.isEmpty() ? "ok" : "failed", problem);
    }

    private static String version() {
        String version = OpenAIOkHttpClient.class.getPackage().getImplementationVersion();
        return version == null ? "4" : version;
    }

    private static ChatCompletionCreateParams.Builder asking(String text) {
        return ChatCompletionCreateParams.builder().model(MODEL).addUserMessage(text);
    }

    private static String text(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElse("");
    }

    private void chat() {
        ChatCompletion answer = client.chat().completions().create(asking("Good day").build());
        echoed("Good day", text(answer));
        check(answer.usage().isPresent(), "no usage");
    }

    private void tools() {
        var weather =
                ChatCompletionFunctionTool.builder()
                        .function(
                                FunctionDefinition.builder()
                                        .name("weather")
                                        .parameters(
                                                FunctionParameters.builder()
                                                        .putAdditionalProperty(
                                                                "type", JsonValue.from("object"))
                                                        .putAdditionalProperty(
                                                                "properties",
                                                                JsonValue.from(
                                                                        Map.of(
                                                                                "city",
                                                                                Map.of(
                                                                                        "type",
                                                                                        "string"))))
                                                        .putAdditionalProperty(
                                                                "required",
                                                                JsonValue.from(List.of("city")))
                                                        .build())
                                        .build())
                        .build();
        ChatCompletion answer =
                client.chat()
                        .completions()
                        .create(
                                asking("{\"city\": \"Utrecht\"}")
                                        .addTool(weather)
                                        .toolChoice(
                                                ChatCompletionNamedToolChoice.builder()
                                                        .function(
                                                                ChatCompletionNamedToolChoice
                                                                        .Function.builder()
                                                                        .name("weather")
                                                                        .build())
                                                        .build())
                                        .build());
        var call =
                answer.choices()
                        .getFirst()
                        .message()
                        .toolCalls()
                        .orElseThrow()
                        .getFirst()
                        .asFunction();
        check(call.function().name().equals("weather"), "another function");
        check(call.function().arguments().contains("city"), "other arguments");
    }

    private void streamedChat() {
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(asking("one two three").build())) {
            String text =
                    stream.stream()
                            .flatMap(chunk -> chunk.choices().stream())
                            .flatMap(choice -> choice.delta().content().stream())
                            .collect(Collectors.joining());
            echoed("one two three", text);
        }
    }

    private void manyAtOnce() {
        List<CompletableFuture<ChatCompletion>> answers =
                IntStream.range(0, 100)
                        .mapToObj(i -> asking("Number " + i + ".").build())
                        .map(params -> client.async().chat().completions().create(params))
                        .toList();
        for (int i = 0; i < answers.size(); i++) {
            echoed("Number " + i + ".", text(answers.get(i).join()));
        }
    }

    private void responses() {
        Response answer =
                client.responses()
                        .create(
                                ResponseCreateParams.builder()
                                        .model(MODEL)
                                        .input("Good day")
                                        .build());
        echoed("Good day", text(answer));
    }

    private static String text(Response answer) {
        return answer.output().stream()
                .filter(ResponseOutputItem::isMessage)
                .flatMap(item -> item.asMessage().content().stream())
                .map(content -> content.asOutputText().text())
                .collect(Collectors.joining());
    }

    private void streamedResponses() {
        try (StreamResponse<ResponseStreamEvent> stream =
                client.responses()
                        .createStreaming(
                                ResponseCreateParams.builder()
                                        .model(MODEL)
                                        .input("one two three")
                                        .build())) {
            List<ResponseStreamEvent> events = stream.stream().toList();
            String deltas =
                    events.stream()
                            .filter(ResponseStreamEvent::isOutputTextDelta)
                            .map(event -> event.asOutputTextDelta().delta())
                            .collect(Collectors.joining());
            echoed("one two three", deltas);
            echoed("one two three", text(events.getLast().asCompleted().response()));
        }
    }

    private void embeddings() {
        CreateEmbeddingResponse answer =
                client.embeddings()
                        .create(
                                EmbeddingCreateParams.builder()
                                        .model("text-embedding-3-small")
                                        .inputOfArrayOfStrings(List.of("a", "b"))
                                        .build());
        check(answer.data().size() == 2, "not two vectors");
        check(
                !answer.data().getFirst().embedding().equals(answer.data().get(1).embedding()),
                "two texts have one vector");
    }

    private void errorObjects() {
        if (hasFarSide) {
            try {
                client.chat().completions().create(asking("Good day").temperature(99.0).build());
                throw new IllegalStateException("a wrong request was answered");
            } catch (BadRequestException e) {
                check(e.type().isPresent(), "no error object");
            }
        }
        try {
            client.batches().retrieve("batch_of_nobody");
            throw new IllegalStateException("an unknown batch was found");
        } catch (NotFoundException e) {
            check(e.type().isPresent(), "no error object");
        }
    }

    private void retries() {
        OpenAIClient patient = client.withOptions(options -> options.maxRetries(4));
        echoed(
                "please-stumble once",
                text(patient.chat().completions().create(asking("please-stumble once").build())));
    }

    private FileObject upload(String lines) {
        return client.files()
                .create(
                        FileCreateParams.builder()
                                .purpose(FilePurpose.BATCH)
                                .file(
                                        MultipartField.<InputStream>builder()
                                                .value(
                                                        new ByteArrayInputStream(
                                                                lines.getBytes(
                                                                        StandardCharsets.UTF_8)))
                                                .filename("batch.jsonl")
                                                .build())
                                .build());
    }

    private Batch created(List<String> messages) {
        var lines = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            lines.append(
                    """
                    {"custom_id":"r%d","method":"POST","url":"/v1/chat/completions","body":{"model":"%s","messages":%s}}
                    """
                            .formatted(i, MODEL, messages.get(i)));
        }
        return client.batches()
                .create(
                        BatchCreateParams.builder()
                                .inputFileId(upload(lines.toString()).id())
                                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                                .build());
    }

    private static List<String> messages(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "[{\"role\":\"user\",\"content\":\"%s %d.\"}]".formatted(name, i))
                .toList();
    }

    private Batch ended(Batch batch) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Batch now = batch;
        while (!List.of("completed", "failed", "expired", "cancelled")
                .contains(now.status().asString())) {
            check(System.nanoTime() < end, "the batch stays " + now.status());
            Thread.sleep(200); // As its users do: the API has no other way to wait.
            now = client.batches().retrieve(batch.id());
        }
        return now;
    }

    private List<String> lines(String file) throws IOException {
        try (HttpResponse content = client.files().content(file)) {
            return new String(content.body().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    private void files() throws IOException {
        FileObject file = upload("{\"a\": 1}\n");
        check(file.bytes() == 9, "another size");
        check(lines(file.id()).equals(List.of("{\"a\": 1}")), "another content");
        check(client.files().delete(file.id()).deleted(), "not deleted");
    }

    private void batches() throws IOException, InterruptedException {
        Batch batch = ended(created(messages("Item", 10)));
        check(batch.status().asString().equals("completed"), "it ended as " + batch.status());
        List<String> results = lines(batch.outputFileId().orElseThrow());
        for (int i = 0; i < 10; i++) {
            String id = "\"r" + i + "\"";
            String mine = results.stream().filter(line -> line.contains(id)).findFirst().orElse("");
            echoed("Item " + i + ".", mine);
        }
    }

    private void batchesWithFailures() throws IOException, InterruptedException {
        var messages = new ArrayList<>(messages("Item", 5));
        messages.set(2, "[]");
        Batch batch = ended(created(messages));
        check(lines(batch.outputFileId().orElseThrow()).size() == 4, "not four results");
        check(lines(batch.errorFileId().orElseThrow()).getFirst().contains("r2"), "another error");
    }

    private void listOfBatches() {
        var made = new ArrayList<String>();
        for (int i = 0; i < 3; i++) {
            made.addFirst(created(messages("Listed " + i, 1)).id());
        }
        List<String> listed =
                client.batches().list().autoPager().stream()
                        .limit(1000)
                        .map(Batch::id)
                        .filter(made::contains)
                        .toList();
        check(listed.equals(made), "not the newest first");
    }

    private void cancelledBatches() throws InterruptedException {
        Batch batch = created(messages("Unwanted", 500));
        try {
            client.batches().cancel(batch.id());
        } catch (OpenAIServiceException e) {
            check(e.statusCode() == 409, "it can't be cancelled"); // It was quicker than we.
            return;
        }
        check(ended(batch).status().asString().equals("cancelled"), "it is not cancelled");
    }

    private static void echoed(String text, String answer) {
        check(answer.contains(text), "not the answer to " + text);
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException(message);
        }
    }
}
