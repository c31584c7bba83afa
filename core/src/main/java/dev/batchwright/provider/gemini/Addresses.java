package dev.batchwright.provider.gemini;

import dev.batchwright.config.ServerAddress;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the API is and what lies where in it. A base URL is {@code
 * https://generativelanguage.googleapis.com/v1beta}; without a version at its end, as Google's own
 * SDK takes it, {@code v1beta} is added. Uploads and downloads lie beside the version.
 */
public final class Addresses {
    public static final String DEFAULT = "https://generativelanguage.googleapis.com/v1beta";

    private static final Pattern VERSIONED = Pattern.compile("(.*)/(v\\d+[a-z0-9]*)");
    private static final String UNRESERVED = "-._~/:";

    private final String root;
    private final String version;

    private Addresses(String root, String version) {
        this.root = root;
        this.version = version;
    }

    /**
     * @throws IllegalArgumentException if the text is no http or https address of a host; its
     *     message is for the user
     */
    public static Addresses parse(String text) {
        URI uri =
                ServerAddress.of(text.strip())
                        .filter(address -> address.getRawQuery() == null)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "is not the address of a server; write it as"
                                                        + " https://host/v1beta, without user,"
                                                        + " password or query"));
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
        String origin = uri.getScheme() + "://" + uri.getRawAuthority();
        Matcher versioned = VERSIONED.matcher(path);
        return versioned.matches()
                ? new Addresses(origin + versioned.group(1), versioned.group(2))
                : new Addresses(origin + path, "v1beta");
    }

    /**
     * @param method what to do with the model: {@code generateContent}
     */
    URI model(String model, String method) {
        String name = model.contains("/") ? model : "models/" + model;
        return at("/" + escaped(name) + ":" + method);
    }

    /** {@code batches/4m8}, {@code batches/4m8:cancel}. */
    URI resource(String name) {
        return at("/" + escaped(name));
    }

    URI batches(String pageToken) {
        String page = pageToken.isEmpty() ? "" : "&pageToken=" + escaped(pageToken);
        return at("/batches?pageSize=100" + page);
    }

    URI upload() {
        return URI.create(root + "/upload/" + version + "/files");
    }

    /** The content of a file that Gemini made. */
    URI download(String file) {
        return URI.create(
                root + "/download/" + version + "/" + escaped(file) + ":download?alt=media");
    }

    private URI at(String path) {
        return URI.create(root + "/" + version + path);
    }

    /** Whether an address that the API names is of this server: only there goes the key. */
    boolean isHere(URI uri) {
        URI here = URI.create(root);
        return here.getScheme().equalsIgnoreCase(uri.getScheme())
                && here.getRawAuthority().equalsIgnoreCase(uri.getRawAuthority());
    }

    // Names come from the input and from the API; whatever is in them stays one path.
    private static String escaped(String name) {
        var escaped = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b > 0 && (Character.isLetterOrDigit(b) || UNRESERVED.indexOf(b) >= 0);
            escaped.append(plain ? String.valueOf((char) b) : "%%%02X".formatted(b));
        }
        return escaped.toString();
    }

    @Override
    public String toString() {
        return root + "/" + version;
    }
}
