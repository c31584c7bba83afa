package dev.batchwright.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

class SqliteConnectionTest {
    private static final String NUMBERS = "select number from numbers order by number";

    @TempDir Path directory;
    private Connection connection;

    private Connection open() throws SQLException {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        return new SqliteConnection(directory.resolve("numbers.db"), config);
    }

    @BeforeEach
    void some_numbers() throws SQLException {
        connection = open();
        Sql.update(connection, "create table numbers (number integer)");
        add(connection, 1);
        add(connection, 2);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private static void add(Connection to, int number) throws SQLException {
        Sql.update(to, "insert into numbers values (?)", number);
    }

    private List<Integer> numbers() throws SQLException {
        return Sql.list(connection, NUMBERS, row -> row.getInt(1));
    }

    @Test
    void a_statement_that_was_closed_is_taken_again_without_its_values() throws SQLException {
        PreparedStatement first = connection.prepareStatement("select ?");
        first.setString(1, "a value");
        first.close();

        try (PreparedStatement again = connection.prepareStatement("select ?")) {
            assertThat(again).isSameAs(first);
            try (ResultSet row = again.executeQuery()) {
                assertThat(row.getString(1)).isNull();
            }
        }
    }

    @Test
    void two_that_are_open_at_once_are_two() throws SQLException {
        try (PreparedStatement outer = connection.prepareStatement(NUMBERS);
                ResultSet rows = outer.executeQuery()) {
            while (rows.next()) {
                assertThat(numbers()).containsExactly(1, 2);
            }
        }
        assertThat(numbers()).containsExactly(1, 2);
    }

    @Test
    void one_that_was_closed_early_sees_what_others_wrote_since() throws SQLException {
        try (PreparedStatement early = connection.prepareStatement(NUMBERS)) {
            assertThat(early.executeQuery().next()).isTrue();
        }
        try (Connection other = open()) {
            add(other, 3);
        }
        assertThat(numbers()).containsExactly(1, 2, 3);
    }

    @Test
    void however_many_there_were_each_works() throws SQLException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 300; i++) {
                assertThat(Sql.list(connection, "select " + i, row -> row.getInt(1)))
                        .containsExactly(i);
            }
        }
    }
}
