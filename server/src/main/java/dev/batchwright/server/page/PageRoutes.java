package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.p;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.server.ServingContext;
import dev.batchwright.server.access.Sessions;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.store.JobInUseException;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;
import dev.batchwright.store.StoredResult;
import dev.batchwright.workbench.RefusedException;

import io.vertx.core.Handler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The page at {@code /}: what goes on, for people. Rendered here, from the store, at each look;
 * what changes is asked for again by the browser every few seconds.
 */
public final class PageRoutes implements Routes {
    private static final Logger LOG = LoggerFactory.getLogger(PageRoutes.class);
    private static final int LARGEST_FORM = 16_384;

    private static final String CONTENT =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    private final JobStore store;
    private final Guard guard;
    private final Assets assets = new Assets();
    private final Frame frame = new Frame(assets);
    private final OverviewPage overview;
    private final JobsPage jobs;
    private final JobPage job;
    private final ItemsPage items;
    private final BatchesPage batches;
    private final JobActions actions;

    /** Shows a page. */
    private interface Show {
        Reply reply(Exchange exchange, Visit visit) throws IOException, InterruptedException;
    }

    /** Does what a form asks for. */
    private interface Act {
        Reply reply(Exchange exchange, Visit visit, Form form)
                throws IOException, InterruptedException;
    }

    /**
     * @param sessions of those who signed in with a key
     */
    public PageRoutes(ServingContext context, Sessions sessions) {
        this.store = context.workbench().store();
        this.guard = new Guard(context.options().tls().isPresent(), sessions, context.clock());
        this.overview = new OverviewPage(context);
        this.jobs = new JobsPage(store, context.clock());
        this.job = new JobPage(context);
        this.items = new ItemsPage(store);
        this.batches = new BatchesPage(store, context.clock());
        this.actions = new JobActions(context);
    }

    @Override
    public void mount(Router router) {
        router.get("/assets/:hash/:name").handler(Exchange.plain(this::asset));
        router.get("/").handler(shows(this::overview));
        router.get("/series").handler(shows(this::allSeries));
        router.get("/jobs").handler(shows(this::jobs));
        router.get("/jobs/:job").handler(shows(this::job));
        router.get("/jobs/:job/series").handler(shows(this::series));
        router.get("/jobs/:job/items").handler(shows(this::items));
        router.get("/jobs/:job/items/:seq").handler(shows(this::item));
        router.get("/jobs/:job/items/:seq/request").handler(shows(this::request));
        router.get("/jobs/:job/items/:seq/answer").handler(shows(this::answer));
        router.get("/batches").handler(shows(this::batches));
        router.post("/jobs/:job/cancel").handler(acts(this::cancel));
        router.post("/jobs/:job/retry").handler(acts(this::retry));
        router.get("/sign-in").handler(Exchange.plain(this::signInForm));
        router.post("/sign-in").handler(Exchange.withBody(LARGEST_FORM, this::signIn));
        router.post("/sign-out").handler(acts(this::signOut));
    }

    private Handler<RoutingContext> shows(Show show) {
        return Exchange.plain(exchange -> guarded(exchange, visit -> show.reply(exchange, visit)));
    }

    private Handler<RoutingContext> acts(Act act) {
        return Exchange.withBody(
                LARGEST_FORM,
                (exchange, body) ->
                        guarded(
                                exchange,
                                visit -> {
                                    Form form = Form.of(body);
                                    Guard.check(exchange, visit, form);
                                    return act.reply(exchange, visit, form);
                                }));
    }

    private interface Work {
        Reply reply(Visit visit) throws IOException, InterruptedException;
    }

    /** A problem is told as a page, too. */
    private Reply guarded(Exchange exchange, Work work) throws IOException, InterruptedException {
        Optional<Visit> visit = Optional.empty();
        try {
            visit = guard.visit(exchange);
            return visit.isPresent() ? work.reply(visit.get()) : toSignIn(exchange);
        } catch (ApiError e) {
            return problem(visit, e.status(), e.message());
        } catch (RefusedException | JobInUseException e) {
            return problem(visit, 409, String.valueOf(e.getMessage()));
        } catch (StoreException e) {
            LOG.warn("A page can't be shown", e);
            return problem(visit, 503, String.valueOf(e.getMessage()));
        }
    }

    /** A form leads back to where its answer would have been. */
    private static Reply toSignIn(Exchange exchange) {
        Link form =
                exchange.method().equals("GET")
                        ? Link.to("sign-in").with("next", exchange.path())
                        : Link.to("sign-in");
        return exchange.header("hx-request").isPresent()
                ? html(204, "").with("hx-redirect", form.toString())
                : to(form);
    }

    private static Reply to(Link link) {
        return html(303, "").with("location", link.toString());
    }

    private Reply problem(Optional<Visit> visit, int status, String message) {
        String title = status == 404 ? "Not found" : "That did not work";
        return html(
                status,
                frame.document(
                        visit,
                        Frame.Place.NONE,
                        title,
                        false,
                        Html.group(
                                h1(text(title)),
                                p(cls("problem"), Parts.written(message)),
                                p(a(href(Link.to()), text("To the overview"))))));
    }

    private static Reply html(int status, String document) {
        return secured(
                new Reply(
                        status,
                        "text/html; charset=utf-8",
                        List.of(),
                        new Reply.Body.Whole(document.getBytes(StandardCharsets.UTF_8))));
    }

    private static Reply secured(Reply reply) {
        return reply.with("content-security-policy", CONTENT)
                .with("x-content-type-options", "nosniff")
                .with("x-frame-options", "DENY")
                .with("referrer-policy", "same-origin")
                .with("cross-origin-opener-policy", "same-origin")
                .with("cross-origin-resource-policy", "same-origin")
                .with("cache-control", "no-store")
                .with("vary", "hx-request");
    }

    /** A whole page, what changes of it, or nothing where that has not changed. */
    private Reply shown(Visit visit, Frame.Place place, String title, Live live) {
        if (!visit.partial()) {
            return html(
                    200,
                    frame.document(
                            Optional.of(visit),
                            place,
                            title,
                            live.seconds().isPresent(),
                            live.html()));
        }
        if (visit.seen().equals(Optional.of(live.version()))) {
            return html(204, "");
        }
        var out = new StringBuilder(8_192);
        live.html().writeTo(out);
        return html(200, out.toString());
    }

    private Reply asset(Exchange exchange) {
        boolean zipped =
                exchange.header("accept-encoding").filter(all -> all.contains("gzip")).isPresent();
        return assets.reply(exchange.pathParameter("hash"), exchange.pathParameter("name"), zipped)
                .orElseThrow(
                        () -> ApiError.notFound("There is no such file. Load the page again."));
    }

    private Reply overview(Exchange exchange, Visit visit) {
        var range = OverviewPage.Range.named(exchange.query("range"));
        return shown(visit, Frame.Place.OVERVIEW, "Overview", overview.live(visit, range));
    }

    private Reply allSeries(Exchange exchange, Visit visit) {
        var range = OverviewPage.Range.named(exchange.query("range"));
        return json(overview.series(visit, range).json());
    }

    private static Reply json(String json) {
        return secured(Reply.json(200, json.getBytes(StandardCharsets.UTF_8)));
    }

    private Reply jobs(Exchange exchange, Visit visit) {
        return shown(
                visit,
                Frame.Place.JOBS,
                "Jobs",
                jobs.live(visit, exchange.query("state"), exchange.query("before")));
    }

    private Reply batches(Exchange exchange, Visit visit) {
        return shown(visit, Frame.Place.BATCHES, "Batches", batches.live(visit));
    }

    private Reply job(Exchange exchange, Visit visit) {
        Job found = find(exchange, visit);
        return shown(visit, Frame.Place.JOBS, found.spec().name(), job.live(visit, found));
    }

    private Reply series(Exchange exchange, Visit visit) {
        return json(job.series(find(exchange, visit)).json());
    }

    private Reply items(Exchange exchange, Visit visit) {
        var query =
                ItemsPage.Query.of(
                        exchange.query("show"),
                        exchange.query("status"),
                        exchange.query("cause"),
                        exchange.query("after"));
        Job found = find(exchange, visit);
        return shown(
                visit,
                Frame.Place.JOBS,
                "Items of " + found.spec().name(),
                items.live(found, query));
    }

    private Reply item(Exchange exchange, Visit visit) {
        Job found = find(exchange, visit);
        StoredResult result = result(exchange, found);
        return shown(
                visit,
                Frame.Place.JOBS,
                result.item().customId() + " of " + found.spec().name(),
                ItemPage.live(found, result));
    }

    private Reply request(Exchange exchange, Visit visit) {
        return raw(result(exchange, find(exchange, visit)).item().request().body().toByteArray());
    }

    private Reply answer(Exchange exchange, Visit visit) {
        return raw(ItemPage.raw(result(exchange, find(exchange, visit))));
    }

    // As text, whatever is in it: a browser must not take it for a page.
    private static Reply raw(byte[] json) {
        return secured(
                new Reply(200, "text/plain; charset=utf-8", List.of(), new Reply.Body.Whole(json)));
    }

    private Reply cancel(Exchange exchange, Visit visit, Form form) throws InterruptedException {
        Job found = find(exchange, visit);
        actions.cancel(found);
        return to(found.id());
    }

    private Reply retry(Exchange exchange, Visit visit, Form form) {
        Job found = find(exchange, visit);
        actions.retry(found);
        return to(found.id());
    }

    private static Reply to(JobId job) {
        return to(Link.to("jobs", job));
    }

    private Reply signInForm(Exchange exchange) {
        return signInForm(200, SignInPage.next(exchange.query("next").orElse("/")), false);
    }

    private Reply signInForm(int status, String next, boolean wrong) {
        return html(
                status,
                frame.document(
                        Optional.empty(),
                        Frame.Place.NONE,
                        "Sign in",
                        false,
                        SignInPage.html(next, wrong)));
    }

    private Reply signIn(Exchange exchange, byte[] body) {
        Form form = Form.of(body);
        String next = SignInPage.next(form.value("next"));
        try {
            return guard.signIn(exchange, form.value("key"))
                    .map(cookie -> html(303, "").with("location", next).with("set-cookie", cookie))
                    .orElseGet(() -> signInForm(401, next, true));
        } catch (ApiError e) {
            return problem(Optional.empty(), e.status(), e.message());
        }
    }

    private Reply signOut(Exchange exchange, Visit visit, Form form) {
        return to(Link.to("sign-in")).with("set-cookie", guard.signOut());
    }

    private Job find(Exchange exchange, Visit visit) {
        String id = exchange.pathParameter("job");
        return Optional.of(id)
                .filter(text -> text.matches("job_[a-z0-9]{1,60}"))
                .flatMap(text -> store.find(new JobId(text)))
                .filter(found -> !(found.state() instanceof JobState.Loading))
                .filter(visit::sees)
                .orElseThrow(() -> ApiError.notFound("There is no job `%s`.".formatted(id)));
    }

    private StoredResult result(Exchange exchange, Job of) {
        String seq = exchange.pathParameter("seq");
        return Optional.of(seq)
                .filter(text -> text.matches("\\d{1,15}"))
                .flatMap(text -> store.views().result(of.id(), Long.parseLong(text)))
                .orElseThrow(
                        () -> ApiError.notFound("Job %s has no item %s.".formatted(of.id(), seq)));
    }
}
