/** What tokens cost, by list price. */
@NullMarked
package dev.batchwright.price;

import org.jspecify.annotations.NullMarked;
