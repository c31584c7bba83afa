"""The product as real processes: the launcher, the simulator with its bill, and what a store holds."""

import json
import os
import pathlib
import re
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAUNCHER = ROOT / "batchwright"
PATIENCE = 600


class Broken(Exception):
    """Something that was promised does not hold."""


def check(holds, message):
    if not holds:
        raise Broken(message)


def build():
    """Lets the launcher build now, so that no process under test does it."""
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=subprocess.DEVNULL)


class Command:
    """A batchwright command under way. The launcher becomes the JVM, so its pid is the JVM's."""

    def __init__(self, arguments, folder, name, store=None, java_options=""):
        self.name = name
        self.out_path = folder / f"{name}.out"
        self.err_path = folder / f"{name}.err"
        environment = dict(os.environ, BATCHWRIGHT_JAVA_OPTS=java_options, HOME=str(folder))
        if store:
            environment["BATCHWRIGHT_STORE"] = str(store)
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                [str(LAUNCHER), *map(str, arguments)],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def pid(self):
        return self.process.pid

    def ended(self):
        return self.process.poll() is not None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def wait(self, timeout=PATIENCE):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Broken(f"{self.name} did not end in {timeout} s:\n{self.said()}") from None

    def said(self):
        return self.err_path.read_text(errors="replace")

    def until(self, condition, timeout=PATIENCE, every=0.002):
        """True when the condition holds, False if the command ends before that."""
        end = time.monotonic() + timeout
        while not condition():
            if self.ended():
                return False
            check(time.monotonic() < end, f"{self.name} hung for {timeout} s:\n{self.said()}")
            time.sleep(every)
        return True


class Simulator:
    """The other side of the wire, as a process of its own."""

    def __init__(self, folder, *arguments):
        self.command = Command(["simulate", "--port", "0", *arguments], folder, "simulator")
        listening = self.command.until(lambda: "/simulator/bill" in self.command.said(), 120)
        check(listening, f"the simulator did not start:\n{self.command.said()}")
        self.base_url = re.search(r"listening on (\S+)", self.command.said()).group(1)
        self.bill_url = self.base_url.removesuffix("/v1") + "/simulator/bill"

    def bill(self, window="10s"):
        with urllib.request.urlopen(f"{self.bill_url}?window={window}", timeout=60) as reply:
            return json.load(reply)

    def quiet_bill(self):
        """The bill when nothing is under way any more."""
        for _ in range(1000):
            bill = self.bill()
            if bill["concurrency"]["now"] == 0:
                return bill
            time.sleep(0.02)
        raise Broken("calls at the simulator never end")

    def forget(self):
        self.quiet_bill()
        request = urllib.request.Request(self.bill_url, method="DELETE")
        urllib.request.urlopen(request, timeout=60).close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.command.kill()


class Records:
    """What the segments of a SQLite store hold: the answer recorded for each item, as bytes.

    Every complete line counts as acknowledged: after a kill it is there to be replayed, whether
    or not its writer lived to be told so. A line behind the end of a suspended writer is apart,
    because its lease may be over.
    """

    ANSWER = b'"response":'

    def __init__(self, store):
        self.folder = pathlib.Path(f"{store}-segments")
        self.read_to = {}
        self.suspended = set()
        self.answers = {}
        self.late = {}

    def suspend(self):
        """The writers of now are about to be suspended: what they write later is apart."""
        self.look()
        self.suspended.update(self.read_to)

    def look(self):
        """Reads on; says how many items have an answer."""
        for path in self.folder.glob("job_*/outcomes-*.jsonl"):
            self._read_on(path)
        return len(self.answers)

    def _read_on(self, path):
        with open(path, "rb") as segment:
            segment.seek(self.read_to.get(path, 0))
            text = segment.read()
        complete = text.rfind(b"\n") + 1
        self.read_to[path] = self.read_to.get(path, 0) + complete
        for line in text[:complete].splitlines():
            document = line[: line.rindex(b"\t")]
            seq = int(re.match(rb'\{"seq":(\d+),', document).group(1))
            answer = document[document.index(self.ANSWER):-1]
            if path in self.suspended:
                self.late[seq] = answer
                continue
            check(seq not in self.answers, f"item {seq} was recorded twice, again in {path.name}")
            self.answers[seq] = answer

    def answer(self, seq):
        return self.answers.get(seq) or self.late.get(seq)


