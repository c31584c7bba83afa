package dev.batchwright.http;

import java.util.List;
import java.util.Optional;

/** The headers of a call or an answer, in order; names are compared without regard to case. */
public record Headers(List<Header> all) {
    public static final Headers NONE = new Headers(List.of());

    public record Header(String name, String value) {}

    public Headers {
        all = List.copyOf(all);
    }

    public static Headers of(String name, String value) {
        return new Headers(List.of(new Header(name, value)));
    }

    /** The first header of this name, without blanks around its value. */
    public Optional<String> first(String name) {
        for (Header header : all) {
            if (header.name().equalsIgnoreCase(name)) {
                return Optional.of(header.value().strip());
            }
        }
        return Optional.empty();
    }

    /** Names only: a value may be a key. */
    @Override
    public String toString() {
        return all.stream().map(Header::name).toList().toString();
    }
}
