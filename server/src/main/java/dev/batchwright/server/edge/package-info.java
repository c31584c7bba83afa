/**
 * Where HTTP meets plain code. Vert.x and its event loops stay here: a face mounts its routes, and
 * does its work in blocking code on virtual threads.
 */
@NullMarked
package dev.batchwright.server.edge;

import org.jspecify.annotations.NullMarked;
