package dev.batchwright;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.input.ResponseSchema;
import dev.batchwright.input.Router;
import dev.batchwright.schema.Dialect;
import dev.batchwright.schema.Range;
import dev.batchwright.schema.Schema;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

class JobSpecTest {
    private record Review(@Range(min = 1, max = 5) int stars) {}

    private static final Schema<Review> SCHEMA = Schema.of(Review.class);

    private static final JobSpec<Review> SPEC =
            JobSpec.of("reviews").model("claude-haiku-4-5").returning(SCHEMA);

    /** All models are of this provider. */
    private static Router all(String provider) {
        return model -> new Router.Resolution.Routed(provider, model);
    }

    @Test
    void rows_of_a_file_have_the_schema_in_the_dialect_of_who_gets_them() {
        JobSpec<Review> rows = SPEC.file(Path.of("reviews.csv"));

        assertThat(rows.requestOptions(all("anthropic")).schema())
                .map(ResponseSchema::schema)
                .contains(SCHEMA.json(Dialect.ANTHROPIC));
        assertThat(rows.requestOptions(all("openai")).schema())
                .map(ResponseSchema::schema)
                .contains(SCHEMA.json(Dialect.OPENAI));
    }

    @Test
    void a_request_has_the_schema_in_the_dialect_of_its_api_or_of_who_gets_its_translation() {
        assertThat(SPEC.binding(all("anthropic")).apply(Request.chat().user("Good?")).body())
                .hasToString(
                        Request.chat()
                                .user("Good?")
                                .returning(SCHEMA, Dialect.ANTHROPIC)
                                .body()
                                .toString());
        assertThat(SPEC.binding(all("openai")).apply(Request.messages().user("Good?")))
                .isEqualTo(Request.messages().user("Good?").returning(SCHEMA));
    }
}
