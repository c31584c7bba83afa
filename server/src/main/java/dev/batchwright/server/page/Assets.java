package dev.batchwright.server.page;

import dev.batchwright.server.edge.Reply;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Scripts, styles and the icon, read once. Each has its content's hash in its address: a browser
 * keeps it for ever, and never has an old one.
 */
final class Assets {
    private static final Map<String, String> TYPES =
            Map.of(
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "svg", "image/svg+xml");
    private static final List<String> NAMES =
            List.of(
                    "page.css",
                    "page.js",
                    "htmx.min.js",
                    "uPlot.iife.min.js",
                    "uPlot.min.css",
                    "icon.svg");

    private record Asset(String hash, Reply plain, Reply zipped) {}

    private final Map<String, Asset> all = new LinkedHashMap<>();

    Assets() {
        NAMES.forEach(name -> all.put(name, read(name)));
    }

    private static Asset read(String name) {
        try (InputStream in = Assets.class.getResourceAsStream("assets/" + name)) {
            byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            return new Asset(
                    hash(bytes),
                    reply(Objects.requireNonNull(type), bytes),
                    reply(type, zipped(bytes)).with("content-encoding", "gzip"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] zipped(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    /** Where a file of these is. */
    Link link(String name) {
        return Link.to("assets", Objects.requireNonNull(all.get(name), name).hash, name);
    }

    /** Empty where there is none of this name, or no longer with this content. */
    Optional<Reply> reply(String hash, String name, boolean takesZipped) {
        return Optional.ofNullable(all.get(name))
                .filter(asset -> asset.hash.equals(hash))
                .map(asset -> takesZipped ? asset.zipped : asset.plain);
    }

    private static Reply reply(String type, byte[] bytes) {
        return new Reply(200, type, List.of(), new Reply.Body.Whole(bytes))
                .with("cache-control", "public, max-age=31536000, immutable")
                .with("vary", "accept-encoding")
                .with("x-content-type-options", "nosniff");
    }
}
