package dev.batchwright.provider.openai;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A field at the top of a body, and where it stands.
 *
 * @param start of its name, the quotation mark included
 * @param from where its value begins
 * @param to where its value ends
 */
public record TopField(String name, int start, int from, int to) {
    /**
     * Those of a body. What is no object has none, and goes to the server as it is: that can tell
     * what is wrong.
     */
    public static List<TopField> of(byte[] body) {
        var fields = new ArrayList<TopField>();
        var scan = new JsonScan(body, 0, body.length);
        try {
            if (!scan.beginObject()) {
                return List.of();
            }
            while (scan.nextField()) {
                String name = scan.name();
                int start = scan.nameStart();
                int from = scan.start();
                scan.skip();
                fields.add(new TopField(name, start, from, scan.at()));
            }
            return fields;
        } catch (JsonScan.NotJson broken) {
            return List.of();
        }
    }

    /** Its value as it is written. */
    public String text(byte[] body) {
        return new String(body, from, to - from, StandardCharsets.UTF_8);
    }
}
