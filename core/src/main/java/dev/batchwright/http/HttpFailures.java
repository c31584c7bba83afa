package dev.batchwright.http;

import dev.batchwright.http.HttpResult.Broken;
import dev.batchwright.http.HttpResult.Unreachable;
import dev.batchwright.http.HttpResult.Untrusted;

import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;

import javax.net.ssl.SSLException;

/** What an exception of a call means. */
final class HttpFailures {
    private HttpFailures() {}

    static HttpResult of(IOException e) {
        return switch (e) {
            case UnknownHostException unknown ->
                    new Unreachable(
                            "the name of the host is unknown (%s)".formatted(text(unknown)));
            case ConnectTimeoutException slow -> new Unreachable("no connection in 10 seconds");
            case ConnectException refused -> new Unreachable(text(refused));
            case NoRouteToHostException lost -> new Unreachable(text(lost));
            case SSLException tls -> tls(tls);
            case NoHttpResponseException silent ->
                    new Broken("the server closed the connection without an answer");
            case ConnectionClosedException half ->
                    new Broken("the connection ended in the middle of the answer");
            case EOFException half -> new Broken("the answer ended too early");
            case SocketException reset -> new Broken(text(reset));
            default -> causedBy(e);
        };
    }

    // Apache wraps what breaks HTTP's rules in a ClientProtocolException.
    private static HttpResult causedBy(IOException e) {
        Throwable cause = e.getCause();
        return new Broken(text(cause == null ? e : cause));
    }

    // A handshake that the other side cuts short is bad luck; one that fails for the certificate,
    // or because the server answers in plain text, will fail every time.
    private static HttpResult tls(SSLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new Untrusted(text(e));
            }
        }
        String text = text(e);
        return text.contains("Unsupported or unrecognized SSL message")
                        || text.contains("handshake_failure")
                        || text.contains("protocol_version")
                        || text.contains("doesn't match any of the subject")
                ? new Untrusted(text)
                : new Broken(text);
    }

    private static String text(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
