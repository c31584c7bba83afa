package dev.batchwright.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.Map;

class StoreLocationTest {
    private static final Path HOME = Path.of("/home/ada");

    @Test
    void a_path_is_a_sqlite_file() {
        assertThat(StoreLocation.parse("~/jobs/a.db", HOME))
                .isEqualTo(new StoreLocation.Sqlite(HOME.resolve("jobs/a.db")));
        assertThat(StoreLocation.parse("/data/a.db", HOME))
                .isEqualTo(new StoreLocation.Sqlite(Path.of("/data/a.db")));
        assertThat(StoreLocation.standard(HOME))
                .isEqualTo(new StoreLocation.Sqlite(HOME.resolve(".batchwright/batchwright.db")));
    }

    @Test
    void a_postgresql_url_is_taken_apart_and_its_password_is_not_printed() {
        var expected =
                new StoreLocation.Postgres(
                        "jdbc:postgresql://db.example:5433/jobs",
                        Map.of("user", "ada", "password", "s3+cr:t", "sslmode", "require"));
        var jdbc =
                StoreLocation.parse(
                        "jdbc:postgresql://db.example:5433/jobs?user=ada&password=s3+cr%3At&sslmode=require",
                        HOME);
        assertThat(jdbc).isEqualTo(expected).hasToString("jdbc:postgresql://db.example:5433/jobs");
        assertThat(
                        StoreLocation.parse(
                                "postgresql://ada:s3+cr%3At@db.example:5433/jobs?sslmode=require",
                                HOME))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jdbc:mysql://ada:hunter2@host/jobs",
                "mysql://ada:hunter2@host/jobs",
                "postgresql://ada:hunter2@host",
                "postgresql://ada:hun ter2@host/jobs"
            })
    void anything_else_is_refused_without_repeating_it(String typed) {
        assertThatThrownBy(() -> StoreLocation.parse(typed, HOME))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jdbc:postgresql://host")
                .hasMessageNotContaining("hun")
                .hasNoCause();
    }
}
