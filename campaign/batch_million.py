#!/usr/bin/env python3
"""A million requests through the batch lane in a small heap: where the time goes, and that memory stays flat.

Each size runs JSONL -> full batches -> JSONL in a process with a 256 MB heap, against the simulator in a
process of its own. The phases are told by the events of --json; CPU time and peak memory are the kernel's;
what was executed is the simulator's bill. The yardsticks, in the same run: cp of the same bytes, each file
synced, and the plain way to take results in with Python (json, sqlite3, one file in memory at a time).
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from million import COLLECTIONS_EVERY, FLAT_HEAP_MB, HEAP_MB, collect, most_live_mb
from processes import Broken, Command, Simulator, build, check

# What a process may hold beside its heap: code, threads, buffers of the network and the database.
BESIDE_HEAP_MB = 160
PHASES = ["load", "plan", "upload", "wait", "harvest", "export"]
# A batch runs so long that every other one is created before the first has ended.
BATCH_SECONDS_FOR_A_MILLION = 40
TICKS = os.sysconf("SC_CLK_TCK")

# What a provider's lines look like.
Wire = collections.namedtuple("Wire", "model batch_requests base_path answer")
WIRES = {
    "openai": Wire("gpt-4.1-mini", 50_000, "/v1", lambda body: body["choices"][0]["message"]["content"]),
    "anthropic": Wire("claude-haiku-4-5", 100_000, "", lambda body: body["choices"][0]["message"]["content"]),
    "gemini": Wire("gemini-2.5-flash", None, "", lambda body: body["choices"][0]["message"]["content"]),
}

SYSTEM = "Say in one word how the customer feels about the product, and in one sentence why you think so."


def review(item):
    text = (f"Review {item}: works as described, mostly; arrived in {item % 9} days and I would order it again, "
            f"for the {item % 13}th time. ")
    return text + text


def write_requests(path, items, model):
    head = '","method":"POST","url":"/v1/chat/completions","body":{"model":"' + model + \
           '","messages":[{"role":"system","content":"' + SYSTEM + '"},{"role":"user","content":"'
    with open(path, "w", encoding="utf-8") as lines:
        for item in range(items):
            lines.write(f'{{"custom_id":"r{item}{head}{review(item)}"}}],"max_tokens":100,"temperature":0}}}}\n')


def check_results(path, items, wire):
    """Each request answered by its own answer, in input order."""
    count = 0
    with open(path, "rb") as results:
        for item, line in enumerate(results):
            count += 1
            if item % 97 == 0 or item == items - 1:
                result = json.loads(line)
                check(result["custom_id"] == f"r{item}", f"line {item + 1} is of {result['custom_id']}")
                content = wire.answer(result["response"]["body"])
                check(content == f"echo: {review(item)}", f"request {item} got {content!r}")
    check(count == items, f"{count} of {items} requests are in the results")


def check_bill(bill, items, wire):
    """Each request executed exactly once, in no more batches than are needed."""
    lane = bill["batch_lane"]
    check(lane["executions"] == {"1": items}, f"executed in batches so often: {lane['executions']}")
    check(lane["executed_twice_in_any_lane"] == 0, "some were executed live and in a batch")
    check(bill["executed"] == 0, f"{bill['executed']} were executed live")
    if wire.batch_requests:
        needed = -(-items // wire.batch_requests)
        check(lane["created"] == needed, f"{lane['created']} batches for {items} requests, {needed} are enough")


class Meter:
    """What a process has used, from time to time."""

    def __init__(self, pid):
        self.pid = pid
        self.samples = [(time.time(), 0.0)]
        self.peak_mb = 0

    def look(self):
        try:
            fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return
        if "VmHWM:" in status:
            self.samples.append((time.time(), (int(fields[11]) + int(fields[12])) / TICKS))
            self.peak_mb = int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def cpu_until(self, moment):
        return max((used for at, used in self.samples if at <= moment), default=0.0)

    def cpu(self):
        return self.samples[-1][1]


class Told:
    """When the phases began and ended, by the events of a run."""

    def __init__(self, began, ended, text):
        events = [json.loads(line) for line in text.splitlines()]
        self.end = events[-1]
        at = collections.defaultdict(list)
        for event in events:
            if event["event"] == "happened":
                moment = datetime.datetime.fromisoformat(event["at"].replace("Z", "+00:00")).timestamp()
                at[event["kind"]].append((moment, event["detail"]))
        check(at["planned"], "the events do not tell of a plan")
        marks = [began, at["created"][0][0], at["planned"][-1][0], at["batch created"][-1][0],
                 at["batch over"][0][0], at["finished"][-1][0], ended]
        self.batches = len(at["batch ended"])
        self.overlap = marks[4] < marks[3]
        if self.overlap:
            marks[4] = marks[3]
        self.spans = dict(zip(PHASES, zip(marks, marks[1:])))
        # From when a batch's files are there until they are read; two are read at a time.
        ended_at = {detail.split()[0]: moment for moment, detail in at["batch ended"]}
        self.reading = union((moment, ended_at[detail.split(",")[0]]) for moment, detail in at["batch downloaded"])


def union(spans):
    total = 0.0
    reached = 0.0
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def copy_seconds(paths, folder):
    began = time.monotonic()
    for path in paths:
        copy = folder / "copy"
        subprocess.run(["cp", path, copy], check=True)
        with open(copy, "rb") as written:
            os.fdatasync(written.fileno())
    seconds = time.monotonic() - began
    (folder / "copy").unlink()
    return seconds


def harvest_in_python(paths, database):
    """The plain way: a file in memory, each line parsed, each result a row."""
    table = sqlite3.connect(database)
    table.execute("pragma journal_mode = wal")
    table.execute("create table result (custom_id text primary key, status integer, content text,"
                  " prompt_tokens integer, completion_tokens integer, line text)")
    for path in paths:
        rows = []
        with open(path, encoding="utf-8") as results:
            for line in results.read().splitlines():
                result = json.loads(line)
                response = result["response"]
                body = response["body"]
                rows.append((result["custom_id"], response["status_code"], body["choices"][0]["message"]["content"],
                             body["usage"]["prompt_tokens"], body["usage"]["completion_tokens"], line))
        with table:
            table.executemany("insert into result values (?, ?, ?, ?, ?, ?)", rows)
    table.close()


def python_seconds(paths, folder):
    """Wall and CPU seconds of the plain way, in a process of its own."""
    before = os.times()
    began = time.monotonic()
    subprocess.run([sys.executable, __file__, "--harvest-in-python", folder / "plain.db", *paths], check=True)
    wall = time.monotonic() - began
    after = os.times()
    (folder / "plain.db").unlink()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def run(items, provider, top, simulator_heap):
    wire = WIRES[provider]
    folder = top / f"{provider}-{items}"
    folder.mkdir()
    write_requests(folder / "requests.jsonl", items, wire.model)
    runs = max(3.0, BATCH_SECONDS_FOR_A_MILLION * items / 1_000_000)
    arguments = ["--provider", provider] if provider != "openai" else []
    with Simulator(folder, *arguments, "--batch-time", f"{runs * 1000:.0f}ms",
                   java_options=f"-Xmx{simulator_heap}m") as simulator:
        base = simulator.base_url.removesuffix("/v1") + wire.base_path
        began = time.time()
        command = Command(
            ["run", "requests.jsonl", "-o", "out.jsonl", "-p", provider, "--base-url", base, "--mode", "batch",
             "--poll-interval", "1s", "--json"],
            folder, "run", folder / "store.db", f"-Xmx{HEAP_MB}m -Xlog:gc:file={folder / 'gc.log'}")
        ours, theirs = Meter(command.pid), Meter(simulator.command.pid)
        collected = began
        while not command.ended():
            ours.look()
            theirs.look()
            if time.time() - collected > COLLECTIONS_EVERY:
                collect(command.pid)
                collected = time.time()
            time.sleep(0.02)
        ended = time.time()
        check(command.wait() == 0, f"ended with {command.wait()}:\n{command.said()}")
        check_bill(simulator.quiet_bill(), items, wire)
        theirs.look()
    check_results(folder / "out.jsonl", items, wire)
    told = Told(began, ended, command.out_path.read_text())
    results = sorted((folder / "store.db-segments").glob("job_*/results-*"))
    heap = most_live_mb(folder / "gc.log")
    report(items, provider, told, ours, theirs, folder, results, heap)
    shutil.rmtree(folder)
    return ours.peak_mb, heap


def report(items, provider, told, ours, theirs, folder, results, heap):
    size = {name: (folder / name).stat().st_size for name in ("requests.jsonl", "out.jsonl")}
    results_size = sum(path.stat().st_size for path in results)
    wall = told.spans["export"][1] - told.spans["load"][0]
    waited = told.spans["wait"][1] - told.spans["wait"][0]
    print(f"{items:,} requests of {size['requests.jsonl'] // items} bytes at {provider}, {told.batches} batches: "
          f"{wall:.1f} s, {waited:.1f} of them waiting; {ours.cpu():.1f} CPU s, {1e4 * ours.cpu() / items:.2f} for "
          f"10,000 requests; peak memory {ours.peak_mb} MB, live heap at most {heap} MB; peak of the simulator {theirs.peak_mb} MB, {theirs.cpu():.1f} CPU s")
    for phase in PHASES:
        begin, end = told.spans[phase]
        print(f"  {phase:8} {end - begin:6.1f} s  {ours.cpu_until(end) - ours.cpu_until(begin):6.1f} CPU s"
              f"  (simulator {theirs.cpu_until(end) - theirs.cpu_until(begin):.1f} CPU s)")
    if told.overlap:
        print("  (batches ended before the last was created: upload and harvest overlap)")
    everything = [folder / "requests.jsonl", *results, folder / "out.jsonl"]
    whole = copy_seconds(everything, folder)
    print(f"  cp and fdatasync of input, results and output ({(sum(size.values()) + results_size) / 1e6:.0f} MB) {whole:.2f} s:"
          f" all but the waiting takes {(wall - waited) / whole:.0f} x that")
    harvest = told.spans["harvest"]
    cpu = ours.cpu_until(harvest[1]) - ours.cpu_until(harvest[0])
    print(f"  results read (parsed, indexed) in {told.reading:.1f} s: {items / told.reading:,.0f} lines/s")
    if provider == "openai":
        plain, plain_cpu = python_seconds(results, folder)
        # A short harvest may pass between two looks at the process.
        of_cpu = f"{plain_cpu / cpu:.1f} x the CPU of all of the harvest" if cpu > 0 else "our CPU was not seen"
        print(f"  json and sqlite3 in Python: {plain:.1f} s, {items / plain:,.0f} lines/s, {plain_cpu:.1f} CPU s:"
              f" {plain / told.reading:.1f} x as long as reading, {of_cpu}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--provider", choices=WIRES, default="openai")
    parser.add_argument("--simulator-heap", type=int, default=384, metavar="MB")
    parser.add_argument("--harvest-in-python", nargs="+", metavar="DATABASE FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.harvest_in_python:
        harvest_in_python(options.harvest_in_python[1:], options.harvest_in_python[0])
        return 0
    os.environ.setdefault({"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY",
                           "gemini": "GEMINI_API_KEY"}[options.provider], "sk-simulated")
    build()
    top = pathlib.Path(tempfile.mkdtemp(prefix="batchwright-batch-million-"))
    try:
        small_peak, small_heap = run(options.items // 10, options.provider, top, options.simulator_heap)
        peak, heap = run(options.items, options.provider, top, options.simulator_heap)
        check(heap <= small_heap + FLAT_HEAP_MB, f"the heap grows with the job: {small_heap} -> {heap} MB")
        check(peak <= HEAP_MB + BESIDE_HEAP_MB, f"a heap of {HEAP_MB} MB, and {peak} MB in all")
    except Broken as problem:
        print(f"batch million: FAILED: {problem}\nkept in {top}\nbatch million: 0 passed, 1 failed")
        return 1
    shutil.rmtree(top)
    print(f"batch million: 1 passed, 0 failed ({options.items:,} requests, each executed once; peak memory {small_peak} ->"
          f" {peak} MB, live heap {small_heap} -> {heap} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
