#!/usr/bin/env python3
"""Many concurrent calls through the drop-in transport of the official SDK, in a small heap.

A program makes N calls at once, a virtual thread each, or asynchronous ones. In the first run it is killed with `kill -9` when half of its
batches are at the provider, started again, and makes the same calls again; in the second it is left alone. Each
answer is checked by the program, what was paid by the simulator's bill: each call once, in batches formed by size. The run
that is left alone shows that all calls wait at the same time, if a batch takes longer than it takes to make them.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from processes import ROOT, Broken, Simulator, build, check, java

HEAP_MB = 512
PATIENCE = 1800


def class_path():
    """Compiles the program's module; what it stands on is told by Maven."""
    listed = ROOT / "openai-java" / "target" / "class-path"
    subprocess.run(
        ["mvn", "-B", "-q", "-pl", "openai-java", "-am", "test-compile", "dependency:build-classpath",
         f"-Dmdep.outputFile={listed}", "-Dmdep.includeScope=test"], cwd=ROOT, check=True)
    module = ROOT / "openai-java" / "target"
    return f"{module}/test-classes:{module}/classes:{listed.read_text()}"


class Program:
    def __init__(self, java, path, folder, name, base_url, options):
        self.out = folder / f"{name}.out"
        self.err = folder / f"{name}.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [java, f"-Xmx{HEAP_MB}m", "--enable-native-access=ALL-UNNAMED", "-cp", path,
                 "dev.batchwright.openai.ManyCalls", base_url, folder / "store.db", str(options.calls), str(options.size),
                 "async" if options.asynchronous else "threads"],
                cwd=folder, stdout=out, stderr=err)

    def result(self):
        check(self.process.wait(PATIENCE) == 0, f"it ended badly:\n{self.err.read_text()[-2000:]}")
        return json.loads(self.out.read_text())


def judge(bill, calls, size):
    lane = bill["batch_lane"]
    check(lane["executions"] == {"1": calls}, f"executed in batches so often: {lane['executions']}")
    check(bill["executed"] == 0, f"{bill['executed']} were executed live")
    largest = max(batch["requests"] for batch in lane["batches"])
    check(largest <= size, f"a batch of {largest} requests")
    return f"{lane['created']} batches, the largest of {largest}"


def run(options, path, name):
    killed = name == "killed"
    with tempfile.TemporaryDirectory(prefix="transparent-") as made:
        folder = pathlib.Path(made)
        with Simulator(folder, "--batch-time", options.batch_time) as simulator:
            def start(part):
                return Program(java(), path, folder, part, simulator.base_url, options)

            program = start("first")
            if killed:
                half = max(1, options.calls // options.size // 2)
                end = time.monotonic() + PATIENCE
                while simulator.bill()["batch_lane"]["created"] < half:
                    check(program.process.poll() is None, f"it ended too early:\n{program.err.read_text()[-2000:]}")
                    check(time.monotonic() < end, "the batches were not created in time")
                    time.sleep(0.1)
                program.process.kill()
                program.process.wait()
                print(f"  killed with {simulator.bill()['batch_lane']['created']} batches at the provider", flush=True)
                program = start("second")
            result = program.result()
            check(result["right"] == options.calls and result["wrong"] == 0, f"not all are right: {result}")
            if not killed and options.all_wait:
                check(result["waited_at_once"] == options.calls, f"not all waited at once: {result}")
            print(f"  {name}: {result}; {judge(simulator.quiet_bill(), options.calls, options.size)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=1_000, help="calls a batch")
    parser.add_argument("--async", action="store_true", dest="asynchronous",
                        help="asynchronous calls instead of virtual threads that wait")
    parser.add_argument("--all-wait", action="store_true",
                        help="it is a failure if some are answered before others are made; for a long --batch-time")
    parser.add_argument("--only", choices=("alone", "killed"), help="one of the two runs alone")
    parser.add_argument("--batch-time", default="10s", help="how long a batch runs")
    parser.add_argument("--class-path", help="of the program, where it is built already")
    options = parser.parse_args()
    build()
    path = options.class_path or class_path()
    form = "asynchronous" if options.asynchronous else "on a virtual thread each"
    print(f"{options.calls:,} calls at once, {form}, {HEAP_MB} MB of heap")
    try:
        for name in ("alone", "killed"):
            if options.only in (None, name):
                run(options, path, name)
    except Broken as broken:
        sys.exit(f"transparent: 0 passed, 1 failed: {broken}")
    print(f"transparent: 1 passed, 0 failed ({options.calls:,} calls at once, each answered right and paid once)")


if __name__ == "__main__":
    main()
