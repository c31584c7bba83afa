#!/usr/bin/env python3
"""GSM8K's training questions against a provider that fails a fifth of its calls and limits the rest.

Every question must be answered by its own answer, paid once, within the rate limit. Faults that strike
before execution and such that spoil a paid answer are counted apart, and so are the 429 that were made
up and those that the limit gave.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

from processes import Broken, Command, ROOT, Simulator, build, check

# 20 % in all: 17 % that are not run, 3 % that are run and spoiled. A made-up 429 closes the gate for all, so it asks
# for little, in the one form that can say so.
FAULTS = ["429=slow_down:3% wait=50ms", "500:5%", "503:4%", "502:1%", "reset:3%", "stall:1%",
          "half:1%", "invalid-json:1%", "lost-answer:1%"]
# A call that stalls is given up after this; the slowest honest answer takes a fifteenth of it.
TIMEOUT = "3s"


def data():
    named = os.environ.get("BATCHWRIGHT_GSM8K")
    return pathlib.Path(named) if named else ROOT.parent / "shared/data/gsm8k/train.jsonl"


def questions(path, most):
    if not path.exists():
        print(f"gsm8k: no GSM8K here (set BATCHWRIGHT_GSM8K to its train.jsonl): {most} generated questions instead")
        return [f"Ann has {n} apples and gives {n % 7} away. How many are left?" for n in range(most)]
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in lines][:most]


def check_answers(path, expected):
    """Each row answered by its own question, in input order."""
    count = 0
    with open(path, encoding="utf-8") as lines:
        for place, line in enumerate(lines):
            count += 1
            result = json.loads(line)
            check(result["error"] is None and result["response"]["status_code"] == 200, f"row {place + 1} failed: {line}")
            answer = result["response"]["body"]["choices"][0]["message"]["content"]
            wanted = f"echo: Solve: {expected[place]}"
            check(answer == wanted, f"row {place + 1} was answered by {answer!r}, not {wanted!r}")
    check(count == len(expected), f"{count} rows of {len(expected)} have a result")


def check_bill(bill, items, rpm):
    second = rpm // 60
    check(bill["executions"] == {"1": items}, f"billed so often: {bill['executions']}; {bill['executed_twice']}")
    check(bill["abandoned"] == 0, f"{bill['abandoned']} paid answers were not waited for")
    minute = bill["arrivals"]["max_per_minute"]
    check(minute <= rpm + second, f"{minute} calls in a minute, {rpm} allowed")
    ten_seconds = bill["arrivals"]["max_in_window"]
    check(ten_seconds <= 11 * second, f"{ten_seconds} calls in ten seconds, {10 * second} allowed")
    over = bill["refused_by_reason"].get("429 requests", 0)
    check(over < 0.02 * bill["arrived"], f"{over} of {bill['arrived']} calls were over the limit")


def report(bill, seconds, rpm):
    made_up = bill["arrived"] - bill["executed"] - bill["refused_by_reason"].get("429 requests", 0)
    print(f"{bill['executed']:,} questions answered in {seconds:.0f} s by {bill['arrived']:,} calls")
    print(f"faults: {made_up} ({made_up / bill['arrived']:.1%}): not run {bill['refused_by_reason']}, "
          f"run and spoiled {bill['spoiled_by_fault']}")
    print(f"billed: {bill['executions']} (times: requests)")
    print(f"limit {rpm} a minute: at most {bill['arrivals']['max_per_minute']} in a minute, "
          f"{bill['arrivals']['max_in_window']} in ten seconds, {bill['arrivals']['max_per_second']} in one; "
          f"{bill['refused_by_reason'].get('429 requests', 0)} calls over it; at most {bill['concurrency']['max']} at once")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=7473)
    parser.add_argument("--rpm", type=int, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    build()
    expected = questions(data(), options.items)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="batchwright-gsm8k-"))
    with open(folder / "questions.jsonl", "w", encoding="utf-8") as rows:
        rows.writelines(json.dumps({"question": question}) + "\n" for question in expected)
    faults = [word for fault in FAULTS for word in ("--fault", fault)]
    with Simulator(folder, "--rpm", options.rpm, "--burst", "second", "--retry-after", "ms",
                   "--latency", "uniform:20ms..200ms", "--seed", options.seed, *faults) as simulator:
        began = time.monotonic()
        command = Command(
            ["run", "questions.jsonl", "-o", "answers.jsonl", "--prompt", "Solve: {{question}}", "-m", "gpt-4o-mini",
             "--base-url", simulator.base_url, "--timeout", TIMEOUT, "--max-attempts", "12", "--json"],
            folder, "run", folder / "store.db")
        code = command.wait(1200)
        seconds = time.monotonic() - began
        bill = simulator.quiet_bill()
    report(bill, seconds, options.rpm)
    try:
        check(code == 0, f"ended with {code}:\n{command.said()}")
        check_answers(folder / "answers.jsonl", expected)
        check_bill(bill, len(expected), options.rpm)
    except Broken as problem:
        print(f"gsm8k: FAILED: {problem}\nkept in {folder}\ngsm8k: 0 passed, 1 failed")
        return 1
    shutil.rmtree(folder)
    print("gsm8k: 1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
