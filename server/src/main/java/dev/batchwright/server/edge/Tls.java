package dev.batchwright.server.edge;

import java.nio.file.Path;

/**
 * How the server proves who it is.
 *
 * @param certificate the chain, in PEM
 * @param key its private key, in PEM
 */
public record Tls(Path certificate, Path key) {}
