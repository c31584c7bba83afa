package dev.batchwright.server.access;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * The names under which a server without keys may be asked: those of this machine alone. Where no
 * key is needed, a name of somebody else's that is made to point here would let that somebody's
 * site, in a browser on this machine, read what lies here and spend money.
 *
 * @param host where the server listens
 */
public record LocalNames(String host) {
    /**
     * Whether a request was sent to one of them.
     *
     * @param authority as the request has it: a name, or a name and a port
     */
    public boolean have(String authority) {
        String name = name(authority);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.matches("127(\\.\\d{1,3}){3}")
                || name.equals("[::1]")
                || name.equalsIgnoreCase(host);
    }

    private static String name(String authority) {
        try {
            return Optional.ofNullable(URI.create("http://" + authority).getHost())
                    .map(host -> host.toLowerCase(Locale.ROOT))
                    .orElse("");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
