package dev.batchwright.server.page;

import dev.batchwright.server.ServingContext;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who may look at the page, and that what is sent to it comes from it.
 *
 * <p>Where there are no keys, everybody on this machine may. Then a name that somebody else's DNS
 * points at this machine must not open the page to that somebody's site: it is served under names
 * of this machine alone. A form is taken only with the token of the page that it stood on, and not
 * from another site, as browsers tell.
 */
final class Gate {
    private final String host;
    private final byte[] secret = new byte[32];

    Gate(ServingContext context) {
        this.host = context.options().listen().host();
        new SecureRandom().nextBytes(secret);
    }

    /**
     * @throws ApiError if this is no name of this machine
     */
    Visit visit(Exchange exchange) {
        String asked = exchange.header("host").orElse("");
        if (!isOurs(name(asked))) {
            throw ApiError.of(
                    421,
                    "invalid_request_error",
                    "Without keys this page is served on this machine alone, as localhost. Open it"
                            + " there, or set up keys to reach it under another name.");
        }
        return new Visit(
                exchange.caller(),
                token(exchange.caller().owner()),
                false,
                exchange.header("hx-request").isPresent(),
                exchange.query("seen"));
    }

    private static String name(String host) {
        try {
            return Optional.ofNullable(URI.create("http://" + host).getHost()).orElse("");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private boolean isOurs(String name) {
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.matches("127(\\.\\d{1,3}){3}")
                || name.equals("[::1]")
                || name.equals(host);
    }

    private String token(String owner) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            byte[] signed = mac.doFinal(("form " + owner).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Lets a form in that was sent from a page of ours.
     *
     * @throws ApiError for any other
     */
    static void check(Exchange exchange, Visit visit, Form form) {
        boolean foreign =
                exchange.header("sec-fetch-site")
                                .filter(site -> !site.equals("same-origin"))
                                .isPresent()
                        || exchange.header("origin")
                                .filter(origin -> !isOf(origin, exchange))
                                .isPresent();
        byte[] token = form.value("token").getBytes(StandardCharsets.UTF_8);
        if (foreign
                || !MessageDigest.isEqual(token, visit.token().getBytes(StandardCharsets.UTF_8))) {
            throw ApiError.of(
                    403,
                    "invalid_request_error",
                    "This did not come from a page of this server, or from one that is too old."
                            + " Nothing was done. Load the page again, and try again there.");
        }
    }

    private static boolean isOf(String origin, Exchange exchange) {
        int authority = origin.indexOf("://") + 3;
        return authority > 2
                && exchange.header("host").equals(Optional.of(origin.substring(authority)));
    }
}
