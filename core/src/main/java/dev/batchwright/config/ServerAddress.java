package dev.batchwright.config;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/** What users write where a server is asked for. */
public final class ServerAddress {
    private ServerAddress() {}

    /** The text as an http or https address with a host, and without user or password. */
    public static Optional<URI> of(String text) {
        try {
            return Optional.of(URI.create(text)).filter(ServerAddress::isServer);
        } catch (IllegalArgumentException notAnAddress) {
            // The same answer as for an address of another kind.
            return Optional.empty();
        }
    }

    private static boolean isServer(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        return uri.getHost() != null
                && uri.getUserInfo() == null
                && (scheme.equals("https") || scheme.equals("http"));
    }
}
