package dev.batchwright.examples;

import dev.batchwright.Answer;
import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.Request;
import dev.batchwright.Result;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Embeddings in bulk, and the texts that are closest to one of them. The vectors of the echo are
 * made of the texts by chance: say {@code text-embedding-3-small} instead, and have a key, and
 * closeness means something.
 */
public final class EmbedTexts {
    private static final String MODEL = "echo";
    private static final List<String> TEXTS =
            List.of("a cat", "a kitten", "a bank", "a river bank", "money", "water", "a tiger");

    private EmbedTexts() {}

    public static void main(String[] args) {
        try (var batchwright = Batchwright.open()) {
            Job<float[]> job =
                    batchwright.submit(
                            JobSpec.of("embeddings")
                                    .model(MODEL)
                                    .items(TEXTS, EmbedTexts::request)
                                    .returning(Answer::embedding));
            Map<String, float[]> vectors =
                    job.stream().collect(Collectors.toMap(Result::customId, Result::orThrow));
            float[] cat = job.result("a cat").orElseThrow().orThrow();
            System.out.println(vectors.size() + " vectors of " + cat.length + " numbers");
            vectors.entrySet().stream()
                    .sorted(Comparator.comparingDouble(entry -> -cosine(cat, entry.getValue())))
                    .limit(3)
                    .forEach(
                            entry ->
                                    System.out.printf(
                                            "%.2f %s%n",
                                            cosine(cat, entry.getValue()), entry.getKey()));
        }
    }

    private static Request request(String text) {
        return Request.embeddings().id(text).input(text).dimensions(64);
    }

    private static double cosine(float[] a, float[] b) {
        return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
