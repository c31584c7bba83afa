package dev.batchwright.input;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The fields of one JSON object and where in its bytes they stand, so that values are passed on and
 * exchanged without a change to what surrounds them. Used again for every line.
 */
final class ObjectFields implements Template.Row {
    // How long a line may be is decided by whoever cut it; a value can't be longer.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    // Lines are read one after the other by one thread of the platform.
                    .recyclerPool(JsonRecyclerPools.threadLocalPool())
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();
    private static final int FEW = 32;

    private byte[] bytes = new byte[0];
    private int size;
    private String[] names = new String[16];
    private JsonToken[] types = new JsonToken[16];
    private int[] nameStarts = new int[16];
    private int[] starts = new int[16];
    private int[] ends = new int[16];

    static JsonParser parser(byte[] bytes, int offset, int length) {
        return JSON.createParser(ObjectReadContext.empty(), bytes, offset, length);
    }

    /**
     * Reads the object that the parser stands at the start of.
     *
     * @param offset of the parser's first byte
     * @param nested takes the fields of the object in the field {@code body}, if there is one
     */
    void scan(JsonParser parser, byte[] source, int offset, @Nullable ObjectFields nested) {
        bytes = source;
        size = 0;
        if (nested != null) {
            nested.size = 0;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            int i = add(name, offset + (int) parser.currentTokenLocation().getByteOffset());
            JsonToken type = parser.nextToken();
            types[i] = type;
            starts[i] = offset + (int) parser.currentTokenLocation().getByteOffset();
            if (type == JsonToken.START_OBJECT && nested != null && name.equals("body")) {
                nested.scan(parser, source, offset, null);
            } else if (type.isStructStart()) {
                parser.skipChildren();
            } else {
                parser.finishToken();
            }
            ends[i] = offset + (int) parser.currentLocation().getByteOffset();
        }
    }

    private int add(String name, int nameStart) {
        if (size == names.length) {
            int room = size * 2;
            names = Arrays.copyOf(names, room);
            types = Arrays.copyOf(types, room);
            nameStarts = Arrays.copyOf(nameStarts, room);
            starts = Arrays.copyOf(starts, room);
            ends = Arrays.copyOf(ends, room);
        }
        names[size] = name;
        nameStarts[size] = nameStart;
        return size++;
    }

    int size() {
        return size;
    }

    String name(int i) {
        return names[i];
    }

    List<String> names() {
        return List.of(Arrays.copyOf(names, size));
    }

    /** The place of a field, or -1. */
    int find(String name) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    boolean has(String name) {
        return find(name) >= 0;
    }

    boolean hasAny(List<String> some) {
        return some.stream().anyMatch(this::has);
    }

    /** A name that occurs twice: which of both counts, readers of JSON disagree on. */
    Optional<String> repeated() {
        if (size > FEW) {
            var seen = new HashSet<String>();
            return names().stream().filter(name -> !seen.add(name)).findFirst();
        }
        for (int i = 1; i < size; i++) {
            for (int j = 0; j < i; j++) {
                if (names[i].equals(names[j])) {
                    return Optional.of(names[i]);
                }
            }
        }
        return Optional.empty();
    }

    boolean is(int i, JsonToken type) {
        return i >= 0 && types[i] == type;
    }

    boolean isNull(int i) {
        return types[i] == JsonToken.VALUE_NULL;
    }

    boolean isTrue(String name) {
        return is(find(name), JsonToken.VALUE_TRUE);
    }

    int nameStart(int i) {
        return nameStarts[i];
    }

    int start(int i) {
        return starts[i];
    }

    int end(int i) {
        return ends[i];
    }

    /** A parser of one field's value, before its first token. */
    JsonParser parser(int i) {
        return parser(bytes, starts[i], ends[i] - starts[i]);
    }

    /** Where the field begins that takes a value's name and the comma away with it. */
    int cutStart(int i) {
        return i == size - 1 && i > 0 ? ends[i - 1] : nameStarts[i];
    }

    int cutEnd(int i) {
        return i == size - 1 ? ends[i] : nameStarts[i + 1];
    }

    /** The first byte in an array that is no blank; {@code ]} where it is empty. */
    byte firstIn(int array) {
        for (int i = starts[array] + 1; i < ends[array]; i++) {
            if (bytes[i] < 0 || bytes[i] > ' ') {
                return bytes[i];
            }
        }
        return ']';
    }

    /** A string's characters; of any other value, its JSON. */
    String text(int i) {
        if (types[i] != JsonToken.VALUE_STRING) {
            return new String(bytes, starts[i], ends[i] - starts[i], StandardCharsets.UTF_8);
        }
        for (int j = starts[i]; j < ends[i]; j++) {
            if (bytes[j] == '\\') {
                return unescaped(i);
            }
        }
        return new String(bytes, starts[i] + 1, ends[i] - starts[i] - 2, StandardCharsets.UTF_8);
    }

    private String unescaped(int i) {
        try (JsonParser parser = parser(bytes, starts[i], ends[i] - starts[i])) {
            parser.nextToken();
            return parser.getString();
        }
    }

    /** A string as it stands between its quotes, a number or a word as it is, null as nothing. */
    @Override
    public boolean append(String column, JsonBuffer target) {
        int i = find(column);
        if (i < 0) {
            return false;
        }
        switch (types[i]) {
            case VALUE_STRING -> target.raw(bytes, starts[i] + 1, ends[i] - starts[i] - 2);
            case VALUE_NULL -> {}
            default -> target.escaped(bytes, starts[i], ends[i] - starts[i]);
        }
        return true;
    }
}
