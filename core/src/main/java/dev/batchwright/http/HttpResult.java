package dev.batchwright.http;

import java.time.Duration;

/** What a call came to. Texts in it name hosts and causes, never keys or bodies. */
public sealed interface HttpResult {
    /** An answer of any status, read to its end and unpacked. Two of them are never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Response(int status, Headers headers, byte[] body) implements HttpResult {}

    /** There is no answer, or none that we take. */
    sealed interface Failure extends HttpResult {}

    /** No connection was made: unknown host, refused, a proxy that says no. Nothing was sent. */
    record Unreachable(String cause) implements Failure {}

    /** The server could not prove who it is, or does not speak TLS. Nothing was sent. */
    record Untrusted(String cause) implements Failure {}

    /** The connection broke. What was sent may have been executed. */
    record Broken(String cause) implements Failure {}

    /** The answer was not complete in time. What was sent may have been executed. */
    record TimedOut(Duration timeout) implements Failure {}

    /** The answer is larger than we accept. */
    record TooLarge(long limit) implements Failure {}

    /**
     * The server sends us elsewhere and we do not follow: to another origin, too often, or in a way
     * that would turn a POST into a GET.
     *
     * @param origin where to, as {@code scheme://host:port}; nothing more of the address is kept
     */
    record Redirected(int status, String origin) implements Failure {}
}
