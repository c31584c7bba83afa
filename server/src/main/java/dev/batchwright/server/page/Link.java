package dev.batchwright.server.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An address on this server: parts of a path and parameters, each encoded. */
record Link(List<String> path, List<Parameter> parameters) {
    private record Parameter(String name, String value) {}

    /** By parts: {@code /}, {@code /jobs/job_abc}. */
    static Link to(Object... parts) {
        var path = new ArrayList<String>();
        for (Object part : parts) {
            path.add(part.toString());
        }
        return new Link(List.copyOf(path), List.of());
    }

    Link with(String name, Object value) {
        var more = new ArrayList<>(parameters);
        more.add(new Parameter(name, value.toString()));
        return new Link(path, List.copyOf(more));
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        path.forEach(part -> out.append('/').append(encoded(part)));
        if (path.isEmpty()) {
            out.append('/');
        }
        char before = '?';
        for (Parameter each : parameters) {
            out.append(before).append(encoded(each.name)).append('=').append(encoded(each.value));
            before = '&';
        }
        return out.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
