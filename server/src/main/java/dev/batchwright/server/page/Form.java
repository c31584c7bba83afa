package dev.batchwright.server.page;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What was filled in. */
record Form(Map<String, String> values) {
    Form {
        values = Map.copyOf(values);
    }

    /** Reads a body as browsers send it. */
    static Form of(byte[] body) {
        var values = new HashMap<String, String>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return new Form(values);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** Empty where there is none. */
    String value(String name) {
        return values.getOrDefault(name, "");
    }
}
