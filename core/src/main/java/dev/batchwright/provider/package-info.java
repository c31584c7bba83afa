/** What a provider of LLM requests is to the engine, and which provider a model belongs to. */
@NullMarked
package dev.batchwright.provider;

import org.jspecify.annotations.NullMarked;
