package dev.batchwright.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Who we say we are: {@code batchwright/<version>}. */
final class UserAgent {
    private UserAgent() {}

    static String current() {
        var properties = new Properties();
        try (InputStream in = UserAgent.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is missing in the jar");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "batchwright/" + properties.getProperty("version");
    }
}
