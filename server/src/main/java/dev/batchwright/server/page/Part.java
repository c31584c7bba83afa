package dev.batchwright.server.page;

/** What an element is made of: attributes and what stands in it. */
sealed interface Part permits Html, Attribute {}
