#!/usr/bin/env python3
"""A job in `auto` whose batch hangs ends before its deadline.

The provider finishes a part of the batch and then no more. The batch is cancelled, what it did is harvested and
not paid again, and the rest is run live, in time. `status` tells what each lane cost.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

from processes import Broken, Command, Simulator, build, check

MODEL = "gpt-4o-mini"


def write_input(path, items):
    with open(path, "w", encoding="utf-8") as rows:
        rows.writelines(json.dumps({"prompt": f"question {n}"}) + "\n" for n in range(items))


def check_results(path, items):
    with open(path, encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    check(len(results) == items, f"{len(results)} results of {items} items")
    for place, result in enumerate(results):
        answer = result["response"]["body"]["choices"][0]["message"]["content"]
        check(answer == f"echo: question {place}", f"row {place + 1} was answered by {answer!r}")


def check_bill(bill, items):
    batched, live = bill["batch_lane"]["executed"], bill["executed"]
    check(bill["batch_lane"]["executed_twice_in_any_lane"] == 0, "requests were paid twice")
    check(batched + live == items, f"{batched} executed in batches and {live} live, of {items}")
    check(0 < batched < items, f"{batched} of {items} were executed in batches: it did not hang half done")


def cost_table(folder):
    """What went by which lane and what it cost, as the user sees it."""
    command = Command(["status", "last"], folder, "status", folder / "store.db")
    check(command.wait() == 0, f"status: {command.said()}")
    rows = [line for line in command.out_path.read_text(encoding="utf-8").splitlines()
            if line.split()[:1] in (["lane"], ["batch"], ["live"])]
    check(len(rows) == 3, f"status has no table of the lanes: {rows}")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--deadline", type=int, default=60, help="in seconds")
    options = parser.parse_args()
    build()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="batchwright-deadline-"))
    write_input(folder / "rows.jsonl", options.items)
    (folder / "batchwright.yaml").write_text("defaults: {shortest_batch: 5s}\n", encoding="utf-8")
    (folder / ".env").write_text("OPENAI_API_KEY=sk-campaign\n", encoding="utf-8")
    # It would need three times the deadline; a cancelled batch ends after a tenth of its time, ten minutes at most.
    with Simulator(folder, "--batch-time", f"{options.deadline * 180}s", "--time-scale", 60, "--latency", "50ms",
                   "--price-in", 0.15, "--price-out", 0.6) as simulator:
        began = time.monotonic()
        command = Command(
            ["run", "rows.jsonl", "-o", "answers.jsonl", "-p", "openai", "-m", MODEL, "--base-url", simulator.base_url,
             "--mode", "auto", "--deadline", f"{options.deadline}s", "--concurrency", 5000, "--poll-interval", "250ms",
             "--json"],
            folder, "run", folder / "store.db")
        code = command.wait(options.deadline * 5)
        seconds = time.monotonic() - began
        bill = simulator.quiet_bill()
    print(f"{options.items:,} items in {seconds:.0f} s, deadline {options.deadline} s: "
          f"{bill['batch_lane']['executed']:,} in batches, {bill['executed']:,} live, "
          f"cost {bill['cost_usd']} USD")
    try:
        check(code == 0, f"ended with {code}:\n{command.said()}")
        check(seconds < options.deadline, f"took {seconds:.0f} s")
        check_results(folder / "answers.jsonl", options.items)
        check_bill(bill, options.items)
        print(cost_table(folder))
    except Broken as problem:
        print(f"deadline: FAILED: {problem}\nkept in {folder}\ndeadline: 0 passed, 1 failed")
        return 1
    shutil.rmtree(folder)
    print("deadline: 1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
