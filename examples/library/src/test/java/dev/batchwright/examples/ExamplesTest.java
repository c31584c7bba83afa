package dev.batchwright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Each example does what it says. */
class ExamplesTest {
    @TempDir Path directory;

    private List<String> prints(Class<?> example, String... arguments) throws Exception {
        try (Program program = start(example, Optional.empty(), arguments)) {
            return program.lines();
        }
    }

    private List<String> prints(Class<?> example, Simulator server) throws Exception {
        try (Program program = start(example, Optional.of(server))) {
            return program.lines();
        }
    }

    private Program start(Class<?> example, Optional<Simulator> server, String... arguments)
            throws Exception {
        return Program.start(
                directory,
                Optional.empty(),
                server.map(Simulator::baseUrl),
                example.getName(),
                arguments);
    }

    @Test
    void a_judge_gives_each_answer_its_verdict() throws Exception {
        try (Simulator server = Simulator.start(SimulatorOptions.builder().build())) {
            List<String> lines = prints(JudgeAnswers.class, server);

            assertThat(lines)
                    .containsExactly(
                            "moon-1: 1, echo: Question: How far away is the moon? Answer: About"
                                    + " 384,000 km.",
                            "moon-2: 1, echo: Question: How far away is the moon? Answer: Rather"
                                    + " far.",
                            "sum-1: 1, echo: Question: What is 17 + 25? Answer: 42");
            assertThat(server.bill().executed()).isEqualTo(3);
        }
    }

    @Test
    void customers_are_invented_as_records() throws Exception {
        try (Simulator server = Simulator.start(SimulatorOptions.builder().build())) {
            List<String> lines = prints(InventCustomers.class, server);

            assertThat(lines).hasSize(21).last().isEqualTo("Asked again: 0");
            for (int i = 1; i <= 20; i++) {
                assertThat(lines.get(i - 1))
                        .startsWith(
                                "Customer[name=echo: Invent customer no. %d., age=18, plan=FREE"
                                        .formatted(i));
            }
        }
    }

    @Test
    void asking_again_has_its_price_and_makes_nearly_all_answers_fit() throws Exception {
        try (Simulator server =
                Simulator.start(SimulatorOptions.builder().brokenAnswers("15%").build())) {
            List<String> lines = prints(PriceOfAskingAgain.class, server);

            lines.forEach(System.out::println);
            assertThat(lines).hasSize(4);
            assertThat(lines.get(1)).matches("asked once +1000 +\\$0\\.\\d+ +9\\d\\d +[5-9]\\d");
            assertThat(lines.get(2))
                    .matches("asked again +1[01]\\d\\d +\\$0\\.\\d+ +(99\\d|1000) +\\d");
            assertThat(lines.get(3)).matches("asking again cost [12]?\\d\\.\\d % more");
            assertThat(server.bill().executedTwiceAnywhere()).isPositive();
        }
    }

    @Test
    void calls_through_the_sdk_share_a_batch_and_are_paid_once() throws Exception {
        sharesABatchAndPaysOnce(AskThroughTheSdk.class);
    }

    @Test
    void calls_through_langchain4j_share_a_batch_and_are_paid_once() throws Exception {
        sharesABatchAndPaysOnce(AskThroughLangChain4j.class);
    }

    private void sharesABatchAndPaysOnce(Class<?> example) throws Exception {
        try (Simulator server =
                Simulator.start(SimulatorOptions.builder().batchTime("200ms").build())) {
            for (int i = 0; i < 2; i++) {
                assertThat(prints(example, server))
                        .containsExactly(
                                "echo: Why is the sky blue?",
                                "echo: Why is the sea salt?",
                                "echo: Why is ice slippery?");
            }
            assertThat(server.bill().batches()).hasSize(1);
            assertThat(server.bill().executedInBatches()).isEqualTo(3);
            assertThat(server.bill().executed()).isZero();
        }
    }

    @Test
    void documents_are_summarised_beside_themselves() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("documents"));
        Files.writeString(folder.resolve("a.txt"), "All about a.");
        Files.writeString(folder.resolve("b.txt"), "All about b.");
        Files.writeString(folder.resolve("notes.md"), "None of your business.");

        assertThat(prints(SummariseDocuments.class, "documents"))
                .containsExactly("a.txt -> a.txt.summary", "b.txt -> b.txt.summary");
        assertThat(folder.resolve("b.txt.summary")).content().contains("All about b.");
    }

    @Test
    void texts_become_vectors_and_each_is_closest_to_itself() throws Exception {
        assertThat(prints(EmbedTexts.class))
                .hasSize(4)
                .startsWith("7 vectors of 64 numbers", "1.00 a cat");
    }

    @Test
    void every_answer_is_a_row_also_when_the_program_runs_twice() throws Exception {
        assertThat(prints(AnswersToDatabase.class)).containsExactly("over: FINISHED", "500 rows");
        assertThat(prints(AnswersToDatabase.class)).containsExactly("over: FINISHED", "500 rows");
    }

    @Test
    void a_program_that_was_killed_takes_its_batch_up_again_and_pays_once() throws Exception {
        var created = new CountDownLatch(1);
        try (Simulator server =
                Simulator.start(SimulatorOptions.builder().batchTime("3s").build())) {
            server.onCall(
                    new CallListener() {
                        @Override
                        public void before(String method, String path) {}

                        @Override
                        public void answered(String method, String path) {
                            if (method.equals("POST") && path.endsWith("/batches")) {
                                created.countDown();
                            }
                        }
                    });
            List<String> again;
            try (Program first = start(ResumeAfterCrash.class, Optional.of(server))) {
                assertThat(created.await(60, TimeUnit.SECONDS)).isTrue();
            }
            try (Program second = start(ResumeAfterCrash.class, Optional.of(server))) {
                again = second.lines();
            }

            assertThat(again).hasSize(2).last().isEqualTo("200 answered");
            assertThat(server.bill().batches()).hasSize(1);
            assertThat(server.bill().executedInBatches()).isEqualTo(200);
            assertThat(server.bill().executed()).isZero();
        }
    }
}
