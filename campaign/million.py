#!/usr/bin/env python3
"""A million rows through the echo provider in a small heap: where the time goes, and that memory stays flat.

Each size runs CSV -> echo -> JSONL in a process of its own with a 256 MB heap. The phases are told by the
events of --json; peak memory is the kernel's; the live heap is what the JVM's own log tells of full
collections that are asked for while the job runs. The yardstick is cp of the input and the output, each
synced, in the same run.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from processes import Broken, Command, build, check

HEAP_MB = 256
# How much more the larger job may hold: the collector's noise, not the job's size.
FLAT_HEAP_MB = 48
FLAT_RSS = 1.35
COLLECTIONS_EVERY = 1.5


def write_rows(path, rows):
    with open(path, "w", encoding="utf-8") as table:
        table.write("id,product,review\n")
        for row in range(rows):
            table.write(f'r{row},Product {row % 977},"Review {row}: works as described, ""mostly""; arrived in '
                        f'{row % 9} days and I would order it again, for the {row % 13}th time."\n')


def check_results(path, rows):
    count = 0
    with open(path, "rb") as results:
        for row, line in enumerate(results):
            count += 1
            if row % 97 == 0 or row == rows - 1:
                result = json.loads(line)
                check(result["custom_id"] == f"r{row}", f"line {row + 1} is of {result['custom_id']}")
                content = result["response"]["body"]["choices"][0]["message"]["content"]
                check(f"Review {row}:" in content, f"row {row} got {content!r}")
    check(count == rows, f"{count} of {rows} rows are in the results")


def collect(pid):
    """Asks the JVM for a full collection, which its log then tells of. A process that has just ended has none."""
    try:
        java = pathlib.Path(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return
    subprocess.run([java.parent / "jcmd", str(pid), "GC.run"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def most_live_mb(log):
    """The most that was in use after a full collection: what the job really holds."""
    used = [int(after) for after in re.findall(r"Pause Full .*?\d+M->(\d+)M", log.read_text())]
    check(used, "the JVM made no full collection that could be looked at")
    return max(used)


def peak_memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status")
    try:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text()).group(1)) // 1024
    except (OSError, AttributeError):
        return None


def copy_seconds(paths, folder):
    began = time.monotonic()
    for path in paths:
        copy = folder / f"{path.name}.copy"
        subprocess.run(["cp", path, copy], check=True)
        with open(copy, "rb") as written:
            os.fsync(written.fileno())
        copy.unlink()
    return time.monotonic() - began


def run(rows, top):
    folder = top / str(rows)
    folder.mkdir()
    write_rows(folder / "rows.csv", rows)
    log = folder / "gc.log"
    began = time.monotonic()
    command = Command(
        ["run", "rows.csv", "-o", "out.jsonl", "--prompt", "{{product}}: {{review}}", "--id-column", "id",
         "-p", "echo", "--json"],
        folder, "run", folder / "store.db", f"-Xmx{HEAP_MB}m -Xlog:gc:file={log}")
    peak = 0
    collected = began
    while not command.ended():
        peak = peak_memory_mb(command.pid) or peak
        if time.monotonic() - collected > COLLECTIONS_EVERY:
            collect(command.pid)
            collected = time.monotonic()
        time.sleep(0.05)
    wall = time.monotonic() - began
    check(command.wait() == 0, f"ended with {command.wait()}:\n{command.said()}")
    ended = json.loads(command.out_path.read_text().splitlines()[-1])
    check_results(folder / "out.jsonl", rows)
    copy = copy_seconds([folder / "rows.csv", folder / "out.jsonl"], folder)
    heap = most_live_mb(log)
    phases = {phase: ended[f"{phase}_seconds"] for phase in ("load", "run", "export")}
    sizes = {name: (folder / name).stat().st_size / 1e6 for name in ("rows.csv", "out.jsonl")}
    print(f"{rows:,} rows: {wall:.1f} s ("
          + ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in phases.items())
          + f"), {rows / wall:,.0f} rows/s; peak memory {peak} MB, live heap at most {heap} MB; "
          f"cp of {sizes['rows.csv']:.0f} + {sizes['out.jsonl']:.0f} MB {copy:.2f} s, ratio {wall / copy:.0f}",
          flush=True)
    shutil.rmtree(folder)
    return peak, heap


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    build()
    top = pathlib.Path(tempfile.mkdtemp(prefix="batchwright-million-"))
    try:
        small_peak, small_heap = run(options.rows // 10, top)
        peak, heap = run(options.rows, top)
        check(heap <= small_heap + FLAT_HEAP_MB, f"the heap grows with the job: {small_heap} -> {heap} MB")
        check(peak <= small_peak * FLAT_RSS, f"memory grows with the job: {small_peak} -> {peak} MB")
    except Broken as problem:
        print(f"million rows: FAILED: {problem}\nkept in {top}\nmillion rows: 0 passed, 1 failed")
        return 1
    shutil.rmtree(top)
    print("million rows: 1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
