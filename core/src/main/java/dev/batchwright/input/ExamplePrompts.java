package dev.batchwright.input;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Prompts to try things out with: varied, harmless, and the same ones for the same seed. */
public final class ExamplePrompts {
    private static final List<String> TASKS =
            List.of(
                    "Explain %s to %s.",
                    "Write a limerick about %s for %s.",
                    "Name three common mistakes about %s, in words for %s.",
                    "Give a one-paragraph summary of %s that suits %s.",
                    "Invent a quiz question about %s for %s, with its answer.",
                    "Why does %s matter? Answer as you would to %s.",
                    "Compare %s with something from the daily life of %s.",
                    "Write a short letter about %s to %s.",
                    "List five facts on %s that would surprise %s.",
                    "Describe a museum room on %s, made for %s.");
    private static final List<String> SUBJECTS =
            List.of(
                    "the tides",
                    "compound interest",
                    "sourdough bread",
                    "the water cycle",
                    "prime numbers",
                    "how bees find their way home",
                    "the printing press",
                    "lighthouses",
                    "photosynthesis",
                    "the night sky in winter",
                    "bridges",
                    "the rules of chess",
                    "volcanoes",
                    "how a bill becomes a law",
                    "bicycle gears",
                    "vaccines",
                    "the history of tea",
                    "earthquakes",
                    "plate glass",
                    "migrating birds",
                    "the invention of zero",
                    "rainbows",
                    "container ships",
                    "sleep",
                    "maps");
    private static final List<String> READERS =
            List.of(
                    "a curious child of eight",
                    "a retired sea captain",
                    "someone who has five minutes",
                    "a class of teenagers",
                    "a baker on the night shift",
                    "an impatient engineer",
                    "a visitor from the year 1800",
                    "a friend who is afraid of numbers",
                    "a gardener",
                    "the jury of a science fair",
                    "a tired parent",
                    "a goalkeeper",
                    "a novelist in search of a plot",
                    "a new colleague",
                    "a sceptical neighbour",
                    "a group of tourists");

    private ExamplePrompts() {}

    /**
     * The first prompts of an endless sequence in which none comes twice: each task on each subject
     * for each reader, in an order of chance, and then again with another length asked for.
     */
    public static Stream<String> of(long count, long seed) {
        int combinations = TASKS.size() * SUBJECTS.size() * READERS.size();
        var order =
                IntStream.range(0, combinations)
                        .boxed()
                        .collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(order, new Random(seed));
        return LongStream.range(0, count)
                .mapToObj(
                        number -> {
                            String prompt = prompt(order.get((int) (number % combinations)));
                            long round = number / combinations;
                            return round == 0
                                    ? prompt
                                    : "%s Use at most %d words.".formatted(prompt, 20 + round);
                        });
    }

    private static String prompt(int combination) {
        int subjects = combination / TASKS.size();
        return TASKS.get(combination % TASKS.size())
                .formatted(
                        SUBJECTS.get(subjects % SUBJECTS.size()),
                        READERS.get(subjects / SUBJECTS.size()));
    }
}
