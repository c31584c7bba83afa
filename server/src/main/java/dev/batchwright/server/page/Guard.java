package dev.batchwright.server.page;

import dev.batchwright.server.access.Caller;
import dev.batchwright.server.access.Sessions;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;

/**
 * Who may look at the page, and that what is sent to it comes from it.
 *
 * <p>Where there are no keys, everybody on this machine may. A form is taken only with the token of
 * the page that it stood on, and not from another site, as browsers tell.
 */
final class Guard {
    private static final String COOKIE = "batchwright_session";

    private final boolean tls;
    private final Sessions sessions;
    private final InstantSource clock;

    /**
     * @param tls whether it speaks TLS itself
     */
    Guard(boolean tls, Sessions sessions, InstantSource clock) {
        this.tls = tls;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** Lets a visitor in; empty if they have to sign in first. */
    Optional<Visit> visit(Exchange exchange) {
        Caller caller = exchange.caller();
        if (!caller.equals(Caller.NOBODY)) {
            return Optional.of(visit(exchange, caller, false));
        }
        return cookie(exchange)
                .flatMap(session -> sessions.caller(session, clock.instant()))
                .map(known -> visit(exchange, known, true));
    }

    private Visit visit(Exchange exchange, Caller caller, boolean signedIn) {
        return new Visit(
                caller,
                sessions.formToken(caller),
                signedIn,
                exchange.header("hx-request").isPresent(),
                exchange.query("seen"));
    }

    private static Optional<String> cookie(Exchange exchange) {
        return exchange.header("cookie").stream()
                .flatMap(all -> Arrays.stream(all.split(";", -1)))
                .map(String::strip)
                .filter(each -> each.startsWith(COOKIE + "="))
                .map(each -> each.substring(COOKIE.length() + 1))
                .findFirst();
    }

    /** The cookie of a new session; empty if the key is nobody's. */
    Optional<String> signIn(Exchange exchange, String key) {
        checkSite(exchange);
        return sessions.begin(key.strip(), clock.instant())
                .map(session -> cookie(session, Sessions.LENGTH.toSeconds()));
    }

    /** The cookie that ends one. */
    String signOut() {
        return cookie("", 0);
    }

    private String cookie(String value, long seconds) {
        return "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s"
                .formatted(COOKIE, value, seconds, tls ? "; Secure" : "");
    }

    /**
     * Lets a form in that was sent from a page of ours.
     *
     * @throws ApiError for any other
     */
    static void check(Exchange exchange, Visit visit, Form form) {
        checkSite(exchange);
        if (!Sessions.isSame(form.value("token"), visit.token())) {
            throw foreign();
        }
    }

    private static void checkSite(Exchange exchange) {
        boolean foreign =
                exchange.header("sec-fetch-site")
                                .filter(site -> !site.equals("same-origin"))
                                .isPresent()
                        || exchange.header("origin")
                                .filter(origin -> !isOf(origin, exchange))
                                .isPresent();
        if (foreign) {
            throw foreign();
        }
    }

    private static ApiError foreign() {
        return ApiError.of(
                403,
                "invalid_request_error",
                "This did not come from a page of this server, or from one that is too old. Nothing"
                        + " was done. Load the page again, and try again there.");
    }

    private static boolean isOf(String origin, Exchange exchange) {
        int authority = origin.indexOf("://") + 3;
        return authority > 2 && exchange.authority().equals(origin.substring(authority));
    }
}
