package dev.batchwright.input;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What tells a job from every other: a SHA-256 of the bytes of its input and of every option that
 * shapes a request or says who gets it. The name and place of the input do not count.
 */
public final class Fingerprint {
    private static final int CHUNK = 1 << 20;

    private Fingerprint() {}

    /** Reads the whole input. */
    public static String of(InputSource source, RequestOptions options) {
        MessageDigest digest = sha256();
        // A CSV and a JSONL of the same bytes are read differently.
        add(digest, source.formatByName().map(Enum::name));
        add(digest, options.provider());
        add(digest, options.baseUrl());
        add(digest, options.model());
        add(digest, options.endpoint().map(Endpoint::path));
        add(digest, options.prompt().map(Template::source));
        add(digest, options.system().map(Template::source));
        add(digest, options.idColumn());
        add(digest, options.schema().map(ResponseSchema::name));
        add(digest, options.schema().map(schema -> schema.schema().toString()));
        try (var in = source.openRaw()) {
            byte[] chunk = new byte[CHUNK];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
        } catch (IOException e) {
            throw InputSource.unreadable(source.name(), e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    // The length goes first, so that no two lists of options come to the same bytes.
    private static void add(MessageDigest digest, Optional<String> option) {
        String text = option.map(value -> value.length() + ":" + value).orElse("-");
        digest.update(text.getBytes(StandardCharsets.UTF_8));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
