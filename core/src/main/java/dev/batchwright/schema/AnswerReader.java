package dev.batchwright.schema;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the JSON in an answer and reads it.
 *
 * <p>Every brace may begin it. What turns out to be no JSON from the start, as braces in prose, is
 * passed over. What began as JSON and then breaks off or goes wrong ends the search: a part of a
 * broken answer may look like a whole one, and must not count as it.
 */
final class AnswerReader<T> {
    private static final int LONGEST = 16_000_000;
    private static final int DEEPEST = 200;
    private static final int MOST_VALUES = 100;
    // What an exception costs, in characters.
    private static final long ATTEMPT = 100;
    private static final String BREAKS_OFF = "the JSON breaks off before its end.";
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEEPEST)
                                                    .maxStringLength(LONGEST)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final Model model;
    private final Shape root;
    private final Optional<String> wrapper;
    private final List<Found> found = new ArrayList<>();
    private Optional<String> problem = Optional.empty();

    /** A JSON value, and how many characters it takes. */
    private record Found(JsonNode node, int length) {}

    AnswerReader(Model model, Shape root, Optional<String> wrapper) {
        this.model = model;
        this.root = root;
        this.wrapper = wrapper;
    }

    Parsed<T> read(String answer) {
        if (answer.length() > LONGEST) {
            return invalid("the answer is longer than %,d characters.".formatted(LONGEST));
        }
        search(answer.toCharArray());
        if (problem.isPresent()) {
            return invalid(problem.get());
        }
        if (found.isEmpty()) {
            return invalid("the answer holds no JSON object.");
        }
        return choose();
    }

    private Parsed<T> invalid(String reason) {
        return new Parsed.Invalid<>(reason, "$");
    }

    /** What fits, if it is only one; otherwise what is wrong with the largest. */
    private Parsed<T> choose() {
        @Nullable Found fitting = null;
        @Nullable Parsed<T> value = null;
        @Nullable Parsed<T> worst = null;
        int largest = -1;
        for (Found each : found) {
            Parsed<T> parsed = new ValueReader(model).<T>read(root, each.node(), wrapper);
            if (parsed instanceof Parsed.Valid<T>) {
                if (fitting != null && !fitting.node().equals(each.node())) {
                    return invalid(
                            "the answer holds more than one JSON value that fits. Answer with"
                                    + " one.");
                }
                fitting = each;
                value = parsed;
            } else if (each.length() > largest) {
                largest = each.length();
                worst = parsed;
            }
        }
        if (value != null) {
            return value;
        }
        return worst == null ? invalid("the answer holds no JSON object.") : worst;
    }

    private void search(char[] answer) {
        // What is tried in vain, so that hostile braces cost no more than a few times the length.
        long patience = 4L * answer.length + 100 * ATTEMPT;
        int i = 0;
        while (i < answer.length && problem.isEmpty()) {
            if (!couldBegin(answer, i)) {
                i++;
                continue;
            }
            int read = readAt(answer, i);
            if (read > 0) {
                i += read;
            } else {
                i++;
                patience -= ATTEMPT - read;
            }
            if (problem.isEmpty() && (patience < 0 || found.size() > MOST_VALUES)) {
                problem =
                        Optional.of(
                                "the answer has so many braces that its JSON can't be found. Answer"
                                        + " with JSON alone.");
            }
        }
    }

    /** Whether a brace stands here, and after it what can follow in JSON. */
    private boolean couldBegin(char[] answer, int start) {
        boolean object = answer[start] == '{';
        if (!object && (answer[start] != '[' || wrapper.isEmpty())) {
            return false;
        }
        int next = start + 1;
        while (next < answer.length && answer[next] <= ' ') {
            next++;
        }
        if (next == answer.length) {
            return true; // Broken off, which is told.
        }
        return (object ? "\"}" : "\"[{]-0123456789tfn").indexOf(answer[next]) >= 0;
    }

    /**
     * @return how many characters the value takes; if there is none, how many were read, negative
     */
    private int readAt(char[] answer, int start) {
        int length = answer.length - start;
        try (JsonParser parser = JSON.createParser(answer, start, length)) {
            try {
                parser.nextToken();
                if (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    parser.nextToken();
                }
            } catch (UnexpectedEndOfInputException e) {
                problem = Optional.of(BREAKS_OFF);
                return -1;
            } catch (JacksonException e) {
                return -(int) parser.currentLocation().getCharOffset() - 1;
            }
        }
        // A name and a colon, or the first value of an array: nobody writes that in prose.
        return whole(answer, start, length);
    }

    private int whole(char[] answer, int start, int length) {
        try (JsonParser parser = JSON.createParser(answer, start, length)) {
            JsonNode node = JSON.readTree(parser);
            int end = (int) parser.currentLocation().getCharOffset();
            found.add(new Found(node, end));
            return end;
        } catch (UnexpectedEndOfInputException e) {
            problem = Optional.of(BREAKS_OFF);
        } catch (StreamConstraintsException e) {
            problem =
                    Optional.of(
                            "the JSON is nested more than %d levels deep, or has a number of more than 1,000 digits."
                                    .formatted(DEEPEST));
        } catch (NumberFormatException | ArithmeticException e) {
            // The parser lets through what Java's numbers have no room for.
            problem = Optional.of("the JSON has a number that is too large.");
        } catch (MismatchedInputException e) {
            problem = Optional.of("an object of the JSON has a key twice.");
        } catch (JacksonException e) {
            problem =
                    Optional.of(
                            "the JSON has a mistake in line %d, column %d of it."
                                    .formatted(
                                            e.getLocation().getLineNr(),
                                            e.getLocation().getColumnNr()));
        }
        return -1;
    }
}
