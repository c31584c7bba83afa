package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A handful of the points of {@link KillCampaign}: those at which most can go wrong. */
class KillCampaignTest {
    @Test
    @Timeout(300)
    void a_run_that_is_killed_goes_on_with_the_same_command_and_pays_once(@TempDir Path top) {
        var out = new ByteArrayOutputStream();
        var campaign = new KillCampaign(new PrintStream(out, true, StandardCharsets.UTF_8), top);

        int code =
                new CommandLine(campaign)
                        .execute(
                                "--formats",
                                "openai",
                                "--items",
                                "300",
                                "--seed",
                                "1",
                                "--only",
                                "after advance Creating#1",
                                "--only",
                                "request POST /v1/batches#1",
                                "--only",
                                "answer POST /v1/batches#2",
                                "--only",
                                "before commit download#1");

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("4 kills").contains(" 0 failed");
        assertThat(code).isZero();
    }
}
