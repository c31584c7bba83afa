package dev.batchwright.http;

import java.net.URI;

/** A call to make. */
public record HttpCall(String method, URI uri, Headers headers, Body body) {}
