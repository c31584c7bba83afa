package dev.batchwright;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A picture for a request: its bytes, which travel in the request as a data URL, or an address that
 * the provider fetches it from. Immutable; the bytes are encoded once, so that a picture costs 4/3
 * of its size in memory in every request that holds it.
 */
public final class Image {
    private static final Map<String, String> ENDINGS =
            Map.of(
                    "png", "image/png",
                    "jpg", "image/jpeg",
                    "jpeg", "image/jpeg",
                    "gif", "image/gif",
                    "webp", "image/webp",
                    "heic", "image/heic",
                    "heif", "image/heif",
                    "bmp", "image/bmp");

    private final String url;

    private Image(String url) {
        this.url = url;
    }

    /**
     * Reads a picture from a file. Its type is told by its first bytes, otherwise by its ending.
     *
     * @param file is read now
     * @return the picture
     * @throws UncheckedIOException if it can't be read
     * @throws IllegalArgumentException if it is of no type that is known
     */
    public static Image of(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the picture %s can't be read. Does it exist, and may you read it?"
                            .formatted(file),
                    e);
        }
        String type =
                magic(bytes)
                        .or(() -> ending(file.toString()))
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "%s is no picture of a known type (PNG, JPEG, GIF, WebP, HEIC, BMP). Give its bytes and their type."
                                                        .formatted(file)));
        return of(bytes, type);
    }

    /**
     * Takes a picture from its bytes, the first of which tell the type: PNG, JPEG, GIF, WebP, HEIC
     * or BMP.
     *
     * @param bytes are copied
     * @return the picture
     * @throws IllegalArgumentException if it is of no type that is known
     */
    public static Image of(byte[] bytes) {
        return of(
                bytes,
                magic(bytes)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "these bytes are no PNG, JPEG, GIF, WebP, HEIC or"
                                                        + " BMP. Say of what type they are.")));
    }

    /**
     * Takes a picture from its bytes, of any type.
     *
     * @param bytes are copied
     * @param mediaType as in {@code image/png}
     * @return the picture
     */
    public static Image of(byte[] bytes, String mediaType) {
        return new Image(
                "data:%s;base64,%s"
                        .formatted(mediaType, Base64.getEncoder().encodeToString(bytes)));
    }

    /**
     * Takes a picture at an address.
     *
     * @param address {@code https:}, {@code http:} and {@code gs:} are left to the provider to
     *     fetch, a {@code file:} is read now, a {@code data:} URL is taken as it is
     * @return the picture
     * @throws java.io.UncheckedIOException if a file can't be read
     * @throws IllegalArgumentException if it is an address of another kind
     */
    public static Image at(URI address) {
        String scheme = Optional.ofNullable(address.getScheme()).orElse("");
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http", "https", "data", "gs" -> new Image(address.toString());
            case "file" -> of(Path.of(address));
            default ->
                    throw new IllegalArgumentException(
                            "%s is no address of a picture: it must begin with https:, file: or data:."
                                    .formatted(address));
        };
    }

    /** {@return the address, or the whole picture as a data URL} */
    public String url() {
        return url;
    }

    /** The media type, as in {@code image/png}; empty where only the server knows it. */
    Optional<String> mediaType() {
        return inline() ? Optional.of(url.substring(5, url.indexOf(';'))) : ending(url);
    }

    /** Whether the picture itself is in the URL. */
    boolean inline() {
        return url.startsWith("data:") && url.contains(";base64,");
    }

    /** The picture in Base64, if it is in the URL. */
    String data() {
        return url.substring(url.indexOf(',') + 1);
    }

    private static Optional<String> ending(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Optional.ofNullable(ENDINGS.get(ending));
    }

    private static Optional<String> magic(byte[] bytes) {
        String head = new String(bytes, 0, Math.min(bytes.length, 12), StandardCharsets.ISO_8859_1);
        if (head.startsWith("\u0089PNG\r\n\u001a\n")) {
            return Optional.of("image/png");
        }
        if (head.startsWith("\u00ff\u00d8\u00ff")) {
            return Optional.of("image/jpeg");
        }
        if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) {
            return Optional.of("image/gif");
        }
        if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
            return Optional.of("image/webp");
        }
        if (head.startsWith("ftyphei", 4) || head.startsWith("ftypmif1", 4)) {
            return Optional.of("image/heic");
        }
        return head.startsWith("BM") ? Optional.of("image/bmp") : Optional.empty();
    }

    @Override
    public String toString() {
        return inline() ? "Image of %d characters".formatted(url.length()) : "Image at " + url;
    }
}
