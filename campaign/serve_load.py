#!/usr/bin/env python3
"""Many calls that wait at `batchwright serve` for their batch, over HTTP/1.1 or HTTP/2.

N clients make a call each, with a prompt of its own. When all of them are in batches at the provider and nobody has an
answer, the memory of the server is measured; then the batches end, and each client must get its own answer. With --kill
the server is killed with `kill -9` twice, when about half of the calls were taken and when all of them wait, and is started again
on the same port and store: the clients make their calls again. What was paid is told by the simulator's bill: each call
once, in batches formed by size. Without --http, small forms of all three.

Memory is told in two ways. `told` is what the process has, garbage and all, in the heap that it was given; `held` is the same
behind a full collection. What it had before the first call is subtracted from both; it was warmed up and then collected.
"""

import argparse
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

from processes import Broken, Server, Simulator, bench_java, build, build_bench, check, java

KEY = "sk-load"
PATIENCE = 900
WARM_UP = 1_000
OVER = ("finalizing", "completed")
PROVIDER_MOST = 50_000
# What a waiting call may take, in KB, without its payload; of so few that the rest of the process counts, nothing is said.
GOALS = {1: 24, 2: 14}
ENOUGH = 10_000


class Load:
    """The clients, as a process of their own."""

    def __init__(self, folder, server, name, **words):
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        words = {"server": server, "label": name, "patience": PATIENCE, **words}
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [*bench_java(), "-Xmx3g", "dev.batchwright.bench.CallLoad",
                 *(f"{word.replace('_', '-')}={value}" for word, value in words.items())],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    def said(self):
        return [json.loads(line) for line in self.out.read_text().splitlines() if line.endswith("}")]

    def ended(self):
        return self.process.poll() is not None

    def result(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE + 30)
        said = self.said()
        check(said and said[-1]["event"] == "over", f"the clients did not end well:\n{self.err.read_text()[-2000:]}")
        return said[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Serving:
    """A server that can be killed and started again, on the same port and store."""

    def __init__(self, folder, provider, options, size):
        self.folder, self.options, self.store = folder, options, folder / "serve.db"
        self.port, self.starts = 0, 0
        self.arguments = [
            "--store", self.store, "-p", "openai", "--base-url", provider, "--mode", "batch", "--batch-size", size,
            "--batch-window", options.window, "--poll-interval", "1s", "--max-streams", options.streams,
            "--log-level", "warn"]
        self.start()

    def start(self):
        self.starts += 1
        self.server = Server(self.folder, *self.arguments, "--port", self.port, name=f"serve-{self.starts}",
                             java_options=f"-Xmx{self.options.heap} {self.options.java}".strip(),
                             environment={"OPENAI_API_KEY": KEY})
        self.port = int(self.server.origin.rsplit(":", 1)[1])
        self.origin = self.server.origin

    def again(self):
        self.server.command.kill()
        self.start()

    @property
    def pid(self):
        return self.server.command.pid

    def rss(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def collect(self):
        jcmd = pathlib.Path(java()).with_name("jcmd")
        subprocess.run([jcmd, str(self.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)

    def stored(self):
        """How many calls are durable."""
        with contextlib.closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=60)) as database:
            return database.execute("select count(*) from call").fetchone()[0]

    def waiting(self):
        with urllib.request.urlopen(f"{self.origin}/metrics", timeout=60) as reply:
            lines = reply.read().decode().splitlines()
        told = next(line for line in lines if line.startswith("batchwright_http_open_requests"))
        return round(float(told.split()[1])) - 1  # Without the one that asks.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.command.kill()


def until(load, holds, what):
    """Waits; it is a failure if the clients end before."""
    end = time.monotonic() + PATIENCE
    while not holds():
        check(not load.ended(), f"the clients ended before {what}: {load.said()[-1:]} {load.err.read_text()[-500:]}")
        check(time.monotonic() < end, f"not in time: {what}")
        time.sleep(0.05)


def batches(simulator):
    address = simulator.base_url.removesuffix("/v1") + "/simulator/batches"
    with urllib.request.urlopen(address, timeout=60) as reply:
        return json.load(reply)["batches"]


def at_the_provider(simulator):
    return sum(batch["requests"] for batch in batches(simulator))


def judge(bill, calls, size):
    lane = bill["batch_lane"]
    check(lane["executions"] == {"1": calls}, f"executed in batches so often: {lane['executions']}")
    check(bill["executed"] == 0, f"{bill['executed']} were executed live")
    largest = max(batch["requests"] for batch in lane["batches"])
    check(largest <= size, f"a batch of {largest} requests")
    return f"{lane['created']} batches, the largest of {largest:,}"


def answered(result, calls):
    check(result["right"] == calls and not result["wrong"] and not result["failed"], f"not all are right: {result}")


def run(options):
    form = f"{options.calls:,} calls over HTTP/{'1.1' if options.http == 1 else '2'}, heap {options.heap}"
    print(form + (", killed twice" if options.kill else ""), flush=True)
    size = options.size or min(options.calls, PROVIDER_MOST)
    with tempfile.TemporaryDirectory(prefix="serve-load-") as made:
        folder = pathlib.Path(made)
        with (Simulator(folder, "--batch-time", options.batch_time, "--key", KEY) as simulator,
              Serving(folder, simulator.base_url, options, size) as serving):
            (killed if options.kill else waited)(options, folder, simulator, serving, size)


def warm_up(options, folder, simulator, serving):
    """Some calls whose clients do not wait; returns their batches."""
    with Load(folder, serving.origin, "warm", calls=WARM_UP, at_once=200, http=options.http, streams=options.streams,
              expect="ACCEPTED") as load:
        check(load.result()["right"] == WARM_UP, f"they were not accepted: {load.said()}")
    end = time.monotonic() + PATIENCE
    while at_the_provider(simulator) < WARM_UP:
        check(time.monotonic() < end, "not in time: the first calls were at the provider")
        time.sleep(0.05)
    serving.collect()
    return {batch["id"] for batch in batches(simulator)}


def waited(options, folder, simulator, serving, size):
    total = WARM_UP + options.calls
    known = warm_up(options, folder, simulator, serving)
    before, cpu_before = serving.rss(), serving.cpu()
    with Load(folder, serving.origin, "load", calls=options.calls, http=options.http, streams=options.streams) as load:
        until(load, lambda: serving.stored() > WARM_UP, "the first call was stored")
        began, some = time.monotonic(), serving.stored()
        until(load, lambda: serving.stored() >= total, "all calls were stored")
        accepted = (total - some) / (time.monotonic() - began)
        until(load, lambda: at_the_provider(simulator) >= total, "all calls were at the provider")
        waiting = serving.waiting()
        check(waiting == options.calls, f"{waiting:,} wait; a batch has to run for longer. {load.said()}")
        told, cpu_waiting = serving.rss(), serving.cpu()
        serving.collect()
        held, cpu_collected = serving.rss(), serving.cpu()
        first_batch = None
        while not load.ended() and not first_batch:
            if any(batch["state"] in OVER for batch in batches(simulator) if batch["id"] not in known):
                first_batch = time.time()
            time.sleep(0.05)
        result = load.result()
        cpu_over = serving.cpu()
    answered(result, options.calls)
    check(result["broken"] == 0 and result["refused"] == 0, f"calls had to be made again: {result}")
    per_call = {"told": (told - before) / options.calls / 1024, "held": (held - before) / options.calls / 1024}
    print(f"  {accepted:,.0f} calls/s stored, all waited at once; the server's CPU: {cpu_waiting - cpu_before:.1f} s until then, "
          f"{cpu_over - cpu_collected:.1f} s from then to the last answer")
    print(f"  memory: {before / 2**20:,.0f} MB before, {told / 2**20:,.0f} MB told and {held / 2**20:,.0f} MB held with all waiting, "
          f"{serving.rss() / 2**20:,.0f} MB after; per waiting call {per_call['told']:.1f} KB told, {per_call['held']:.1f} KB held "
          f"(goal {GOALS[options.http]})")
    print(f"  all answered right, {result['last_answer'] - (first_batch or result['first_answer']):.1f} s after the first batch's end, "
          f"{result['last_answer'] - result['first_answer']:.1f} s after the first answer")
    print(f"  each paid once: {judge(simulator.quiet_bill(), total, size)}", flush=True)
    if options.calls >= ENOUGH:
        check(per_call["told"] <= GOALS[options.http], f"a waiting call takes {per_call['told']:.1f} KB")


def killed(options, folder, simulator, serving, size):
    with Load(folder, serving.origin, "load", calls=options.calls, http=options.http, streams=options.streams) as load:
        until(load, lambda: serving.waiting() >= options.calls / 2, "half of the calls were in")
        stored = serving.stored()
        serving.again()
        print(f"  killed with {stored:,} calls stored", flush=True)
        until(load, lambda: serving.waiting() >= options.calls, "all calls wait again")
        until(load, lambda: at_the_provider(simulator) >= options.calls, "all calls were at the provider")
        serving.again()
        print(f"  killed with {len(batches(simulator))} batches at the provider", flush=True)
        result = load.result()
    answered(result, options.calls)
    print(f"  all answered right, {result['broken']:,} attempts found their connection broken or none, {result['refused']:,} were told 503")
    print(f"  each paid once: {judge(simulator.quiet_bill(), options.calls, size)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--http", type=int, choices=(1, 2), help="without it, small forms of all")
    parser.add_argument("--calls", type=int, default=15_000)
    parser.add_argument("--kill", action="store_true", help="kill the server twice, and let the clients try again")
    parser.add_argument("--heap", default="1g", help="of the server")
    parser.add_argument("--java", default="", help="more options for its JVM")
    parser.add_argument("--streams", type=int, default=1_000, help="calls at once on an HTTP/2 connection")
    parser.add_argument("--size", type=int, help="calls a batch; as many as there are, up to 50,000, if it is not said")
    parser.add_argument("--window", default="10s", help="how long the first call of a batch waits for others")
    parser.add_argument("--batch-time", default="30s", help="how long a batch runs: longer than it takes until all wait")
    options = parser.parse_args()
    build()
    build_bench()
    small = {"heap": "256m", "batch_time": "12s", "window": "2s", "size": 1_000}
    forms = [{}] if options.http else [
        {"http": 1, "calls": 2_000, **small}, {"http": 2, "calls": 5_000, **small},
        {"http": 1, "calls": 2_000, "kill": True, **small}]
    try:
        for form in forms:
            run(argparse.Namespace(**{**vars(options), **form}))
    except Broken as broken:
        sys.exit(f"serve-load: 0 passed, 1 failed: {broken}")
    print(f"serve-load: {len(forms)} passed, 0 failed (each call answered right and paid once)")


if __name__ == "__main__":
    main()
