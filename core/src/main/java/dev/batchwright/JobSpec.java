package dev.batchwright;

import dev.batchwright.answer.Reask;
import dev.batchwright.input.InputSource;
import dev.batchwright.input.RequestOptions;
import dev.batchwright.input.ResponseSchema;
import dev.batchwright.input.Router;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Mode;
import dev.batchwright.schema.Dialect;
import dev.batchwright.schema.Schema;
import dev.batchwright.workbench.Way;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A job as it is to be: its requests, how they travel, and what their answers are read as. Each
 * method gives a new one. The items are passed over once each time it is submitted; those of a
 * stream can be submitted once.
 *
 * <p>The same name, items, model and place are the same job: submitted again, by this program or
 * its next start, it goes on where it was, or has its results at once, and no call is paid twice.
 * {@link #fresh} asks for a new one.
 *
 * @param <T> what answers are read as; text, if nothing else is said
 */
public final class JobSpec<T> {

    final Settings said;
    final Reading<T> reading;
    final Listeners<T> listeners;

    /** Where the requests come from. */
    sealed interface Items {
        /** Passed over once for each submission. */
        record Requests(Supplier<Iterator<? extends Request>> iterator) implements Items {}

        /** A file in any form that the command line takes. */
        record File(Path path) implements Items {}
    }

    /** What was said that does not depend on the type of the answers. */
    static final class Settings {
        final String name;
        Optional<Items> items = Optional.empty();
        RequestOptions requests = RequestOptions.NONE;
        Optional<String> apiKeyEnv = Optional.empty();
        Optional<Mode> mode = Optional.empty();
        Optional<Duration> deadline = Optional.empty();
        Optional<Cost> maxCost = Optional.empty();
        OptionalInt concurrency = OptionalInt.empty();
        OptionalLong requestsPerMinute = OptionalLong.empty();
        OptionalLong tokensPerMinute = OptionalLong.empty();
        OptionalInt maxAttempts = OptionalInt.empty();
        Optional<Duration> timeout = Optional.empty();
        Optional<Duration> completionWindow = Optional.empty();
        Optional<Duration> pollInterval = Optional.empty();
        Map<String, String> metadata = Map.of();
        boolean fresh;

        Settings(String name) {
            this.name = name;
        }

        private Settings(Settings other) {
            name = other.name;
            items = other.items;
            requests = other.requests;
            apiKeyEnv = other.apiKeyEnv;
            mode = other.mode;
            deadline = other.deadline;
            maxCost = other.maxCost;
            concurrency = other.concurrency;
            requestsPerMinute = other.requestsPerMinute;
            tokensPerMinute = other.tokensPerMinute;
            maxAttempts = other.maxAttempts;
            timeout = other.timeout;
            completionWindow = other.completionWindow;
            pollInterval = other.pollInterval;
            metadata = other.metadata;
            fresh = other.fresh;
        }

        Way.Said way() {
            return new Way.Said(requests.provider(), requests.baseUrl(), apiKeyEnv);
        }

        /** As it is kept with the job. */
        dev.batchwright.job.JobSpec stored(
                Way way, Clock clock, String fingerprint, String source) {
            return new dev.batchwright.job.JobSpec(
                    name,
                    fingerprint,
                    source,
                    List.of(),
                    Map.of(),
                    way.mode(mode),
                    way.live(concurrency, requestsPerMinute, tokensPerMinute, maxAttempts, timeout),
                    new dev.batchwright.job.JobSpec.BatchSettings(completionWindow, pollInterval),
                    deadline.map(clock.instant()::plus),
                    maxCost,
                    metadata);
        }

        /** The requests as an input that can be read twice; close it. */
        InputSource open(Path scratch, UnaryOperator<Request> binding) {
            return switch (items.orElseThrow(Settings::nothing)) {
                case Items.File(Path path) -> InputSource.of(path);
                case Items.Requests(var requests) ->
                        InputSource.written(
                                "the items of " + name,
                                scratch,
                                out -> write(requests.get(), binding, out));
            };
        }

        private static InvalidJobException nothing() {
            return new InvalidJobException(
                    "The job has no items. Say with items(...) or file(...) what is to be done.");
        }

        private static void write(
                Iterator<? extends Request> requests,
                UnaryOperator<Request> binding,
                OutputStream out)
                throws IOException {
            var buffered = new BufferedOutputStream(out, 1 << 16);
            while (requests.hasNext()) {
                binding.apply(requests.next()).writeLine(buffered);
            }
            buffered.flush();
        }
    }

    JobSpec(Settings said, Reading<T> reading, Listeners<T> listeners) {
        this.said = said;
        this.reading = reading;
        this.listeners = listeners;
    }

    /**
     * Begins with a name.
     *
     * @param name people see it, and it is part of what makes it the same job
     * @return a job that has no items yet
     * @throws IllegalArgumentException if the name is blank
     */
    public static JobSpec<String> of(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("A job's name is blank. Give it one.");
        }
        return new JobSpec<>(new Settings(name), new Reading.Text(), Listeners.none());
    }

    private JobSpec<T> with(Consumer<Settings> change) {
        var copy = new Settings(said);
        change.accept(copy);
        return new JobSpec<>(copy, reading, listeners);
    }

    private JobSpec<T> requests(RequestOptions requests) {
        return with(it -> it.requests = requests);
    }

    /**
     * Has these requests.
     *
     * @param requests in this order; they are passed over once each time it is submitted, and never
     *     held all in memory
     * @return a new spec that says so
     */
    public JobSpec<T> items(Iterable<? extends Request> requests) {
        return with(it -> it.items = Optional.of(new Items.Requests(requests::iterator)));
    }

    /**
     * Has a request for each input.
     *
     * @param <I> the type of the inputs
     * @param inputs are passed over once each time it is submitted, and never held all in memory
     * @param toRequest makes the request of an input
     * @return a new spec that says so
     */
    public <I> JobSpec<T> items(
            Iterable<I> inputs, Function<? super I, ? extends Request> toRequest) {
        return with(
                it ->
                        it.items =
                                Optional.of(
                                        new Items.Requests(
                                                () -> mapped(inputs.iterator(), toRequest))));
    }

    /**
     * Has the requests of a stream.
     *
     * @param requests in this order; the stream is not closed
     * @return a new spec, which can be submitted once
     */
    public JobSpec<T> items(Stream<? extends Request> requests) {
        return with(it -> it.items = Optional.of(new Items.Requests(requests::iterator)));
    }

    private static <I> Iterator<Request> mapped(
            Iterator<I> inputs, Function<? super I, ? extends Request> toRequest) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return inputs.hasNext();
            }

            @Override
            public Request next() {
                return toRequest.apply(inputs.next());
            }
        };
    }

    /**
     * Has the requests of a file, in any form that the command line takes: batch lines, bodies,
     * rows as JSON lines, CSV or TSV; compressed with gzip or not.
     *
     * @param path is read when it is submitted
     * @return a new spec that says so
     */
    public JobSpec<T> file(Path path) {
        return with(it -> it.items = Optional.of(new Items.File(path)));
    }

    /**
     * Says how a row of a file becomes a prompt.
     *
     * @param template with columns in braces, as in {@code Classify: {{text}}}
     * @return a new spec that says so
     */
    public JobSpec<T> prompt(String template) {
        return requests(said.requests.withPrompt(template));
    }

    /**
     * Says which instructions precede the prompt of a row of a file.
     *
     * @param template as that of {@link #prompt}
     * @return a new spec that says so
     */
    public JobSpec<T> system(String template) {
        return requests(said.requests.withSystem(template));
    }

    /**
     * Says which column of a file names a row; without it, that is {@code custom_id}.
     *
     * @param column its name in the first line
     * @return a new spec that says so
     */
    public JobSpec<T> idColumn(String column) {
        return requests(said.requests.withIdColumn(column));
    }

    /**
     * Says the model of requests that name none.
     *
     * @param model as its provider calls it
     * @return a new spec that says so
     */
    public JobSpec<T> model(String model) {
        return requests(said.requests.withModel(model));
    }

    /**
     * Sends all requests to one provider; without it, the provider follows from the model where
     * that is certain.
     *
     * @param name as in {@code anthropic}
     * @return a new spec that says so
     */
    public JobSpec<T> provider(String name) {
        return requests(said.requests.withProvider(name));
    }

    /**
     * Sends all requests to one server. Without a provider it is a server that is compatible with
     * OpenAI's API.
     *
     * @param url as the provider's own SDK takes it: OpenAI's ends in {@code /v1}
     * @return a new spec that says so
     */
    public JobSpec<T> baseUrl(String url) {
        return requests(said.requests.withBaseUrl(url));
    }

    /**
     * Takes the key from this variable of the environment, where it is not the provider's usual
     * one.
     *
     * @param name of the variable; never the key itself
     * @return a new spec that says so
     */
    public JobSpec<T> apiKeyVariable(String name) {
        return with(it -> it.apiKeyEnv = Optional.of(name));
    }

    /**
     * Which lanes the items may take; {@link Mode#AUTO} if nothing is said.
     *
     * @param mode what is allowed
     * @return a new spec that says so
     */
    public JobSpec<T> mode(Mode mode) {
        return with(it -> it.mode = Optional.of(mode));
    }

    /**
     * Be done by then, from the submission: batches that take too long are cancelled in time and
     * their rest runs live; what is left at the deadline stays undone.
     *
     * @param fromNow from each submission; longer than zero
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is not
     */
    public JobSpec<T> deadline(Duration fromNow) {
        positive("deadline", fromNow);
        return with(it -> it.deadline = Optional.of(fromNow));
    }

    /**
     * Spend no more than this, in US dollars; what is under way counts.
     *
     * @param usd at least zero; a model without a known price is refused then
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is below zero
     */
    public JobSpec<T> maxCost(BigDecimal usd) {
        if (usd.signum() < 0) {
            throw new IllegalArgumentException("A cap on the cost below zero: " + usd);
        }
        return with(it -> it.maxCost = Optional.of(Cost.ofUsd(usd)));
    }

    /**
     * Spend no more than this, as in {@code "20 USD"} or {@code "0.50"}.
     *
     * @param amount in US dollars
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is no amount of dollars
     */
    public JobSpec<T> maxCost(String amount) {
        String number = amount.replace("USD", "").replace("$", "").strip();
        try {
            return maxCost(new BigDecimal(number));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "`%s` is no amount of dollars. Write it as 20 USD or 0.50.".formatted(amount),
                    e);
        }
    }

    /**
     * The most live calls at once; found by trial if nothing is said.
     *
     * @param calls at least 1
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is less
     */
    public JobSpec<T> concurrency(int calls) {
        positive("concurrency", calls);
        return with(it -> it.concurrency = OptionalInt.of(calls));
    }

    /**
     * The most live requests a minute; learned from the provider if nothing is said.
     *
     * @param requests at least 1
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is less
     */
    public JobSpec<T> requestsPerMinute(long requests) {
        positive("requestsPerMinute", requests);
        return with(it -> it.requestsPerMinute = OptionalLong.of(requests));
    }

    /**
     * The most tokens a minute in the live lane; learned from the provider if nothing is said.
     *
     * @param tokens of input and output together, at least 1
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is less
     */
    public JobSpec<T> tokensPerMinute(long tokens) {
        positive("tokensPerMinute", tokens);
        return with(it -> it.tokensPerMinute = OptionalLong.of(tokens));
    }

    /**
     * How often an item may be attempted; being throttled does not count. 5 if nothing is said.
     *
     * @param attempts at least 1, which tries nothing again
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is less
     */
    public JobSpec<T> maxAttempts(int attempts) {
        positive("maxAttempts", attempts);
        return with(it -> it.maxAttempts = OptionalInt.of(attempts));
    }

    /**
     * How long an attempt may take; 10 minutes if nothing is said.
     *
     * @param attempt longer than zero
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is not
     */
    public JobSpec<T> timeout(Duration attempt) {
        positive("timeout", attempt);
        return with(it -> it.timeout = Optional.of(attempt));
    }

    /**
     * How long a batch may take at the provider; what it offers if nothing is said.
     *
     * @param window longer than zero
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is not
     */
    public JobSpec<T> completionWindow(Duration window) {
        positive("completionWindow", window);
        return with(it -> it.completionWindow = Optional.of(window));
    }

    /**
     * How often to look at a batch; adapts itself if nothing is said.
     *
     * @param interval longer than zero
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is not
     */
    public JobSpec<T> pollInterval(Duration interval) {
        positive("pollInterval", interval);
        return with(it -> it.pollInterval = Optional.of(interval));
    }

    /**
     * A pair that is kept with the job and goes along with its batches where the provider takes
     * such. At most 16 with description and tags; two of ours travel beside them, so that OpenAI
     * gets the first 14.
     *
     * @param key 1 to 64 characters; takes the place of an equal one
     * @param value up to 512 characters
     * @return a new spec that says so
     * @throws IllegalArgumentException if there would be more, or one is longer
     */
    public JobSpec<T> metadata(String key, String value) {
        var pairs = new HashMap<>(said.metadata);
        pairs.put(key, value);
        Optional<String> problem = dev.batchwright.job.JobSpec.problemOf(pairs);
        if (problem.isPresent()) {
            throw new IllegalArgumentException("metadata " + problem.get());
        }
        return with(it -> it.metadata = Map.copyOf(pairs));
    }

    /**
     * What the job is for, for people; kept as the metadata {@code description}.
     *
     * @param text up to 512 characters
     * @return a new spec that says so
     * @throws IllegalArgumentException if it is longer
     */
    public JobSpec<T> description(String text) {
        return metadata("description", text);
    }

    /**
     * Words to find the job by; kept as the metadata {@code tags}.
     *
     * @param tags take the place of those said before; joined by commas, up to 512 characters
     * @return a new spec that says so
     * @throws IllegalArgumentException if they are longer
     */
    public JobSpec<T> tags(String... tags) {
        return metadata("tags", String.join(",", tags));
    }

    /**
     * Start anew, also if the same job is in the store.
     *
     * @return a new spec that says so
     */
    public JobSpec<T> fresh() {
        return with(it -> it.fresh = true);
    }

    /**
     * Read answers by a function of yours, such as {@code Answer::embedding}. What it throws makes
     * the item Failed with the code {@code invalid_answer}; the reply is kept. Called for each
     * result each time it is read, by whoever reads it.
     *
     * @param <R> what the function makes of an answer
     * @param read may be called by several threads at once
     * @return a new spec that says so, without the callbacks for results of another type
     */
    public <R> JobSpec<R> returning(Function<Answer, R> read) {
        return new JobSpec<>(said, new Reading.Custom<>(read), listeners.retyped());
    }

    /**
     * Have answers as instances of a type, usually a record: its JSON schema goes along with each
     * request (see {@link Schema} for the types), and answers are read into it. An answer that does
     * not fit is asked for again with a changed request, three times in all at most ({@link
     * #asking}); what still does not fit is Failed with the code {@code invalid_answer}, the reason
     * and the reply.
     *
     * @param <R> the type of the values
     * @param type usually a record
     * @return a new spec that says so
     * @throws IllegalArgumentException if there is no schema of the type
     */
    public <R> JobSpec<R> returning(Class<R> type) {
        return returning(Schema.of(type));
    }

    /**
     * The same, by a schema that is there already.
     *
     * @param <R> the type of the values
     * @param schema of the type
     * @return a new spec that says so
     */
    public <R> JobSpec<R> returning(Schema<R> schema) {
        return new JobSpec<>(said, new Reading.Typed<>(schema, Reask.DEFAULT), listeners.retyped());
    }

    /**
     * How often, and with how many tokens, answers that do not fit their type are asked again. Each
     * round is a job of its own, begun when the one before is finished, within the same cap on the
     * cost.
     *
     * @param reask the caps
     * @return a new spec that says so
     * @throws IllegalStateException if no type was said before
     */
    public JobSpec<T> asking(Reask reask) {
        if (reading instanceof Reading.Typed<T>(Schema<T> schema, Reask before)) {
            return new JobSpec<>(said, new Reading.Typed<>(schema, reask), listeners);
        }
        throw new IllegalStateException(
                "Nothing is asked again where no type is asked for. Say returning(...) first.");
    }

    /**
     * Is called about twice a second while this process has the job, and once at its end. Like all
     * callbacks, it is called by a thread of the library, or by the executor that {@link
     * #callbacks} names; what it throws is logged and kept in {@link Job#callbackFailures}, and
     * does not disturb the job.
     *
     * @param callback gets where the job is
     * @return a new spec that says so
     */
    public JobSpec<T> onProgress(Consumer<JobStatus> callback) {
        return new JobSpec<>(said, reading, listeners.withProgress(callback));
    }

    /**
     * Is called with each result, as they come; also with those that a former process of the same
     * job has seen.
     *
     * @param callback may be called twice with the same result, by two processes: write it so that
     *     this does no harm
     * @return a new spec that says so
     */
    public JobSpec<T> onResult(Consumer<Result<T>> callback) {
        return new JobSpec<>(said, reading, listeners.withResult(callback));
    }

    /**
     * Is called once when the job is over, after all other callbacks have returned.
     *
     * @param callback gets how the job ended
     * @return a new spec that says so
     */
    public JobSpec<T> onCompletion(Consumer<JobStatus> callback) {
        return new JobSpec<>(said, reading, listeners.withCompletion(callback));
    }

    /**
     * Says who calls the callbacks; without it, that is a thread of the library, one by one.
     *
     * @param executor several calls at once if it can; it is not shut down
     * @return a new spec that says so
     */
    public JobSpec<T> callbacks(Executor executor) {
        return new JobSpec<>(said, reading, listeners.withExecutor(executor));
    }

    private static void positive(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "%s %d: at least 1 is needed".formatted(what, value));
        }
    }

    private static void positive(String what, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    "%s %s: a span longer than nothing is needed".formatted(what, value));
        }
    }

    /** How the rows of a file become requests. Requests have their schema from {@link #binding}. */
    RequestOptions requestOptions() {
        boolean rows = said.items.filter(Items.File.class::isInstance).isPresent();
        return rows && reading instanceof Reading.Typed<T>(Schema<T> schema, Reask reask)
                ? said.requests.withSchema(
                        new ResponseSchema(schema.name(), schema.json(Dialect.OPENAI)))
                : said.requests;
    }

    /** Binds requests to the schema, in the dialect of who will get each. */
    UnaryOperator<Request> binding(Router router) {
        if (!(reading instanceof Reading.Typed<T>(Schema<T> schema, Reask reask))) {
            return request -> request;
        }
        var dialects = new HashMap<String, Dialect>();
        return request ->
                request.returning(
                        schema,
                        dialects.computeIfAbsent(
                                request.endpoint() + " " + request.model().orElse(""),
                                unknown -> dialect(request, router)));
    }

    private Dialect dialect(Request request, Router router) {
        Dialect usual = Dialect.ofEndpoint(request.endpoint());
        String model = request.model().or(said.requests::model).orElse("");
        // A chat completion is translated for who speaks another language.
        return usual == Dialect.OPENAI
                        && router.resolve(model)
                                instanceof Router.Resolution.Routed(String provider, String name)
                ? Dialect.ofProvider(provider)
                : usual;
    }

    /** What makes it the same job: the name and all that shapes its requests. */
    static String fingerprint(String name, String requests) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return "library/%d:%s/%s".formatted(bytes.length, name, requests);
    }
}
