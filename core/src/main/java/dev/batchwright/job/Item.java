package dev.batchwright.job;

import java.util.Optional;

/**
 * One request of a job. Written once, at submit, and never changed.
 *
 * @param seq its place in the input, from 1
 * @param customId the user's name for it, unique in the job
 * @param request the call to make
 * @param row the input row that it was made from, as a JSON object of column to value, where the
 *     input was a table or plain rows: a CSV output joins the answer to it
 */
public record Item(long seq, String customId, Request request, Optional<RawJson> row) {}
