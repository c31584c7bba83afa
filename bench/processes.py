"""Processes under measurement: started here, bounded in time, ended with the script, their use told by the kernel."""

import atexit
import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "bench" / "target"
LAUNCHER = str(ROOT / "batchwright")
PATIENCE = 600
TICKS = os.sysconf("SC_CLK_TCK")


class Skipped(Exception):
    """Something that can't be measured here, and why."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def start(command, **options):
    process = subprocess.Popen([str(word) for word in command], **options)
    atexit.register(lambda: process.returncode is None and process.kill())
    return process


def ended(process, began):
    """Waits for a child to end; what it used, by the kernel's own accounts."""
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    _, status, usage = os.wait4(process.pid, 0)
    alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss_mb": usage.ru_maxrss / 1024,
    }


def execute(command, **options):
    """Runs a command to its end; its output and what it used."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = start(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, **options)
        used = ended(process, began)
        out.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise Skipped(f"{Path(str(command[0])).name} ended with {process.returncode}: {errors.read()[-400:].strip()}")
        return out.read(), used


def cpu_of(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def follow(command, **environment):
    """Runs a command that prints events; each event with its time and the CPU used by then, and what it used in all."""
    began = time.perf_counter()
    process = start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                    env=os.environ | environment)
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    events = []
    with process.stdout:
        for line in process.stdout:
            try:
                cpu = cpu_of(process.pid)
            except OSError:
                cpu = None
            events.append(json.loads(line) | {"seen_at": time.perf_counter() - began, "seen_cpu": cpu})
    used = ended(process, began)
    alarm.cancel()
    if process.returncode != 0 or not events:
        raise Skipped(f"`batchwright {command[1]}` ended with {process.returncode} after {used['seconds']:.0f} s")
    return events, used


def java():
    """The JDK that the launcher takes."""
    def version(home):
        try:
            found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
        except OSError:
            return 0
        return int(found.group(1)) if found and (home / "bin" / "java").exists() else 0

    named = [Path(os.environ[name]) for name in ("BATCHWRIGHT_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = [Path(os.path.realpath(found)).parent.parent for found in [shutil.which("java")] if found]
    for home in [*named, *on_path, *sorted(Path("/usr/lib/jvm").glob("*"), key=version, reverse=True)]:
        if version(home) >= 21:
            return [str(home / "bin" / "java"), "--enable-native-access=ALL-UNNAMED", "-XX:+UseG1GC",
                    *(["-XX:+UseCompactObjectHeaders"] if version(home) >= 25 else []),
                    "-cp", f"{TARGET / 'classes'}:{ROOT / 'cli' / 'target' / 'lib'}/*"]
    raise SystemExit("No JDK 21 or newer was found; set JAVA_HOME.")


def python_with(*packages):
    """A Python of our own that has these packages from PyPI; installed once."""
    venv = TARGET / "venv"
    python = venv / "bin" / "python"
    marks = [venv / f"has-{package}" for package in packages]
    if not python.exists():
        execute([sys.executable, "-m", "venv", venv])
    for package, mark in zip(packages, marks):
        if not mark.exists():
            execute([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package])
            mark.touch()
    return str(python)


@contextlib.contextmanager
def postgres(folder):
    """A PostgreSQL server of its own, with a database; the campaigns know how to start one."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        raise Skipped("there is no PostgreSQL server here (Debian: apt-get install postgresql)")
    spec = importlib.util.spec_from_file_location("campaign_processes", ROOT / "campaign" / "processes.py")
    campaign = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(campaign)
    server = campaign.Postgres(folder)
    try:
        yield server.create("bench")
    finally:
        server.close()


class Canned:
    """The server that must not be what is measured (CannedServer.java); ended with the block."""

    def __init__(self, milliseconds, text=1700):
        self.command = [*java(), "dev.batchwright.bench.CannedServer", milliseconds, text]

    def __enter__(self):
        self.process = start(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = self.process.stdout.readline().strip()
        if not port:
            raise SystemExit("The server for the clients did not start.")
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.chat = self.base_url + "/chat/completions"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def cpu(self):
        return cpu_of(self.process.pid)


class Accepting:
    """A server whose calls wait for as long as it runs (AcceptingServer.java), with its store or without."""

    def __init__(self, folder, kept, heap="1g"):
        folder.mkdir()
        self.command = [*java(), f"-Xmx{heap}", "dev.batchwright.bench.AcceptingServer", folder, kept]

    def __enter__(self):
        self.process = start(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = self.process.stdout.readline().strip()
        if not port:
            raise SystemExit("The server for the calls did not start.")
        self.origin = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def cpu(self):
        return cpu_of(self.process.pid)

    def rss(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def collect(self):
        execute([Path(java()[0]).with_name("jcmd"), self.process.pid, "GC.run"])

    def waiting(self):
        with urllib.request.urlopen(f"{self.origin}/metrics", timeout=60) as reply:
            lines = reply.read().decode().splitlines()
        told = next(line for line in lines if line.startswith("batchwright_http_open_requests"))
        return round(float(told.split()[1])) - 1  # Without the one that asks.


def announced(server, pattern):
    """The address that a server of ours says when it listens."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = re.search(pattern, Path(server.said.name).read_text())
        if found:
            return found.group(1)
        time.sleep(0.1)
    server.__exit__()
    raise SystemExit(f"`{type(server).__name__}` did not start within 90 s.")


class Serving(Accepting):
    """`batchwright serve`, killed with the block."""

    def __init__(self, folder, *options):
        folder.mkdir()
        self.folder, self.options = folder, options

    def __enter__(self):
        self.said = tempfile.NamedTemporaryFile("w+", suffix=".serve")
        self.process = start([LAUNCHER, "serve", "--port", "0", "--store", self.folder / "s.db", "--log-level", "off", *self.options],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.said,
                             env=os.environ | {"OPENAI_API_KEY": "bench"})
        self.origin = announced(self, r"Serving on (\S+)")
        return self

    def __exit__(self, *_):
        super().__exit__()
        self.said.close()


def calls(origin, **words):
    """Makes calls (CallLoad.java); what became of them."""
    said = [f"{word.replace('_', '-')}={value}" for word, value in {"server": origin, **words}.items()]
    out, _ = execute([*java(), "-Xmx2g", "dev.batchwright.bench.CallLoad", *said])
    told = json.loads(out.splitlines()[-1])
    if told["right"] != told["calls"] or told["refused"] or told["broken"]:
        raise Skipped(f"not all calls were taken: {told}")
    return told


class Simulator:
    """The simulator with its batch API; ended with the block."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.said = tempfile.NamedTemporaryFile("w+", suffix=".simulator")
        self.process = start([LAUNCHER, "simulate", "--port", "0", *self.options], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=self.said)
        self.base_url = announced(self, r"listening on (\S+)")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.close()
