package dev.batchwright.provider;

import dev.batchwright.job.Request;

/** A request of a batch and what it is called on the wire. */
public record WireRequest(String wireId, Request request) {}
