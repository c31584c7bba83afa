package dev.batchwright.schema;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/** A place in an answer, written only when it is asked for: {@code $.items[2].price}. */
record Path(@Nullable Path parent, String step) {
    static final Path ROOT = new Path(null, "$");

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

    Path field(String name) {
        return new Path(this, PLAIN.matcher(name).matches() ? "." + name : "[\"" + name + "\"]");
    }

    Path element(int index) {
        return new Path(this, "[" + index + "]");
    }

    /** The value of a key that the answer chose, which is not quoted. */
    Path anyKey() {
        return new Path(this, ".*");
    }

    @Override
    public String toString() {
        return parent == null ? step : parent + step;
    }
}
