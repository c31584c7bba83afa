#!/usr/bin/env python3
"""The crash campaign: runs that are killed at random moments, several times each, and resumed by the same command.

After each kill every outcome that the store holds is noted; at the end each must be in the results
unchanged. Nothing may be lost, joined to another prompt, out of order, or executed again beyond the
calls that were in flight when a kill came. The simulator's bill is the witness.
"""

import argparse
import contextlib
import json
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

from processes import Broken, Command, FileRecords, Postgres, Simulator, TableRecords, build, check

CONCURRENCY = 50
LEASE_SECONDS = 30
# Short-lived processes: the quick compiler alone, so that a run takes seconds.
JAVA = "-XX:TieredStopAtLevel=1 -Xmx256m"


class Run:
    """One job, from its first start through all its kills to the checks at its end."""

    def __init__(self, number, seed, items, simulator, folder, postgres):
        self.random = random.Random(f"{seed}/{number}")
        self.items = items
        self.simulator = simulator
        self.folder = folder
        if postgres:
            database = f"run_{number}"
            self.store = postgres.create(database)
            self.records = TableRecords(postgres, database)
        else:
            self.store = folder / "store.db"
            self.records = FileRecords(self.store)
        self.out = folder / "out.jsonl"
        self.starts = 0
        self.kills = []
        self.repeats_allowed = 0
        self.prompts = [self.prompt(number, item) for item in range(items)]
        with open(folder / "in.jsonl", "w", encoding="utf-8") as lines:
            for item, prompt in enumerate(self.prompts):
                body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}]}
                line = {"custom_id": f"item-{item}", "method": "POST",
                        "url": "/v1/chat/completions", "body": body}
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")

    def prompt(self, number, item):
        words = " ".join(self.random.choices(["plain", "\"quoted\"", "größer", "雪", "a\\b", "🚀"], k=item % 7))
        return f"run {number} item {item} {words}."

    def start(self):
        self.starts += 1
        arguments = ["run", "in.jsonl", "-o", "out.jsonl", "--base-url", self.simulator.base_url,
                     "--concurrency", CONCURRENCY]
        return Command(arguments, self.folder, f"start-{self.starts}", self.store, JAVA)

    def go(self, moments):
        command = self.start()
        for moment in moments:
            command = getattr(self, moment)(command)
            if command.ended():
                break
        code = command.wait()
        check(code == 0, f"{command.name} ended with {code}:\n{command.said()}")
        self.check_results()
        return self.check_bill()

    # The moments. Each takes the command that runs and returns the one that runs afterwards.

    def load(self, command):
        """Somewhere in the first second and a half: the JVM's start, the reading of the input, the first calls."""
        time.sleep(self.random.uniform(0.1, 1.5))
        return self.killed(command, "load")

    def run(self, command):
        """At a random count of recorded outcomes."""
        return self.killed(command, "run") if self.reaches_a_target(command) else command

    def export(self, command):
        """While the results are written."""
        part = self.folder / f".out.jsonl.{command.pid}.part"
        def writing():
            try:
                return self.out.exists() or part.stat().st_size > 0
            except FileNotFoundError:  # Not begun, or just moved into place.
                return self.out.exists()
        if not command.until(writing, every=0.0005):
            return command
        time.sleep(self.random.uniform(0, 0.1))
        return self.killed(command, "export")

    def interrupt(self, command):
        """Ctrl-C: calls under way are finished, the message says how to go on."""
        # While the JVM starts, nobody is there yet to say a word.
        if not command.until(command.said) or not self.reaches_a_target(command):
            return command
        command.signal(signal.SIGINT)
        code = command.wait(60)
        if code == 0:
            return command
        check(code in (130, -signal.SIGINT), f"interrupted, {command.name} ended with {code}:\n{command.said()}")
        check("same command again" in command.said(), f"no word on how to go on:\n{command.said()}")
        self.kills.append("interrupt")
        self.records.look()
        return self.start()

    def takeover(self, command):
        """A second process watches, and goes on when the first is killed."""
        if not command.until(lambda: self.records.look() > 0):
            return command
        second = self.start()
        if not command.until(lambda: "watching" in second.said() or second.ended()):
            return second
        if self.reaches_a_target(command):
            self.kill(command, "takeover")
        return second

    def pause(self, command):
        """Suspended until its lease is over, and woken while another has taken its work."""
        if not self.reaches_a_target(command, 0.3):
            return command
        command.signal(signal.SIGSTOP)
        self.records.suspend()
        done = len(self.records.answers)
        second = self.start()
        self.kills.append(f"pause@{done}")
        self.repeats_allowed += 2 * CONCURRENCY
        taken = second.until(lambda: self.records.look() > done, LEASE_SECONDS * 4)
        command.signal(signal.SIGCONT)
        check(taken, f"nobody took over from a suspended process:\n{second.said()}")
        code = command.wait()
        check(code == 0, f"woken, {command.name} ended with {code}:\n{command.said()}")
        return second

    def reaches_a_target(self, command, most=1.0):
        done = self.records.look()
        target = done + int((self.items * most - done) * self.random.random())
        return command.until(lambda: self.records.look() >= max(1, target))

    def killed(self, command, moment):
        self.kill(command, moment)
        return self.start()

    def kill(self, command, moment):
        command.kill()
        self.repeats_allowed += CONCURRENCY
        self.kills.append(f"{moment}@{self.records.look()}")

    # The checks.

    def check_results(self):
        self.records.look()
        count = 0
        with open(self.out, "rb") as results:
            for item, line in enumerate(results):
                count += 1
                result = json.loads(line)
                check(result["custom_id"] == f"item-{item}", f"line {item + 1} is of {result['custom_id']}")
                answer = result["response"]["body"]["choices"][0]["message"]["content"]
                check(answer == "echo: " + self.prompts[item], f"item {item} got {answer!r}")
                recorded = self.records.answer(item + 1)
                check(recorded is not None, f"item {item} is in the results but was never recorded")
                check(recorded in line, f"item {item} is not what was recorded:\n{line}\n{recorded}")
        check(count == self.items, f"{count} of {self.items} items are in the results")
        check(len(self.records.answers.keys() | self.records.late.keys()) == self.items, "records beyond the items")
        check(len(self.records.jobs) == 1, f"{len(self.records.jobs)} jobs did the work of one")

    def check_bill(self):
        bill = self.simulator.quiet_bill()
        repeated = bill["executed"] + bill["spoiled"] + bill["abandoned"] - self.items
        check(bill["distinct"] == self.items, f"{bill['distinct']} distinct requests arrived")
        check(0 <= repeated <= self.repeats_allowed,
              f"{repeated} calls were repeated, at most {self.repeats_allowed} were in flight")
        return repeated


def moments(number, chance):
    """What happens to a run: two to five kills, most while calls are made, some in the quieter corners."""
    chosen = ["load"] if chance.random() < 0.4 else []
    chosen += chance.choices(["run", "takeover", "interrupt"], [6, 2, 1], k=chance.randint(2, 4))
    return chosen + (["export"] if chance.random() < 0.5 else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only", type=int, help="this run of the seed alone")
    parser.add_argument("--latency", default="5ms")
    parser.add_argument("--postgres", action="store_true", help="with PostgreSQL as the store, a server of its own")
    parser.add_argument("--no-pause", action="store_true", help="leave out the suspended process (40 s)")
    options = parser.parse_args()
    print(f"crash campaign: --runs {options.runs} --items {options.items} --seed {options.seed}", flush=True)
    build()
    failed = passed = kills = repeats = 0
    top = pathlib.Path(tempfile.mkdtemp(prefix="batchwright-crash-"))
    with contextlib.ExitStack() as others:
        simulator = others.enter_context(Simulator(top, "--latency", options.latency))
        postgres = others.enter_context(contextlib.closing(Postgres(top))) if options.postgres else None
        for number in range(options.runs) if options.only is None else [options.only]:
            chance = random.Random(f"{options.seed}/{number}/moments")
            plan = moments(number, chance)
            if number == 0 and not options.no_pause:
                plan = ["pause", *plan]
            folder = top / f"run-{number}"
            folder.mkdir()
            run = Run(number, options.seed, options.items, simulator, folder, postgres)
            began = time.monotonic()
            try:
                simulator.forget()
                repeated = run.go(plan)
            except Exception as problem:  # A run that breaks must not hide the others.
                failed += 1
                print(f"run {number} FAILED after {run.kills} of {plan}; kept in {folder}", flush=True)
                if isinstance(problem, Broken):
                    print(problem, flush=True)
                else:
                    traceback.print_exc()
                continue
            passed += 1
            kills += len(run.kills)
            repeats += repeated
            shutil.rmtree(folder)
            print(f"run {number}: ok, {time.monotonic() - began:.0f} s, {repeated} calls repeated, "
                  f"{' '.join(run.kills)}", flush=True)
    print(f"crash campaign: {passed} passed, {failed} failed; {kills} kills, {passed * options.items:,} items, "
          f"{repeats} calls repeated; seed {options.seed}")
    if not failed:
        shutil.rmtree(top)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
