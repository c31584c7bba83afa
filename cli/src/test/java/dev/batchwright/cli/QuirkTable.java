package dev.batchwright.cli;

import dev.batchwright.simulator.SimulatorOptions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Every odd way of a batch API that is known, with what Batchwright does about it: the words are
 * those of {@code docs/quirks.md}, the numbers are what {@link QuirksTest} holds it to.
 */
final class QuirkTable {
    private static final String[] MAIN = {"openai", "anthropic", "gemini", "mistral"};
    private static final String[] FILES = {"openai", "gemini", "mistral"};

    /** Those, and who has batches of a form of its own. */
    private static final String[] FORMS = {
        "openai", "anthropic", "gemini", "mistral", "xai", "fireworks"
    };

    private QuirkTable() {}

    /**
     * How a job ends, and what it cost.
     *
     * @param batches that were created, whatever became of them
     * @param paid requests that were executed in batches
     * @param twice distinct requests that were executed more than once: their first result is not
     *     there
     * @param strays lines of results that are kept and shown
     */
    record End(
            int code, long succeeded, long failed, int batches, long paid, long twice, int strays) {
        /** All is well. */
        static End of(int items) {
            return new End(0, items, 0, 1, items, 0, 0);
        }

        End code(int value) {
            return new End(value, succeeded, failed, batches, paid, twice, strays);
        }

        End results(long good, long bad) {
            return new End(code, good, bad, batches, paid, twice, strays);
        }

        End batches(int value) {
            return new End(code, succeeded, failed, value, paid, twice, strays);
        }

        End paid(long value) {
            return new End(code, succeeded, failed, batches, value, twice, strays);
        }

        End twice(long value) {
            return new End(code, succeeded, failed, batches, paid + value, value, strays);
        }

        End strays(int value) {
            return new End(code, succeeded, failed, batches, paid, twice, value);
        }
    }

    /** What the user types. */
    interface Story {
        User.Answer tell(BatchScene scene);
    }

    /**
     * A quirk.
     *
     * @param happens what the provider does
     * @param done what Batchwright does
     * @param letters how long the prompts are
     */
    record Line(
            String happens,
            String done,
            List<String> providers,
            UnaryOperator<SimulatorOptions.Builder> setting,
            int items,
            int letters,
            Story story,
            End end) {
        Line at(String... names) {
            return new Line(happens, done, List.of(names), setting, items, letters, story, end);
        }

        Line with(UnaryOperator<SimulatorOptions.Builder> more) {
            return new Line(
                    happens,
                    done,
                    providers,
                    builder -> more.apply(setting.apply(builder)),
                    items,
                    letters,
                    story,
                    end);
        }

        Line quirks(String... rules) {
            return with(
                    builder -> {
                        Arrays.stream(rules).forEach(builder::quirk);
                        return builder;
                    });
        }

        Line items(int number, int length) {
            return new Line(
                    happens, done, providers, setting, number, length, story, End.of(number));
        }

        Line told(Story another) {
            return new Line(happens, done, providers, setting, items, letters, another, end);
        }

        Line typed(String... options) {
            return told(scene -> scene.run(options));
        }

        Line ends(UnaryOperator<End> change) {
            return new Line(
                    happens, done, providers, setting, items, letters, story, change.apply(end));
        }

        @Override
        public String toString() {
            return happens;
        }
    }

    private static Line when(String happens, String done) {
        return new Line(
                happens,
                done,
                List.of(MAIN),
                builder -> builder,
                20,
                1,
                BatchScene::run,
                End.of(20));
    }

    /** With headings between them. */
    record Part(String title, List<Line> lines) {}

    static List<Part> parts() {
        return List.of(
                new Part("Creating", creating()),
                new Part("Running", running()),
                new Part("Ending", ending()),
                new Part("Results", results()),
                new Part("Keys and limits", account()));
    }

    static Stream<Line> lines() {
        return parts().stream().flatMap(part -> part.lines().stream());
    }

    private static User.Answer twice(BatchScene scene) {
        User.Answer blocked = scene.run();
        if (blocked.code() != ExitCode.BLOCKED.code) {
            throw new AssertionError("not blocked, but " + blocked);
        }
        return scene.run();
    }

    private static User.Answer cancelled(BatchScene scene) {
        var polled = scene.calls(3, "GET", "batch");
        var running = scene.starts();
        BatchScene.await(polled);
        User.Answer cancel = scene.user().types("cancel", "last");
        if (cancel.code() != 0) {
            throw new AssertionError("not cancelled: " + cancel);
        }
        return running.join();
    }

    private static List<Line> creating() {
        return List.of(
                when(
                                "The call that creates a batch is executed, its answer is lost",
                                "looks for the batch by its tag, and goes on with it")
                        .at(FORMS)
                        .quirks("create-lost:first=1"),
                when(
                                "The call that creates a batch is executed, and answered with 500",
                                "the same: a 5xx proves nothing")
                        .quirks("create-done-500:first=1"),
                when(
                                "The call that creates a batch is not executed, and answered with"
                                        + " 500",
                                "looks for the batch as long as the provider may need to show it"
                                        + " (`batch_lag`), then creates it again")
                        .at(FORMS)
                        .quirks("create-500:first=1"),
                when(
                                "The answer is lost, and the batch can't be found, nor is it listed"
                                        + " for a time",
                                "looks until it is there")
                        .quirks("create-lost:first=1", "create-lag=4s"),
                when("The list of batches fails when a batch is looked for", "looks again")
                        .quirks("create-lost:first=1", "list-500:first=2", "list-429:first=1"),
                when(
                                "A batch can't be found for a time after it was created",
                                "looks again, for a batch is not forgotten for one 404")
                        .quirks("create-lag=8s"),
                when(
                                "A file can't be found for a time after it was uploaded",
                                "creates the batch a little later")
                        .at(FILES)
                        .quirks("upload-lag=4s"),
                when(
                                "An upload fails, or its answer is lost",
                                "uploads again: a file costs nothing")
                        .at("openai", "gemini", "mistral", "xai", "fireworks")
                        .quirks("upload-500:first=2", "upload-lost:first=1"),
                when(
                                "One line of the input is refused when it is validated",
                                "that item fails, all others set out again")
                        .at("openai", "azure", "groq", "doubleword", "parasail")
                        .quirks("fail=invalid_request@7:first=1")
                        .ends(end -> end.code(1).results(19, 1).batches(2).paid(19)));
    }

    private static List<Line> running() {
        return List.of(
                when("A batch is being validated for long", "waits").quirks("stuck=20s"),
                when(
                                "A batch is being validated for ever, and the user cancels the job",
                                "cancels the batch; no item is touched, exit code 4")
                        .quirks("stuck")
                        .told(QuirkTable::cancelled)
                        .ends(end -> end.code(4).results(0, 0).paid(0)),
                when(
                                "A batch is being validated for ever, and the deadline comes"
                                        + " (`--mode batch`)",
                                "cancels the batch; exit code 5")
                        .quirks("stuck")
                        .typed("--deadline", "3s")
                        .ends(end -> end.code(5).results(0, 0).paid(0)),
                when(
                                "Looking at a batch fails for a time (500, 429, 404, lost answers)",
                                "looks again, less often")
                        .quirks(
                                "poll-500=2s:first=1",
                                "poll-429:first=1",
                                "poll-404:first=2",
                                "poll-lost:first=1"),
                when("The status is a word that nobody knows", "counts as running")
                        .quirks("status=paused"),
                when(
                                "The counters go backwards, or lag behind",
                                "they are for people; nothing depends on them")
                        .quirks("counts-back", "counts-lag=1s"));
    }

    private static List<Line> ending() {
        return List.of(
                when(
                                "A batch expires with half of it done",
                                "keeps that half, and sends the other half in another batch")
                        .at("openai", "anthropic", "mistral", "fireworks")
                        .quirks("expire=0.5:first=1")
                        .told(QuirkTable::daysLater)
                        .ends(end -> end.batches(2)),
                when(
                                "A batch expires, and with it what was done, as at Gemini",
                                "sends all of it in another batch")
                        .at("gemini")
                        .quirks("expire=0.5:first=1")
                        .told(QuirkTable::daysLater)
                        .ends(end -> end.batches(2).twice(10)),
                when(
                                "A batch fails as a whole",
                                "sends its items in another one, as often as an item has attempts")
                        .at("openai", "gemini", "mistral", "azure", "groq", "fireworks")
                        .quirks("fail=13:first=1")
                        .ends(end -> end.batches(2)),
                when(
                                "Every batch fails as a whole",
                                "fails the items after their last attempt; exit code 1")
                        .at("openai", "gemini", "mistral")
                        .quirks("fail=13")
                        .typed("--max-attempts", "2")
                        .ends(end -> end.code(1).results(0, 20).batches(2).paid(0)),
                when(
                                "A batch that half ran fails with `token_limit_exceeded`",
                                "waits, and sends it again")
                        .at("openai", "azure")
                        .quirks("fail-late:first=1")
                        .ends(end -> end.batches(2)),
                when("All requests fail, so that there is no output file", "reads the error file")
                        .quirks("row-fails=400")
                        .ends(end -> end.code(1).results(0, 20).paid(0)),
                when(
                                "The batch is completed when it is to be cancelled (409)",
                                "takes its results; the job is cancelled with what is left")
                        .at("openai", "mistral", "azure")
                        .with(builder -> builder.batchTime("60s"))
                        .quirks("cancel-late")
                        .told(QuirkTable::cancelled)
                        .ends(end -> end.code(4)),
                when(
                                "A cancelled batch has rows that were done",
                                "keeps them; they need not be paid again")
                        .at("openai", "anthropic", "mistral")
                        .with(builder -> builder.batchTime("100m"))
                        .told(QuirkTable::cancelledHalfway)
                        .ends(end -> end.batches(2)),
                when(
                                "A cancelled batch keeps nothing of what was done, as at Gemini",
                                "the job that goes on sends it again")
                        .at("gemini", "fireworks")
                        .with(builder -> builder.batchTime("100m"))
                        .told(QuirkTable::cancelledHalfway)
                        .ends(end -> end.batches(2).twice(11)),
                when(
                                "A cancelled batch lost a row that it had done",
                                "sends it again, for there is no other way to its result")
                        .at("openai")
                        .with(builder -> builder.batchTime("100m"))
                        .quirks("cancel-loses=1:first=1")
                        .told(QuirkTable::cancelledHalfway)
                        .ends(end -> end.batches(2).twice(1)));
    }

    private static User.Answer daysLater(BatchScene scene) {
        var polled = scene.calls(3, "GET", "batch");
        var running = scene.starts();
        BatchScene.await(polled);
        scene.server().time().advance(Duration.ofDays(3));
        return running.join();
    }

    private static User.Answer cancelledHalfway(BatchScene scene) {
        var polled = scene.calls(3, "GET", "batch");
        var running = scene.starts();
        BatchScene.await(polled);
        scene.server().time().advance(Duration.ofMinutes(55));
        var told = scene.cancelled();
        scene.user().types("cancel", "last");
        BatchScene.await(told);
        scene.server().time().advance(Duration.ofHours(1));
        if (running.join().code() != ExitCode.CANCELLED.code) {
            throw new AssertionError("not cancelled: " + running.join());
        }
        var polledAgain = scene.calls(3, "GET", "batch");
        var again = scene.starts();
        BatchScene.await(polledAgain);
        scene.server().time().advance(Duration.ofHours(3));
        return again.join();
    }

    /** The batch can't end before its results are asked for. */
    private static User.Answer readWhileItRuns(BatchScene scene) {
        var polled = scene.calls(3, "GET", "batch");
        var running = scene.starts();
        BatchScene.await(polled);
        var read = scene.calls(1, "GET", "content");
        scene.server().time().advance(Duration.ofMinutes(55));
        BatchScene.await(read);
        scene.server().time().advance(Duration.ofHours(3));
        return running.join();
    }

    private static List<Line> results() {
        return List.of(
                when(
                                "Results are shown while the batch runs, as at Doubleword",
                                "takes them as they come, each once, and the rest at the end")
                        .at("doubleword")
                        .with(builder -> builder.batchTime("100m"))
                        .told(QuirkTable::readWhileItRuns),
                when("Results are in another order", "joins them by id").quirks("reorder"),
                when("A result is there twice", "the first counts, the other is kept and shown")
                        .quirks("row-twice:first=2")
                        .ends(end -> end.strays(2)),
                when("A result has an id that nobody knows", "is kept and shown")
                        .quirks("row-unknown:first=2")
                        .ends(end -> end.strays(2)),
                when("A result is missing", "sends that item in another batch")
                        .at(FORMS)
                        .quirks("row-missing:first=2")
                        .ends(end -> end.batches(2).twice(2)),
                when(
                                "A result is missing each time",
                                "the item fails after its last attempt; exit code 1")
                        .at("openai", "anthropic", "mistral")
                        .quirks("row-missing")
                        .typed("--max-attempts", "2")
                        .ends(end -> end.code(1).results(0, 20).batches(2).twice(20)),
                when(
                                "A line can't be parsed",
                                "keeps and shows it, goes on with the next, sends the item again")
                        .quirks("row-garbled:first=2")
                        .ends(end -> end.batches(2).twice(2).strays(2)),
                when("There are blank lines", "passes them by").quirks("row-blank"),
                when("A request failed with 400", "the item has failed; exit code 1")
                        .at("openai", "anthropic", "gemini", "mistral", "fireworks")
                        .quirks("row-fails=400:first=3")
                        .ends(end -> end.code(1).results(17, 3).paid(17)),
                when(
                                "A request failed with 429 or 5xx, and is in no way executed",
                                "sends it in another batch")
                        .quirks("row-fails=429:first=2", "row-fails=500:first=2")
                        .ends(end -> end.batches(2)),
                when("The id of the error file is empty", "there is none")
                        .at("openai", "azure", "groq", "mistral")
                        .quirks("empty-error-id"),
                when("The error file has no bytes", "reads nothing from it")
                        .at("openai", "azure", "groq", "mistral")
                        .quirks("empty-error-file"),
                when(
                                "The address of the results leads to another server",
                                "follows it, without the key")
                        .quirks("redirect"),
                when(
                                "The connection ends in the middle of a large download",
                                "reads on, or anew where the provider can't go on; nothing is paid"
                                        + " again")
                        .at(FORMS)
                        .items(100, 20_000)
                        .quirks("cut=0.5:first=2"),
                when(
                                "A download fails for a time (500, 404, 429, lost answers)",
                                "reads it later: paid results are never given up")
                        .at(FORMS)
                        .quirks(
                                "download-500:first=2",
                                "download-404:first=1",
                                "download-429:first=1",
                                "download-lost:first=1"));
    }

    private static List<Line> account() {
        var lines = new ArrayList<Line>();
        for (String call : List.of("upload", "create", "poll", "download")) {
            lines.add(
                    when(
                                    "The key is refused (401): " + call,
                                    "the job is blocked (exit code 3) with its items untouched; the"
                                            + " same command goes on with the same batch")
                            .at(call.equals("upload") ? FILES : MAIN)
                            .quirks(call + "-401:first=1")
                            .told(QuirkTable::twice));
        }
        lines.add(
                when(
                                "Too many calls (429): upload, create",
                                "waits as long as it is told; a 429 proves that nothing was done")
                        .quirks("upload-429:first=1", "create-429:first=1"));
        lines.add(
                when(
                                "The queue of a model is smaller than known: batches above it fail"
                                        + " with `token_limit_exceeded`",
                                "learns the limit from the refusal, cuts its batches to it, sends"
                                        + " the next when one has ended")
                        .at("openai", "azure")
                        .items(40, 400)
                        .with(builder -> builder.enqueuedTokens(2_000))
                        .ends(end -> end.batches(5)));
        lines.add(
                when(
                                "The model is in no batches",
                                "the job is blocked (exit code 3), nothing is executed; `--mode"
                                        + " auto` goes on live")
                        .at("openai", "azure", "groq")
                        .quirks("fail=model_not_found")
                        .ends(end -> end.code(3).results(0, 0).paid(0)));
        lines.add(
                when("The model is in no batches, and the mode is `auto`", "goes on live")
                        .at("openai", "azure", "groq")
                        .items(20, 1)
                        .quirks("fail=model_not_found")
                        .told(QuirkTable::inAuto)
                        .ends(end -> end.paid(0)));
        return List.copyOf(lines);
    }

    /** With a price at which a batch of so few is worth it. */
    private static User.Answer inAuto(BatchScene scene) {
        scene.user()
                .writes(
                        "batchwright.yaml",
                        "prices:\n  %s:\n    %s: {input: 1000, output: 1000, batch_input: 500, batch_output: 500}\n"
                                .formatted(scene.provider(), BatchScene.model(scene.provider())));
        return scene.run("--mode", "auto");
    }
}
