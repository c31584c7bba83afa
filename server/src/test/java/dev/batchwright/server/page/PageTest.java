package dev.batchwright.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Worker;
import dev.batchwright.workbench.Workbench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The page as a browser gets it. */
@SuppressWarnings("ClassCanBeStatic")
class PageTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String HOSTILE = "<script>alert('x')</script>";
    private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"([0-9a-f]+)\"");

    @TempDir Path directory;
    private Workbench workbench;
    private Server server;

    @BeforeEach
    void start() throws InterruptedException {
        start(Map.of());
    }

    private void start(Map<String, String> variables) throws InterruptedException {
        workbench =
                Workbench.open(
                        new Workbench.Settings(
                                variables,
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        server =
                Server.start(
                        workbench,
                        ServerOptions.STANDARD.at(new ServerOptions.Listen("127.0.0.1", 0)),
                        new EventLog(
                                Clock.systemUTC(),
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        true,
                                        StandardCharsets.UTF_8)));
    }

    @AfterEach
    void stop() {
        server.close();
        workbench.close();
    }

    private static JobSpec spec(String name) {
        return new JobSpec(
                name,
                name,
                "data.jsonl",
                List.of(),
                Map.of("echo", new JobSpec.Endpoint(Optional.empty(), Optional.empty())),
                Mode.LIVE,
                new JobSpec.LiveSettings(
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        2,
                        Duration.ofSeconds(9)),
                JobSpec.BatchSettings.NONE,
                Optional.empty(),
                Optional.empty(),
                Map.of());
    }

    private Job load(String name, long items) {
        return load(spec(name), items);
    }

    private Job load(JobSpec spec, long items) {
        JobStore store = workbench.store();
        try (JobDraft draft = store.draft(spec)) {
            for (long seq = 1; seq <= items; seq++) {
                String body =
                        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                                .formatted(HOSTILE);
                draft.append(
                        new Item(
                                seq,
                                seq == 2 ? HOSTILE : "item-" + seq,
                                new Request(
                                        "echo", "/v1/chat/completions", "echo", RawJson.of(body)),
                                Optional.empty()));
            }
            return draft.commit();
        }
    }

    /** A job whose items got these outcomes; null leaves one without. */
    private Job recorded(String name, long items, LongFunction<Optional<Outcome>> outcomes)
            throws InterruptedException {
        Job job = load(name, items);
        JobStore store = workbench.store();
        try (Worker worker = store.openWorker(job.id())) {
            for (Lease lease : worker.claim(Lane.LIVE, Integer.MAX_VALUE)) {
                List<Item> all;
                try (var pending = worker.pending(lease)) {
                    all = pending.toList();
                }
                for (Item item : all) {
                    Optional<Outcome> outcome = outcomes.apply(item.seq());
                    if (outcome.isPresent()) {
                        worker.record(lease, Map.of(item.seq(), outcome.get()));
                    }
                }
            }
        }
        return job;
    }

    private static Optional<Outcome> answered(String text) {
        String body =
                "{\"choices\":[{\"message\":{\"content\":%s},\"finish_reason\":\"stop\"}]}"
                        .formatted(RawJson.quoted(text));
        return Optional.of(
                new Outcome.Succeeded(
                        1,
                        new Reply(200, "req_1", RawJson.of(body)),
                        new Usage(10, 0, 5),
                        new Cost(2_000_000_000L)));
    }

    private static Optional<Outcome> refused(int status, String code, String message) {
        String body = "{\"error\":{\"message\":%s}}".formatted(RawJson.quoted(message));
        return Optional.of(
                new Outcome.Failed(
                        2,
                        new ItemError(code, message),
                        Optional.of(new Reply(status, "req_2", RawJson.of(body))),
                        Usage.NONE,
                        Cost.ZERO));
    }

    private HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.origin().resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String page(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return answer.body();
    }

    private HttpResponse<String> post(String path, String form, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.origin().resolve(path))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static List<String> found(Pattern what, String where) {
        var found = new ArrayList<String>();
        var matcher = what.matcher(where);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static final Pattern JOB_ROW = Pattern.compile("class=\"name\" href=\"/jobs/([^\"/]+)");
    private static final Pattern ITEM_ROW =
            Pattern.compile("class=\"name\" href=\"/jobs/[^\"/]+/items/(\\d+)");
    private static final Pattern OLDER = Pattern.compile("href=\"([^\"]+)\">Older");
    private static final Pattern NEXT = Pattern.compile("href=\"([^\"]+)\">Next");

    private static String address(String written) {
        return written.replace("&amp;", "&");
    }

    @Nested
    class Every_page {
        @Test
        void runs_and_styles_nothing_but_what_is_ours() throws Exception {
            Job job = recorded(HOSTILE, 3, seq -> answered(HOSTILE));
            for (String path :
                    List.of(
                            "/",
                            "/jobs",
                            "/batches",
                            "/jobs/" + job.id(),
                            "/jobs/" + job.id() + "/items",
                            "/jobs/" + job.id() + "/items/2")) {
                HttpResponse<String> answer = get(path);
                assertThat(answer.statusCode()).as(path).isEqualTo(200);
                assertThat(answer.headers().firstValue("content-security-policy").orElse(""))
                        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'")
                        .doesNotContain("unsafe");
                assertThat(answer.headers().map())
                        .containsEntry("x-content-type-options", List.of("nosniff"))
                        .containsEntry("cache-control", List.of("no-store"));
                assertThat(answer.body())
                        .as(path)
                        .doesNotContainPattern("<script(?! src=\"/assets/)")
                        .doesNotContainPattern("<[^>]*\\s(style|on[a-z]+)=")
                        .doesNotContainPattern("(href|src)=\"(?![/#])");
            }
        }

        @Test
        void shows_what_others_wrote_as_text() throws Exception {
            Job job =
                    recorded(
                            HOSTILE,
                            3,
                            seq ->
                                    seq == 2
                                            ? answered("<img src=x onerror=alert(1)>\u202eevil")
                                            : refused(400, HOSTILE, HOSTILE));
            String shown = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;";
            assertThat(page("/jobs")).contains(shown);
            assertThat(page("/jobs/" + job.id())).contains(shown);
            assertThat(page("/jobs/" + job.id() + "/items?show=failed")).contains(shown);
            assertThat(page("/jobs/" + job.id() + "/items/2"))
                    .contains(shown, "&lt;img src=x onerror=alert(1)&gt;\u27e8U+202E\u27e9evil");
        }

        @Test
        void that_is_not_there_says_so_as_a_page() throws Exception {
            for (String path :
                    List.of("/jobs/job_none", "/jobs/%3Cscript%3E", "/jobs/job_none/items/1")) {
                HttpResponse<String> answer = get(path);
                assertThat(answer.statusCode()).as(path).isEqualTo(404);
                assertThat(answer.headers().firstValue("content-type"))
                        .contains("text/html; charset=utf-8");
                assertThat(answer.body()).contains("Not found").doesNotContain("<script>");
            }
        }

        @Test
        void is_served_under_names_of_this_machine_alone() throws Exception {
            assertThat(statusFor("evil.example")).isEqualTo("421");
            assertThat(statusFor("127.0.0.1.evil.example:80")).isEqualTo("421");
            assertThat(statusFor("localhost:" + server.port())).isEqualTo("200");
        }

        private String statusFor(String host) throws IOException {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.getOutputStream()
                        .write(
                                "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                                        .formatted(host)
                                        .getBytes(StandardCharsets.US_ASCII));
                String answer =
                        new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return answer.substring(9, 12);
            }
        }
    }

    @Nested
    class The_part_that_changes {
        @Test
        void is_sent_alone_and_only_if_it_has_changed() throws Exception {
            Job job = load("one", 3);
            HttpResponse<String> part = get("/jobs", "hx-request", "true");
            assertThat(part.body()).startsWith("<div id=\"live\"").doesNotContain("<html");
            String again = found(Pattern.compile("hx-get=\"([^\"]+)\""), part.body()).getFirst();
            assertThat(get(address(again), "hx-request", "true").statusCode()).isEqualTo(204);

            workbench.store().transition(job.id(), new JobState.Active(), new JobState.Cancelled());
            HttpResponse<String> changed = get(address(again), "hx-request", "true");
            assertThat(changed.statusCode()).isEqualTo(200);
            assertThat(changed.body()).contains("badge cancelled");
        }

        @Test
        void of_a_job_that_is_over_is_not_asked_for_again() throws Exception {
            Job job = load("one", 3);
            assertThat(page("/jobs/" + job.id())).contains("hx-trigger=\"every 2s\"");
            workbench.store().transition(job.id(), new JobState.Active(), new JobState.Cancelled());
            assertThat(page("/jobs/" + job.id())).doesNotContain("hx-trigger", "http-equiv");
        }
    }

    @Nested
    class Jobs {
        @Test
        void are_shown_page_by_page_the_newest_first() throws Exception {
            var made = new ArrayList<String>();
            for (int i = 0; i < 120; i++) {
                made.add(load("job " + i, 1).id().value());
            }
            var seen = new ArrayList<String>();
            String next = "/jobs";
            while (!next.isEmpty()) {
                String page = page(next);
                seen.addAll(found(JOB_ROW, page));
                next = address(found(OLDER, page).stream().findFirst().orElse(""));
            }
            assertThat(seen).containsExactlyInAnyOrderElementsOf(made);
            assertThat(seen.getFirst()).isIn(made.subList(100, 120));
        }

        @Test
        void are_told_apart_by_state() throws Exception {
            Job active = load("one", 1);
            Job blocked = load("two", 1);
            workbench
                    .store()
                    .transition(
                            blocked.id(), new JobState.Active(), new JobState.Blocked("no <key>"));
            assertThat(found(JOB_ROW, page("/jobs?state=active")))
                    .containsExactly(active.id().value());
            assertThat(page("/jobs")).contains("All 2", "active 1", "blocked 1");
            assertThat(page("/")).contains("Needs attention", "no &lt;key&gt;");
            assertThat(page("/jobs?state=%27or&before=9-x")).contains("All 2");
        }
    }

    @Nested
    class A_job {
        @Test
        void is_shown_with_its_errors_by_cause_and_examples() throws Exception {
            Job job =
                    recorded(
                            "one",
                            5,
                            seq ->
                                    seq == 1
                                            ? answered("yes")
                                            : seq == 3
                                                    ? refused(429, "slow_down", "Too fast.")
                                                    : refused(400, "too_long", "It is too long."));
            String page = page("/jobs/" + job.id());
            assertThat(page)
                    .contains("too_long", "HTTP 400", "It is too long.", "slow_down", "Too fast.")
                    .contains("100 %", "5 of 5 done", "1 succeeded", "4 failed");
            String group = found(Pattern.compile("href=\"([^\"]+)\">3</a>"), page).getFirst();
            assertThat(found(ITEM_ROW, page(address(group)))).containsExactly("2", "4", "5");
        }

        @Test
        void has_its_history_for_the_charts() throws Exception {
            Job job = recorded("one", 5, seq -> answered("yes"));
            HttpResponse<String> series = get("/jobs/" + job.id() + "/series");
            assertThat(series.headers().firstValue("content-type")).contains("application/json");
            assertThat(series.body())
                    .contains("\"width\":10,", "\"succeeded\":[0,0.5000", "\"spent\":[0,0.01");
            assertThat(page("/series?range=1h")).contains("\"width\":60,");
        }
    }

    @Nested
    class Items {
        @Test
        void are_shown_page_by_page_and_by_kind() throws Exception {
            Job job =
                    recorded(
                            "one",
                            130,
                            seq ->
                                    seq > 120
                                            ? Optional.empty()
                                            : seq % 2 == 0
                                                    ? answered("yes")
                                                    : refused(400, "bad", "No."));
            String items = "/jobs/" + job.id() + "/items";
            assertThat(all(items)).hasSize(130).startsWith("1", "2").endsWith("129", "130");
            assertThat(all(items + "?show=succeeded")).hasSize(60).contains("2", "120");
            assertThat(all(items + "?show=failed")).hasSize(60).contains("1", "119");
            assertThat(all(items + "?show=pending")).hasSize(10).contains("121", "130");
            assertThat(found(ITEM_ROW, page(items + "?after=128"))).containsExactly("129", "130");
        }

        private List<String> all(String from) throws Exception {
            var all = new ArrayList<String>();
            String next = from;
            while (!next.isEmpty()) {
                String page = page(next);
                all.addAll(found(ITEM_ROW, page));
                next = address(found(NEXT, page).stream().findFirst().orElse(""));
            }
            return all;
        }

        @Test
        void have_request_and_answer_and_raw_both_as_text() throws Exception {
            Job job = recorded("one", 2, seq -> answered("y".repeat(200_000)));
            String item = "/jobs/" + job.id() + "/items/1";
            String page = page(item);
            assertThat(page).contains("200,000 characters in all", "raw and whole");
            assertThat(page.length()).isLessThan(120_000);
            for (String part : List.of("/request", "/answer")) {
                HttpResponse<String> raw = get(item + part);
                assertThat(raw.headers().firstValue("content-type"))
                        .contains("text/plain; charset=utf-8");
                assertThat(raw.headers().firstValue("x-content-type-options")).contains("nosniff");
            }
            assertThat(get(item + "/answer").body()).contains("y".repeat(200_000));
            assertThat(get(item + "/request").body()).contains(HOSTILE);
        }
    }

    @Nested
    class Actions {
        private String token(Job job) throws Exception {
            return found(TOKEN, page("/jobs/" + job.id())).getFirst();
        }

        private JobState state(Job job) {
            return workbench.store().find(job.id()).orElseThrow().state();
        }

        @Test
        void of_other_sites_are_refused() throws Exception {
            Job job = load("one", 1);
            String cancel = "/jobs/" + job.id() + "/cancel";
            String good = "token=" + token(job);
            assertThat(post(cancel, "").statusCode()).isEqualTo(403);
            assertThat(post(cancel, "token=" + "0".repeat(64)).statusCode()).isEqualTo(403);
            assertThat(post(cancel, good, "origin", "http://evil.example").statusCode())
                    .isEqualTo(403);
            assertThat(post(cancel, good, "origin", "null").statusCode()).isEqualTo(403);
            assertThat(post(cancel, good, "sec-fetch-site", "cross-site").statusCode())
                    .isEqualTo(403);
            assertThat(get(cancel).statusCode()).isIn(404, 405);
            assertThat(state(job)).isEqualTo(new JobState.Active());
        }

        @Test
        void cancel_a_job() throws Exception {
            Job job = load("one", 1);
            HttpResponse<String> answer =
                    post(
                            "/jobs/" + job.id() + "/cancel",
                            "token=" + token(job),
                            "origin",
                            server.origin().toString(),
                            "sec-fetch-site",
                            "same-origin");
            assertThat(answer.statusCode()).isEqualTo(303);
            assertThat(answer.headers().firstValue("location")).contains("/jobs/" + job.id());
            assertThat(state(job)).isEqualTo(new JobState.Cancelled());
        }

        @Test
        @Timeout(60)
        void take_failed_items_to_their_end_again() throws Exception {
            Job job = recorded("one", 3, seq -> refused(500, "broken", "Broken."));
            String page = page("/jobs/" + job.id());
            assertThat(page).contains("Retry 3 failed");
            assertThat(post("/jobs/" + job.id() + "/retry", "token=" + token(job)).statusCode())
                    .isEqualTo(303);
            while (!(state(job) instanceof JobState.Finished)) {
                Thread.onSpinWait();
            }
            assertThat(page("/jobs/" + job.id())).contains("3 succeeded", "0 failed");
        }

        @Test
        void that_make_no_sense_say_why() throws Exception {
            Job job = recorded("one", 1, seq -> answered("yes"));
            workbench.store().transition(job.id(), new JobState.Active(), new JobState.Finished());
            String token = found(TOKEN, page("/jobs/" + load("two", 1).id())).getFirst();
            HttpResponse<String> answer = post("/jobs/" + job.id() + "/retry", "token=" + token);
            assertThat(answer.statusCode()).isEqualTo(409);
            assertThat(answer.body()).contains("no failed items");
        }
    }

    @Nested
    class Assets_of_it {
        @Test
        void are_kept_by_browsers_under_the_hash_of_their_content() throws Exception {
            String script =
                    found(Pattern.compile("src=\"(/assets/[^\"]+page.js)\""), page("/")).getFirst();
            HttpResponse<String> answer = get(script);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("cache-control"))
                    .contains("public, max-age=31536000, immutable");
            assertThat(answer.headers().firstValue("content-type"))
                    .contains("text/javascript; charset=utf-8");
            assertThat(
                            get(script, "accept-encoding", "gzip")
                                    .headers()
                                    .firstValue("content-encoding"))
                    .contains("gzip");
            assertThat(get("/assets/000000000000/page.js").statusCode()).isEqualTo(404);
            assertThat(get("/assets/000000000000/Html.class").statusCode()).isEqualTo(404);
        }

        @Test
        void name_no_other_host() throws Exception {
            for (String path :
                    found(Pattern.compile("(?:src|href)=\"(/assets/[^\"]+)\""), page("/"))) {
                assertThat(get(path).body())
                        .as(path)
                        .doesNotContainPattern("(?i)url\\(\\s*['\"]?(https?:)?//")
                        .doesNotContain("@import");
            }
        }
    }

    @Nested
    class With_keys {
        private static final String ADA = "key-of-ada-0123456789";
        private static final String BOB = "key-of-bob-0123456789";
        private static final String ROOT = "key-of-root-0123456789";

        @BeforeEach
        void startWithKeys() throws Exception {
            stop();
            Files.writeString(
                    directory.resolve("batchwright.yaml"),
                    """
                    serve:
                      keys:
                        ada: {env: ADA_KEY, scopes: [calls]}
                        bob: {env: BOB_KEY, scopes: [calls, batches]}
                        root: {env: ROOT_KEY, scopes: [admin]}
                    """);
            start(Map.of("ADA_KEY", ADA, "BOB_KEY", BOB, "ROOT_KEY", ROOT));
        }

        private String signIn(String key) throws Exception {
            HttpResponse<String> answer = post("/sign-in", "next=%2Fjobs&key=" + key);
            assertThat(answer.statusCode()).isEqualTo(303);
            assertThat(answer.headers().firstValue("location")).contains("/jobs");
            String cookie = answer.headers().firstValue("set-cookie").orElseThrow();
            assertThat(cookie)
                    .contains("; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200")
                    .doesNotContain(key);
            return cookie.substring(0, cookie.indexOf(';'));
        }

        private HttpResponse<String> getAs(String cookie, String path) throws Exception {
            return get(path, "cookie", cookie);
        }

        @Test
        void nothing_is_shown_to_who_has_not_signed_in() throws Exception {
            Job job = load(spec("secret").ownedBy("ada"), 1);
            for (String path :
                    List.of("/", "/jobs", "/series", "/jobs/" + job.id(), "/jobs/job_none")) {
                HttpResponse<String> answer = get(path);
                assertThat(answer.statusCode()).as(path).isEqualTo(303);
                assertThat(answer.headers().firstValue("location").orElse(""))
                        .startsWith("/sign-in?next=");
                assertThat(answer.body()).isEmpty();
            }
            HttpResponse<String> part = get("/jobs", "hx-request", "true");
            assertThat(part.statusCode()).isEqualTo(204);
            assertThat(part.headers().firstValue("hx-redirect")).isPresent();
            assertThat(post("/jobs/" + job.id() + "/cancel", "token=0").statusCode())
                    .isEqualTo(303);
            assertThat(workbench.store().find(job.id()).orElseThrow().state())
                    .isEqualTo(new JobState.Active());
            assertThat(page("/sign-in")).contains("name=\"key\"");
        }

        @Test
        void a_key_shows_its_own_jobs_and_nobody_elses() throws Exception {
            Job adas = load(spec("of ada").ownedBy("ada"), 2);
            Job bobs = load(spec("of bob").ownedBy("bob"), 2);
            String ada = signIn(ADA);
            assertThat(found(JOB_ROW, getAs(ada, "/jobs").body()))
                    .containsExactly(adas.id().value());
            assertThat(getAs(ada, "/").body()).contains("of ada").doesNotContain("of bob");
            assertThat(getAs(ada, "/jobs/" + adas.id()).statusCode()).isEqualTo(200);
            for (String path : List.of("", "/items", "/items/1", "/items/1/answer", "/series")) {
                assertThat(getAs(ada, "/jobs/" + bobs.id() + path).statusCode())
                        .as(path)
                        .isEqualTo(404);
            }
            String token = found(TOKEN, getAs(ada, "/jobs/" + adas.id()).body()).getFirst();
            assertThat(
                            post("/jobs/" + bobs.id() + "/cancel", "token=" + token, "cookie", ada)
                                    .statusCode())
                    .isEqualTo(404);
            assertThat(
                            post(
                                            "/jobs/" + bobs.id() + "/cancel",
                                            "token=" + token,
                                            "cookie",
                                            signIn(BOB))
                                    .statusCode())
                    .isEqualTo(403);
            assertThat(workbench.store().find(bobs.id()).orElseThrow().state())
                    .isEqualTo(new JobState.Active());
        }

        @Test
        void an_administrators_key_shows_all() throws Exception {
            load(spec("of ada").ownedBy("ada"), 2);
            load(spec("of the command line"), 2);
            assertThat(getAs(signIn(ROOT), "/jobs").body())
                    .contains("of ada", "of the command line", "All 2");
        }

        @Test
        void what_is_no_key_signs_nobody_in() throws Exception {
            HttpResponse<String> answer = post("/sign-in", "key=key-of-nobody-0123456789");
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("set-cookie")).isEmpty();
            assertThat(answer.body()).contains("no key of this server");
            assertThat(post("/sign-in", "key=" + ADA, "origin", "http://evil.example").statusCode())
                    .isEqualTo(403);
        }

        @Test
        void a_session_that_was_changed_is_none() throws Exception {
            String bob =
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString("bob".getBytes(StandardCharsets.UTF_8));
            String session = signIn(ADA);
            String signature = session.substring(session.lastIndexOf('.'));
            String later = session.replaceFirst("\\.\\d+\\.", ".9999999999.");
            for (String forged :
                    List.of(
                            "batchwright_session=" + bob + ".9999999999" + signature,
                            later,
                            session + "0",
                            "batchwright_session=",
                            "batchwright_session=..")) {
                assertThat(getAs(forged, "/jobs").statusCode()).as(forged).isEqualTo(303);
            }
            assertThat(getAs(session, "/jobs").statusCode()).isEqualTo(200);
        }

        @Test
        void a_session_goes_on_after_a_restart_and_ends_with_its_key() throws Exception {
            String ada = signIn(ADA);
            stop();
            start(Map.of("ADA_KEY", ADA, "BOB_KEY", BOB, "ROOT_KEY", ROOT));
            assertThat(getAs(ada, "/jobs").statusCode()).isEqualTo(200);
            stop();
            start(Map.of("ADA_KEY", "another-key-of-ada-01", "BOB_KEY", BOB, "ROOT_KEY", ROOT));
            assertThat(getAs(ada, "/jobs").statusCode()).isEqualTo(303);
        }

        @Test
        void signing_out_ends_it_and_signing_in_leads_nowhere_else() throws Exception {
            String ada = signIn(ADA);
            String token = found(TOKEN, getAs(ada, "/jobs").body()).getFirst();
            HttpResponse<String> out = post("/sign-out", "token=" + token, "cookie", ada);
            assertThat(out.headers().firstValue("set-cookie").orElse(""))
                    .startsWith("batchwright_session=; Path=/; Max-Age=0");
            for (String next : List.of("//evil.example", "https%3A%2F%2Fevil.example", "%2F%5Cx")) {
                assertThat(
                                post("/sign-in", "key=" + ADA + "&next=" + next)
                                        .headers()
                                        .firstValue("location"))
                        .contains("/");
            }
        }
    }
}
