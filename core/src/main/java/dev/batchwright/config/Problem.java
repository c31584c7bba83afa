package dev.batchwright.config;

/** Something wrong with a configuration file: where (the path of a key, or a line), and what. */
record Problem(String where, String what) {}
