package dev.batchwright.examples;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.Request;
import dev.batchwright.Result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The documents of a folder, each summarised into a file beside it. A document is in memory only
 * while its request is written down. The echo that stands for a model repeats the document: say
 * {@code gpt-5-mini} instead, and have a key.
 */
public final class SummariseDocuments {
    private static final String MODEL = "echo";

    private SummariseDocuments() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args.length == 0 ? "." : args[0]);
        try (var batchwright = Batchwright.open();
                Stream<Path> documents = Files.list(folder)) {
            Job<String> job =
                    batchwright.submit(
                            JobSpec.of("summaries")
                                    .model(MODEL)
                                    .items(
                                            documents
                                                    .filter(it -> it.toString().endsWith(".txt"))
                                                    .sorted()
                                                    .map(SummariseDocuments::request)));
            for (Result<String> result : job.resultsInOrder()) {
                switch (result) {
                    case Result.Succeeded<String> ok -> {
                        Path summary = folder.resolve(ok.customId() + ".summary");
                        Files.writeString(summary, ok.value());
                        System.out.println(ok.customId() + " -> " + summary.getFileName());
                    }
                    case Result.Failed<String> failed ->
                            System.out.println(failed.customId() + ": " + failed.error().message());
                }
            }
        }
    }

    private static Request request(Path document) {
        try {
            return Request.chat()
                    .id(document.getFileName().toString())
                    .system("Summarise the document in one sentence.")
                    .user(Files.readString(document));
        } catch (IOException e) {
            throw new UncheckedIOException("%s can't be read.".formatted(document), e);
        }
    }
}
