#!/usr/bin/env python3
"""Ctrl-C as a person types it: the command in a terminal of its own, the key in the middle of a run.

It must show its progress on one line, end with code 130 when the calls under way are done, say how to go
on and leave a clean line behind; the same command then does the rest, and nothing is paid twice.
"""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time

from processes import Broken, Command, LAUNCHER, PATIENCE, Simulator, build, check

ITEMS = 400
CTRL_C = b"\x03"
INTERRUPTED = 130


class Terminal:
    """A command with a terminal as its input and output; what it shows is kept."""

    def __init__(self, arguments, folder, store):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ["BATCHWRIGHT_STORE"] = str(store)
            os.execv(LAUNCHER, [str(LAUNCHER), *arguments])
        self.shown = b""

    def read(self, timeout):
        """Reads on; False when the command has closed the terminal."""
        if select.select([self.master], [], [], timeout)[0]:
            try:
                more = os.read(self.master, 65536)
            except OSError:  # The other side is closed.
                return False
            self.shown += more
            return bool(more)
        return True

    def until(self, pattern):
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.shown):
            check(self.read(1), f"the command ended before it showed {pattern}:\n{self.text()}")
            check(time.monotonic() < end, f"it never showed {pattern}:\n{self.text()}")

    def types(self, keys):
        os.write(self.master, keys)

    def wait(self):
        end = time.monotonic() + PATIENCE
        while self.read(1):
            check(time.monotonic() < end, f"the command did not end:\n{self.text()}")
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def text(self):
        return self.shown.decode(errors="replace")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)


def main():
    build()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="batchwright-terminal-"))
    store = folder / "store.db"
    with open(folder / "in.jsonl", "w", encoding="utf-8") as rows:
        rows.writelines(f'{{"custom_id": "item-{i}", "prompt": "item {i}"}}\n' for i in range(ITEMS))
    with Simulator(folder, "--latency", "300ms") as simulator:
        command = ["run", "in.jsonl", "-o", "out.jsonl", "-m", "m", "--base-url", simulator.base_url]
        interrupt([*command, "--concurrency", "20"], folder, store)
        check(not (folder / "out.jsonl").exists(), "an interrupted run wrote its results")
        paid = simulator.quiet_bill()["executed"]
        check(0 < paid < ITEMS, f"{paid} of {ITEMS} calls were made before Ctrl-C")
        resumed = Command(command, folder, "resumed", store)
        check(resumed.wait() == 0, f"the same command did not go on:\n{resumed.said()}")
        check(f": {paid} of {ITEMS} done" in resumed.said(), f"not all {paid} answers were kept:\n{resumed.said()}")
        bill = simulator.quiet_bill()
        check(bill["executions"] == {"1": ITEMS}, f"billed so often: {bill['executions']}")
        with open(folder / "out.jsonl", encoding="utf-8") as results:
            ids = [json.loads(line)["custom_id"] for line in results]
        check(ids == [f"item-{i}" for i in range(ITEMS)], "the results are not those of the input, in its order")
    shutil.rmtree(folder)
    print(f"terminal: 1 passed, 0 failed: Ctrl-C after {paid} of {ITEMS}, each paid once")


def interrupt(command, folder, store):
    terminal = Terminal(command, folder, store)
    try:
        # The progress line is written over itself.
        terminal.until(rb"\r[^\r\n]*[1-9][0-9]* of 400")
        terminal.types(CTRL_C)
        code = terminal.wait()
        shown = terminal.text()
    finally:
        terminal.close()
    check(code == INTERRUPTED, f"the exit code was {code}:\n{shown}")
    check("Interrupted; nothing is lost. Run the same command again to go on." in shown, f"it did not say how to go on:\n{shown}")
    check(shown.endswith("\n"), f"the prompt would stand behind its last line:\n{shown!r}")
    check("Exception" not in shown, f"it showed a stack trace:\n{shown}")


if __name__ == "__main__":
    try:
        main()
    except Broken as broken:
        print(f"terminal: FAILED: {broken}")
        sys.exit(1)
