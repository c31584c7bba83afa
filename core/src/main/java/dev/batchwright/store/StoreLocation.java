package dev.batchwright.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Where a store is. Its text form never holds a password. */
public sealed interface StoreLocation {
    /** A file; its segments lie beside it. */
    record Sqlite(Path file) implements StoreLocation {
        @Override
        public String toString() {
            return file.toString();
        }
    }

    /**
     * A database.
     *
     * @param url without user, password and parameters
     * @param properties of the connection, among them {@code user} and {@code password}
     */
    record Postgres(String url, Map<String, String> properties) implements StoreLocation {
        public Postgres {
            properties = Map.copyOf(properties);
        }

        @Override
        public String toString() {
            return url;
        }
    }

    /** Where jobs are kept unless the user says otherwise. */
    static StoreLocation standard(Path home) {
        return new Sqlite(home.resolve(".batchwright").resolve("batchwright.db"));
    }

    /**
     * What a user typed: a path ({@code ~/} is the home), {@code jdbc:postgresql://host/db?user=..}
     * or {@code postgresql://user:password@host/db}.
     *
     * @throws IllegalArgumentException if it is none of these; the message does not repeat a URL,
     *     which may hold a password
     */
    static StoreLocation parse(String typed, Path home) {
        return parse(typed, Path.of(""), home);
    }

    /** The same, with relative paths from a directory. */
    static StoreLocation parse(String typed, Path directory, Path home) {
        String text = typed.strip();
        if (text.startsWith("jdbc:postgresql:")) {
            return postgres(text.substring("jdbc:".length()));
        }
        if (text.startsWith("postgresql://") || text.startsWith("postgres://")) {
            return postgres(text);
        }
        if (text.isEmpty() || text.startsWith("jdbc:") || text.contains("://")) {
            throw new IllegalArgumentException(
                    "The store is neither a path nor a PostgreSQL URL. Give a path such as"
                            + " `jobs.db`, or `jdbc:postgresql://host/database?user=name`.");
        }
        try {
            Path path =
                    text.startsWith("~/")
                            ? home.resolve(text.substring(2))
                            : directory.resolve(text);
            return new Sqlite(path.toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "The store's path `%s` is not valid here: %s. Give another path."
                            .formatted(text, e.getReason()),
                    e);
        }
    }

    private static StoreLocation postgres(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // The exception holds the URL and with it, perhaps, a password: it is not passed on.
            throw unreadable();
        }
        if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
            throw unreadable();
        }
        var properties = new TreeMap<String, String>();
        if (uri.getRawUserInfo() != null) {
            String[] parts = uri.getRawUserInfo().split(":", 2);
            properties.put("user", decode(parts[0]));
            if (parts.length == 2) {
                properties.put("password", decode(parts[1]));
            }
        }
        if (uri.getRawQuery() != null) {
            for (String parameter : uri.getRawQuery().split("&", -1)) {
                String[] parts = parameter.split("=", 2);
                properties.put(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
            }
        }
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return new Postgres(
                "jdbc:postgresql://" + uri.getHost() + port + uri.getRawPath(), properties);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException unreadable() {
        return new IllegalArgumentException(
                "The store's PostgreSQL URL can't be read. Write it as"
                    + " `jdbc:postgresql://host:5432/database?user=name&password=...`, with special"
                    + " characters in the password percent-encoded.");
    }
}
