package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** The commands around jobs, and those that need none. */
class JobCommandsTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final User user;

    JobCommandsTest(@TempDir Path temporary) {
        user = new User(temporary).writes("rows.jsonl", User.ROWS);
    }

    @Test
    void a_job_is_listed_shown_watched_and_deleted() {
        assertThat(user.types("run", "rows.jsonl", "-p", "echo", "--name", "trial").code())
                .isZero();

        User.Answer jobs = user.types("jobs");
        assertThat(jobs.out()).containsPattern("job_\\w+ +finished +3 +3 +0 .* trial\n");
        String id = jobs.outLines().get(1).split(" ", 2)[0];
        JsonNode listed = JSON.readTree(user.types("jobs", "--json").out());
        assertThat(listed.at("/job").asString()).isEqualTo(id);
        assertThat(listed.at("/state").asString()).isEqualTo("finished");

        assertThat(user.types("status", id).out())
                .contains(id + "  trial")
                .contains("state      finished")
                .contains("items      3: 3 succeeded, 0 failed, 0 pending")
                .contains("created 3 items");
        assertThat(
                        JSON.readTree(user.types("status", "last", "--json").out())
                                .at("/workers")
                                .asInt())
                .isZero();
        assertThat(user.types("watch", id).code()).isZero();

        assertThat(user.types("delete", id).err()).contains("Job %s is deleted.".formatted(id));
        assertThat(user.types("status", id).code()).isEqualTo(2);
    }

    @Test
    void a_store_may_be_named_before_the_command_or_after_it() {
        assertThat(user.types("--store", "other.db", "run", "rows.jsonl", "-p", "echo").code())
                .isZero();

        assertThat(user.types("jobs").out()).doesNotContain("finished");
        assertThat(user.types("jobs", "--store", "other.db").out()).contains("finished");
        assertThat(user.types("--store", "other.db", "jobs").out()).contains("finished");
    }

    @Test
    void a_detached_job_runs_in_a_process_of_its_own() {
        User.Answer detached = user.types("run", "rows.jsonl", "-p", "echo", "--detach");

        assertThat(detached.code()).isZero();
        String id = detached.out().strip();
        assertThat(id).startsWith("job_");
        assertThat(detached.err()).contains("runs in the background");
        assertThat(user.types("watch", id).code()).isZero();
        assertThat(user.types("results", id).outLines()).hasSize(3);
    }

    @Test
    void what_is_stored_is_for_its_owner_alone() throws IOException {
        user.pipes(User.ROWS).types("run", "-", "-p", "echo", "--dry-run");

        Path directory = user.home().resolve(".batchwright");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void prompts_become_a_batch_file_that_runs() {
        User.Answer prompts = user.types("prompts", "-n", "3");
        assertThat(prompts.outLines()).hasSize(3);

        User.Answer created =
                user.pipes(prompts.out()).types("create", "-m", "echo", "-o", "batch.jsonl");

        assertThat(created.code()).isZero();
        assertThat(created.err()).contains("3 requests for echo.");
        JsonNode first = JSON.readTree(user.reads("batch.jsonl").lines().findFirst().orElseThrow());
        assertThat(first.at("/body/model").asString()).isEqualTo("echo");
        assertThat(user.types("run", "batch.jsonl").outLines()).hasSize(3);
    }

    @Test
    void help_and_version_go_to_standard_output() {
        assertThat(user.types("--help"))
                .satisfies(help -> assertThat(help.code()).isZero())
                .satisfies(help -> assertThat(help.err()).isEmpty())
                .satisfies(
                        help ->
                                assertThat(help.out())
                                        .contains("run", "retry", "Exit codes:")
                                        .doesNotContain("  work "));
        assertThat(user.types().out()).isEqualTo(user.types("--help").out());
        assertThat(user.types("run", "--help").out()).contains("--max-cost=USD");
        assertThat(user.types("--version").out()).startsWith("batchwright ");
    }

    @Test
    void completion_is_a_script_for_the_shell() {
        assertThat(user.types("completion").out())
                .contains("complete -F _complete_batchwright")
                .contains("--max-cost");
    }

    /** What a process sees whose reader is gone, or whose disk is full. */
    private record Failing(String reason) {
        OutputStream stream() {
            return new OutputStream() {
                @Override
                public void write(int one) throws IOException {
                    throw new IOException(reason);
                }
            };
        }
    }

    private int prints(String reason, OutputStream err) {
        var terminal =
                new Terminal(
                        new ByteArrayInputStream(new byte[0]),
                        new Failing(reason).stream(),
                        err,
                        false);
        return Main.run(
                new Surroundings(terminal, Map.of(), user.directory(), user.home()), "prompts");
    }

    @Test
    void a_reader_that_left_is_no_error_to_talk_about() {
        var err = new ByteArrayOutputStream();

        assertThat(prints("Broken pipe", err)).isEqualTo(141);
        assertThat(err.size()).isZero();
    }

    @Test
    void a_standard_output_on_a_full_disk_is_an_error() {
        var err = new ByteArrayOutputStream();

        assertThat(prints("No space left on device", err)).isEqualTo(3);
        assertThat(err)
                .hasToString(
                        "batchwright prompts: Standard output can't be written: No space left on"
                                + " device. Make room there, or send it elsewhere.\n");
    }
}
