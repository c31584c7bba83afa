package dev.batchwright.server;

import dev.batchwright.server.edge.Tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for this machine, made by the JDK's {@code keytool}.
 *
 * @param tls its files, as a server reads them
 */
record SelfSigned(Tls tls, Certificate certificate) {
    private static final String NAME = "server";
    private static final String PASSWORD = "of-no-importance";

    static SelfSigned in(Path directory)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path made = directory.resolve("made.p12");
        int exit =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                NAME,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD,
                                "-keystore",
                                made.toString(),
                                "-J-XX:TieredStopAtLevel=1")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("keytool ended with " + exit);
        }
        var store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(made)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Certificate certificate = Objects.requireNonNull(store.getCertificate(NAME));
        byte[] key =
                Objects.requireNonNull(store.getKey(NAME, PASSWORD.toCharArray())).getEncoded();
        var tls =
                new Tls(
                        pem(directory, "CERTIFICATE", certificate.getEncoded()),
                        pem(directory, "PRIVATE KEY", key));
        return new SelfSigned(tls, certificate);
    }

    private static Path pem(Path directory, String what, byte[] content) throws IOException {
        return Files.writeString(
                directory.resolve(what.toLowerCase(Locale.ROOT) + ".pem"),
                "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
                        .formatted(
                                what,
                                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                                        .encodeToString(content)));
    }

    /** For clients that believe it alone. */
    SSLContext believed() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(NAME, certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
