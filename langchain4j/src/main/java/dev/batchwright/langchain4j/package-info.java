/**
 * Models of LangChain4j on Batchwright: {@link dev.batchwright.langchain4j.BatchingChatModel} and
 * {@link dev.batchwright.langchain4j.BatchingEmbeddingModel} batch single calls behind the scenes,
 * {@link dev.batchwright.langchain4j.JobChatModel} and {@link
 * dev.batchwright.langchain4j.JobEmbeddingModel} make a durable job of many.
 */
@NullMarked
package dev.batchwright.langchain4j;

import org.jspecify.annotations.NullMarked;
