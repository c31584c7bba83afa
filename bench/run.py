"""Measures Batchwright beside raw limits and other tools on this machine; docs/benchmarks.md says what and why.

Every figure stands beside a limit that was measured in the same run, in turns. The single measurements go to
bench/target/measurements.jsonl, the medians to bench/target/results.json, the charts to bench/target/results.html.
Needs Linux, Python 3, Maven, a JDK; wrk for the clients' limit, and once the network for the other tools.
"""

import argparse
import dataclasses
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import guard  # noqa: E402
from page import figure, page  # noqa: E402
from processes import LAUNCHER, ROOT, TARGET, execute, say  # noqa: E402
from results import UNITS, Results  # noqa: E402
from sections import SECTIONS  # noqa: E402


@dataclasses.dataclass
class Size:
    """How much is measured."""
    rounds: int
    loads: list  # (milliseconds that the server takes, calls at once)
    seconds: int  # that wrk and the raw client are measured
    items: int  # of a live lane run
    few: int  # requests for scripts in Python
    rows: int
    batch_items: int
    batch_lines: int  # of upload and result files, without the network
    outcomes: int
    accepted: int  # calls by a server, half of what a batch takes at most
    waiting: dict  # calls at a server by HTTP's version
    passed: int  # through a server, one after the other
    starts: int
    peers: bool  # whether other tools are measured, which have to be installed


FULL = Size(3, [(0, 100), (50, 100), (0, 1000), (50, 1000), (50, 5000)], 6, 200_000, 20_000, 1_000_000, 100_000, 500_000,
            300_000, 25_000, {1: 15_000, 2: 45_000}, 300, 11, True)
SMALL = Size(2, [(50, 1000)], 3, 20_000, 2_000, 50_000, 10_000, 10_000, 60_000, 15_000, {1: 3_000, 2: 10_000}, 50, 5,
             False)
# How often the guard measures again what seems lost.
LOOKS_AGAIN = 2
# Without what needs the network, and what says nothing in so short a time.
SMALL_SECTIONS = ["clients", "store", "rows", "batches", "serve", "starts"]


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(open("/proc/meminfo").readline().split()[1]) / 2**20
    load = " ".join(open("/proc/loadavg").read().split()[:3])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    return (f"{os.cpu_count()} x {cpu}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
            f"load before {load}, commit {commit.strip()}")


def build():
    bench = ["mvn", "-q", "-B", "-Dmaven.test.skip=true", "-pl", "bench", "-am", "package"]
    execute([LAUNCHER, "--version"])
    classes = TARGET / "classes"
    newest = max(file.stat().st_mtime for file in (ROOT / "bench" / "src").rglob("*.java"))
    if not classes.exists() or max(file.stat().st_mtime for file in classes.rglob("*.class")) < newest:
        say("building the bench ...")
        execute(bench, cwd=ROOT)


def markdown(tables):
    lines = []
    for table in tables:
        lines += [f"\n### {table['section']}: {table['case']}\n",
                  "| | " + " | ".join(UNITS[metric] for metric in table["metrics"]) + " |",
                  "|---" * (len(table["metrics"]) + 1) + "|"]
        for row in table["rows"]:
            cells = []
            for metric in table["metrics"]:
                one = row["metrics"].get(metric)
                is_limit = row["who"] == table["limits"].get(metric, table["limit"])
                ratio = f" (× {one['ratio']:.2f})" if one and one["ratio"] and not is_limit else ""
                cells.append(figure(one["median"]) + ratio if one else "")
            lines.append(f"| {row['who']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def measure(results, sections, size):
    for name in sections:
        work = Path(tempfile.mkdtemp(prefix="work-", dir=TARGET))
        try:
            SECTIONS[name](results, work, size)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="batchwright-bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="the short form, of some minutes, without other tools")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="one section; repeatable")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--guard", action="store_true", help="fail where a ratio is a fifth worse than accepted")
    parser.add_argument("--accept", action="store_true", help="take this run's ratios as the accepted ones")
    options = parser.parse_args()
    size = SMALL if options.small else FULL
    if options.rounds:
        size = dataclasses.replace(size, rounds=options.rounds)
    TARGET.mkdir(exist_ok=True)
    build()
    facts = machine()
    results = Results(TARGET / "measurements.jsonl")
    measure(results, options.only or (SMALL_SECTIONS if options.small else SECTIONS), size)
    looks = LOOKS_AGAIN if options.guard else 0
    while looks > 0 and guard.doubtful(results):
        say(f"bench: looks again at {', '.join(guard.doubtful(results))}")
        measure(results, guard.doubtful(results), size)
        looks -= 1
    tables = results.tables()
    (TARGET / "results.json").write_text(
        json.dumps({"machine": facts, "tables": tables, "skipped": results.skipped}, indent=1) + "\n")
    (TARGET / "results.html").write_text(page(facts, tables, results.skipped))
    print(f"Machine: {facts}.{markdown(tables)}\n", flush=True)
    if options.accept:
        guard.accept(results)
    if options.guard:
        lost, told = guard.losses(results)
        print("\n".join(told))
        for loss in lost:
            print(f"LOST: {loss}")
        print(f"bench: {len(told) - len(lost)} kept, {len(lost)} lost")
        return 1 if lost else 0
    print(f"bench: {len(results.measured)} measured, {len(results.skipped)} skipped; charts in bench/target/results.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
