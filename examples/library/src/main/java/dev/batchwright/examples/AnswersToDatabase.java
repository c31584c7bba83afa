package dev.batchwright.examples;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.Request;
import dev.batchwright.Result;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Callbacks that write each answer into a database of one's own. A program that starts again is
 * told all results again, so what is written twice must do no harm.
 */
public final class AnswersToDatabase {
    private static final String MODEL = "echo";

    private AnswersToDatabase() {}

    public static void main(String[] args) throws SQLException, InterruptedException {
        Stream<Request> requests =
                IntStream.rangeClosed(1, 500)
                        .mapToObj(number -> Request.chat().id("q" + number).user("No. " + number));
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:answers.db");
                Statement statement = database.createStatement()) {
            statement.execute(
                    """
                    create table if not exists answer (
                        id text primary key,
                        text text,
                        problem text,
                        check ((text is null) <> (problem is null))
                    )
                    """);
            try (var batchwright = Batchwright.open()) {
                Job<String> job =
                        batchwright.submit(
                                JobSpec.of("to the database")
                                        .model(MODEL)
                                        .items(requests)
                                        .onResult(result -> write(database, result))
                                        .onCompletion(
                                                end -> System.out.println("over: " + end.state())));
                job.await();
            }
            // The library is closed: every callback has returned.
            try (ResultSet count = statement.executeQuery("select count(*) from answer")) {
                System.out.println(count.getInt(1) + " rows");
            }
        }
    }

    /** Called by one thread, one result after the other: no executor was given. */
    private static void write(Connection database, Result<String> result) {
        try (PreparedStatement insert =
                database.prepareStatement("insert or replace into answer values (?, ?, ?)")) {
            insert.setString(1, result.customId());
            switch (result) {
                case Result.Succeeded<String> ok -> insert.setString(2, ok.value());
                case Result.Failed<String> failed -> insert.setString(3, failed.error().message());
            }
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("The answers can't be written.", e);
        }
    }
}
