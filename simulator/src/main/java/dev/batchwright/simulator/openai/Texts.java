package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Tokens;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/** Inputs that are one text or several, each written out or as token numbers. */
record Texts(List<String> texts, long tokens) {
    /** A string, an array of strings, an array of tokens, or an array of arrays of tokens. */
    static Texts of(JsonNode input) {
        if (input.isString()) {
            return new Texts(List.of(input.asString()), Tokens.of(input.asString()));
        }
        if (input.path(0).isNumber()) {
            return new Texts(List.of(input.toString()), input.size());
        }
        var texts = new ArrayList<String>();
        long tokens = 0;
        for (JsonNode one : input) {
            if (one.isArray()) {
                texts.add(one.toString());
                tokens += one.size();
            } else {
                String text = one.isObject() ? one.path("text").asString("") : one.asString("");
                texts.add(text);
                tokens += Tokens.of(text);
            }
        }
        return new Texts(texts, tokens);
    }
}
