/**
 * Typed answers: a Java type becomes a JSON schema in a provider's dialect, and the model's text
 * becomes an instance of it. {@link Schema} is the way in; the annotations refine what a component
 * may hold. Everything here is immutable, pure and safe for any thread; nothing here sends.
 */
@NullMarked
package dev.batchwright.schema;

import org.jspecify.annotations.NullMarked;
